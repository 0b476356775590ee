"""What is waived calls nobody and holds up no script: `check` says what the gate says."""

import pytest

from sessions.alarms.alarms import standing
from sessions.gate.evaluate import judge
from sessions.gate.outlook import BREACH, MAY_ADVANCE, decision
from sessions.values.requests import Act
from tests.support.build import PLAN, after, window
from tests.support.sessions.acting import REASON, ask, carry, due, ready, seeing
from tests.support.sessions.flight import all_is_well
from tests.support.sessions.rounds import round_at
from tests.support.worlds.flown import Flight
from tests.support.worlds.world import imagined

HOT, COLD = PLAN.endpoints[:2]
AT = due(10)


def hot(pen, at, **p95):
    rows = [window(name, after((at - 31) // 300 * 300 - 300), p95_ms=value) for name, value in p95.items()]
    pen.state = seeing(all_is_well(pen.state, after(at)), *rows)
    round_at(pen, at)
    return judge(pen.state, after(at))


def alarms(judgement):
    return {part for alarm in standing(judgement) for part in alarm.parts}


def test_a_resolved_incident_that_is_waived_opens_check_as_it_opens_the_gate():
    pen = ready(10)
    pen.write(AT, "incident.opened", "down", incident="i1", severity="P1")
    pen.write(AT, "incident.resolved", incident="i1")
    pen.state = all_is_well(pen.state, after(AT))
    assert decision(judge(pen.state, after(AT))) == BREACH
    carry(pen, ask(pen.state, Act.WAIVE, "incidents", reason=REASON), after(AT))
    judgement = judge(pen.state, after(AT))
    assert judgement.gate.open
    assert decision(judgement) == MAY_ADVANCE


def test_the_alarm_of_a_breach_ends_with_its_waiver_and_rises_anew_with_what_is_worse():
    pen = ready(10)
    assert "verdict.latency" in alarms(hot(pen, AT, **{HOT: 600.0}))
    carry(pen, ask(pen.state, Act.WAIVE, "latency", reason=REASON), after(AT + 1))
    assert "verdict.latency" not in alarms(judge(pen.state, after(AT + 1)))
    assert "verdict.latency" not in alarms(hot(pen, AT + 300, **{HOT: 610.0}))
    worse = hot(pen, AT + 600, **{HOT: 600.0, COLD: 700.0})
    assert "verdict.latency" in alarms(worse)
    raised = pen.state.raised["verdict.latency"]
    assert (raised.at, raised.times) == (after(AT + 600), 1)
    assert "no longer waived" in raised.text


def test_a_waiver_silences_no_line_that_is_still_open():
    pen = ready(10)
    pen.write(AT, "verdict.turned", "a critical line", criterion="incidents", verdict="breach", subject="triage")
    pen.write(AT + 1, "waiver.given", subject="incidents", reason=REASON)
    assert pen.state.raised["verdict.incidents"].over_at is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_check_says_may_advance_exactly_where_the_gate_is_open(seed):
    flight, said = Flight(imagined(seed)), set()
    inner = flight._judged
    flight._judged = lambda now: said.add((told := inner(now)).gate.open is (decision(told) == MAY_ADVANCE)) or told
    flight.fly()
    assert said == {True}
