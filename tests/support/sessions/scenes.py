"""A state to judge: a phase of 25 % entered at T0, calm traffic on every endpoint, sources that answer."""

from datetime import datetime

from msgspec.structs import replace

from sessions.state.reducer import State, observe
from sessions.values import readings as r
from sessions.values.verdicts import Part, Verdict
from tests.support.build import PLAN, T0, after, pulse, window

LENGTH = PLAN.windows.length
CAPSULES = "POST /capsules"
NOW = after(3 * LENGTH + 40)
"""Three windows of the phase are closed and settled."""
UNPOOLED = replace(PLAN, windows=replace(PLAN.windows, pool=0.0))
"""The plan that judges each window alone."""


def entered(percent: int = 25, at: datetime = T0) -> State:
    return State(PLAN, phase=percent, entered_at=at, visits=((0, after(-7200, at)), (percent, at)), watching=True)


def told(state: State, *readings: r.Reading) -> State:
    for reading in readings:
        state = observe(state, reading)
    return state


def answered(state: State, topic: r.Topic, at: datetime = NOW, *, ok: bool = True, reason: str = "") -> State:
    return observe(state, pulse(topic, at, ok=ok, reason=reason))


def flown(*, windows: int = 3, now: datetime = NOW, **changed: dict[int, dict | None]) -> State:
    """A phase with that many calm windows; `changed` says which of POST /capsules' windows differ or are absent."""
    state = answered(entered(), r.Topic.TRAFFIC, now)
    for endpoint in PLAN.endpoints:
        for index in range(windows):
            facts = changed.get("capsules", {}).get(index, {}) if endpoint == CAPSULES else {}
            if facts is not None:
                state = observe(state, window(endpoint, after(index * LENGTH), **facts))
    return state


def alone(state: State) -> State:
    """The same by a plan that judges each window alone."""
    return replace(state, plan=UNPOOLED)


def running(endpoint: str, index: int, **facts) -> r.Traffic:
    """The window that runs, measured half way."""
    return replace(window(endpoint, after(index * LENGTH), **facts), at=after((index + 0.5) * LENGTH))


def part(verdict: Verdict, subject: str) -> Part:
    return next(item for item in verdict.parts if item.subject == subject)
