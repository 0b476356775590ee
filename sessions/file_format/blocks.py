"""One entry as text: settled to what a file can hold, written as a TOML block, read back the same."""

import math
import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from sessions.file_format.written_blocks import rows_in
from sessions.text.clean import clean
from sessions.values.entries import COMMON, Draft, Entry, Fact
from sessions.values.percent import Percent, exact_percent

FORMAT = 1
LONGEST_TEXT = 2_000
LONGEST_LINE = 64 * 1024
LONGEST_BARE = 1_024
OPENING = b"\n[[entry]]\n"

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_WORD = 120
_WIDEST_INT = 2**63
_LONG_LINE = re.compile(rb"[^\n]{%d,}" % (LONGEST_BARE + 1))
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')


class UnreadableError(ValueError):
    """Text that is no session file of ours; `what` is wrong, `todo` helps."""

    def __init__(self, what: str, todo: str) -> None:
        self.what, self.todo = what, todo
        super().__init__(f"{what}: {todo}")


def settled(draft: Draft, *, seq: int, phase: Percent, now: datetime) -> Entry:
    """Give a draft its number and its moment, with every value exactly as the file will say it.

    Texts are cleaned, moments are UTC to the millisecond, a number that is not finite becomes its word. Raises
    ValueError for a fact whose name no file could hold and for a moment without a zone.
    """
    facts = {
        _name(key): _word(value) if type(value) is str and len(value) <= _LONGEST_WORD else _settled_fact(value)
        for key, value in draft.facts.items()
    }
    text = _text(draft.text)
    return Entry(seq, _moment(now), draft.kind, draft.by, phase if draft.phase is None else draft.phase, text, facts)


@lru_cache(512)
def _name(key: str) -> str:
    """Return the name of a fact; a cockpit writes few, each many times."""
    if key in COMMON or not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} cannot name a fact")
    return key


def _moment(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    over = utc.microsecond % 1000
    return utc.replace(microsecond=utc.microsecond - over) if over else utc


def _settled_fact(value: Fact) -> Fact:
    if type(value) is str:
        return clean(value, LONGEST_TEXT)
    if isinstance(value, tuple):
        if value and all(type(item) is str for item in value):
            return tuple([_text(item) for item in value])
        items = tuple(map(_scalar, value))
        if any(isinstance(item, str) for item in items):
            return tuple(str(item) for item in items)
        return tuple(float(item) for item in items if isinstance(item, (int, float)))
    return _moment(value) if isinstance(value, datetime) else _scalar(value)


def _scalar(value: str | float) -> str | int | float | bool:
    """A number that TOML or a reader cannot hold stays visible as a word instead of being lost."""
    if type(value) is str:
        return clean(value, LONGEST_TEXT)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < _WIDEST_INT else str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    return clean(value, LONGEST_TEXT)


def rendered(entry: Entry, crc: int) -> tuple[bytes, int]:
    """Return the block of a settled entry and its checksum; `crc` is the one of the block (or header) before."""
    head = f"seq = {entry.seq}\nat = {_toml(entry.at)}\nkind = {_quoted(entry.kind)}\nby = {_quoted(entry.by)}\n"
    facts = "".join(
        [f"{key} = {_quoted(value) if type(value) is str else _toml(value)}\n" for key, value in entry.facts.items()]
    )
    body = OPENING + f"{head}phase = {_toml(entry.phase)}\n{facts}text = {_quoted(entry.text)}\n".encode()
    return closed(body, crc)


def closed(body: bytes, crc: int) -> tuple[bytes, int]:
    """Return `body` with its closing line and the checksum that the next block chains to."""
    crc = zlib.crc32(body, crc)
    return b'%bcrc = "%08x"\n' % (body, crc), crc


def _toml(value: object) -> str:
    if type(value) is str:
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, tuple):
        lines = "".join([f"    {_quoted(item)},\n" if type(item) is str else f"    {_toml(item)},\n" for item in value])
        return f"[\n{lines}]" if lines else "[]"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    from json.encoder import encode_basestring  # who only reads does not wait for it

    return encode_basestring(text)


