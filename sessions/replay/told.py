"""A replay in lines: a plain table, columns side by side."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from msgspec import Struct

from sessions.plan.model import Plan
from sessions.replay.changes import Change
from sessions.replay.course import Times, Visit, longest
from sessions.replay.record import Record
from sessions.replay.side_by_side import GateRow, HappenedRow, SideBySide, TimesRow
from sessions.text.clean import clean
from sessions.text.units import duration

_TURNS = ("verdict.turned", "risk.turned")
_SAME, _OTHER = " ", "*"


class Told(Struct, frozen=True):
    """All that is printed: the plan that was flown, what was kept, what was changed, what differs, and the limits."""

    name: str
    plan: Plan
    record: Record
    changes: tuple[Change, ...]
    sides: SideBySide
    limits: tuple[str, ...]
    judged: int


def lines(told: Told, tz: tzinfo | None) -> Iterator[str]:
    """Yield the lines of the table; a star marks what differs."""
    columns = ("as recorded", "judged anew", *(("with the changes",) if told.changes else ()))
    record, grain = told.record, duration(told.sides.grain)
    years = [f"{at.astimezone(tz):%Y}-" for at in (record.since, record.until)]
    since, until = years if years[0] != years[1] else ("", "")
    span = f"{since}{_at(record.since, tz)} to {until}{_at(record.until, tz)}"
    yield f"{clean(told.name, 80)} · {clean(told.plan.title, 60)} · {span}"
    yield f"{record.count:,} readings, {len(record.entries):,} entries; what is less than {grain} apart counts as one"
    yield from (f"changed: {_change(one)}" for one in told.changes)
    yield from (f"mind: {clean(line, 400)}" for line in told.limits)
    gates = [_gate(row, tz) for row in told.sides.gates]
    yield from _table("Gates", columns, [*gates])
    yield from _table("Criteria: pass / breach / unknown", columns, [_times(row) for row in told.sides.criteria])
    shown = [row for row in told.sides.happened if row.differs or row.what not in _TURNS or row.word == "act"]
    yield from _table("Acts, fuses, and turns that differ", columns, [_happened(row, tz) for row in shown])
    alike = len(told.sides.happened) - len(shown)
    yield f"{alike} more turn{'s' if alike != 1 else ''} alike" if alike else "no other turn"


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table whose first cell is the star; nothing where there are no rows."""
    if not rows:
        return
    whole = [("", title, *columns), *rows]
    widths = [max(len(row[number]) for row in whole) for number in range(len(whole[0]))]
    yield ""
    for row in whole:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _gate(row: GateRow, tz: tzinfo | None) -> tuple[str, ...]:
    stay = row.recorded
    name = f"{stay.phase} % to {stay.goal}, from {_at(stay.since, tz)}"
    cells = [_left(stay, tz), *(_opened(one, tz) for one in (row.anew, row.changed) if one is not None)]
    return (_star(differs=row.differs), name, *cells)


def _left(stay: Visit, tz: tzinfo | None) -> str:
    words = {"advance": "passed", "overruled": "overruled", "revert": "reverted"}
    return f"{words[stay.left]} {_at(stay.until, tz)}" if stay.left else "not passed"


def _opened(stay: Visit, tz: tzinfo | None) -> str:
    if stay.opened is not None:
        return f"open {_at(stay.opened, tz)}"
    held = ", ".join(list(longest(stay))[:3])
    return f"never open: {held}" if held else "not judged"


def _times(row: TimesRow) -> tuple[str, ...]:
    cells = [_three(one) for one in (row.recorded, row.anew, row.changed) if one is not None]
    return (_star(differs=row.differs), row.criterion, *cells)


def _three(times: Times) -> str:
    return " / ".join(duration(float(round(one))) for one in (times.passed, times.breached, times.unknown))


def _happened(row: HappenedRow, tz: tzinfo | None) -> tuple[str, ...]:
    words = (row.what.replace(".", " "), clean(row.about, 40), row.word)
    cells = [_at(at, tz) if at is not None else "–" for at in row.times]
    return (_star(differs=row.differs), " ".join(filter(None, words)), *cells)


def _star(*, differs: bool) -> str:
    return _OTHER if differs else _SAME


def _change(one: Change) -> str:
    was = "not said" if one.was is None else clean(_plain(one.was), 80)
    return f"{clean(one.key, 80)} {was} -> {clean(_plain(one.value), 80)}"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def _at(at: datetime, tz: tzinfo | None) -> str:
    return f"{at.astimezone(tz):%m-%d %H:%M:%S}"
