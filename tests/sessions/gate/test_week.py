from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from sessions.gate.week import chores
from sessions.plan.loader import scaled
from sessions.state.reducer import State
from tests.support.build import PLAN

BERLIN = ZoneInfo("Europe/Berlin")


def local(day, hour, minute=0, *, month=11):
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def statuses(state, now, tz=BERLIN):
    return {chore.id: chore.status for chore in chores(state, now, tz)}


def test_before_the_week_there_is_nothing_to_do():
    assert chores(State(PLAN), local(1, 12), BERLIN) == ()


def test_seven_days_with_a_retrospective_on_the_last():
    told = chores(State(PLAN, week_at=local(2, 8)), local(2, 8), BERLIN)
    assert [chore.id for chore in told][:4] == ["d1.morning", "d1.midday", "d1.evening", "d2.morning"]
    assert [chore.id for chore in told][-4:] == ["d7.morning", "d7.midday", "d7.retrospective", "d7.evening"]
    assert len(told) == 22
    assert {chore.status for chore in told} == {"later"}


@pytest.mark.parametrize(
    ("hour", "minute", "morning", "midday"),
    [
        (9, 59, "later", "later"),
        (10, 0, "due", "later"),
        (12, 59, "due", "later"),
        (13, 0, "overdue", "due"),
        (18, 0, "overdue", "overdue"),
    ],
)
def test_a_task_is_due_until_the_next_one(hour, minute, morning, midday):
    told = statuses(State(PLAN, week_at=local(2, 8)), local(2, hour, minute))
    assert (told["d1.morning"], told["d1.midday"]) == (morning, midday)


def test_the_evening_is_due_until_midnight():
    state = State(PLAN, week_at=local(2, 8))
    assert statuses(state, local(2, 23, 59))["d1.evening"] == "due"
    assert statuses(state, local(3, 0))["d1.evening"] == "overdue"


def test_what_was_ticked_is_done_even_early():
    state = State(PLAN, week_at=local(2, 8), ticked={"d3.morning": local(2, 9)})
    assert statuses(state, local(2, 9))["d3.morning"] == "done"


def test_a_week_that_starts_late_moves_the_missed_tasks_to_its_start():
    state = State(PLAN, week_at=local(2, 15))
    told = {chore.id: chore for chore in chores(state, local(2, 15), BERLIN)}
    assert told["d1.morning"].due_at == told["d1.midday"].due_at == local(2, 15)
    assert told["d1.morning"].status == told["d1.midday"].status == "due"
    assert told["d1.evening"].status == "later"
    assert statuses(state, local(2, 18))["d1.morning"] == "overdue"


@pytest.mark.parametrize(("started", "changes_on"), [(local(24, 9, month=10), 25), (local(27, 9, month=3), 29)])
def test_row_27_ten_o_clock_stays_ten_o_clock_over_a_clock_change(started, changes_on):
    told = chores(State(PLAN, week_at=started), started, BERLIN)
    mornings = [chore.due_at.astimezone(BERLIN) for chore in told if chore.id.endswith("morning")]
    assert [moment.hour for moment in mornings[1:]] == [10] * 6
    assert changes_on in [moment.day for moment in mornings]
    assert len({moment.utcoffset() for moment in mornings}) == 2


def test_the_first_day_is_the_local_one():
    late = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    told = chores(State(PLAN, week_at=late), late, BERLIN)
    assert told[0].due_at.astimezone(BERLIN).day == 3
    assert told[0].status == "later"
    assert chores(State(PLAN, week_at=late), late, UTC)[0].due_at == late


def test_a_faster_clock_counts_days_from_the_start():
    plan = scaled(PLAN, 240)
    start = local(2, 8)
    state = State(plan, week_at=start)
    assert plan.week.day == 360
    told = {chore.id: chore for chore in chores(state, start, BERLIN)}
    assert told["d1.morning"].due_at == start + timedelta(seconds=150)
    assert told["d3.evening"].due_at == start + timedelta(seconds=2 * 360 + 270)
    assert statuses(state, start + timedelta(seconds=360))["d1.evening"] == "overdue"
    assert statuses(state, start + timedelta(seconds=359))["d1.evening"] == "due"


def test_the_system_zone_is_used_where_none_is_named():
    state = State(replace(PLAN), week_at=local(2, 8))
    first = chores(state, local(2, 8), None)[0]
    assert first.due_at.astimezone().hour == 10
