import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.text.clean import _PLAIN, _UNWANTED, clean, placed, shows


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("", ""),
        ("two\nlines\tand\rmore", "two lines and more"),
        ("\x1b]52;c;eA==\x07", "^[]52;c;eA==^G"),
        ("\x1b[2J", "^[[2J"),
        ("nul\x00", "nul^@"),
        ("del\x7f", "del^?"),
        ("c1\x9b31m", "c1<U+009B>31m"),
        ("bidi\u202etxt", "bidi<U+202E>txt"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("bom\ufeff", "bom<U+FEFF>"),
        ("tag\U000e0041", "tag<U+E0041>"),
        ("half\ud800", "half<U+D800>"),
        ("line\u2028end", "line<U+2028>end"),
        ("[/] [@click=app.quit]x[/]", "[/] [@click=app.quit]x[/]"),
        ("grün 東京 é", "grün 東京 é"),
        (12.5, "12.5"),
    ],
)
def test_row_82_what_may_not_be_shown_is_shown_as_what_it_is(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize("mark", ["\u0301", "\u0e47", "\u20dd", "\u0488", "\u093f", "\u0f90"], ids=ascii)
def test_row_82_a_tower_of_marks_is_cut(mark):
    """Also of marks that enclose, and of those that have no place of their own in a stack."""
    assert clean("e" + mark * 1000, 5000) == "e" + mark * 4
    assert clean(mark * 2 + "e") == f"<U+{ord(mark):04X}>" * 2 + "e"


def test_row_82_nothing_that_shows_nothing_gets_through():
    """Every character that Unicode lets a font ignore, and the blank ones that it does not."""
    blanks = "\u2800\U0001d159"
    spans = "00ad 034f 061c 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 3164 fe00-fe0f feff ffa0"
    for span in f"{spans} fff0-fffb 1bca0-1bca3 1d173-1d17a e0000-e0fff".split():
        first, last = (int(end, 16) for end in (*span.split("-"), span)[:2])
        blanks += "".join(map(chr, range(first, last + 1)))
    for char in blanks:
        assert clean(f"a{char}b") == f"a<U+{ord(char):04X}>b"
        assert not shows(char * 3)


@pytest.mark.parametrize(
    "text",
    ["العربية بِسْمِ", "हिन्दी क्षेत्र", "ภาษาไทย ที่นี่", "Tiếng Việt", "Vie\u0323\u0302t", "שָׁלוֹם",
     "བོད་ཡིག་སྒྲུབ", "한국어", "👩🏽 ✔ ❤"],
)  # fmt: skip
def test_what_people_write_stays_as_it_is(text):
    assert clean(text) == text
    assert shows(text)


@pytest.mark.parametrize("text", ["", " ", "\u00a0\u3000", "\u0301", "\x00\n", "\ue000", "\u3164 \uffa0"], ids=ascii)
def test_a_text_without_anything_to_see_shows_nothing(text):
    assert not shows(text)


def test_row_82_ten_megabytes_are_cut_at_once():
    assert clean("x" * 10_000_000, 40) == "x" * 39 + "…"


@given(st.text(), st.integers(1, 60))
def test_the_result_is_printable_bounded_and_settled(text, limit):
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert clean(shown, limit) == shown


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "/data/one/session.toml: entry NOT saved (full): make room",
            "session.toml: entry NOT saved (full): make room",
        ),
        ("NOT saved: /data/o ne/session.toml: entry: x", "NOT saved: session.toml: entry: x"),
        ("the watch lost a part: /no/such/file", "the watch lost a part: /no/such/file"),
        ("POST /returns: 5 of 20", "POST /returns: 5 of 20"),
        ("report written to /data/exports", "report written to /data/exports"),
        ("session.toml: kept", "session.toml: kept"),
    ],
)
def test_a_file_that_is_at_fault_is_named_without_its_folders(fault, said):
    assert placed(fault) == said


def test_what_is_passed_at_once_holds_nothing_that_is_shown_otherwise():
    plain = [char for char in map(chr, range(0x3000)) if _PLAIN.fullmatch(char)]
    assert {*"aZ ~é·→≤≥✔│█"} <= set(plain)
    assert [char for char in plain if unicodedata.category(char)[0] == "M" or re.fullmatch(_UNWANTED, char)] == []
