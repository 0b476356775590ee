"""A flight to act on: sessions whose gate is open, requests judged, drafts written."""

from datetime import datetime

from msgspec.structs import replace

from sessions.actions.decision import Decision
from sessions.actions.dispatch import decide
from sessions.gate.evaluate import judge
from sessions.state.reducer import State, observe
from sessions.values.requests import Act, Request
from tests.support.build import PLAN, T0, after
from tests.support.sessions.flight import Pen, all_is_well, begun, in_phase, ticked

REASON = "the bound is too narrow"
PERCENTS = tuple(phase.percent for phase in PLAN.phases)


def due(percent: int) -> float:
    """The seconds after T0 at which the phase's soak is long over."""
    return PLAN.phase(percent).soak + 100


def ready(percent: int = 10) -> Pen:
    """Return a session whose gate is open `due` seconds after T0."""
    pen = in_phase(percent) if percent else begun()
    if not percent:
        names = tuple(item.name for item in PLAN.collections)
        pen.write(1, "baseline.captured", "baseline", collections=names, counts=tuple(100.0 for _ in names))
    pen.state = ticked(all_is_well(pen.state, after(due(percent))))
    return pen


def ask(state: State, act: Act, subject: str = "", *, at: datetime | None = None, **facts) -> Decision:
    now = after(due(state.phase)) if at is None else at
    return decide(judge(state, now), Request(act, subject=subject, **facts))


def carry(pen: Pen, decision: Decision, at: datetime) -> None:
    """Write what was decided."""
    for draft in decision.drafts:
        phase = pen.state.phase if draft.phase is None else draft.phase
        pen.write((at - T0).total_seconds(), draft.kind, draft.text, by=draft.by, phase=phase, **draft.facts)


def paused(pen: Pen, cause: str = "by hand") -> Pen:
    pen.write(50, "rollout.paused", cause=cause, evidence=())
    return pen


def fused(pen: Pen, risk: str = "latency_spike", *, lit: float = 50, deadline: float = 950, blown: bool = False) -> Pen:
    pen.write(lit, "fuse.lit", risk=risk, deadline=after(deadline), evidence=())
    if blown:
        pen.write(deadline, "fuse.blown", risk=risk, evidence=())
    return pen


def but(pen: Pen, **facts) -> State:
    """Return the state with other facts than the entries say."""
    return replace(pen.state, **facts)


def seeing(state: State, *readings) -> State:
    for reading in readings:
        state = observe(state, reading)
    return state
