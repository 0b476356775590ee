import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.safety.automatic import Duty, duties
from sessions.state.model import FlagState
from sessions.state.reducer import replay
from sessions.values import readings as r
from sessions.values.verdicts import Level
from tests.support.build import PLAN, after, minute, pulse
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import Pen, all_is_well
from tests.support.sessions.rounds import (
    HOT,
    LIT,
    QUEUE_FUSE,
    ZERO,
    breach,
    calm,
    fly,
    kinds,
    plan_with,
    spiking,
    tickets,
)


def test_a_blink_of_the_source_lights_no_second_fuse():
    pen = spiking()
    assert fly(pen, LIT + 61) == Duty()
    assert pen.state.levels["latency_spike"] is Level.BLIND
    pen.state = seeing(all_is_well(pen.state, after(LIT + 90)), breach(7200))
    assert fly(pen, LIT + 90) == Duty()
    assert pen.state.levels["latency_spike"] is Level.ACT
    assert pen.state.fuses["latency_spike"].deadline == after(ZERO)


def test_a_new_spike_after_a_clean_window_gets_a_fuse_of_its_own():
    pen = spiking()
    pen.state = all_is_well(pen.state, after(7835))
    assert kinds(fly(pen, 7835)) == ["fuse.defused"]
    pen.see(breach(8100), pulse(r.Topic.TRAFFIC, after(8135)))
    assert kinds(fly(pen, 8135)) == ["fuse.lit"]
    assert pen.state.fuses["latency_spike"].deadline == after(8135 + 900)


def test_a_fuse_the_owner_defused_is_not_lit_again_while_the_risk_stays():
    pen = spiking()
    pen.write(LIT + 10, "fuse.defused", by="owner", risk="latency_spike", reason="a test of ours", evidence=())
    assert fly(pen, LIT + 11) == Duty()


def test_one_clean_window_defuses():
    pen = spiking()
    pen.state = seeing(all_is_well(pen.state, after(7835)), breach(7200))
    due = fly(pen, 7835)
    assert [(draft.text, draft.facts["reason"]) for draft in due.drafts] == [
        ("Latency spike fuse defused: one clean window", "one clean window")
    ]
    assert (due.move, dict(pen.state.fuses)) == (None, {})
    assert pen.state.paused
    assert pen.state.levels["latency_spike"] is Level.CALM


def still_hot(pen: Pen, at: float) -> None:
    """Every window since has breached too, and the source has just answered."""
    ends = range(7500, int(at) - 29, 300)
    pen.state = seeing(all_is_well(pen.state, after(at)), breach(7200), *(breach(end) for end in ends))


def test_until_zero_nothing_is_reverted():
    pen = spiking()
    still_hot(pen, ZERO - 1)
    assert fly(pen, ZERO - 1) == Duty()


def test_a_source_whose_clock_is_a_second_ahead_brings_zero_no_closer():
    pen = spiking()
    still_hot(pen, ZERO - 1)
    pen.see(pulse(r.Topic.TRAFFIC, after(ZERO)))
    assert fly(pen, ZERO - 1) == Duty()


def test_at_zero_nothing_is_decided_on_what_was_measured_before():
    pen = spiking()
    still_hot(pen, ZERO - 0.5)
    assert fly(pen, ZERO) == Duty()
    still_hot(pen, ZERO)
    assert fly(pen, ZERO).move


@pytest.mark.parametrize(("percent", "to"), [(10, 0), (25, 10), (50, 25), (100, 50)])
def test_at_zero_a_breach_that_is_still_measured_reverts(percent, to):
    pen = spiking(percent)
    still_hot(pen, ZERO + 5)
    due = fly(pen, ZERO + 5)
    assert kinds(due) == ["fuse.blown"]
    assert due.drafts[0].text == "not resolved in time: Latency spike p95 812 ms > 500 ms on POST /capsules"
    assert (due.move.percent, due.move.by, due.move.entering["previous"]) == (to, "watch", percent)
    assert due.move.entering["cause"] == "Latency spike p95 812 ms > 500 ms on POST /capsules"
    assert pen.state.fuses["latency_spike"].blown