def header(
    name: str, plan: Mapping[str, object], now: datetime, wiring: Mapping[str, object], written_by: str = ""
) -> bytes:
    """Return the text a session file begins with, closed by its checksum."""
    import tomli_w

    by = f"written_by = {_toml(clean(written_by, 80))}\n" if written_by else ""
    named = f"name = {_toml(clean(name))}\ncreated = {_toml(_moment(now))}\n"
    session = f"format = {FORMAT}\n\n[session]\n{named}{by}\n"
    rest = {"wiring": dict(wiring), "plan": dict(plan)} if wiring else {"plan": dict(plan)}
    body = f"{session}{tomli_w.dumps(rest)}\n[header]\n"
    return closed(body.encode(), 0)[0]


def tables(raw: bytes) -> dict[str, object]:
    """Read TOML within limits. Raises UnreadableError; no input makes it slow, huge or recursive."""
    import tomllib

    for line in _LONG_LINE.finditer(raw):
        size, bare = line.end() - line.start(), len(_QUOTED.sub(b"", line[0]))
        if size > LONGEST_LINE or bare > LONGEST_BARE:
            number = raw.count(b"\n", 0, line.start()) + 1
            raise UnreadableError(f"line {number} is too long ({size:,} bytes)", "this is no session file of ours")
    try:
        return tomllib.loads(raw.decode(), parse_float=_finite)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 (byte {error.start:,})", "open a file that the cockpit wrote") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not TOML ({clean(error, 120)})", "open a file that the cockpit wrote") from None


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{clean(digits, 20)} is no finite number")
    return number


def entries_in(raw: bytes, crcs: Iterable[str]) -> list[Entry]:
    """Read blocks whose checksums are `crcs`, in their order. Raises UnreadableError."""
    rows: object = rows_in(raw)
    if rows is None:
        rows = tables(raw).get("entry", [])
    wanted = tuple(crcs)
    if not isinstance(rows, list) or len(rows) != len(wanted):
        raise UnreadableError("the blocks are not one entry each", "open a file that the cockpit wrote")
    return [_entry(row, crc) for row, crc in zip(rows, wanted, strict=True)]


def _entry(row: Mapping[str, object], crc: str) -> Entry:
    seq, at, phase = row.get("seq"), row.get("at"), row.get("phase", 0)
    words = [_text(row.get(key, "")) for key in ("kind", "by", "text")]
    phase = phase if type(phase) is int else exact_percent(phase)
    if type(seq) is not int or phase is None or not isinstance(at, datetime) or at.tzinfo is None:
        raise UnreadableError("lacks its seq, moment or phase", "restore a copy")
    kind, by, text = words
    facts = {_key(key): _fact(value) for key, value in row.items() if key not in COMMON}
    return Entry(seq, at, kind, by, phase, text, facts, crc)


@lru_cache(4_096)
def _word(text: str, most: int = LONGEST_TEXT) -> str:
    """Clean a short text: a long flight says few of them, each many times."""
    return clean(text, most)


def _key(name: str) -> str:
    """Clean the name of a fact; one that no cockpit wrote may be as long as a line, and is not kept in memory."""
    return _word(name, 80) if len(name) <= _LONGEST_WORD else clean(name, 80)


def _text(value: object) -> str:
    return _word(value) if isinstance(value, str) and len(value) <= _LONGEST_WORD else clean(value, LONGEST_TEXT)


def _fact(value: object) -> Fact:
    """What a newer cockpit may have written beyond our types is kept as its words."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        if all(type(item) in (int, float) for item in value):
            return tuple(float(item) for item in value)
        return tuple(_text(item) for item in value)
    if isinstance(value, int) and abs(value) >= _WIDEST_INT:
        return clean(_toml(value), 80)
    if isinstance(value, (bool, int, float)) or (isinstance(value, datetime) and value.tzinfo is not None):
        return value
    return clean(value, LONGEST_TEXT)
