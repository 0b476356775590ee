"""Courses of one flight beside each other: what differs, and what is the same within the grain of what was kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from sessions.plan.model import Plan
from sessions.replay.course import Course, Happening, Times, Visit, grain

Row = tuple[Happening, list[datetime | None]]
"""What happened, and when in each course."""


class GateRow(Struct, frozen=True):
    """One stay in a phase, in each course; `changed` is None where nothing was changed."""

    recorded: Visit
    anew: Visit
    changed: Visit | None
    differs: bool


class TimesRow(Struct, frozen=True):
    """One criterion in each course."""

    criterion: str
    recorded: Times
    anew: Times
    changed: Times | None
    differs: bool


class HappenedRow(Struct, frozen=True):
    """One turn, act or fuse, and when it came in each course; None where it did not."""

    what: str
    about: str
    word: str
    times: tuple[datetime | None, ...]
    differs: bool


class SideBySide(Struct, frozen=True):
    """All that is compared. `grain` is how many seconds apart two moments may be and count as one."""

    gates: tuple[GateRow, ...]
    criteria: tuple[TimesRow, ...]
    happened: tuple[HappenedRow, ...]
    grain: float


def side_by_side(plan: Plan, recorded: Course, anew: Course, changed: Course | None) -> SideBySide:
    """Compare the changed plan with the plain replay; without a change, the replay with the record."""
    apart = grain(plan)
    others = changed.visits if changed else tuple(None for _ in anew.visits)
    gates = tuple(
        GateRow(was, new, other, _gate_differs(was, new, other, apart))
        for was, new, other in zip(recorded.visits, anew.visits, others, strict=True)
    )
    criteria = tuple(
        _times(name, recorded.times[name], anew.times[name], changed.times[name] if changed else None, apart)
        for name in anew.times
    )
    courses = [recorded, anew, *([changed] if changed else [])]
    return SideBySide(gates, criteria, _paired(courses, timedelta(seconds=apart)), apart)


def _gate_differs(recorded: Visit, anew: Visit, changed: Visit | None, apart: float) -> bool:
    """One that was passed was open then; when it first was the log does not say."""
    if changed is not None:
        return _apart(anew.opened, changed.opened, apart)
    late = anew.opened is None or (anew.opened - recorded.until).total_seconds() > apart
    return recorded.left == "advance" and late


def _apart(one: datetime | None, other: datetime | None, apart: float) -> bool:
    if one is None or other is None:
        return one is not other
    return abs((one - other).total_seconds()) > apart


def _times(name: str, recorded: Times, anew: Times, changed: Times | None, apart: float) -> TimesRow:
    one, other = (anew, changed) if changed else (recorded, anew)
    parts = ((one.passed, other.passed), (one.breached, other.breached), (one.unknown, other.unknown))
    return TimesRow(name, recorded, anew, changed, any(abs(a - b) > apart for a, b in parts))


def _paired(courses: Sequence[Course], apart: timedelta) -> tuple[HappenedRow, ...]:
    """Put what is the same into one row: alike, and no further apart than the grain; the nearest of those."""
    rows: list[Row] = []
    for number, course in enumerate(courses):
        alike: dict[tuple[str, str, str], list[Row]] = {}
        for row in rows:
            alike.setdefault(row[0].key, []).append(row)
        for one in course.happened:
            fit = alike.get(one.key, [])
            near = min(fit, key=partial(_distance, at=one.at), default=None)
            if near is None or _distance(near, one.at) > apart:
                near = (one, [None for _ in courses])
                rows.append(near)
            else:
                del fit[next(place for place, row in enumerate(fit) if row is near)]
            near[1][number] = one.at
    rows.sort(key=lambda row: row[0].at)
    pair = courses[-2:]
    return tuple(HappenedRow(*one.key, tuple(times), _differs(one, times[-2:], pair, apart)) for one, times in rows)


def _differs(one: Happening, times: Sequence[datetime | None], courses: Sequence[Course], apart: timedelta) -> bool:
    """A turn that one course lacks is none where it was soon over, or the other has the same word in force by then."""
    if (times[0] is None) == (times[1] is None):
        return False
    other = courses[0] if times[0] is None else courses[1]
    if not one.what.endswith(".turned"):
        return True
    return one.stood > apart.total_seconds() and other.in_force(one, one.at + apart) != one.word


def _distance(row: Row, at: datetime) -> timedelta:
    return min(abs(at - one) for one in row[1] if one is not None)
