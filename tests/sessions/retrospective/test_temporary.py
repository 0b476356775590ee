"""Temporary measures by the whole log: each time that one was on, and for how long."""

from sessions.retrospective.temporary import spells
from tests.support.build import PLAN, after
from tests.support.sessions.flight import in_phase

STUBS, SLA = "error_rate.stubs", "support_queue.sla"


def step(pen, minute, task, done):
    pen.write(60 * minute, "task.ticked", task=task, done=done, risk=task.partition(".")[0], by="owner")


def found(pen):
    return [
        (one.measure.id, minutes(one.measure.since), one.lasted(after(6000)) / 60, bool(one.until))
        for one in spells(PLAN, pen.state.entries)
    ]


def minutes(at):
    return (at - after(0)).total_seconds() / 60


def test_each_time_that_one_was_on_is_told_with_its_time():
    pen = in_phase(25)
    step(pen, 10, STUBS, True)
    step(pen, 15, SLA, True)
    step(pen, 30, STUBS, False)
    step(pen, 50, STUBS, True)
    assert found(pen) == [(STUBS, 10, 20, True), (SLA, 15, 85, False), (STUBS, 50, 50, False)]


def test_a_switch_is_over_when_it_is_proved_off():
    pen = in_phase(25)
    step(pen, 10, STUBS, True)
    pen.write(600, "switch.confirmed", switch="stub-fallback", on=True)
    step(pen, 20, STUBS, False)
    pen.write(1260, "switch.refused", switch="stub-fallback", on=False, reason="503")
    pen.write(1500, "switch.confirmed", switch="stub-fallback", on=False)
    assert found(pen) == [(STUBS, 10, 15, True)]


def test_a_frozen_flow_is_one_and_nothing_on_is_none():
    pen = in_phase(25)
    assert found(pen) == []
    pen.write(600, "flow.frozen", flow="capsules", cause="Duplication")
    pen.write(1800, "flow.thawed", flow="capsules", cause="mended")
    assert found(pen) == [("capsules", 10, 20, True)]
