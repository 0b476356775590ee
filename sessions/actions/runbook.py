"""The runbook steps of a risk: each key does its step or writes down that it was done."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from sessions.actions.decision import Decision, refused
from sessions.actions.oplog import waive
from sessions.actions.rollout import freezing
from sessions.actions.tasks import looked_at, told
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan, Risk, Step
from sessions.state.measures import measures
from sessions.state.pending import opening
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.requests import Request


def step(judgement: Judgement, request: Request) -> Decision:
    """Do a runbook step, as its effect says."""
    found = find(judgement.state.plan, request.subject)
    if found is None:
        return refused(f"unknown runbook step {clean(request.subject, 60)}")
    risk, step = found
    return _EFFECTS[step.effect](judgement, request, risk, step)


def find(plan: Plan, name: str) -> tuple[Risk, Step] | None:
    """Return the risk and the step of that name, `risk.step`; None where the plan has none."""
    steps = ((risk, step) for risk in plan.risks for step in risk.steps)
    return next((pair for pair in steps if f"{pair[0].id}.{pair[1].id}" == name), None)


def _step_recorded(judgement: Judgement, request: Request, risk: Risk, step: Step) -> Decision:
    task = f"{risk.id}.{step.id}"
    facts: dict[str, Fact] = {"task": task, "done": True, "risk": risk.id}
    facts |= looked_at(judgement.state.plan, task, request)
    return Decision(
        (Draft("task.ticked", request.by, told(f"{risk.title}: {step.text}", facts), facts),), done=step.text
    )


def _step_switched(judgement: Judgement, request: Request, risk: Risk, step: Step) -> Decision:
    task = f"{risk.id}.{step.id}"
    on = all(item.id != task for item in measures(judgement.state))
    facts: dict[str, Fact] = {"task": task, "done": on, "risk": risk.id}
    facts |= looked_at(judgement.state.plan, task, request) if request.looked else {}
    text = f"{risk.title}: {step.text} {'on' if on else 'off'}"
    draft = Draft("task.ticked", request.by, text, facts)
    return Decision((draft,), switches=tuple((target, on) for target in step.targets), done=text)


def _step_frozen(judgement: Judgement, request: Request, risk: Risk, step: Step) -> Decision:
    return freezing(judgement, step.targets, request.by, risk.title)


def _step_waived(judgement: Judgement, request: Request, _risk: Risk, step: Step) -> Decision:
    return waive(judgement, replace(request, subject=step.targets[0] if step.targets else ""))


def _step_drafted(_judgement: Judgement, _request: Request, risk: Risk, step: Step) -> Decision:
    return Decision(export=f"{risk.id}.{step.id}", done=step.text)


def _step_followed(judgement: Judgement, request: Request, risk: Risk, _step: Step) -> Decision:
    drafts = opening(judgement.state, risk, request.by)
    if not drafts:
        return refused("its follow-up tasks are open already")
    return Decision(drafts, done=f"{len(drafts)} follow-up task{'' if len(drafts) == 1 else 's'} opened")


_EFFECTS: Mapping[str, Callable[[Judgement, Request, Risk, Step], Decision]] = {
    "record": _step_recorded,
    "switch": _step_switched,
    "freeze": _step_frozen,
    "waive": _step_waived,
    "draft": _step_drafted,
    "follow": _step_followed,
}
