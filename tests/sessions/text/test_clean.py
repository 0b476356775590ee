import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.text.clean import clean


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


def test_row_82_a_tower_of_marks_is_cut():
    tower = "e" + "\u0301" * 1000
    assert clean(tower, 5000) == "e" + "\u0301" * 2


def test_row_82_ten_megabytes_are_cut_at_once():
    assert clean("x" * 10_000_000, 40) == "x" * 39 + "…"


@given(st.text(), st.integers(1, 60))
def test_the_result_is_printable_bounded_and_settled(text, limit):
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert clean(shown, limit) == shown
