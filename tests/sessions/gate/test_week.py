from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.week import chores, day_begins, missed, missed_words, todays
from sessions.plan.loader import scaled
from sessions.plan.model import WeekTask
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


@pytest.mark.parametrize(
    ("at", "evening"),
    [
        (local(2, 17, 59), "later"),
        (local(2, 18), "due"),
        (local(2, 20, 59), "due"),
        (local(2, 21), "overdue"),
        (local(2, 23, 59), "overdue"),
        (local(3, 0), "missed"),
    ],
)
def test_the_last_of_a_day_is_due_for_half_of_what_is_left_of_it(at, evening):
    assert statuses(State(PLAN, week_at=local(2, 8)), at)["d1.evening"] == evening


@pytest.mark.parametrize(
    ("dues", "lates"),
    [
        ((10,), (17,)),
        ((10, 13), (13, 18.5)),
        ((10, 22), (17, 23)),
        ((18, 18), (21, 21)),
        ((23.5,), (23.75,)),
        ((0,), (12,)),
        ((25,), (36.5,)),
    ],
)
def test_a_task_is_late_once_the_next_is_due_or_half_of_its_day_is_over(dues, lates):
    tasks = tuple(WeekTask(f"t{number}", "x", due * 3600.0, (2,)) for number, due in enumerate(dues))
    state = State(replace(PLAN, week=replace(PLAN.week, tasks=tasks)), week_at=local(2, 8))
    midnight = local(3, 0)
    told = chores(state, local(2, 8), BERLIN)
    assert [(chore.late_at - midnight) / timedelta(hours=1) for chore in told] == list(lates)
    for chore in told:
        just = timedelta(seconds=1)
        assert statuses(state, chore.late_at - just)[chore.id] == "due"
        assert statuses(state, chore.late_at)[chore.id] == "overdue"
        assert statuses(state, chore.ends_at - just)[chore.id] == "overdue"


@pytest.mark.parametrize(("start", "late"), [(22, 23), (23.5, 23.75)])
def test_of_a_week_that_starts_at_night_its_tasks_are_late_before_that_is_over(start, late):
    began = local(2, 0) + timedelta(hours=start)
    told = chores(State(PLAN, week_at=began), began, BERLIN)[:3]
    assert {(chore.late_at - local(2, 0)) / timedelta(hours=1) for chore in told} == {late}


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
    assert statuses(state, start + timedelta(seconds=360))["d1.evening"] == "missed"
    assert statuses(state, start + timedelta(seconds=359))["d1.evening"] == "overdue"
    assert statuses(state, start + timedelta(seconds=314))["d1.evening"] == "due"


def test_the_system_zone_is_used_where_none_is_named():
    state = State(replace(PLAN), week_at=local(2, 8))
    first = chores(state, local(2, 8), None)[0]
    assert first.due_at.astimezone().hour == 10


HAVANA, BEIRUT = ZoneInfo("America/Havana"), ZoneInfo("Asia/Beirut")
"""Their clocks change at midnight: a day there may begin twice, or at one o'clock."""


@pytest.mark.parametrize(
    ("tz", "start", "hours"),
    [
        (BERLIN, datetime(2026, 10, 24, 9, tzinfo=BERLIN), [24, 25, 24]),
        (BERLIN, datetime(2026, 3, 28, 9, tzinfo=BERLIN), [24, 23, 24]),
        (BEIRUT, datetime(2026, 3, 28, 9, tzinfo=BEIRUT), [24, 23, 24]),
        (HAVANA, datetime(2026, 10, 31, 9, tzinfo=HAVANA), [24, 25, 24]),
        (UTC, datetime(2026, 11, 2, 9, tzinfo=UTC), [24, 24, 24]),
    ],
)
def test_every_moment_of_the_week_lies_in_one_day_of_it(tz, start, hours):
    """Whatever the clock does at midnight: a day ends where the next one begins."""
    began = start.astimezone(UTC)
    state = State(PLAN, week_at=began)
    told = {chore.day: chore for chore in chores(state, began, tz)}
    assert all(told[day].ends_at == told[day + 1].opens_at for day in range(1, 7))
    assert [(told[day].ends_at - day_begins(state, began, day, tz)) / timedelta(hours=1) for day in (1, 2, 3)] == hours
    assert told[1].opens_at == began
    assert [day_begins(state, began, day, tz).astimezone(tz).date().day for day in (0, 1)] == [start.day - 1, start.day]


