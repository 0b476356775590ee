"""The end of a session file, known in a second place: a file cut at a block's end looks whole to itself."""

from msgspec import Struct
from msgspec.structs import replace

from sessions.file_format.document import Damage, Opened


class Anchor(Struct, frozen=True):
    """The newest entry that was on the disk for sure: of which session, its number, its checksum."""

    session: str
    seq: int
    crc: str


def shortened(opened: Opened, anchor: Anchor | None) -> Opened:
    """Return the session as found, damaged where it lacks the anchored entry or has another in its place.

    An anchor that lies behind proves what it can; one of another session proves nothing.
    """
    if anchor is None or opened.damage or anchor.session != opened.identity:
        return opened
    last = len(opened.entries)
    if anchor.seq > last:
        return _damaged(opened, last + 1, f"{_missing(last + 1, anchor.seq)}: the file was cut short {_place(last)}")
    if anchor.seq > 0 and opened.entries[anchor.seq - 1].crc != anchor.crc:
        what = f"entry {anchor.seq} is not the one that was written: the file is another copy"
        return _damaged(opened, anchor.seq, what)
    return opened


def _damaged(opened: Opened, seq: int, what: str) -> Opened:
    return replace(opened, damage=Damage(opened.lines + 1, seq, what))


def _missing(first: int, last: int) -> str:
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"


def _place(last: int) -> str:
    return f"after entry {last}" if last else "after its header"
