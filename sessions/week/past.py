"""What the history has of the days before a task of the week: their peaks, their counts, the same hour of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.gate.judgement import Chore, Judgement
from sessions.gate.week import day_begins, same_hour
from sessions.handover.absence import Since
from sessions.handover.peaks import Peaks, peaks
from sessions.history.queries import Worth
from sessions.state.reducer import State
from sessions.values import readings as r

DAYS = 3
"""So many days before are told."""
_NEAR = 900.0
"""Seconds before a moment in which something must have been measured to be what was then; less on a faster clock."""
_TOUCH = timedelta(milliseconds=1)
"""What was measured in the moment in which a day ends is of that day, and of no other."""

One = TypeVar("One", r.Tickets, r.Capsules, r.Returns, r.Csat)


class Asked(Protocol):
    """A history that is asked: each subject's highest reading of a span, or its newest one."""

    def highest(self, worth: Worth, since: datetime, until: datetime) -> Sequence[r.Reading]:
        """Return of each subject the reading of the highest worth."""
        ...

    def newest(self, kind: str, since: datetime, until: datetime) -> Sequence[r.Reading]:
        """Return of each subject of a kind the newest reading."""
        ...


class Moment(Struct, frozen=True):
    """What was last measured before `at`, and not long before; None and absent where nobody measured."""

    at: datetime
    sizes: Mapping[str, r.Size] = field(default_factory=dict)
    tickets: r.Tickets | None = None
    capsules: r.Capsules | None = None
    returns: r.Returns | None = None
    csat: r.Csat | None = None


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


class Past(Struct, frozen=True):
    """What stands behind a task at `now`: the days before, the newest first; the hour before, the same hour before.

    `today` is the day of the task itself, as far as it went.
    """

    now: Moment
    hour_ago: Moment
    today: Day
    days: tuple[Day, ...] = ()
    hours: tuple[Moment, ...] = ()


def past_of(judgement: Judgement, chore: Chore, asked: Asked, tz: tzinfo | None) -> Past:
    """Ask a history for what a task of the week is judged on; of a day that is over at its end."""
    state, now = judgement.state, min(judgement.at, chore.ends_at - _TOUCH)
    hour = timedelta(seconds=3600 / state.plan.speed)
    days = [_day(state, chore.day - back, now, asked, tz) for back in range(DAYS + 1)]
    hours = [_moment(state, same_hour(state, now, back, tz), asked) for back in range(1, DAYS + 1)]
    began = state.started_at or now
    return Past(
        _moment(state, now, asked),
        _moment(state, now - hour, asked),
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
    told = peaks(asked.highest, replace(state, entered_at=entered), Since(since, 0, until, since + _TOUCH))
    return Day(number, since, until, told, _moment(state, since, asked), _moment(state, until, asked))


def _moment(state: State, at: datetime, asked: Asked) -> Moment:
    since = at - timedelta(seconds=max(_NEAR / state.plan.speed, state.plan.cadence.mongo_stale))
    sizes = [one for one in asked.newest("size", since, at) if isinstance(one, r.Size)]
    return Moment(
        at,
        {one.collection: one for one in sizes},
        _one(asked.newest("tickets", since, at), r.Tickets),
        _one(asked.newest("capsules", since, at), r.Capsules),
        _one(asked.newest("returns", since, at), r.Returns),
        _one(asked.newest("csat", since, at), r.Csat),
    )


def _one(found: Sequence[r.Reading], kind: type[One]) -> One | None:
    return next((one for one in found if isinstance(one, kind)), None)
