"""What turns to and fro is one entry when that begins and one when it is over, and protection does not flap along."""

import pytest

from sessions.actions.flapping import flips
from sessions.gate.evaluate import judge
from sessions.plan.loader import scaled
from sessions.safety.automatic import duties
from sessions.state.model import State
from sessions.state.reducer import replay
from sessions.values import readings as r
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, after, minute, pulse, window
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import all_is_well
from tests.support.sessions.rounds import HOT, LIT, QUEUE_FUSE, calm, fly, tickets, written

BUSY = PLAN.risk("support_queue").act + 3


def watched(pen, at):
    """One round as the Watch does it: what flaps is measured, what is due and what turned is written."""
    pen.see(*flips(judge(pen.state, after(at))))
    return fly(pen, at)


def queue(pen, at, count):
    """Tell the queue, everything else as it was."""
    pen.see(*(pulse(topic, after(at)) for topic in r.Topic), r.Tickets("mongo", after(at), count, None, (), 0))


def flapping(pen, begin=LIT, times=300, every=4):
    for number in range(times):
        queue(pen, begin + every * number, BUSY if number % 2 == 0 else 3)
        watched(pen, begin + every * number)


def turned(pen, name="support_queue"):
    return [row for row in pen.state.entries if row.kind == "risk.turned" and row.said("risk") == name]


def test_three_hundred_turns_in_twenty_minutes_are_five_entries():
    pen = calm()
    flapping(pen)
    begun = turned(pen)[-1]
    assert [row.said("level") for row in turned(pen)] == ["act", "calm", "act", "act"]
    assert begun.text == "Support queue flaps (4 times in 12s, act and calm), now calm: 3 tickets ≤ 20"
    assert (begun.facts["flaps"], begun.listed("between"), begun.said("now")) == (True, ("act", "calm"), "calm")
    last = LIT + 4 * 299
    for at in (last + 599, last + 600):
        queue(pen, at, 3)
        watched(pen, at)
        assert pen.state.levels["support_queue"] is (Level.ACT if at == last + 599 else Level.CALM)
    over = turned(pen)[-1]
    assert over.text == "Support queue flapped (300 times in 19m56s), now calm: 3 tickets ≤ 20"
    assert (over.facts["flaps"], over.counted("times"), over.said("was"), pen.state.flaps) == (False, 300, "act", {})
    assert len(turned(pen)) == 5


def test_what_flaps_holds_the_gate_and_says_how_often():
    pen = calm()
    flapping(pen, times=12)
    (risks,) = [one for one in judge(pen.state, after(LIT + 45)).gate.conditions if one.name == "risks"]
    assert (risks.mark, "Support queue flaps, 12 times" in risks.text) == (Mark.BREACH, True)


@pytest.mark.parametrize(("every", "flaps"), [(199.0, True), (200.0, False)])
def test_only_the_fourth_turn_within_ten_minutes_begins_a_flap(every, flaps):
    pen = calm()
    for number in range(8):
        queue(pen, LIT + every * number, BUSY if number % 2 == 0 else 3)
        watched(pen, LIT + every * number)
    assert ("risk.support_queue" in pen.state.flaps) is flaps


def test_a_fast_plan_flaps_fast():
    pen = calm()
    fast = State(scaled(PLAN, 60.0))
    for number, level in enumerate(("act", "calm", "act")):
        pen.state = fast if number == 0 else pen.state
        pen.write(3.4 * number, "risk.turned", risk="csat", level=level, was="calm")
    assert len(pen.state.turned["risk.csat"]) == 3
    pen.write(20, "risk.turned", risk="csat", level="calm", was="act")
    assert len(pen.state.turned["risk.csat"]) == 1


def test_a_word_that_it_did_not_turn_to_before_is_entered():
    pen = calm()
    for number in range(8):
        queue(pen, LIT + 4 * number, 16 if number % 2 == 0 else 3)
        watched(pen, LIT + 4 * number)
    assert pen.state.levels["support_queue"] is Level.WATCH
    queue(pen, LIT + 40, BUSY)
    watched(pen, LIT + 40)
    assert pen.state.levels["support_queue"] is Level.ACT
    assert turned(pen)[-1].listed("between") == ("act", "watch", "calm")
    assert turned(pen)[-1].counted("times") == 9