def test_at_zero_a_fuse_that_asks_waits_for_the_owner():
    pen = spiking(plan=plan_with("latency_spike", at_zero="ask"))
    assert pen.state.entries[-3].text.endswith("or you are asked what to do")
    still_hot(pen, ZERO + 5)
    assert fly(pen, ZERO + 5) == Duty()
    assert "overdue 5s" in judge(pen.state, after(ZERO + 5)).gate.blockers[-2].text


@pytest.mark.parametrize("late", [5, 600, 7200])
def test_blind_at_zero_is_overdue_and_never_a_revert(late):
    pen = spiking()
    still_hot(pen, ZERO - 1)
    assert fly(pen, ZERO + 60 + late) == Duty()
    assert "latency_spike" in pen.state.fuses
    pen.see(r.Pulse("scrape", after(ZERO + 61 + late), r.Topic.TRAFFIC, ok=False, reason="refused"))
    assert fly(pen, ZERO + 61 + late) == Duty()
    assert not judge(pen.state, after(ZERO + 61 + late)).gate.open


@pytest.mark.parametrize("late", [30, 400, 1000, 4000])
def test_row_30_a_breach_only_remembered_neither_reverts_nor_clears(late):
    """The source was gone over the deadline; it answers again, but of the windows since none was seen."""
    pen, at = spiking(), ZERO + late
    pen.see(pulse(r.Topic.TRAFFIC, after(at)))
    assert fly(pen, at) == Duty()
    assert not pen.state.fuses["latency_spike"].blown


def test_row_30_back_after_zero_the_first_window_seen_decides():
    hot, clean = spiking(), spiking()
    for pen, facts in ((hot, {}), (clean, {"p95_ms": 240.0})):
        pen.see(pulse(r.Topic.TRAFFIC, after(9040)), breach(9000, **facts))
    assert fly(hot, 9040).move.percent == 0
    assert kinds(fly(clean, 9040)) == ["fuse.defused"]


def test_row_30_a_fuse_outlives_the_watch():
    pen = spiking()
    again = Pen()
    again.state = replay(PLAN, pen.state.entries)
    assert again.state.fuses == pen.state.fuses
    still_hot(again, ZERO + 5)
    assert kinds(fly(again, ZERO + 5)) == ["fuse.blown"]


def test_an_extended_fuse_blows_at_its_new_zero():
    pen = spiking()
    pen.write(LIT + 10, "fuse.extended", risk="latency_spike", deadline=after(ZERO + 300), evidence=())
    still_hot(pen, ZERO + 299)
    assert fly(pen, ZERO + 299) == Duty()
    still_hot(pen, ZERO + 300)
    assert fly(pen, ZERO + 300).move


def blown() -> Pen:
    pen = spiking(25)
    still_hot(pen, ZERO + 5)
    fly(pen, ZERO + 5)
    return pen


@pytest.mark.parametrize("status", ["confirmed", "intended", "unknown", "refused", "drifted"])
def test_row_74_a_blown_fuse_asks_for_its_revert_until_the_phase_is_entered(status):
    pen = blown()
    pen.state = replace(pen.state, flag=FlagState(status, 25, 10, "m9"))
    for at in (ZERO + 15, ZERO + 25, ZERO + 9999):
        due = duties(judge(pen.state, after(at)))
        assert due.move.percent == 10
        assert due.move.entering["cause"] == "Latency spike p95 812 ms > 500 ms on POST /capsules"
        assert "fuse.blown" not in kinds(due)


def test_a_revert_ends_the_fuse_and_the_phase_before_starts_without_one():
    pen = blown()
    pen.write(ZERO + 6, "flag.confirmed", intent="m9", percent=10)
    pen.write(ZERO + 6, "phase.entered", phase=10, previous=25, evidence=())
    assert fly(pen, ZERO + 7) == Duty()
    assert (pen.state.phase, dict(pen.state.fuses)) == (10, {})


def test_a_fuse_blows_on_the_data_of_its_own_risk():
    pen = calm(plan=QUEUE_FUSE)
    tickets(pen, LIT, 23)
    assert kinds(fly(pen, LIT)) == ["rollout.paused", "fuse.lit"]
    tickets(pen, ZERO - 1, 23)
    pen.see(pulse(r.Topic.TRAFFIC, after(ZERO + 1)))
    assert fly(pen, ZERO + 1) == Duty()
    tickets(pen, ZERO + 2, 23)
    assert fly(pen, ZERO + 2).move.percent == 0


