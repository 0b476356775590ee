"""Temporary measures: switches of a runbook step that are on, and frozen flows. Each is to be taken back.

One that hides what a criterion measures leaves nothing of it proved while it is on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from sessions.plan.model import Flow, Risk, Step
from sessions.state.model import State, Switch
from sessions.text.units import duration
from sessions.values.verdicts import Level, RiskState


class Measure(Struct, frozen=True):
    """A measure that is on: `id` is its step, or its flow; `hides` are the criteria that it leaves unmeasured."""

    id: str
    risk: str
    title: str
    since: datetime
    hides: tuple[str, ...] = ()

    def age(self, now: datetime) -> str:
        """Say for how long it is on: `2h10m`."""
        return duration((now - self.since).total_seconds())


def measures(state: State) -> tuple[Measure, ...]:
    """Return what is on, the oldest first."""
    return tuple(sorted((*_switched(state), *_frozen(state)), key=lambda item: (item.since, item.id)))


def steerable(state: State, risk: RiskState) -> bool:
    """Whether the runbook of a risk may be steered: while it is not calm, and as long as a measure of it is on."""
    return risk.level is not Level.CALM or any(item.risk == risk.risk for item in measures(state))


def hidden(state: State) -> Mapping[str, Measure]:
    """Return the criteria that are hidden, each with the oldest measure that hides it."""
    found: dict[str, Measure] = {}
    for item in measures(state):
        for name in item.hides:
            found.setdefault(name, item)
    return found


def unsaid(state: State, flow: str) -> tuple[tuple[Risk, Step], ...]:
    """Return the steps that are to be done before a flow thaws that its risk froze, and were not since."""
    since, cause = state.frozen.get(flow), _cause(state, flow)
    if since is None:
        return ()
    risks = [risk for risk in state.plan.risks if flow in _flows(risk) and cause.startswith(risk.title)]
    asked = ((risk, step) for risk in risks for step in risk.steps if step.before_thaw)
    return tuple((risk, step) for risk, step in asked if not _done(state, f"{risk.id}.{step.id}", since))


def _cause(state: State, flow: str) -> str:
    frozen = (entry for entry in reversed(state.entries) if entry.kind == "flow.frozen" and entry.said("flow") == flow)
    return next((entry.said("cause") for entry in frozen), "")


def _done(state: State, task: str, since: datetime) -> bool:
    at = state.ticked.get(task)
    return at is not None and at >= since


def _switched(state: State) -> Iterator[Measure]:
    for risk in state.plan.risks:
        for step in risk.steps:
            if step.effect == "switch" and (begun := list(_begun(state, f"{risk.id}.{step.id}", step))):
                yield Measure(f"{risk.id}.{step.id}", risk.id, step.text, min(begun), step.hides)


def still_on(known: Switch | None) -> bool:
    """Whether a switch was turned on and is not proved off again."""
    return known is not None and known.on is known.set


def _begun(state: State, task: str, step: Step) -> Iterator[datetime]:
    """Yield since when a step is on: decided, not proved off again, or read on though nobody turned it on here."""
    if task in state.ticked:
        yield state.ticked[task]
    for name in step.targets:
        known = state.switches.get(name)
        if known is not None and still_on(known):
            yield known.at
        if name in state.found:
            yield state.found[name]


def _frozen(state: State) -> Iterator[Measure]:
    flows: dict[str, Flow] = {flow.id: flow for flow in state.plan.flows}
    for name, at in state.frozen.items():
        risk = next((risk.id for risk in state.plan.risks if name in _flows(risk)), "")
        yield Measure(name, risk, f"{flows[name].title if name in flows else name} frozen", at)


def _flows(risk: Risk) -> tuple[str, ...]:
    """Return the flows that a risk freezes, automatically or by a step."""
    return (*risk.flows, *(flow for step in risk.steps if step.effect == "freeze" for flow in step.targets))
