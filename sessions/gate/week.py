"""The stabilisation week after 100 %: which daily task is due, late or done."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sessions.gate.judgement import Chore, ChoreStatus
from sessions.state.reducer import State


def chores(state: State, now: datetime, tz: tzinfo | None) -> tuple[Chore, ...]:
    """Return the tasks of every day in the order they fall due; nothing before the week has started.

    A day is a local calendar day, or on a faster clock `week.day` seconds. `tz` None is the system's.
    """
    if state.week_at is None:
        return ()
    days = range(1, state.plan.week.days + 1)
    return tuple(chore for day in days for chore in _day(state, state.week_at, day, now, tz))


def _day(state: State, began: datetime, day: int, now: datetime, tz: tzinfo | None) -> Iterator[Chore]:
    todo = sorted(
        (
            (max(_due(state, began, day, task.due, tz), began), task)
            for task in state.plan.week.tasks
            if day in task.days
        ),
        key=lambda pair: pair[0],
    )
    ends = _due(state, began, day, _midnight(state), tz)
    for due_at, task in todo:
        until = min((later for later, _ in todo if later > due_at), default=ends)
        name = f"d{day}.{task.id}"
        status = _status(done=name in state.ticked, now=now, due_at=due_at, until=until)
        yield Chore(name, day, task.text, due_at, status)


def _midnight(state: State) -> float:
    return 86400.0 if state.plan.speed == 1 else state.plan.week.day


def _due(state: State, began: datetime, day: int, due: float, tz: tzinfo | None) -> datetime:
    """Return `due` seconds into that day in UTC: by the wall clock, so that 10:00 stays 10:00 over a clock change."""
    if state.plan.speed != 1:
        return began + timedelta(seconds=(day - 1) * state.plan.week.day + due)
    first: date = began.astimezone(tz).date()
    wall = datetime.combine(first, time()) + timedelta(days=day - 1, seconds=due)
    return (wall.replace(tzinfo=tz) if tz else wall).astimezone(UTC)


def _status(*, done: bool, now: datetime, due_at: datetime, until: datetime) -> ChoreStatus:
    if done:
        return ChoreStatus.DONE
    if now < due_at:
        return ChoreStatus.LATER
    return ChoreStatus.DUE if now < until else ChoreStatus.OVERDUE
