"""What the history has of the days before a task of the week: their peaks, their counts, the same hour of each."""

from datetime import datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from sessions.gate.judgement import Chore, Judgement
from sessions.gate.week import day_begins, same_hour
from sessions.handover.absence import Since
from sessions.handover.peaks import Peaks, peaks
from sessions.sheets.past import TOUCH, Asked, Before, Moment, moment_of
from sessions.state.reducer import State

DAYS = 3
"""The most previous days that are shown."""


class Day(Struct, frozen=True):
    """One day: `since`..`until`, as much of it as was flown, with what was counted at its beginning and its end.

    `number` counts in the week; 0 is the day before its first.
    """

    number: int
    since: datetime
    until: datetime
    peaks: Peaks
    first: Moment
    last: Moment


class Days(Struct, frozen=True):
    """What a task is compared with at `now`: earlier days, newest first; the last hour, the same hour earlier.

    `today` is the day of the task itself, up to now.
    """

    now: Moment
    hour_ago: Moment
    today: Day
    days: tuple[Day, ...] = ()
    hours: tuple[Moment, ...] = ()


Past = Days | Before
"""What a sheet is laid beside: the numbers of a day of the week by the days before, others by what was before."""


def days_of(judgement: Judgement, chore: Chore, asked: Asked, tz: tzinfo | None) -> Days:
    """Ask a history for what a task of the week is judged on; of a day that is over at its end."""
    state, now = judgement.state, min(judgement.at, chore.ends_at - TOUCH)
    hour = timedelta(seconds=3600 / state.plan.speed)
    days = [_day(state, chore.day - back, now, asked, tz) for back in range(DAYS + 1)]
    hours = [moment_of(state.plan, same_hour(state, now, back, tz), asked) for back in range(1, DAYS + 1)]
    began = state.started_at or now
    return Days(
        moment_of(state.plan, now, asked),
        moment_of(state.plan, now - hour, asked),
        days[0],
        tuple(day for day in days[1:] if day.until > began and day.since < day.until),
        tuple(one for one in hours if one.at >= began),
    )


def _day(state: State, number: int, now: datetime, asked: Asked, tz: tzinfo | None) -> Day:
    began = state.week_at or now
    begins, ends = day_begins(state, began, number, tz), day_begins(state, began, number + 1, tz)
    until = min(ends, now)
    since = min(max(begins, state.started_at or begins), until)
    entered = max((at for _, at in state.visits if at <= until), default=since)
    told = peaks(asked.highest, replace(state, entered_at=entered), Since(since, 0, until, since + TOUCH))
    return Day(number, since, until, told, moment_of(state.plan, since, asked), moment_of(state.plan, until, asked))
