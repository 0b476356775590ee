"""What stands, one alarm for one cause, and what acknowledging it does."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.alarms.alarms import standing
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.plan.loader import scaled
from sessions.values.requests import Act
from tests.support.build import PLAN, after
from tests.support.sessions.acting import ask, but, carry, due, ready
from tests.support.sessions.calling import (
    MINUTE,
    Ear,
    acknowledged,
    act,
    acts,
    at_moment,
    breach,
    everything_blind,
    flown,
    incident,
    lit,
    turned,
    up,
)


def one_cause(*steps):
    """A session in which each step happened a second after the one before."""
    pen = flown()
    for number, step in enumerate(steps):
        step(pen, 60 + number)
    return pen


@pytest.mark.parametrize(
    ("steps", "standing"),
    [
        ([], []),
        ([breach("latency"), act("latency_spike"), lit], ["fuse.latency_spike"]),
        ([breach("latency"), act("latency_spike")], ["risk.latency_spike"]),
        ([breach("errors"), act("error_rate")], ["risk.error_rate"]),
        ([breach("analytics"), act("analytics_outage")], ["risk.analytics_outage"]),
        ([breach("growth"), act("duplication")], ["risk.duplication"]),
        ([act("support_queue"), act("csat")], ["risk.support_queue", "risk.csat"]),
        ([everything_blind], ["blind.latency"]),
        ([incident, breach("incidents", subject="triage log")], ["incident.i1"]),
        ([breach("growth"), lit, everything_blind], ["fuse.latency_spike", "verdict.growth", "blind.latency"]),
    ],
)
def test_one_cause_is_one_alarm_and_the_worst_comes_first(steps, standing):
    assert up(one_cause(*steps).state) == standing


def test_all_sources_down_is_one_alarm_that_names_them():
    (alarm,) = at_moment(everything_blind(flown(), 60).state, after(200))
    assert len(alarm.parts) == 7
    assert alarm.text == "latency blind; also blind: errors, analytics, growth, incidents, support queue, csat"
    assert alarm.at == after(60)


def test_a_flag_whose_back_end_fails_is_one_alarm_with_its_switches():
    pen = flown()
    pen.write(50, "flag.intended", intent="m9", percent=10, previous=25, writer="flagd")
    pen.write(60, "flag.refused", "REVERT NOT DONE", intent="m9", percent=10, reason="401")
    pen.write(61, "switch.refused", switch="sla-message", on=True, reason="401")
    (alarm,) = at_moment(pen.state, after(70))
    assert (alarm.id, alarm.text, alarm.urgent) == ("revert", "REVERT NOT DONE", True)


def test_a_journal_that_fails_is_an_alarm_since_it_was_heard_of():
    state = but(flown(), journal_fault="disk full")
    assert [(row.id, row.at, row.text) for row in standing(Judgement(state, after(90)), {"journal": after(60)})] == [
        ("journal", after(60), "journal: disk full")
    ]
    pen, ear = flown(), Ear(flown())
    ear.listen(9)
    ear.pen = pen
    pen.state = state
    assert ear.listen(MINUTE * 30).rung == [10, 10 + 5 * MINUTE, 10 + 15 * MINUTE]


@pytest.mark.slow
@given(
    st.lists(st.sampled_from(["verdict.latency", "risk.csat", "flag", "journal", "x"]), max_size=4), st.integers(0, 9)
)
def test_acknowledging_never_changes_a_gate(alarms, minutes):
    pen = ready(10)
    turned(acts(pen, due(10) - 500, "csat"), due(10) - 500, "breach")
    now = after(due(10))
    before = judge(pen.state, now)
    acknowledged(pen, due(10) - 60 * minutes, *alarms)
    gate = judge(pen.state, now).gate
    assert [(row.name, row.mark) for row in gate.conditions] == [(row.name, row.mark) for row in before.gate.conditions]
    assert (gate.open, gate.goal, gate.earliest) == (before.gate.open, before.gate.goal, before.gate.earliest)


def test_acknowledge_silences_every_part_of_what_stands():
    pen = everything_blind(acts(turned(ready(10), 60, "breach"), 60, "latency_spike"), 70)
    found = ask(pen.state, Act.ACKNOWLEDGE)
    draft = found.drafts[0]
    assert (draft.kind, draft.by, len(draft.facts["alarms"])) == ("alarm.acknowledged", "owner", 9)
    assert draft.facts["until"] == after(due(10)) + timedelta(minutes=30)
    assert draft.text.startswith(
        "acknowledged, silent for 30m00s: latency_spike act; latency blind; also blind: errors"
    )
    assert found.done == "acknowledged, silent for 30m00s"
    carry(pen, found, after(due(10)))
    assert ask(pen.state, Act.ACKNOWLEDGE).refusal == "acknowledged already"
    assert ask(pen.state, Act.ACKNOWLEDGE, at=after(due(10) + 30 * MINUTE)).drafts


@pytest.mark.parametrize(
    ("subject", "alarms"),
    [
        ("verdict.latency", ("verdict.latency", "risk.latency_spike")),
        ("risk.latency_spike", ("verdict.latency", "risk.latency_spike")),
        ("risk.csat", ("risk.csat",)),
    ],
)
def test_one_alarm_is_acknowledged_by_any_of_its_parts(subject, alarms):
    pen = acts(acts(turned(ready(10), 60, "breach"), 61, "latency_spike"), 62, "csat")
    assert ask(pen.state, Act.ACKNOWLEDGE, subject).drafts[0].facts["alarms"] == alarms


@pytest.mark.parametrize(
    ("subject", "why"), [("", "no alarm is on"), ("flag\x07", "no alarm flag^G is on: cockpit status lists the alarms")]
)
def test_without_an_alarm_there_is_nothing_to_acknowledge(subject, why):
    assert ask(ready(10).state, Act.ACKNOWLEDGE, subject).refusal == why


def test_a_faster_plan_is_silent_for_less():
    pen = turned(flown(scaled(PLAN, 60.0)), 60, "breach")
    found = ask(pen.state, Act.ACKNOWLEDGE, at=after(100))
    assert found.drafts[0].facts["until"] == after(130)
