"""The edits of one report, folded from its entries: own words, reworded lines, strikes, places."""

from collections.abc import Iterable

from msgspec import Struct, field

from sessions.values.entries import Entry
from sessions.values.report_edits import SECTIONS

EDITED = "report.edited"
OWN = "own"
_MOST = 1000


class Worded(Struct, frozen=True):
    """A line as a person put it; what was drafted then, and the numbers of the entries that it stood on."""

    words: str
    drafted: str
    sources: tuple[int, ...]


class Edits(Struct, frozen=True):
    """All that was changed, by the key of the line; `places` are by section in lower case, then by key."""

    own: dict[str, str] = field(default_factory=dict)
    worded: dict[str, Worded] = field(default_factory=dict)
    struck: set[str] = field(default_factory=set)
    places: dict[str, dict[str, int]] = field(default_factory=dict)


def edits_of(entries: Iterable[Entry], period: str) -> Edits:
    """Fold the edits of the report called `period`; what makes no sense changes nothing."""
    found = Edits()
    for entry in entries:
        if entry.kind == EDITED and entry.said("period") == period:
            _take(found, entry)
    return found


def section_of(key: str) -> str:
    """Return the section of a line's key, in lower case."""
    return key.partition(".")[0].lower()


def _take(found: Edits, entry: Entry) -> None:
    line, op = entry.said("line"), entry.said("op")
    section = section_of(line)
    if section not in _SECTIONS:
        return
    places = found.places.setdefault(section, {})
    if op == "added":
        key, place = f"{section}.{OWN}.{entry.seq}", _place(entry, "position")
        found.own[key] = entry.said("words")
        _shift(places, place, _MOST, 1)
        places[key] = place
    elif op == "reworded" and line in found.own:
        found.own[line] = entry.said("words")
    elif op == "reworded":
        sources = tuple(int(one) for one in entry.listed("sources") if one.isdecimal() and len(one) < 12)
        found.worded[line] = Worded(entry.said("words"), entry.said("drafted"), sources)
    elif op == "struck":
        found.struck.add(line)
    elif op == "kept":
        found.struck.discard(line)
    elif op == "moved":
        _move(places, line, _place(entry, "was"), _place(entry, "position"))


def _move(places: dict[str, int], line: str, was: int, now: int) -> None:
    """Move a line; the lines between its two places shift."""
    places.pop(line, None)
    if was < now:
        _shift(places, was + 1, now, -1)
    else:
        _shift(places, now, was - 1, 1)
    places[line] = now


def _shift(places: dict[str, int], first: int, last: int, by: int) -> None:
    for key, place in places.items():
        if first <= place <= last:
            places[key] = place + by


def _place(entry: Entry, name: str) -> int:
    value = entry.counted(name)
    return int(value) if 0 <= value <= _MOST else 0


_SECTIONS = frozenset(one.lower() for one in SECTIONS)
