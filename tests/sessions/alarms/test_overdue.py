"""A task of the week that is overdue is an alarm: of today, not urgent, over once it is done or its day is."""

from datetime import UTC, time, timedelta

import pytest
from msgspec.structs import replace

from sessions.actions.dispatch import decide
from sessions.alarms.alarms import Heard, hear, rings, standing
from sessions.alarms.quiet_hours import QuietHours
from sessions.gate.evaluate import judge
from sessions.state.model import State
from sessions.values.requests import Act, Request
from tests.support.build import PLAN
from tests.support.screen.flown_week import BERLIN, at


def alarms(now, ticked=(), **facts):
    state = State(PLAN, week_at=at(1, 8), ticked=dict.fromkeys(ticked, at(1, 9)), **facts)
    return [one for one in standing(judge(state, now, BERLIN)) if one.id.startswith("overdue.")]


@pytest.mark.parametrize(
    ("now", "ticked", "parts"),
    [
        (at(3, 12.9), (), ()),
        (at(3, 13), (), ("overdue.d3.morning",)),
        (at(3, 13), ("d3.morning",), ()),
        (at(3, 18), (), ("overdue.d3.morning", "overdue.d3.midday")),
        (at(3, 18), ("d3.morning",), ("overdue.d3.midday",)),
        (at(3, 20.9), (), ("overdue.d3.morning", "overdue.d3.midday")),
        (at(3, 20.9), ("d3.morning", "d3.midday"), ()),
        (at(3, 21), ("d3.morning", "d3.midday"), ("overdue.d3.evening",)),
        (at(3, 23.9), (), ("overdue.d3.morning", "overdue.d3.midday", "overdue.d3.evening")),
        (at(3, 23.9), ("d3.morning", "d3.midday", "d3.evening"), ()),
        (at(4, 0), (), ()),
        (at(9, 12), (), ()),
    ],
)
def test_what_is_overdue_today_stands_and_what_was_missed_does_not(now, ticked, parts):
    found = alarms(now, ticked)
    assert [part for alarm in found for part in alarm.parts] == list(parts)
    assert len(found) == bool(parts)
    assert not any(alarm.urgent for alarm in found)


def test_it_says_which_and_since_when():
    (alarm,) = alarms(at(3, 18.5))
    assert alarm.at == at(3, 13)
    assert alarm.text.startswith("overdue: day 3, Review dashboards")
    assert alarm.text.endswith("due Wed 04 Nov 10:00; also overdue: d3.midday")


def test_a_session_of_long_ago_rings_for_today_and_once():
    """Nobody was here for six days: one alarm, that names today's."""
    judgement = judge(State(PLAN, week_at=at(1, 8), watching=True), at(7, 13.05), BERLIN)
    first, ringing = hear(None, judgement)
    assert ringing == ()
    known = [one for one in standing(judgement) if one.id.startswith("overdue.")]
    assert [one.parts for one in known] == [("overdue.d7.morning",)]
    later = judge(State(PLAN, week_at=at(1, 8), watching=True), at(7, 13.1), BERLIN)
    assert [one.id for one in hear(first, later)[1] if one.id.startswith("overdue.")] in ([], ["overdue.d7.morning"])


def test_it_rings_at_its_edge_and_anew_for_the_next_task_and_never_in_quiet_hours():
    quiet = QuietHours(time(12), time(17), BERLIN)
    (one,) = alarms(at(3, 13.01))
    assert rings(one, {}, Heard(at(3, 12.5)), at(3, 13.01)) == 1
    assert rings(one, {}, Heard(at(3, 12.5)), at(3, 13.01), quiet) == 0
    assert rings(one, {}, Heard(at(3, 12.5)), at(3, 17.01), quiet) == 1
    (both,) = alarms(at(3, 18.01))
    assert rings(both, {}, Heard(at(3, 17.5)), at(3, 18.01)) == 1


def test_the_last_of_a_day_rings_thrice_while_it_can_be_done_and_no_more_once_it_is_missed():
    (evening,) = alarms(at(3, 23.9), ("d3.morning", "d3.midday"))
    assert evening.text.endswith("due Wed 04 Nov 18:00")
    assert rings(evening, {}, Heard(at(3, 20.9)), at(3, 21)) == 1
    assert rings(evening, {}, Heard(at(3, 20.9)), at(3, 23.9)) == 3
    assert rings(evening, {}, Heard(at(3, 20.9)), at(3, 23.9), QuietHours(time(20), time(7), BERLIN)) == 0
    judgement = judge(State(PLAN, week_at=at(1, 8), watching=True), at(3, 21.1), BERLIN)
    assert any("overdue.d3.evening" in one.parts for one in standing(judgement))


def test_it_is_acknowledged_by_its_part():
    now = at(3, 13.1)
    judgement = judge(State(PLAN, week_at=at(1, 8)), now, BERLIN)
    found = decide(judgement, Request(Act.ACKNOWLEDGE, subject="overdue.d3.morning"))
    assert found.drafts[0].facts["alarms"] == ("overdue.d3.morning",)
    quiet = replace(judgement.state, quieted={"overdue.d3.morning": now.astimezone(UTC) + timedelta(minutes=30)})
    (alarm,) = [one for one in standing(judge(quiet, now, BERLIN)) if one.id == "overdue.d3.morning"]
    assert rings(alarm, quiet.quieted, Heard(at(3, 13.08)), at(3, 13.3)) == 0