def test_any_fuse_is_put_out_by_calm_that_lasts_a_whole_window_and_by_nothing_less():
    pen = calm(plan=QUEUE_FUSE)
    tickets(pen, LIT, 23)
    fly(pen, LIT)
    tickets(pen, ZERO, 15)
    assert fly(pen, ZERO) == Duty()
    tickets(pen, ZERO + 1, 14)
    assert fly(pen, ZERO + 1) == Duty()
    begun = (ZERO + 1) // 300 * 300 + 300
    for at in (begun + 329, begun + 330):
        tickets(pen, at, 14)
        assert kinds(fly(pen, at)) == ["fuse.defused"] * (at == begun + 330)


def test_two_fuses_blow_into_one_revert():
    plan = replace(QUEUE_FUSE)
    pen = spiking(25, plan)
    tickets(pen, LIT + 1, 23)
    assert kinds(fly(pen, LIT + 1)) == ["fuse.lit"]
    still_hot(pen, ZERO + 5)
    pen.see(r.Tickets("mongo", after(ZERO + 5), 23, None, (), 0))
    due = fly(pen, ZERO + 5)
    assert kinds(due) == ["fuse.blown", "fuse.blown"]
    assert due.move.percent == 10


# A law: whatever is measured, in whatever order, protection stays in step.

SIGHTS = st.lists(
    st.tuples(st.sampled_from((15, 100, 300, 900)), st.sampled_from(("fine", "hot", "thin", "dark", "minute"))),
    max_size=10,
)


def sight(pen: Pen, at: float, what: str) -> None:
    if what == "dark":
        pen.see(r.Pulse("scrape", after(at), r.Topic.TRAFFIC, ok=False, reason="refused"))
        return
    end = (at - 30) // 300 * 300
    pen.state = all_is_well(pen.state, after(at))
    if what == "minute":
        pen.see(minute(HOT, after(at), p95_ms=1200.0))
    elif what != "fine":
        pen.see(breach(end, requests=100.0 if what == "hot" else 3.0))


@pytest.mark.slow
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(SIGHTS, st.sampled_from((10, 25)))
def test_fuses_pauses_and_reverts_stay_in_step(sights, percent):
    pen, at = calm(percent), LIT
    for wait, what in sights:
        at += wait
        sight(pen, at, what)
        before = pen.state
        due = fly(pen, at)
        lit = kinds(due).count("fuse.lit")
        assert lit <= (0 if before.fuses else 1)
        assert kinds(due).count("rollout.paused") <= (0 if before.paused else 1)
        assert bool(due.move) is any(fuse.blown for fuse in pen.state.fuses.values())
        if "fuse.blown" in kinds(due):
            assert what in ("fine", "hot", "minute", "thin")
            assert before.fuses["latency_spike"].deadline <= after(at)
        if what == "dark":
            assert not {"fuse.lit", "fuse.defused", "fuse.blown"} & set(kinds(due))
        if pen.state.fuses:
            assert not judge(pen.state, after(at)).gate.open
        assert fly(pen, at).drafts == ()
    assert replay(PLAN, pen.state.entries).fuses == pen.state.fuses


SPLIT = r.Split(r.Side(1204.0, 0.0, 812.0, 0.96), r.Side(9880.0, 0.0, 214.0, 0.002))
COMPARED = f"latency {HOT} with the flag 812 ms, without 214 ms (1,204 and 9,880 requests): the flag"


def test_the_evidence_of_a_fuse_says_whether_it_is_the_flag():
    pen = spiking()
    known = pen.state.seen.windows[HOT][-1]
    assert not any("with the flag" in line for entry in pen.state.entries for line in entry.listed("evidence"))
    parted = replace(known, at=after(1, known.at), split=SPLIT)
    fresh = replace(seeing(pen.state, parted), fuses={}, paused=None, levels={})
    drafts = {draft.kind: draft for draft in duties(judge(fresh, after(LIT))).drafts}
    assert {"fuse.lit", "rollout.paused"} <= drafts.keys()
    for kind in ("fuse.lit", "rollout.paused"):
        assert drafts[kind].facts["evidence"][-1] == COMPARED
