"""The autopilot of the demo: it does what the plan says, through the same door as the owner's keys."""

from collections.abc import Iterator
from datetime import timedelta

from sessions.actions.tasks import unproved
from sessions.criteria.incidents import resolved
from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.state.measures import measures, unsaid
from sessions.state.model import State
from sessions.state.pending import step_done, still_open
from sessions.values.requests import Act, Request
from sessions.values.verdicts import Level, Mark

BY = "autopilot"
_RERUN = 300.0
"""Seconds of the plan after which a check that failed is run again."""
_TRIED = 3600.0
"""Seconds of the plan after which a temporary measure is taken back."""


def next_request(judgement: Judgement) -> Request | None:
    """Return the one thing to do now, None if there is nothing to do but wait."""
    return next(_wishes(judgement), None)


def _wishes(judgement: Judgement) -> Iterator[Request]:
    """In the order of urgency: mitigate, resume, tick, advance."""
    yield from _mitigations(judgement)
    yield from _known_gap(judgement)
    yield from _resolved_incidents(judgement)
    yield from _thaws(judgement)
    yield from _taken_back(judgement)
    if _may_resume(judgement):
        yield Request(Act.RESUME, BY)
    yield from _ticks(judgement)
    if judgement.gate.open and not judgement.state.week_at:
        yield Request(Act.ADVANCE, BY, percent=judgement.gate.percent)


def _mitigations(judgement: Judgement) -> Iterator[Request]:
    """Every runbook step of a risk that acts, once; steps that overrule judgement are left to a person."""
    for risk in judgement.state.plan.risks:
        said = judgement.risks.get(risk.id)
        if said is None or said.level is not Level.ACT:
            continue
        for step in risk.steps:
            on = any(item.id == f"{risk.id}.{step.id}" for item in measures(judgement.state))
            done = on or step_done(judgement.state, risk.id, step.id) is not None
            if step.effect in ("record", "switch", "draft") and step.id != "hotfix" and not done:
                yield Request(Act.STEP, BY, f"{risk.id}.{step.id}")


def _known_gap(judgement: Judgement) -> Iterator[Request]:
    """An analytics gap that is over is a known gap: the plan goes on with care, and says so."""
    said, verdict = judgement.risks.get("analytics_outage"), judgement.verdicts.get("analytics")
    over = said is not None and said.level is Level.CALM and verdict is not None and verdict.mark is Mark.BREACH
    if over and "analytics" not in judgement.state.waivers:
        yield Request(Act.STEP, BY, "analytics_outage.known", reason="the gap is over and known")


def _resolved_incidents(judgement: Judgement) -> Iterator[Request]:
    """Incidents that hold the phase are waived once all of them are resolved, and not before."""
    state = judgement.state
    held = any(item.name == "incidents" and item.mark is Mark.BREACH for item in judgement.gate.blockers)
    logs = (state.seen.triage, state.seen.alerts)
    if held and resolved(state) and not any(line.open for log in logs if log for line in log.critical):
        yield Request(Act.WAIVE, BY, "incidents", reason="resolved, the cause is known")


def _thaws(judgement: Judgement) -> Iterator[Request]:
    """A frozen flow thaws once the duplication risk is calm again and the hotfix is noted."""
    said = judgement.risks.get("duplication")
    if said is None or said.level is not Level.CALM or not judgement.state.frozen:
        return
    for flow in judgement.state.frozen:
        yield from (Request(Act.STEP, BY, f"{risk.id}.{step.id}") for risk, step in unsaid(judgement.state, flow))
        yield Request(Act.THAW, BY, flow, text="no duplicates left")


def _taken_back(judgement: Judgement) -> Iterator[Request]:
    """A switch that a step turned on is taken back after an hour of calm: whether it is still needed shows then."""
    state = judgement.state
    calm = {name for name, said in judgement.risks.items() if said.level is Level.CALM}
    latest = judgement.at - timedelta(seconds=_TRIED / state.plan.speed)
    for item in measures(state):
        if item.id not in state.frozen and item.risk in calm and item.since <= latest:
            yield Request(Act.STEP, BY, item.id)


def _may_resume(judgement: Judgement) -> bool:
    state = judgement.state
    if state.paused is None or any(not fuse.blown for fuse in state.fuses.values()):
        return False
    calm = all(risk.level in (Level.CALM, Level.WATCH) for risk in judgement.risks.values())
    latency = judgement.verdicts.get("latency")
    return calm and latency is not None and latency.mark is Mark.PASS


def _ticks(judgement: Judgement) -> Iterator[Request]:
    """Pre-flight at once, activities spread over the soak, the rest when it is due: daily tasks, and follow-ups."""
    state = judgement.state
    phase = state.plan.phase(state.phase)
    for number, task in enumerate(phase.activities, 1):
        due = phase.soak * number / (len(phase.activities) + 1)
        since = state.entered_at
        reached = since is not None and judgement.at >= since + timedelta(seconds=due)
        if reached and task.id not in state.ticked:
            yield from _done(judgement, task.id)
    for chore in judgement.week:
        if chore.status in (ChoreStatus.DUE, ChoreStatus.OVERDUE, ChoreStatus.MISSED):
            yield Request(Act.TICK, BY, chore.id)
    yield from _follow_ups(judgement)


def _done(judgement: Judgement, task: str) -> Iterator[Request]:
    """A task with a check is done by its check, which is run again some time after it failed; any other is ticked."""
    state = judgement.state
    if state.plan.sheet(task) == "feedback" and not _heard(state):
        yield Request(Act.FEEDBACK, BY, "mixed", "nobody was asked", "demo")
    if not unproved(state, task):
        yield Request(Act.TICK, BY, task)
        return
    last = state.seen.runs.get(task)
    rested = timedelta(seconds=_RERUN / state.plan.speed)
    if last is None or (last.done and judgement.at - last.at >= rested):
        yield Request(Act.RUN, BY, task)


def _heard(state: State) -> bool:
    """Whether any feedback was noted in this phase."""
    since = state.entered_at
    return any(one.kind == "feedback.noted" and (since is None or one.at >= since) for one in reversed(state.entries))


def _follow_ups(judgement: Judgement) -> Iterator[Request]:
    """A follow-up task is done once its risk is calm again."""
    for risk in judgement.state.plan.risks:
        said = judgement.risks.get(risk.id)
        if said is not None and said.level is Level.CALM:
            for task in still_open(judgement.state, risk.id):
                yield Request(Act.TICK, BY, task)
