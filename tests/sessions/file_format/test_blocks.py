"""An entry survives the way through the file, whatever it says."""

import json
import math
import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions.file_format.blocks import UnreadableError, _word, entries_in, header, rendered, settled, tables
from sessions.text.clean import clean
from sessions.values.entries import Draft
from tests.support.build import T0

HOSTILE = [
    "[/]",
    "[[entry]]",
    'crc = "00000000"\n',
    "\x1b]0;x\x07",
    '"""',
    "\\",
    "\r\n",
    "\u202e",
    "\ud800",
    "\0",
    "\x7f",
    "é\u0301\u0302\u0303",
]
texts = st.text(max_size=60) | st.lists(st.sampled_from(HOSTILE), max_size=5).map("".join)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them bare
facts = st.dictionaries(
    st.from_regex(r"fact_[a-z0-9]{1,6}", fullmatch=True),
    texts
    | st.integers()
    | st.floats()
    | st.booleans()
    | moments
    | st.lists(texts, max_size=4).map(tuple)
    | st.lists(st.floats(), max_size=4).map(tuple),
    max_size=5,
)


def read_back(draft: Draft, now: datetime = T0):
    entry = settled(draft, seq=1, phase=10, now=now)
    block, crc = rendered(entry, 7)
    (found,) = entries_in(block, [f"{crc:08x}"])
    return entry, found, block


@pytest.mark.slow
@given(texts, facts, moments)
@example("x" * 5_000, {}, T0)
def test_an_entry_is_read_back_as_it_was_settled(text, values, now):
    entry, found, block = read_back(Draft("note.written", "owner", text, values), now)
    assert (found.seq, found.at, found.kind, found.by, found.phase, found.text) == (
        entry.seq,
        entry.at,
        entry.kind,
        entry.by,
        entry.phase,
        entry.text,
    )
    assert found.facts == entry.facts
    assert block.startswith(b"\n[[entry]]\n")
    assert block.count(b"\ncrc = ") == 1


@given(texts)
def test_no_text_can_write_a_line_of_its_own(text):
    _, found, block = read_back(Draft("note.written", "owner", text, {"list": (text,)}))
    assert len(block.splitlines()) == 12
    assert found.text == clean(found.text, 2_000)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (2**70, str(2**70)),
        ((1.0, math.nan), ("1.0", "nan")),
        ((1, 2.5), (1.0, 2.5)),
        ((), ()),
        (-0.0, 0.0),
        (5e-324, 5e-324),
        ("\x1b[2J", "^[[2J"),
    ],
)
def test_what_toml_or_a_reader_cannot_hold_stays_visible_as_a_word(value, kept):
    assert read_back(Draft("note.written", "owner", "x", {"value": value}))[1].facts == {"value": kept}


def test_moments_are_utc_to_the_millisecond():
    there = datetime(2026, 11, 23, 15, 2, 10, 123_999, tzinfo=timezone(timedelta(hours=1)))
    _, found, block = read_back(Draft("note.written", "owner", "x", {"until": there}), there)
    assert b"at = 2026-11-23T14:02:10.123Z\n" in block
    assert b"until = 2026-11-23T14:02:10.123Z\n" in block
    assert found.at == datetime(2026, 11, 23, 14, 2, 10, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("key", ["seq", "crc", "text", "Two", "two words", "a.b", "", "a\nb"])
def test_a_fact_needs_a_name_of_its_own(key):
    with pytest.raises(ValueError, match="cannot name a fact"):
        settled(Draft("note.written", "owner", "x", {key: 1}), seq=1, phase=0, now=T0)


def test_a_moment_needs_a_zone():
    with pytest.raises(ValueError, match="no time zone"):
        settled(Draft("note.written", "owner", "x"), seq=1, phase=0, now=T0.replace(tzinfo=None))


def test_the_header_is_toml_and_closed():
    raw = header('name "x"', {"id": "p", "phases": [{"percent": 10}]}, T0, {"metrics": ["http://127.0.0.1/metrics"]})
    values = tomllib.loads(raw.decode())
    assert values["session"] == {"name": 'name "x"', "created": T0}
    assert values["plan"] == {"id": "p", "phases": [{"percent": 10}]}
    assert values["wiring"] == {"metrics": ["http://127.0.0.1/metrics"]}
    assert list(values)[-1] == "header"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"a = " + b"[" * 1_000, id="nested"),
        pytest.param(b"a = 1" + b"0" * 5_000, id="digits"),
        pytest.param(b".".join([b"a"] * 20_000) + b" = 1", id="dotted"),
        pytest.param(b".".join([b'"a"'] * 15_000) + b" = 1", id="quoted and dotted"),
        pytest.param(b"[" + b".".join([b"a"] * 20_000) + b"]", id="header"),
        pytest.param(b'a = "' + b"x" * 70_000 + b'"', id="long text"),
        pytest.param(b"a = nan", id="nan"),
        pytest.param(b"a = 1e999", id="infinite"),
        pytest.param(b"a = '\xff'", id="not UTF-8"),
        pytest.param(b"a = \n", id="no value"),
    ],
)
def test_row_21_no_toml_is_slow_huge_or_recursive(raw):
    with pytest.raises(UnreadableError) as caught:
        tables(raw)
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


def test_row_16_what_a_newer_cockpit_adds_is_kept():
    block = b'[[entry]]\nseq = 1\nat = 2026-11-23T14:02:10Z\nkind = "moon.rose"\nby = "moon"\nphase = 10\n'
    block += b'when = 2026-11-23\nnested = [[1]]\nflag = true\ntext = "x"\n'
    (entry,) = entries_in(block, ["0" * 8])
    assert entry.kind == "moon.rose"
    assert entry.facts == {"when": "2026-11-23", "nested": ("[1]",), "flag": True}


@pytest.mark.parametrize(
    "line", ['seq = "1"', "seq = true", "at = 2026-11-23", "at = 2026-11-23T14:02:10", 'phase = "x"', "phase = 1.505"]
)
def test_an_entry_without_number_moment_or_phase_is_none(line):
    rows = {"seq": "seq = 1", "at": "at = 2026-11-23T14:02:10Z", "phase": "phase = 10"}
    rows[line.split(" ")[0]] = line
    with pytest.raises(UnreadableError, match="lacks its seq, moment or phase"):
        entries_in(("[[entry]]\n" + "\n".join(rows.values()) + "\n").encode(), ["0" * 8])


def test_texts_are_quoted_as_json_quotes_them():
    text = clean('"\\\t' + "é")
    assert json.dumps(text, ensure_ascii=False).encode() in read_back(Draft("note.written", "owner", text))[2]


def test_names_of_facts_that_are_long_are_not_kept_in_memory():
    block, crc = rendered(settled(Draft("note.written", "owner", "n"), seq=1, phase=25, now=T0), 0)
    before = _word.cache_info().currsize
    for number in range(20):
        long = block.replace(b"text = ", b"f%d%s = 1\ntext = " % (number, b"x" * 900))
        (entry,) = entries_in(long, [f"{crc:08x}"])
        assert max(map(len, entry.facts)) <= 80
    assert _word.cache_info().currsize <= before + 3
    assert _word.cache_info().maxsize is not None
