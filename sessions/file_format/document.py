"""The whole session file read: its header, the entries it proves, what is torn off its end, what is damaged."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.file_format.blocks import FORMAT, UnreadableError, entries_in, tables
from sessions.file_format.checksums import HEADER_END, Place, Walk, is_torn, pieces, walk
from sessions.file_format.promises import in_force
from sessions.file_format.soundness import dated, known_in, sound_part
from sessions.text.clean import clean
from sessions.values.entries import Entry

NOT_OURS = "open a file that the cockpit wrote"
_NEWER = "open it with the cockpit that wrote it, or a newer one"
_HEADER: Mapping[str, tuple[str, ...]] = {
    "session": ("name", "created", "written_by"),
    "wiring": ("metrics", "mongo", "database", "flag_file", "settings", "plan"),
    "header": ("crc",),
}


class Damage(Struct, frozen=True):
    """What makes a session read-only: the line and the entry it begins at, in words. `seq` 0 is the header."""

    line: int
    seq: int
    what: str
    todo: str = "open it read-only, or restore a copy"


class Opened(Struct, frozen=True):
    """A session file as found. `wiring` says where its numbers come from, as the shell wrote it.

    `plan` is the one in force: the header's, or what took its place since.

    `entries` are proved; `unproved` were readable after damage, to show and not to judge. `torn` is the unfinished end,
    `end` where the next block belongs, `lines` how many there are before it, `notes` what the owner should know.
    `written_by` is the cockpit that made it, `strange` are the keys of the header that this one does not know; they are
    kept and change nothing.
    """

    name: str
    created: datetime
    plan: Mapping[str, object]
    entries: tuple[Entry, ...] = ()
    torn: bytes = b""
    damage: Damage | None = None
    unproved: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    wiring: Mapping[str, object] = field(default_factory=dict)
    format: int = FORMAT
    end: Place = field(default_factory=Place)
    lines: int = 0
    written_by: str = ""
    strange: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What distinguishes a session from another one in the same folder."""
        return f"{self.created.isoformat()} {self.name}"


def read(data: bytes) -> Opened:
    """Read a session file. Raises UnreadableError where there is no header to trust or to show."""
    head, size, closing = head_of(data), _header_size(data), HEADER_END.search(data)
    if head.format > FORMAT:
        by = f"{head.written_by} in format" if head.written_by else "format"
        newer = Damage(1, 0, f"was written by {by} {head.format}, this cockpit knows {FORMAT}", _NEWER)
        return replace(head, damage=newer, unproved=_readable(data[size:]))
    if closing is None:
        raise UnreadableError("has no closed header", "nothing can be proved, restore a copy")
    crc = int(closing[1], 16)
    opened = _body(head, data, Place(size, 0, crc))
    if crc != zlib.crc32(data[: closing.start(1) - len('crc = "')]):
        return replace(opened, damage=Damage(1, 0, "the header was edited by hand or damaged"))
    return opened


def head_of(data: bytes) -> Opened:
    """Read the header alone, without its checksum and without any entry. Raises UnreadableError."""
    _refuse_strangers(data)
    return _understood(data[: _header_size(data)])


@lru_cache(maxsize=2)
def _understood(raw: bytes) -> Opened:
    """Remember the parsed header: opening a session reads it twice."""
    return _head(tables(raw))


def _refuse_strangers(data: bytes) -> None:
    """Say what kind of file it is, where that can be seen at once."""
    start = data[: _header_size(data)]
    if not data:
        raise UnreadableError("is empty", "delete its folder and start anew")
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("begins with a byte order mark", "save it as plain UTF-8")
    if b"\0" in start:
        raise UnreadableError("holds NUL bytes", NOT_OURS)
    if b"\r\n" in start:
        raise UnreadableError("has Windows line ends", "save it with plain line ends")


def _header_size(data: bytes) -> int:
    """Return where the blocks begin: after the closed header, at the first block, or at the end."""
    closing = HEADER_END.search(data)
    if closing:
        return closing.end()
    first = data.find(b"\n[[entry]]")
    return len(data) if first < 0 else first + 1


