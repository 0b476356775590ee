"""What was decided and is not proved done: a revert, a switch. It is tried again until it is."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sessions.plan.model import Plan, Risk
from sessions.state.reducer import State
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagStatus


def switched_on(state: State) -> tuple[str, ...]:
    """Return the switches that the entries have left on: frozen flows and runbook switches."""
    flows = [flow.flag for flow in state.plan.flows if flow.id in state.frozen]
    steps = [(f"{risk.id}.{step.id}", step) for risk in state.plan.risks for step in risk.steps]
    on = [step.targets for task, step in steps if step.effect == "switch" and task in state.ticked]
    return (*flows, *(target for targets in on for target in targets))


AGAIN_WORDS = " (asked for before)"
AGAIN = 10.0
"""Seconds between two tries; a faster plan tries sooner, but not more than once a second."""


def rest(plan: Plan) -> float:
    """Return the seconds between two tries under a plan."""
    return max(AGAIN / plan.speed, 1.0)


def revert_owed(state: State) -> bool:
    """Whether the flag was to go down, or to be set back, and is not known to be there."""
    return state.flag.status in (FlagStatus.REFUSED, FlagStatus.UNKNOWN) and state.flag.wanted <= state.phase


def asked_before(state: State) -> str:
    """Say why a revert was asked for that is not done: `checkout is slow (asked for before)`."""
    cause = next((entry.said("cause") for entry in reversed(state.entries) if entry.kind == "flag.intended"), "")
    return f"{cause.removesuffix(AGAIN_WORDS)}{AGAIN_WORDS}" if cause else AGAIN_WORDS.strip(" ()")


def plan_switches(plan: Plan) -> tuple[str, ...]:
    """Return every switch that the plan may set: those of the flows and of the runbooks, each once."""
    steps = (step for risk in plan.risks for step in risk.steps if step.effect == "switch")
    return tuple(
        dict.fromkeys([*(flow.flag for flow in plan.flows), *(name for step in steps for name in step.targets)])
    )


def switches_owed(state: State, now: datetime) -> tuple[tuple[str, bool], ...]:
    """Return the switches, with what they are to be, that were decided or tried long enough ago and are not set."""
    on, latest = set(switched_on(state)), now - timedelta(seconds=rest(state.plan))
    return tuple((name, name in on) for name in _unset(state, on) if _rested(state, name, latest))


def _unset(state: State, on: set[str]) -> Iterator[str]:
    for name in plan_switches(state.plan):
        known = state.switches.get(name)
        if (known is None and name in on) or (known is not None and (known.on, known.set) != (name in on, True)):
            yield name


def _rested(state: State, name: str, latest: datetime) -> bool:
    """Whether a switch was last decided on, or tried, by then."""
    flows = {flow.id for flow in state.plan.flows if flow.flag == name}
    steps = {f"{risk.id}.{step.id}" for risk in state.plan.risks for step in risk.steps if name in step.targets}
    for entry in reversed(state.entries):
        if entry.said("switch") == name or entry.said("flow") in flows or entry.said("task") in steps:
            return entry.at <= latest
    return True


def step_done(state: State, risk: str, step: str) -> datetime | None:
    """Return when a runbook step was done in the newest trouble of its risk, None where it was not done in that one."""
    at, risen = state.ticked.get(f"{risk}.{step}"), state.risen.get(risk)
    return None if at is None or (risen is not None and at < risen) else at


def opening(state: State, risk: Risk, by: str) -> tuple[Draft, ...]:
    """Open every follow-up task of the risk that is not open; one that was done is to be done again."""
    return tuple(
        Draft("task.opened", by, text, {"task": task, "risk": risk.id})
        for task, text in _named(risk).items()
        if task not in still_open(state)
    )


def still_open(state: State, risk: str = "") -> Mapping[str, str]:
    """Return what is open and not ticked, text by id; of one risk, or of all."""
    return {
        task: text
        for task, text in state.opened.items()
        if task not in state.ticked and (not risk or task.startswith(f"{risk}."))
    }


def at_hand(state: State) -> Mapping[str, str]:
    """Return what can be ticked or unticked now: the open ones, and those that were done in this phase."""
    since = state.entered_at or state.started_at
    done = {task for task, at in state.ticked.items() if since is None or at >= since}
    return {task: text for task, text in state.opened.items() if task in done or task not in state.ticked}


def _named(risk: Risk) -> Mapping[str, str]:
    return {f"{risk.id}.followup.{number}": text for number, text in enumerate(risk.follow_up, 1)}
