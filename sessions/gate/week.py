"""The stabilisation week after 100 %: which daily task is due, late, missed or done."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sessions.gate.judgement import Chore, ChoreStatus
from sessions.state.reducer import State

_URGENT_FIRST = (ChoreStatus.OVERDUE, ChoreStatus.DUE, ChoreStatus.LATER, ChoreStatus.DONE, ChoreStatus.MISSED)


def chores(state: State, now: datetime, tz: tzinfo | None) -> tuple[Chore, ...]:
    """Return the tasks of every day in the order they fall due; nothing before the week has started.

    A day is a local calendar day, or on a faster clock `week.day` seconds. `tz` None is the system's.
    """
    if state.week_at is None:
        return ()
    days = range(1, state.plan.week.days + 1)
    return tuple(chore for day in days for chore in _day(state, state.week_at, day, now, tz))


def todays(week: Sequence[Chore], now: datetime) -> tuple[Chore, ...]:
    """Return the tasks of today: overdue ones first, then due, later and done ones."""
    mine = [chore for chore in week if chore.opens_at <= now < chore.ends_at]
    return tuple(sorted(mine, key=lambda chore: (_URGENT_FIRST.index(chore.status), chore.due_at)))


def missed(week: Sequence[Chore]) -> tuple[Chore, ...]:
    """Return the tasks whose day is over and that nobody did, the oldest first."""
    return tuple(chore for chore in week if chore.status is ChoreStatus.MISSED)


def missed_words(week: Sequence[Chore]) -> str:
    """Say how many tasks were missed on the days before: `3 tasks missed on earlier days`; empty for none."""
    count = len(missed(week))
    return f"{count} task{'' if count == 1 else 's'} missed on earlier days" if count else ""


def due_words(chore: Chore, tz: tzinfo | None) -> str:
    """Say when a task is due, with its day: a week may be longer than seven."""
    return f"{chore.due_at.astimezone(tz):%a %d %b %H:%M}"


def day_begins(state: State, began: datetime, day: int, tz: tzinfo | None) -> datetime:
    """Return when a day of the week that `began` then begins (UTC); day 0 is the one before its first."""
    return _moment(state, began, day, 0.0, tz)


def same_hour(state: State, at: datetime, days: int, tz: tzinfo | None) -> datetime:
    """Return the moment so many days before at which the clock showed the same time of day (UTC)."""
    if state.plan.speed != 1:
        return at - timedelta(seconds=days * state.plan.week.day)
    local = at.astimezone(tz)
    wall = local.replace(tzinfo=None) - timedelta(days=days)
    return (wall.replace(tzinfo=tz) if tz else wall).replace(fold=local.fold).astimezone(UTC)


def _day(state: State, began: datetime, day: int, now: datetime, tz: tzinfo | None) -> Iterator[Chore]:
    """Yield the tasks of a day. One is late once the next is due, or half of the day that was left for it is over.

    So the last of a day calls too, while there is time to do it.
    """
    todo = sorted(
        (
            (max(_moment(state, began, day, task.due, tz), began), task)
            for task in state.plan.week.tasks
            if day in task.days
        ),
        key=lambda pair: pair[0],
    )
    opens = max(day_begins(state, began, day, tz), began)
    for due_at, task in todo:
        ends = day_begins(state, began, day + 1 + int(task.due // _length(state)), tz)
        late = min([due_at + (ends - due_at) / 2, *(later for later, _ in todo if later > due_at)])
        name = f"d{day}.{task.id}"
        done = state.ticked.get(name)
        status = ChoreStatus.DONE if done else _status(now, due_at, late, ends)
        yield Chore(name, day, task.text, due_at, status, task.id, opens, late, ends, done, task.does)


def _status(now: datetime, due_at: datetime, late: datetime, ends: datetime) -> ChoreStatus:
    """Say where a task stands that is not done: due until it is late, missed once its day is over."""
    if now >= ends:
        return ChoreStatus.MISSED
    if now < due_at:
        return ChoreStatus.LATER
    return ChoreStatus.DUE if now < late else ChoreStatus.OVERDUE


def _length(state: State) -> float:
    return 86400.0 if state.plan.speed == 1 else state.plan.week.day


def _moment(state: State, began: datetime, day: int, due: float, tz: tzinfo | None) -> datetime:
    """Return `due` seconds into that day in UTC: by the wall clock, so that 10:00 stays 10:00 over a clock change."""
    if state.plan.speed != 1:
        return began + timedelta(seconds=(day - 1) * state.plan.week.day + due)
    first: date = began.astimezone(tz).date()
    wall = datetime.combine(first, time()) + timedelta(days=day - 1, seconds=due)
    return (wall.replace(tzinfo=tz) if tz else wall).astimezone(UTC)
