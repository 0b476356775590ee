"""How the numbers of the week are said: days by their names, counts, a value beside those of the days before."""

from collections.abc import Sequence
from datetime import tzinfo

from sessions.criteria.freshness import followed
from sessions.sheets.fresh import doubted
from sessions.sheets.past import Moment
from sessions.state.reducer import State
from sessions.text.units import clock
from sessions.values.readings import Reading, Traffic
from sessions.values.sheets import Section
from sessions.values.verdicts import Mark
from sessions.week.past import Day, Days

UNKNOWN = "not measured"


def day_name(state: State, day: Day | Moment, tz: tzinfo | None) -> str:
    """Say a day: `Tue`; on a faster clock, where it is none of the calendar, how it is counted."""
    if state.plan.speed != 1:
        return f"day {day.number}" if isinstance(day, Day) else clock(day.at, tz)
    return f"{(day.since if isinstance(day, Day) else day.at).astimezone(tz):%a}"


def beside(values: Sequence[tuple[str, float | None, str]]) -> str:
    """Say values of one kind, (day, value, words), the newest first, with an arrow for how the newest differs.

    `▲ 438 ms · Mon 312 ms · Sun 290 ms`; what was not measured is a dash.
    """
    _, newest, words = values[0]
    before = next((value for _, value, _ in values[1:] if value is not None), None)
    arrow = "" if newest is None or before is None else "▲ " if newest > before else "▼ " if newest < before else "= "
    rest = [f"{name} {said if value is not None else '–'}" for name, value, said in values[1:]]
    return " · ".join([f"{arrow}{words if newest is not None else UNKNOWN}", *rest])


def counted(count: float) -> str:
    """Say a number of things."""
    return f"{count:,.0f}"


def where(window: Traffic, tz: tzinfo | None) -> str:
    """Say which window it was."""
    return f"{window.endpoint} {clock(window.start, tz, fine=False)}"


def of_now(state: State, past: Days, reading: Reading | None, section: Section, tz: tzinfo | None) -> Section:
    """Return figures as those of now; older than an answer may be they are the last known ones, and nothing passes."""
    bound = followed(state.plan.cadence.mongo_stale, getattr(reading, "holds", 0.0))
    if reading is None or (past.now.at - reading.at).total_seconds() <= bound:
        return section
    return doubted(section, Mark.BLIND, f"as of {clock(reading.at, tz)}, nothing newer was measured")