def _head(values: Mapping[str, object]) -> Opened:
    version, session, plan = values.get("format"), values.get("session"), values.get("plan")
    if type(version) is not int or version < 1 or not isinstance(session, Mapping):
        raise UnreadableError("is no session file", NOT_OURS)
    created, name = session.get("created"), session.get("name", "")
    if not isinstance(plan, Mapping) or not isinstance(created, datetime):
        raise UnreadableError("has a header without plan or date", "restore a copy")
    at = created if created.tzinfo else created.replace(tzinfo=UTC)
    if not dated(at):
        raise UnreadableError(f"was created in the year {at.year}", "restore a copy")
    wiring = values.get("wiring")
    return Opened(
        clean(name),
        at,
        plan,
        format=version,
        wiring=wiring if isinstance(wiring, Mapping) else {},
        written_by=clean(session.get("written_by", ""), 80),
        strange=tuple(_strange(values)),
    )


def _strange(values: Mapping[str, object]) -> Iterator[str]:
    """Yield every key of the header that this cockpit does not know; the plan is read by whoever reads plans."""
    yield from (clean(key, 60) for key in values if key not in (*_HEADER, "format", "plan"))
    for part, known in _HEADER.items():
        found = values.get(part)
        rows: Mapping[str, object] = found if isinstance(found, Mapping) else {}
        yield from (f"{part}.{clean(key, 60)}" for key in rows if key not in known)


def _body(head: Opened, data: bytes, start: Place) -> Opened:
    found = walk(data, start)
    entries, wrong = _entries(found)
    proved, unsound = sound_part(_in_order(entries), known_in(head.plan))
    wrong = unsound or wrong
    lines = data.count(b"\n", 0, found.end.offset)
    plan = in_force(head.plan, proved)
    opened = replace(head, plan=plan, entries=proved, end=found.end, lines=lines, notes=_oddities(proved))
    if len(proved) < len(found.crcs):
        return _cut_short(opened, found, data.count(b"\n", 0, start.offset), wrong)
    if not found.rest:
        return opened
    if is_torn(found.rest):
        return replace(opened, torn=found.rest)
    return replace(opened, damage=_damage(data, found), unproved=_readable(found.rest))


def _entries(found: Walk) -> tuple[tuple[Entry, ...], str]:
    """Return the entries of proved blocks; up to the first that is none, and what is wrong with that."""
    try:
        return tuple(entries_in(found.raw, found.crcs)), ""
    except UnreadableError:
        entries: list[Entry] = []
    for block, crc in pieces(found.raw):
        try:
            entries.extend(entries_in(block, (crc,)))
        except UnreadableError as error:
            return tuple(entries), f"entry {len(entries) + 1} {error.what}"
    return (), "the blocks are not one entry each"


def _in_order(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return the entries up to the first whose number is not the next one."""
    for number, entry in enumerate(entries, 1):
        if entry.seq != number:
            return entries[: number - 1]
    return entries


def _cut_short(opened: Opened, found: Walk, lines_before: int, wrong: str) -> Opened:
    """The checksums hold, but after the entries in order comes one that is `wrong` or has another's number."""
    good = len(opened.entries)
    blocks = [block for block, _ in pieces(found.raw)]
    before, rest = b"".join(blocks[:good]), b"".join(blocks[good:])
    others = _readable(rest)
    seq = good + 1 if wrong or not others else others[0].seq
    line = lines_before + before.count(b"\n") + 2
    return replace(opened, damage=Damage(line, seq, wrong or f"entry {seq} follows entry {good}"), unproved=others)


def _damage(data: bytes, found: Walk) -> Damage:
    """Name the first block that the chain does not prove."""
    after, line = found.end.seq, _line(data, found.end)
    first = _readable(found.rest, most=1)
    seq = first[0].seq if first else after + 1
    what = f"entry {seq} was edited by hand or damaged"
    if first and seq != after + 1:
        what = f"entry {seq} follows entry {after}"
    return Damage(line, seq, f"{what} (byte {found.end.offset:,})")


def _line(data: bytes, place: Place) -> int:
    """Return the 1-based line of the opening of the block at `place`."""
    return data.count(b"\n", 0, place.offset) + 2


def _readable(rest: bytes, most: int = 1_000_000) -> tuple[Entry, ...]:
    """Return what can still be read of unproved blocks, to show it."""
    entries: list[Entry] = []
    for block, crc in pieces(rest)[:most]:
        try:
            entries.extend(entries_in(block, (crc,)))
        except UnreadableError:
            continue
    return tuple(entries)


def _oddities(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """Report times that run backwards; they do no harm, entries are ordered by number."""
    back = [(one.seq, two.seq) for one, two in pairwise(entries) if two.at < one.at]
    return tuple(f"entry {two} is dated before entry {one}" for one, two in back[:3])