def test_a_criterion_that_flaps_into_the_dark_is_not_watched_meanwhile():
    pen = calm()
    facts = {"criterion": "growth", "was": "pass", "since": after(LIT), "flaps": True, "times": 4}
    pen.write(LIT, "verdict.turned", verdict="breach", between=("breach", "blind"), now="breach", **facts)
    assert (pen.state.verdicts["growth"], dict(pen.state.unwatched)) == (Mark.BREACH, {"growth": after(LIT)})
    pen.write(LIT + 900, "verdict.turned", verdict="pass", **{**facts, "flaps": False})
    assert [(hole.since, hole.until) for hole in pen.state.holes] == [(after(LIT), after(LIT + 900))]


def test_a_flap_is_known_again_after_a_restart():
    pen = calm()
    flapping(pen, times=40)
    again = replay(PLAN, pen.state.entries)
    assert (again.flaps, again.turned, again.levels) == (pen.state.flaps, pen.state.turned, pen.state.levels)
    again = seeing(again, *pen.state.seen.turns.values())
    assert flips(judge(all_is_well(again, after(LIT + 160)), after(LIT + 160))) == ()


def spikes(pen, begin, times, every):
    """A last minute that is over twice the bound, then one that is not, to and fro; windows are clean."""
    for number in range(times):
        at = begin + every * number
        pen.state = all_is_well(pen.state, after(at))
        pen.see(minute(HOT, after(at), p95_ms=2000.0 if number % 2 == 0 else 240.0))
        watched(pen, at)


def test_a_fuse_stays_lit_through_a_flap_with_its_deadline_and_one_pause():
    pen = calm()
    spikes(pen, LIT, 110, 8)
    assert written(pen, "fuse.lit", "fuse.defused", "rollout.paused") == ["rollout.paused", "fuse.lit"]
    assert pen.state.fuses["latency_spike"].deadline == after(LIT + 900)
    last = LIT + 8 * 108
    clean = (last // 300 + 1) * 300
    for at in (clean + 299, clean + 331):
        pen.state = all_is_well(pen.state, after(at))
        watched(pen, at)
        assert ("latency_spike" in pen.state.fuses) is (at == clean + 299)


def test_a_clean_window_that_began_before_the_newest_breach_puts_no_fuse_out():
    pen = calm()
    pen.see(minute(HOT, after(LIT), p95_ms=2000.0))
    watched(pen, LIT)
    pen.see(minute(HOT, after(7600), p95_ms=2000.0))
    pen.state = all_is_well(pen.state, after(7835))
    watched(pen, 7835)
    assert "latency_spike" in pen.state.fuses
    pen.state = all_is_well(pen.state, after(8135))
    watched(pen, 8135)
    assert "latency_spike" not in pen.state.fuses


def test_a_fuse_of_another_risk_is_not_relit_by_a_flap():
    pen = calm(plan=QUEUE_FUSE)
    flapping(pen, times=20)
    assert written(pen, "fuse.lit", "fuse.defused", "rollout.paused") == ["rollout.paused", "fuse.lit"]
    assert pen.state.fuses["support_queue"].deadline == after(LIT + 900)


def test_what_is_new_in_a_flap_still_protects():
    pen = calm(plan=QUEUE_FUSE)
    for number in range(8):
        tickets(pen, LIT + 4 * number, 16 if number % 2 == 0 else 3)
        watched(pen, LIT + 4 * number)
    assert not pen.state.fuses
    tickets(pen, LIT + 40, BUSY)
    assert [draft.kind for draft in duties(judge(pen.state, after(LIT + 40))).drafts] == ["rollout.paused", "fuse.lit"]


def test_a_verdict_flaps_too_and_holds_while_it_passes():
    pen = calm()
    for number in range(10):
        at = LIT + 10 * number
        pen.state = all_is_well(pen.state, after(at))
        pen.see(window(HOT, after(6900), at=after(at), p95_ms=812.0 if number % 2 == 0 else 240.0))
        watched(pen, at)
    latency = [row for row in pen.state.entries if row.said("criterion") == "latency"]
    assert [row.said("verdict") for row in latency[-4:]] == ["breach", "pass", "breach", "breach"]
    (held,) = [one for one in judge(pen.state, after(LIT + 95)).gate.conditions if one.name == "latency"]
    assert (held.mark, held.text.startswith("flaps, 10 times: ")) == (Mark.WARMING, True)
    assert held.eta == after(LIT + 90 + 600)