@pytest.mark.parametrize("tz", [BERLIN, BEIRUT, HAVANA, UTC])
@given(hours=st.floats(0, 24 * 9), ticked=st.sets(st.integers(0, 21)))
def test_no_task_is_later_and_over_nor_two_things_at_once(tz, hours, ticked):
    """What is not done goes from later to due, overdue and missed, never back, and is missed once its day is over."""
    began = datetime(2026, 10, 24, 9, tzinfo=tz).astimezone(UTC)
    names = [chore.id for chore in chores(State(PLAN, week_at=began), began, tz)]
    state = State(PLAN, week_at=began, ticked={names[number]: began for number in ticked})
    now = began + timedelta(hours=hours)
    order = ("later", "due", "overdue", "missed")
    was, told = chores(state, began, tz), chores(state, now, tz)
    for before, chore in zip(was, told, strict=True):
        assert (chore.status == "done") is (chore.id in state.ticked)
        assert before.opens_at <= chore.due_at < chore.late_at < chore.ends_at
        if chore.status != "done":
            assert (chore.status == "missed") is (now >= chore.ends_at)
            assert order.index(chore.status) >= order.index(before.status)
    mine = todays(told, now)
    assert all(chore.status != "missed" for chore in mine)
    assert {chore.day for chore in mine} in ([set()] if now >= told[-1].ends_at else [{chore.day} for chore in mine])
    assert len(missed(told)) + sum(chore.status != "missed" for chore in told) == len(told)


def test_of_today_what_is_overdue_comes_first_and_of_the_days_before_none():
    state = State(PLAN, week_at=local(2, 8), ticked={"d3.midday": local(4, 12)})
    told = chores(state, local(4, 18, 30), BERLIN)
    assert [(chore.id, chore.status) for chore in todays(told, local(4, 18, 30))] == [
        ("d3.morning", "overdue"),
        ("d3.evening", "due"),
        ("d3.midday", "done"),
    ]
    assert [chore.id for chore in missed(told)] == [f"d{day}.{task}" for day in (1, 2) for task in TASKS]
    assert missed_words(told) == "6 tasks missed on earlier days"
    assert missed_words(told[1:]) == "5 tasks missed on earlier days"
    assert missed_words(told[5:]) == "1 task missed on earlier days"
    assert missed_words(told[6:]) == ""
    assert todays(told, local(9, 0)) == ()


TASKS = ("morning", "midday", "evening")


@pytest.mark.parametrize(("at", "late"), [(local(3, 23), False), (local(4, 0), True)])
def test_what_was_done_after_its_day_was_done_late(at, late):
    state = State(PLAN, week_at=local(2, 8), ticked={"d2.morning": at})
    (chore,) = [chore for chore in chores(state, local(6, 8), BERLIN) if chore.id == "d2.morning"]
    assert (chore.status, chore.done_at, chore.late) == ("done", at, late)


def test_a_task_due_after_midnight_is_of_the_next_day_until_that_is_over():
    night = WeekTask("night", "look", 26 * 3600.0, (1,))
    state = State(replace(PLAN, week=replace(PLAN.week, tasks=(night,))), week_at=local(2, 8))
    at = [
        (local(3, 1), "later"),
        (local(3, 2), "due"),
        (local(3, 12, 59), "due"),
        (local(3, 13), "overdue"),
        (local(3, 23), "overdue"),
        (local(4, 0), "missed"),
    ]
    assert [statuses(state, moment)["d1.night"] for moment, _ in at] == [word for _, word in at]
