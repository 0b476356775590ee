"""Whether the next phase will have the traffic that the plan needs, and which source runs a rare journey."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeGuard

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.journeys import Journey
from cockpit.settings.models.settings import Settings, Source
from sessions.expected.ahead import ahead
from sessions.expected.chances import walk_every
from sessions.expected.remarks import Remark, span
from sessions.plan.model import Plan
from sessions.state.reducer import State


def expected_traffic(settings: Settings, state: State, now: datetime) -> Iterator[Finding]:
    """Say of each endpoint and journey what is too little at the next percentage; nothing after the last phase."""
    following = state.plan.after(state.phase)
    if following is None or not state.whole:
        return
    found = ahead(state, now)
    for remark in found:
        yield _finding(settings, state.plan, remark)
    if not found:
        text = "nothing that is seen or promised is too little"
        yield Finding(Sight.GOOD, f"{following.percent} %", text)


def _finding(settings: Settings, plan: Plan, remark: Remark) -> Finding:
    """A journey that is walked often enough has the events that the plan asks for."""
    walks = [(spec.every, name) for name, spec in settings.sources.items() if _walks(spec, remark)]
    if not walks:
        return Finding(Sight.WARNING if remark.thin else Sight.GOOD, remark.subject, remark.text, remark.fix)
    every, name = min(walks)
    least, text = walk_every(plan), f"walked every {span(every)} by {name}"
    if least is not None and every <= least:
        return Finding(Sight.GOOD, remark.subject, text)
    bound = span(plan.gap)
    why = f"one that fails makes a gap over {bound}" if every < plan.gap else f"no gap may be over {bound}"
    return Finding(Sight.WARNING, remark.subject, f"{text}: {why}", f"walk it every {span(least)}" if least else "")


def _walks(spec: Source, remark: Remark) -> TypeGuard[Journey]:
    """Whether a synthetic source runs the rare journey."""
    return isinstance(spec, Journey) and remark.rare and spec.journey == remark.subject and spec.every > 0
