"""Folds that no judgement shows: switches, follow-up tasks, what is not yet served, a clock that was moved."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.soak import soak
from sessions.state.clock_shift import moved
from tests.support.build import T0, after
from tests.support.sessions.flight import in_phase

HOURS = st.floats(-48, 48).map(lambda hours: round(3600 * hours, 3))


def test_how_setting_a_switch_went_is_remembered():
    pen = in_phase(10)
    pen.write(60, "switch.refused", switch="sla-message", on=True, reason="401")
    assert (pen.state.switches["sla-message"].set, pen.state.switches["sla-message"].reason) == (False, "401")
    pen.write(70, "switch.confirmed", switch="sla-message", on=True)
    assert pen.state.switches["sla-message"].set


def test_a_follow_up_task_is_open_again_when_it_is_opened_again():
    pen = in_phase(10)
    pen.write(60, "task.opened", "call back", task="csat.call", risk="csat")
    pen.write(70, "task.ticked", task="csat.call", done=True)
    assert pen.state.opened == {"csat.call": "call back"}
    assert "csat.call" in pen.state.ticked
    pen.write(80, "task.opened", "call back", task="csat.call", risk="csat")
    assert "csat.call" not in pen.state.ticked


def test_a_confirmed_value_may_not_be_served_yet():
    pen = in_phase(10)
    pen.write(60, "flag.confirmed", intent="m4", percent=10, served=False)
    assert not pen.state.flag.served
    pen.write(90, "flag.served", intent="m4", percent=25)
    assert not pen.state.flag.served
    pen.write(95, "flag.served", intent="m4", percent=10)
    assert pen.state.flag.served


def test_what_is_to_be_done_by_hand_stays_until_the_next_intent():
    pen = in_phase(25)
    pen.write(60, "flag.intended", intent="m9", percent=10, previous=25, writer="f")
    pen.write(61, "flag.refused", intent="m9", percent=10, reason="401", by_hand=("curl",))
    pen.write(71, "flag.unknown", intent="m9", percent=10, reason="lost")
    assert pen.state.flag.by_hand == ("curl",)
    pen.write(81, "flag.intended", intent="m11", percent=10, previous=25, writer="f")
    assert pen.state.flag.by_hand == ()


def busy():
    pen = in_phase(25)
    pen.write(60, "rollout.paused", cause="by hand", evidence=())
    pen.write(65, "fuse.lit", risk="latency_spike", deadline=after(965), evidence=(), since=after(-10))
    pen.write(70, "flow.frozen", flow="returns", cause="by hand")
    pen.write(75, "gap.found", since=after(20), until=after(40), cause="asleep")
    pen.write(80, "incident.opened", incident="i1", severity="P1")
    return pen.state


@pytest.mark.parametrize("jump", [7200, -7200])
def test_rows_25_and_26_a_jump_moves_no_deadline_and_no_soak(jump):
    state, by = busy(), timedelta(seconds=jump)
    jumped = moved(state, by, after(500) + by)
    fuse = jumped.fuses["latency_spike"]
    assert (fuse.deadline, fuse.lit_at, fuse.since) == (after(965) + by, after(65) + by, after(-10) + by)
    assert (jumped.paused.at, jumped.frozen["returns"]) == (after(60) + by, after(70) + by)
    now = after(500)
    assert soak(jumped, now + by).done == soak(state, now).done
    assert jumped.entries == state.entries


@given(HOURS)
def test_moved_there_and_back_is_as_it_was(seconds):
    state, by = busy(), timedelta(seconds=seconds)
    back = moved(moved(state, by, T0), -by, T0)
    assert replace(back, moved_at=None, shifted=round(back.shifted, 3)) == state


def test_the_entry_of_a_jump_moves_the_state_and_makes_no_hole():
    pen = in_phase(25)
    entered, holes = pen.state.entered_at, pen.state.holes
    pen.write(60, "gap.found", since=after(60), until=after(60), cause="the clock moved by 2h", moved=7200.0)
    assert (pen.state.entered_at, pen.state.holes) == (entered + timedelta(hours=2), holes)
    assert pen.state.visits[-1] == (25, entered + timedelta(hours=2))
    assert pen.state.started_at == T0
