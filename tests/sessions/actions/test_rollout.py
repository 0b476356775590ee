import pytest
from msgspec.structs import replace

from sessions.actions.decision import Decision
from sessions.actions.dispatch import decide
from sessions.actions.rollout import blast, freezing
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.plan.model import Flow
from sessions.state.model import FlagState
from sessions.state.reducer import State
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue
from sessions.values.requests import Act, Request
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.acting import REASON, ask, but, due, fused, paused, ready, seeing
from tests.support.sessions.flight import begun

OVERRULED = {"override": True, "reason": REASON}


def hot(state: State, percent: int = 10) -> State:
    """Return the state with a newest window that breaches: the gate holds."""
    start = after((due(percent) - 30) // 300 * 300 - 300)
    return seeing(state, window("POST /capsules", start, at=after(due(percent)), p95_ms=812.0))


def held(percent: int = 10) -> State:
    return but(ready(percent), ticked={})


@pytest.mark.parametrize(("percent", "to"), [(0, 10), (10, 25), (25, 50), (50, 100)])
def test_an_open_gate_moves_the_flag_to_the_next_phase_without_a_word(percent, to):
    found = ask(ready(percent).state, Act.ADVANCE, percent=to)
    conditions = len(found.move.entering["evidence"])
    assert (found.refusal, found.drafts, found.move.percent, found.move.by) == ("", (), to, "owner")
    assert found.move.text == f"{to} % entered · {conditions} of {conditions} conditions passed"
    assert set(found.move.entering) == {"previous", "evidence"}
    assert found.move.entering["previous"] == percent
    assert all(line.startswith("pass ") for line in found.move.entering["evidence"])


def test_after_the_last_phase_the_week_starts_and_the_flag_stays():
    found = ask(ready(100).state, Act.ADVANCE)
    assert [draft.kind for draft in found.drafts] == ["week.started"]
    assert (found.move, found.switches, found.done) == (None, (), "7-day plan started")
    assert "override" not in found.drafts[0].facts


def test_the_week_starts_once():
    found = ask(but(ready(100), week_at=T0), Act.ADVANCE, **OVERRULED)
    assert found == Decision(refusal="there is no next phase: the 7-day plan runs")


def test_a_held_gate_names_all_that_holds_it():
    state = hot(held())
    judgement = judge(state, after(due(10)))
    refusal = ask(state, Act.ADVANCE, percent=25).refusal
    assert len(judgement.gate.blockers) == 3
    assert refusal == "hold: " + "; ".join(f"{row.name} {row.text}" for row in judgement.gate.blockers)
    assert refusal.startswith("hold: latency p95 812 ms > 500 ms")
    assert "tasks 0 of 3 ticked" in refusal


@pytest.mark.parametrize("reason", ["", "   ", "\u00a0"])
def test_overruling_the_gate_needs_a_reason(reason):
    refusal = ask(held(), Act.ADVANCE, percent=25, override=True, reason=reason).refusal
    assert refusal == "advancing against the gate needs a reason: write why"


def test_a_reason_alone_overrules_nothing():
    assert ask(held(), Act.ADVANCE, percent=25, reason=REASON).refusal.startswith("hold: ")


def test_an_overruled_gate_is_written_down_with_what_did_not_pass():
    found = ask(held(), Act.ADVANCE, percent=25, **OVERRULED)
    assert (found.move.entering["override"], found.move.entering["reason"]) == (True, REASON)
    assert found.move.text.endswith(f"11 of 12 conditions passed · override: {REASON}")
    assert "warming tasks 0 of 3 ticked" in found.move.entering["evidence"]


def test_the_week_can_be_started_against_the_gate_with_a_reason():
    facts = ask(held(100), Act.ADVANCE, **OVERRULED).drafts[0].facts
    assert (facts["override"], facts["reason"]) == (True, REASON)


def test_an_override_asked_for_an_open_gate_overrules_nothing():
    found = ask(ready(10).state, Act.ADVANCE, percent=25, **OVERRULED)
    assert "override" not in found.move.entering


@pytest.mark.parametrize(
    ("percent", "asked", "goal"), [(0, 25, "10 %"), (10, 50, "25 %"), (10, 10, "25 %"), (100, 100, "7-day plan")]
)
@pytest.mark.parametrize("overruled", [{}, OVERRULED])
def test_another_phase_than_the_next_is_refused(percent, asked, goal, overruled):
    found = ask(ready(percent).state, Act.ADVANCE, percent=asked, **overruled)
    assert found == Decision(refusal=f"the next step is {goal}, not {asked} %")


def test_overruling_names_its_phase_so_that_a_second_press_goes_no_further():
    assert ask(held(), Act.ADVANCE, **OVERRULED).refusal == (
        "to overrule the gate, name the phase: the next step is 25 %"
    )


@pytest.mark.parametrize("status", ["intended", "unknown"])
@pytest.mark.parametrize("percent", [0, 10, 100])
def test_an_open_move_refuses_every_advance(status, percent):
    state = but(ready(percent), flag=FlagState(status, percent, 25, "m7"))
    to = judge(state, after(due(percent))).gate.percent
    assert (
        ask(state, Act.ADVANCE, percent=to, **OVERRULED).refusal
        == "the last flag move has no known outcome yet: wait until the flag is read"
    )


def test_a_broken_journal_refuses_every_advance():
    state = but(ready(), journal_fault="disk full")
    refusal = ask(state, Act.ADVANCE, percent=25, **OVERRULED).refusal
    assert refusal == "the journal is not healthy: disk full"


@pytest.mark.parametrize(
    ("blown", "words"),
    [
        (False, "a fuse burns (Latency spike): defuse it with a reason first"),
        (True, "a fuse has blown: its revert is not confirmed yet"),
    ],
)
def test_no_advance_puts_out_a_fuse(blown, words):
    state = fused(ready(), blown=blown).state
    assert ask(state, Act.ADVANCE, percent=25, **OVERRULED).refusal == words
    assert ask(state, Act.ADVANCE, percent=25).refusal.startswith("hold: fuse Latency spike ")


def test_a_gate_that_judges_nothing_is_not_open():
    judgement = Judgement(State(PLAN), T0)
    assert decide(judgement, Request(Act.ADVANCE)).refusal
    assert decide(judgement, Request(Act.ADVANCE, percent=10, **OVERRULED)).refusal


@pytest.mark.parametrize(("percent", "to"), [(10, 0), (25, 10), (50, 25), (100, 50)])
def test_a_revert_goes_to_the_phase_before(percent, to):
    found = ask(ready(percent).state, Act.REVERT)
    assert (found.refusal, found.move.percent) == ("", to)
    assert found.move.text == f"reverted from {percent} % to {to} %: by hand"
    assert found.move.entering["previous"] == percent
    assert found.move.entering["evidence"]
    assert "override" not in found.move.entering


@pytest.mark.parametrize(
    "facts",
    [
        {"journal_fault": "disk full"},
        {"flag": FlagState("unknown", 10, 25, "m7")},
        {"flag": FlagState("intended", 10, 25, "m7")},
        {"flag": FlagState("drifted", 10)},
        {"flag": FlagState("refused", 10)},
        {"watching": False},
        {"week_at": T0},
        {"seen": State(PLAN).seen},
        {"frozen": {"capsules": T0}},
        {"fuses": {}, "baseline_at": None, "baseline": {}},
    ],
)
def test_rows_70_and_74_nothing_but_zero_refuses_a_revert(facts):
    assert ask(but(paused(fused(ready())), **facts), Act.REVERT).move.percent == 0


def test_at_zero_there_is_nothing_to_revert():
    assert ask(ready(0).state, Act.REVERT).refusal == "nothing to revert: the flag is at 0 %"


@pytest.mark.parametrize("status", ["intended", "unknown", "drifted"])
def test_row_70_a_flag_that_may_be_up_is_set_back_even_before_the_first_phase(status):
    found = ask(but(ready(0), flag=FlagState(status, 0, 10, "m7")), Act.REVERT)
    assert (found.move.percent, found.move.text) == (0, "flag set back to 0 %: by hand")


def test_a_flag_that_reads_up_in_the_pre_flight_can_be_set_back():
    state = seeing(ready(0).state, FlagValue("flagd", after(due(0)), 10))
    assert ask(state, Act.REVERT).move.percent == 0


@pytest.mark.parametrize(("facts", "cause"), [({"text": "slow"}, "slow"), ({"reason": "why", "text": "slow"}, "why")])
def test_a_revert_keeps_the_cause_it_was_given(facts, cause):
    assert ask(ready().state, Act.REVERT, **facts).move.entering["cause"] == cause


def test_a_pause_takes_no_reason_and_keeps_the_evidence():
    found = ask(ready().state, Act.PAUSE)
    draft = found.drafts[0]
    assert (draft.kind, draft.text, draft.facts["cause"]) == ("rollout.paused", "paused: by hand", "by hand")
    assert len(draft.facts["evidence"]) == 12
    assert ask(ready().state, Act.PAUSE, text=" \t ").drafts[0].facts["cause"] == "by hand"
    assert ask(ready().state, Act.PAUSE, text="lunch").drafts[0].text == "paused: lunch"


@pytest.mark.parametrize(("cause", "said"), [("by hand", "by hand"), ("latency_spike", "Latency spike")])
def test_what_is_paused_is_not_paused_again(cause, said):
    assert ask(paused(ready(), cause).state, Act.PAUSE).refusal == f"already paused: {said}"


def test_resume_undoes_a_pause_and_nothing_else():
    assert ask(ready().state, Act.RESUME).refusal == "not paused"
    draft = ask(paused(ready()).state, Act.RESUME).drafts[0]
    assert (draft.kind, draft.text, bool(draft.facts["evidence"])) == ("rollout.resumed", "resumed", True)


def test_nothing_is_resumed_while_a_fuse_burns():
    burning = paused(fused(ready()))
    assert ask(burning.state, Act.RESUME).refusal == "a fuse burns (Latency spike): defuse it with a reason first"
    burning.write(60, "fuse.blown", risk="latency_spike", evidence=())
    assert ask(burning.state, Act.RESUME).drafts


@pytest.mark.parametrize(("flow", "title", "flag"), [(flow.id, flow.title, flow.flag) for flow in PLAN.flows])
def test_a_flow_freezes_and_thaws_by_its_switch(flow, title, flag):
    pen = ready()
    freeze = ask(pen.state, Act.FREEZE, flow)
    assert (freeze.switches, freeze.done) == (((flag, True),), f"{title} frozen")
    assert (freeze.drafts[0].kind, freeze.drafts[0].facts) == ("flow.frozen", {"flow": flow, "cause": "by hand"})
    assert ask(pen.state, Act.THAW, flow).refusal == f"{flow} is not frozen"
    pen.write(60, "flow.frozen", flow=flow, cause="by hand")
    assert ask(pen.state, Act.FREEZE, flow).refusal == f"{title} is frozen already"
    thaw = ask(pen.state, Act.THAW, flow, text="fixed")
    assert (thaw.switches, thaw.done) == (((flag, False),), f"{title} thawed")
    assert (thaw.drafts[0].kind, thaw.drafts[0].text) == ("flow.thawed", f"{title} thawed: fixed")


@pytest.mark.parametrize("act", [Act.FREEZE, Act.THAW])
def test_row_82_an_unknown_flow_is_named_as_what_it_is(act):
    refusal = ask(ready().state, act, "[/]\x1b[2Jcapsules").refusal
    assert "\x1b" not in refusal
    assert "[/]^[[2Jcapsules" in refusal


@pytest.mark.parametrize("act", [Act.FREEZE, Act.THAW, Act.PAUSE, Act.RESUME])
def test_a_broken_journal_refuses_no_protection_here(act):
    pen = ready() if act in (Act.FREEZE, Act.PAUSE) else paused(ready())
    pen.write(60, "flow.frozen", flow="returns", cause="by hand")
    flow = "returns" if act is Act.THAW else "capsules"
    assert ask(but(pen, journal_fault="disk full"), act, flow).drafts


def test_freezing_takes_only_what_is_not_frozen():
    pen = ready()
    pen.write(60, "flow.frozen", flow="capsules", cause="by hand")
    judgement = judge(pen.state, after(due(10)))
    found = freezing(judgement, ("capsules", "returns", "no such flow"), "watch", "Duplication")
    assert [draft.facts["flow"] for draft in found.drafts] == ["returns"]
    assert (found.switches, found.done) == ((("returns-flow", True),), "Returns frozen")
    assert (
        freezing(judgement, ("capsules",), "watch", "Duplication").refusal
        == "nothing left to freeze: every flow is frozen"
    )


def test_the_blast_radius_says_who_sees_what():
    judgement = judge(ready().state, after(due(10)))
    assert blast(judgement, 25) == (
        "flag concierge: 10 % -> 25 %",
        "15 in 100 shoppers see the feature from now on",
        "Phase 2 begins: at least 4h00m, 3 tasks",
    )


def test_the_blast_radius_of_a_revert_says_what_stays():
    pen = ready()
    pen.see(r.Capsules("mongo", after(due(10)), 12, 1, 0, None))
    pen.write(60, "flow.frozen", flow="returns", cause="by hand")
    assert blast(judge(pen.state, after(due(10))), 0) == (
        "flag concierge: 10 % -> 0 %",
        "10 in 100 shoppers lose the feature",
        "12 held capsules and open returns stay",
        "frozen flows stay frozen: returns",
    )


def test_every_flow_of_a_plan_can_be_frozen():
    plan = replace(PLAN, flows=(*PLAN.flows, Flow("tickets", "Tickets", "tickets-flow")))
    assert ask(replace(begun().state, plan=plan), Act.FREEZE, "tickets", at=T0).switches == (("tickets-flow", True),)
