import pytest

from sessions.actions.decision import Decision
from sessions.plan.loader import EFFECTS
from sessions.values.requests import Act
from tests.support.build import PLAN, after
from tests.support.sessions.acting import REASON, ask, carry, due, ready

NOW = after(due(10))
STEPS = [(risk, step) for risk in PLAN.risks for step in risk.steps]


def steps(effect):
    chosen = [(risk, step) for risk, step in STEPS if step.effect == effect]
    assert chosen
    return pytest.mark.parametrize(("risk", "step"), chosen, ids=[f"{risk.id}.{step.id}" for risk, step in chosen])


@steps("record")
def test_a_recorded_step_is_ticked_under_its_risk(risk, step):
    pen = ready()
    found = ask(pen.state, Act.STEP, f"{risk.id}.{step.id}")
    draft = found.drafts[0]
    unseen = {"unseen": True} if step.sheet else {}
    assert (draft.kind, draft.text) == (
        "task.ticked",
        f"{risk.title}: {step.text} ✔{' (nothing looked at)' if unseen else ''}",
    )
    assert draft.facts == {"task": f"{risk.id}.{step.id}", "done": True, "risk": risk.id, **unseen}
    assert (found.switches, found.move, found.done) == ((), None, step.text)
    carry(pen, found, NOW)
    assert ask(pen.state, Act.STEP, f"{risk.id}.{step.id}").drafts[0].facts["done"] is True


@steps("switch")
def test_a_switch_step_turns_on_and_then_off(risk, step):
    pen = ready()
    for on, word in ((True, "on"), (False, "off"), (True, "on")):
        found = ask(pen.state, Act.STEP, f"{risk.id}.{step.id}")
        assert found.switches == tuple((target, on) for target in step.targets)
        assert found.drafts[0].text == found.done == f"{risk.title}: {step.text} {word}"
        carry(pen, found, NOW)
        assert (f"{risk.id}.{step.id}" in pen.state.ticked) is on


@steps("freeze")
def test_a_freeze_step_freezes_what_is_not_frozen_yet(risk, step):
    pen = ready()
    found = ask(pen.state, Act.STEP, f"{risk.id}.{step.id}")
    assert [draft.facts["flow"] for draft in found.drafts] == list(step.targets)
    assert {draft.facts["cause"] for draft in found.drafts} == {risk.title}
    assert found.switches == tuple((flow.flag, True) for flow in PLAN.flows if flow.id in step.targets)
    carry(pen, found, NOW)
    assert set(pen.state.frozen) == set(step.targets)
    assert ask(pen.state, Act.STEP, f"{risk.id}.{step.id}") == Decision(
        refusal="nothing left to freeze: every flow is frozen"
    )


@steps("waive")
def test_a_waive_step_needs_the_reason_of_every_waiver(risk, step):
    pen = ready()
    assert ask(pen.state, Act.STEP, f"{risk.id}.{step.id}").refusal == "a waiver needs a reason: write why"
    carry(pen, ask(pen.state, Act.STEP, f"{risk.id}.{step.id}", reason=REASON), NOW)
    assert pen.state.waivers[step.targets[0]].reason == REASON


@steps("draft")
def test_a_draft_step_asks_for_a_file_and_is_done_once_that_is_written(risk, step):
    pen, name = ready(), f"{risk.id}.{step.id}"
    assert ask(pen.state, Act.STEP, name) == Decision(export=name, done=step.text)
    pen.write(due(10), "draft.written", risk=risk.id, task=name, files=("draft.md",))
    assert pen.state.ticked[name] == NOW
    assert ask(pen.state, Act.STEP, name).export == name


@steps("follow")
def test_a_follow_step_opens_what_is_not_open(risk, step):
    pen, name = ready(), f"{risk.id}.{step.id}"
    found = ask(pen.state, Act.STEP, name)
    assert [draft.text for draft in found.drafts] == list(risk.follow_up)
    assert found.done == "3 follow-up tasks opened"
    carry(pen, found, NOW)
    assert ask(pen.state, Act.STEP, name) == Decision(refusal="its follow-up tasks are open already")
    carry(pen, ask(pen.state, Act.TICK, "csat.followup.2"), NOW)
    assert ask(pen.state, Act.STEP, name).done == "1 follow-up task opened"


def test_every_step_of_the_plan_has_an_effect_that_is_tried_here():
    assert {step.effect for _, step in STEPS} == set(EFFECTS)


@pytest.mark.parametrize("subject", ["", ".", "csat", "csat.", ".cause", "csat.sla", "nope.cause", "csat.cause.x"])
def test_an_unknown_step_is_refused_by_name(subject):
    assert ask(ready().state, Act.STEP, subject) == Decision(refusal=f"unknown runbook step {subject}")


def test_row_82_a_hostile_step_is_named_as_what_it_is():
    assert ask(ready().state, Act.STEP, "csat.\x1b[2J\n[/]").refusal == "unknown runbook step csat.^[[2J [/]"
