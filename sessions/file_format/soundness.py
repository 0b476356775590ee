"""What no cockpit wrote although its checksum holds: an entry that the plan, the calendar or the clock cannot lead to.

Whoever folds entries builds on this: the phase is one of the plan's, a fuse is one of its risks', no date overflows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from sessions.file_format.promises import in_force
from sessions.text.clean import clean
from sessions.values.entries import Entry
from sessions.values.percent import Percent, exact_percent

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""A clock without its battery says so; what was written by it is ours."""
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
_FARTHEST_MOVE = (LATEST - EARLIEST).total_seconds()


class Known(Struct, frozen=True):
    """What the plan of a session names: `percents` its phases, `risks` its risks; None if unknown."""

    percents: frozenset[Percent] | None = None
    risks: frozenset[str] | None = None


def known_in(plan: Mapping[str, object]) -> Known:
    """Return what a plan's table names, also if other parts of it are wrong."""
    percents = {row.get("percent") for row in _rows(plan.get("phases"))}
    risks = {row.get("id") for row in _rows(plan.get("risks"))}
    if not percents:
        return Known()
    return Known(
        frozenset({0, *(item for value in percents if (item := exact_percent(value)) is not None)}),
        frozenset(item for item in risks if isinstance(item, str)),
    )


def _rows(value: object) -> Iterable[Mapping[str, object]]:
    """Yield the tables of an array; a value that cannot be compared is none of ours."""
    for row in value if isinstance(value, list) else ():
        if isinstance(row, Mapping) and all(not isinstance(row.get(key), (list, dict)) for key in ("percent", "id")):
            yield row


def dated(at: datetime) -> bool:
    """Whether a moment is one that can be reckoned with."""
    return EARLIEST <= at < LATEST


def sound_part(entries: Sequence[Entry], known: Known) -> tuple[tuple[Entry, ...], str]:
    """Return the entries up to the first that no cockpit wrote, and what is wrong with that one."""
    for number, entry in enumerate(entries):
        if what := unsound(entry, known):
            return tuple(entries[:number]), f"entry {entry.seq} {what}"
        known = known_after(known, [entry])
    return tuple(entries), ""


def known_after(known: Known, entries: Iterable[Entry]) -> Known:
    """Return what the plan names after these entries: one of them may have put another plan in its place."""
    plan = in_force({}, entries)
    return known_in(plan) if plan else known


def unsound(entry: Entry, known: Known) -> str:
    """Say why no cockpit wrote an entry, nothing where one may have."""
    for at in (entry.at, *(value for value in entry.facts.values() if isinstance(value, datetime))):
        if not dated(at):
            return f"is dated in the year {at.year}"
    if exact_percent(entry.phase) is None:
        return f"has the phase {_short(entry.phase)} %"
    check = _CHECKS.get(entry.kind)
    return check(entry, known) if check else ""


def _phase(entry: Entry, known: Known) -> str:
    if known.percents is None or entry.phase in known.percents:
        return ""
    return f"enters {entry.phase} %, and the plan has no such phase"


def _fuse(entry: Entry, known: Known) -> str:
    risk = entry.said("risk")
    if known.risks is None or risk in known.risks:
        return ""
    return f'lights a fuse for the risk "{clean(risk, 40)}", and the plan has no such risk'


def _flag(entry: Entry, _known: Known) -> str:
    percent = entry.counted("percent", -1)
    return "" if exact_percent(percent) is not None else f"sets the flag to {_short(percent)} %"


def _returned(entry: Entry, known: Known) -> str:
    return _flag(entry, known) if "percent" in entry.facts else ""


def _gap(entry: Entry, _known: Known) -> str:
    moved = entry.counted("moved")
    return "" if abs(moved) <= _FARTHEST_MOVE else f"moves the clock by {_short(moved)} s"


def _short(number: float) -> str:
    return clean(f"{number:g}", 12) if isinstance(number, float) else clean(str(number), 12)


_CHECKS: Mapping[str, Callable[[Entry, Known], str]] = {
    "phase.entered": _phase,
    "fuse.lit": _fuse,
    "flag.intended": _flag,
    "flag.confirmed": _flag,
    "flag.served": _flag,
    "flag.returned": _returned,
    "gap.found": _gap,
}
