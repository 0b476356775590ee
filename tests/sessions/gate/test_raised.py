"""Alarms are raised and ended by entries alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.plan.loader import scaled
from sessions.state.alarms import RESTS
from sessions.state.pending import revert_owed
from sessions.state.reducer import replay
from tests.support.build import PLAN, after
from tests.support.sessions.calling import HOUR, MINUTE, acknowledged, acts, flown, lit, turned
from tests.support.sessions.flight import in_phase


def up(pen):
    return sorted(row.id for row in pen.state.raised.values() if row.over_at is None)


@pytest.mark.parametrize(
    ("marks", "standing"),
    [
        (["pass"], []),
        (["warming"], []),
        (["thin"], []),
        (["breach"], ["verdict.latency"]),
        (["breach", "pass"], []),
        (["breach", "warming"], ["verdict.latency"]),
        (["breach", "thin"], ["verdict.latency"]),
        (["blind"], ["blind.latency"]),
        (["silent"], ["blind.latency"]),
        (["made up"], ["blind.latency"]),
        (["breach", "blind"], ["blind.latency", "verdict.latency"]),
        (["breach", "silent", "breach"], ["verdict.latency"]),
        (["breach", "blind", "thin"], ["verdict.latency"]),
        (["breach", "blind", "pass"], []),
        (["blind", "warming"], []),
        (["blind", "breach"], ["verdict.latency"]),
    ],
)
def test_unknown_neither_confirms_nor_clears_a_breach(marks, standing):
    pen = flown()
    for number, mark in enumerate(marks):
        turned(pen, 60 + number, mark)
    assert up(pen) == standing


@pytest.mark.parametrize(
    ("risk", "levels", "standing"),
    [
        ("support_queue", ["watch"], []),
        ("support_queue", ["act"], ["risk.support_queue"]),
        ("support_queue", ["act", "watch"], []),
        ("support_queue", ["act", "calm"], []),
        ("support_queue", ["act", "blind"], ["blind.support_queue", "risk.support_queue"]),
        ("csat", ["blind", "act"], ["risk.csat"]),
        ("latency_spike", ["blind"], []),
        ("latency_spike", ["act", "blind"], ["risk.latency_spike"]),
        ("csat", ["made up"], ["blind.csat"]),
    ],
)
def test_a_risk_that_acts_is_an_alarm_and_a_blind_one_where_no_criterion_says_so(risk, levels, standing):
    pen = flown()
    for number, level in enumerate(levels):
        acts(pen, 60 + number, risk, level)
    assert up(pen) == standing


FLAG = {"intent": "m9", "percent": 10, "reason": "401"}


@pytest.mark.parametrize(
    ("entries", "standing"),
    [
        ([("flag.unknown", {**FLAG, "percent": 50})], ["flag"]),
        ([("flag.refused", {**FLAG, "percent": 50})], []),
        ([("flag.unknown", {**FLAG, "percent": 50}), ("flag.refused", {**FLAG, "percent": 50})], []),
        ([("flag.drifted", {"expected": 25, "seen": 100})], ["flag"]),
        ([("flag.drifted", {"expected": 25, "seen": 100}), ("flag.confirmed", {"intent": "", "percent": 25})], []),
    ],
)
def test_a_flag_of_which_nobody_knows_is_an_alarm(entries, standing):
    pen = flown()
    pen.write(50, "flag.intended", intent="m9", percent=50, previous=25, writer="flagd")
    for number, (kind, facts) in enumerate(entries):
        pen.write(60 + number, kind, **facts)
    assert up(pen) == standing


def test_row_74_a_revert_that_is_not_done_is_one_alarm_until_it_is():
    pen = flown()
    pen.write(50, "flag.intended", intent="m9", percent=10, previous=25, writer="flagd")
    for at, kind in ((51, "flag.refused"), (61, "flag.unknown"), (71, "flag.refused")):
        pen.write(at, kind, f"REVERT NOT DONE {at}", **FLAG)
        assert up(pen) == ["revert"]
    row = pen.state.raised["revert"]
    assert (row.at, row.text) == (after(51), "REVERT NOT DONE 71")
    pen.write(80, "flag.confirmed", intent="m9", percent=10)
    assert "revert" not in pen.state.raised


@pytest.mark.parametrize("kind", ["flag.confirmed", "flag.refused", "flag.unknown", "flag.drifted"])
@pytest.mark.parametrize("wanted", [0, 10, 25, 50])
@pytest.mark.parametrize("phase", [10, 25])
def test_the_alarm_knows_a_revert_that_is_owed_as_the_gate_does(kind, wanted, phase):
    pen = in_phase(phase)
    pen.write(50, "flag.intended", intent="m9", percent=wanted, previous=phase, writer="flagd")
    pen.write(60, kind, intent="m9", percent=wanted, reason="401", expected=phase, seen=100)
    assert ("revert" in up(pen)) is revert_owed(pen.state)


@pytest.mark.parametrize(
    ("by", "severity", "standing"),
    [
        ("owner", "P0", []),
        ("cli", "P0", ["incident.i1"]),
        ("autopilot", "P1", ["incident.i1"]),
        ("cli", "P2", []),
    ],
)
def test_a_grave_incident_is_an_alarm_where_the_owner_did_not_open_it(by, severity, standing):
    pen = flown()
    pen.write(60, "incident.opened", "checkout is down", by=by, incident="i1", severity=severity)
    turned(pen, 61, "breach", "incidents", subject="incidents")
    assert up(pen) == standing
    pen.write(70, "incident.resolved", incident="i1")
    assert up(pen) == []


def test_a_critical_line_of_a_log_is_an_alarm_of_its_criterion():
    assert up(turned(flown(), 60, "breach", "incidents", subject="triage log")) == ["verdict.incidents"]


def test_a_switch_and_a_channel_that_fail_are_alarms_until_they_do_not():
    pen = flown()
    pen.write(60, "switch.refused", switch="sla-message", on=True, reason="401")
    pen.write(61, "notice.failed", channel="phone", alarms=("flag",), reason="refused")
    assert up(pen) == ["notice.phone", "switch.sla-message"]
    pen.write(70, "switch.confirmed", switch="sla-message", on=True)
    pen.write(71, "notice.sent", channel="phone", alarms=("flag",))
    assert up(pen) == []


def test_a_fuse_is_an_alarm_until_it_is_put_out_and_each_is_a_new_one():
    pen = lit(flown(), 60)
    pen.write(70, "fuse.extended", risk="latency_spike", deadline=after(2000), evidence=())
    pen.write(80, "fuse.blown", risk="latency_spike", evidence=())
    assert up(pen) == ["fuse.latency_spike"]
    pen.write(90, "fuse.defused", risk="latency_spike", evidence=())
    assert pen.state.raised == {}
    assert lit(pen, 100).state.raised["fuse.latency_spike"].at == after(100)


def test_entering_a_phase_ends_what_it_starts_anew_and_keeps_what_is_still_blind():
    pen = acknowledged(lit(acts(turned(flown(), 60, "breach"), 60, "latency_spike"), 60), 61, "verdict.latency")
    turned(pen, 62, "blind", "growth")
    pen.write(70, "phase.entered", phase=10, previous=25, evidence=())
    assert (up(pen), pen.state.quieted) == (["blind.growth"], {})


@pytest.mark.parametrize(
    ("rest", "since", "back"),
    [
        (0, 60, True),
        (10 * MINUTE, 60, True),
        (10 * MINUTE + 1, None, False),
        (3 * HOUR, None, False),
    ],
)
def test_what_stands_again_within_ten_minutes_is_the_same_alarm(rest, since, back):
    pen = turned(turned(flown(), 60, "breach"), 100, "pass")
    row = turned(pen, 100 + rest, "breach").state.raised["verdict.latency"]
    assert row.at == after(since or 100 + rest)
    assert (row.back_at == after(100 + rest)) is back
    assert row.over_at is None


def test_a_faster_plan_rests_for_less():
    pen = turned(turned(flown(scaled(PLAN, 60.0)), 60, "breach"), 70, "pass")
    assert turned(pen, 81, "breach").state.raised["verdict.latency"].at == after(81)


def test_an_alarm_that_comes_back_again_and_again_needs_ever_longer_rests_to_begin_anew():
    pen, at, times = flown(), 60.0, []
    for rest in (0, *(span.total_seconds() + 1 for span in RESTS)):
        at += rest
        times.append(turned(pen, at, "breach").state.raised["verdict.latency"].times)
        turned(pen, at, "pass")
    assert times == [1, 2, 3, 4, 1]


def test_what_was_acknowledged_is_so_for_the_same_alarm_and_not_for_a_new_one():
    pen = acknowledged(turned(flown(), 60, "breach"), 61, "verdict.latency", span=HOUR)
    turned(turned(pen, 70, "pass"), 80, "breach")
    assert "verdict.latency" in pen.state.quieted
    turned(turned(pen, 90, "pass"), 90 + 11 * MINUTE, "breach")
    assert "verdict.latency" not in pen.state.quieted


TURNS = st.one_of(
    st.tuples(st.just("verdict.turned"), st.sampled_from(["breach", "pass", "blind", "silent", "thin", "warming"])),
    st.tuples(st.just("risk.turned"), st.sampled_from(["act", "watch", "calm", "blind"])),
    st.tuples(
        st.sampled_from(["fuse.lit", "fuse.defused", "phase.entered", "flag.drifted", "flag.confirmed"]), st.none()
    ),
    st.tuples(st.sampled_from(["flag.unknown", "flag.refused", "alarm.acknowledged", "notice.failed"]), st.none()),
)


def write(pen, at, kind, word):
    facts = {"risk": "latency_spike", "deadline": after(at + 900), "intent": "m9", "percent": 10, "reason": "401"}
    facts |= {"criterion": "latency", "verdict": word or "", "level": word or "", "channel": "phone"}
    pen.write(at, kind, **facts, alarms=("verdict.latency", "flag"), until=after(at + 1800), expected=25, seen=100)


@given(st.lists(st.tuples(st.floats(0.001, 4000), TURNS), max_size=40))
def test_a_replay_raises_the_same(steps):
    pen, at = flown(), 100.0
    for span, (kind, word) in steps:
        at += span
        write(pen, at, kind, word)
    again = replay(PLAN, pen.state.entries)
    assert (again.raised, again.quieted) == (pen.state.raised, pen.state.quieted)
    assert all(row.over_at is None or row.over_at >= row.at for row in again.raised.values())
