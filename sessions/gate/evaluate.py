"""Judging: the state at one moment, with everything that is said of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from sessions.criteria import analytics, errors, exposure, growth, incidents, latency
from sessions.expected.ahead import ahead
from sessions.gate.gate import gate
from sessions.gate.hiding import shown
from sessions.gate.judgement import Condition, Gate, Judgement, Soak
from sessions.gate.risks import assess
from sessions.gate.soak import soak
from sessions.gate.week import chores
from sessions.plan.uses import criteria
from sessions.state.clock_shift import pulled, righted
from sessions.state.reducer import State
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark, Verdict

_JUDGES: Mapping[str, Callable[[State, datetime], Verdict]] = {
    "latency": latency.judge,
    "errors": errors.judge,
    "analytics": analytics.judge,
    "growth": growth.judge,
    "incidents": incidents.judge,
}
"""Every criterion in the plan's order with what judges it."""


def judge(state: State, now: datetime, tz: tzinfo | None = None) -> Judgement:
    """Judge the state at `now` (UTC). `tz` is where the days of the week plan begin, None for the system's."""
    state = pulled(righted(state, now), now)
    verdicts = shown(state, {name: _JUDGES[name](state, now) for name in criteria(state.plan)})
    if Topic.EXPOSURE in state.answers:
        verdicts[exposure.NAME] = exposure.judge(state, now)
    risks, soaked = assess(state, verdicts, now), soak(state, now)
    return Judgement(
        state,
        now,
        verdicts,
        risks,
        soaked,
        gate(state, verdicts, risks, soaked, now, tz),
        chores(state, now, tz),
        ahead(state, now),
        tz,
    )


def unjudged(state: State, now: datetime, why: str) -> Judgement:
    """Return the state where judging it fails of a defect: nothing is said of it, and its gate holds because of `why`.

    What protects without a judgement, a revert or a pause, goes on by it.
    """
    held = Condition("judging", Mark.BLIND, why)
    return Judgement(state, now, {}, {}, Soak(), Gate("", None, (held,)), ())
