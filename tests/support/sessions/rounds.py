"""A flight round by round, as the Watch flies it, with a latency spike in it."""

from msgspec.structs import replace

from sessions.actions.evidence import turns
from sessions.gate.evaluate import judge
from sessions.safety.automatic import Duty, duties
from sessions.values import readings as r
from tests.support.build import PLAN, after, pulse, window
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import Pen, all_is_well, in_phase

HOT = "POST /capsules"
NAMES = tuple(item.name for item in PLAN.collections)
LIT = 7335
ZERO = LIT + 900
"""The window that closed at 7200 s breaches; that is seen at 7335 s, and the fuse burns a quarter of an hour."""


def fly(pen: Pen, at: float) -> Duty:
    """One round as the Watch does it, with the flag read: what is due, then what turned, all of it written."""
    pen.see(pulse(r.Topic.FLAG, after(at)))
    return round_at(pen, at)


def round_at(pen: Pen, at: float) -> Duty:
    """The same, with the flag as it is."""
    judgement = judge(pen.state, after(at))
    due = duties(judgement)
    for draft in (*due.drafts, *turns(judgement)):
        pen.write(at, draft.kind, draft.text, by=draft.by, **draft.facts)
    return due


def kinds(due: Duty) -> list[str]:
    return [draft.kind for draft in due.drafts]


def written(pen: Pen, *wanted: str) -> list[str]:
    return [entry.kind for entry in pen.state.entries if entry.kind in wanted]


def breach(end: float, **facts) -> r.Traffic:
    return window(HOT, after(end - 300), at=after(end + 31), **{"p95_ms": 812.0, **facts})


def calm(percent: int = 10, plan=PLAN) -> Pen:
    """A phase of two hours in which all is well and recorded."""
    pen = in_phase(percent, plan=plan)
    pen.state = all_is_well(pen.state, after(LIT - 5))
    fly(pen, LIT - 5)
    return pen


def spiking(percent: int = 10, plan=PLAN) -> Pen:
    """The same, with a latency spike that has just paused it and lit the fuse."""
    pen = calm(percent, plan)
    pen.see(breach(7200))
    fly(pen, LIT)
    return pen


def plan_with(name: str, **facts):
    return replace(PLAN, risks=tuple(replace(risk, **facts) if risk.id == name else risk for risk in PLAN.risks))


QUEUE_FUSE = plan_with("support_queue", automatic=("pause", "fuse"), fuse=900.0, at_zero="revert")


def tickets(pen: Pen, at: float, count: int) -> None:
    """Everything fine at `at` but for the queue."""
    pen.state = seeing(all_is_well(pen.state, after(at)), r.Tickets("mongo", after(at), count, None, (), 0))
