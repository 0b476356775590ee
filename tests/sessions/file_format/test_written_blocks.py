"""Two readers, one truth: what the short one reads is what the TOML reader reads, to the type; else it says nothing."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.file_format.blocks import UnreadableError, entries_in, rendered, settled, tables
from sessions.file_format.written_blocks import LONGEST_BLOCK, rows_in
from sessions.values.entries import Draft
from tests.sessions.file_format.test_blocks import facts, moments, texts
from tests.support.build import T0

BLOCK = b'\n[[entry]]\nseq = 1\nat = 2026-11-23T14:02:10.123Z\nkind = "note.written"\nby = "cli"\nphase = 10\n'


def shape(value: object) -> object:
    """A value with its type: 1, 1.0 and True are told apart, 0.0 and -0.0 too."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return (type(value).__name__, repr(value), value.utcoffset() if isinstance(value, datetime) else None)


def both(raw: bytes) -> tuple[object, object]:
    try:
        whole = tables(raw).get("entry", [])
    except UnreadableError as error:
        whole = error.what
    return rows_in(raw), whole


@given(st.lists(st.tuples(texts, facts, moments), max_size=4))
def test_what_we_write_is_read_by_both_readers_to_the_same(rows):
    raw, crc = b"", 7
    for seq, (text, values, now) in enumerate(rows, 1):
        entry = settled(Draft("note.written", "owner", text, values), seq=seq, phase=10, now=now)
        block, crc = rendered(entry, crc)
        raw += block
    short, whole = both(raw)
    assert short is not None, "what we write needs no other reader"
    assert shape(short) == shape(whole)


LINES = [
    b'a = "x"\n',
    b'a = "\\""\n',
    b'a = "\\\\"\n',
    b'a = "\\n"\n',
    b'a = "\\u0041"\n',
    b'a = "\\ud800"\n',
    b'a = "\t"\n',
    b"a = 'x'\n",
    b'a = """x"""\n',
    b"a = 007\n",
    b"a = 7\n",
    b"a = -0\n",
    b"a = -0.0\n",
    b"a = 1_000\n",
    b"a = 9223372036854775808\n",
    b"a = " + b"9" * 400 + b"\n",
    b"a = 1e5\n",
    b"a = 1e+400\n",
    b"a = 5e-324\n",
    b"a = nan\n",
    b"a = True\n",
    b"a = true\n",
    b"a = 2026-02-30T10:00:00.000Z\n",
    b"a = 2026-02-28T24:00:00.000Z\n",
    b"a = 2026-02-28T10:00:60.000Z\n",
    b"a = 0000-02-28T10:00:00.000Z\n",
    b"a = 2026-02-28T10:00:00.000Z\n",
    b"a = 2026-02-28T10:00:00.000+01:00\n",
    b"a = 2026-02-28\n",
    b"a = []\n",
    b"a = [\n]\n",
    b"a = [1, 2]\n",
    b'a = [\n    "x",\n    1.5,\n]\n',
    b"a = [\n    [],\n]\n",
    b"a = {}\n",
    b"a.b = 1\n",
    b'"a" = 1\n',
    b"a=1\n",
    b"a = 1 # so\n",
    b"a = 1\r\n",
    b"\n",
    b"# so\n",
    b"[plan]\n",
    b"[[entry]]\n",
    b"[entry.more]\n",
    b"\n[[entry]]\nb = 1\n",
    b"\xff",
    'a = "é\u0085\u2028"\n'.encode(),
    "a = ١\n".encode(),
    "ä = 1\n".encode(),
    b"a = ",
    b'a = "x"',
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("more", LINES[:1] + LINES[-12:])
def test_another_form_is_left_to_the_whole_reader_or_read_to_the_same(line, more):
    for raw in (BLOCK + line, BLOCK + line + more, line + BLOCK, BLOCK + line + BLOCK + more):
        short, whole = both(raw)
        assert short is None or shape(short) == shape(whole)


@given(st.lists(st.sampled_from([*LINES, BLOCK, b"a", b"b = ", b'"', b"\\", b"\n"]), max_size=8).map(b"".join))
def test_no_mixture_of_forms_is_read_otherwise(raw):
    short, whole = both(raw)
    assert short is None or shape(short) == shape(whole)


@given(st.data())
def test_no_changed_byte_is_read_otherwise(data):
    entry = settled(
        Draft("note.written", "owner", 'a "b" \\ c', {"n": 1.5, "m": T0, "l": ("x", "y")}), seq=1, phase=0, now=T0
    )
    raw = bytearray(rendered(entry, 7)[0])
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    short, whole = both(bytes(raw))
    assert short is None or shape(short) == shape(whole)


def test_a_block_too_long_is_left_to_the_whole_reader():
    assert rows_in(BLOCK + b'text = "%b"\n' % (b"x" * LONGEST_BLOCK)) is None


def test_entries_come_from_the_short_reader(monkeypatch):
    monkeypatch.setattr("sessions.file_format.blocks.tables", lambda _raw: pytest.fail("the whole reader was asked"))
    (entry,) = entries_in(BLOCK + b'text = "x"\ncrc = "00000000"\n', ("00000000",))
    assert entry.text == "x"
