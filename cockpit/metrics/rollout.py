"""The rollout in metrics: phase, flag, verdicts, risks, soak, gate, fuses, freezes, incidents, tasks of the week."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import Metric

from cockpit.metrics.families import alone, gauge, states
from sessions.alarms.alarms import standing
from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.plan.uses import criteria
from sessions.state.reducer import State
from sessions.values.verdicts import Level, Mark

SEVERITIES = ("P0", "P1", "P2", "P3")


def rollout(judgement: Judgement, now: datetime) -> Iterator[Metric]:
    """Publish the state of the rollout from a judgement; running times are computed at `now`."""
    yield from _phase(judgement.state)
    yield from _flag(judgement)
    yield from _judged(judgement)
    yield from _soak(judgement)
    yield from _gate(judgement)
    yield from _fuses(judgement.state, now)
    yield from _stopped(judgement.state)
    yield from _work(judgement)


def _phase(state: State) -> Iterator[Metric]:
    if not state.whole:  # which phase a damaged session is in is not known
        return
    percents = [phase.percent for phase in state.plan.phases]
    place = percents.index(state.phase) if state.phase in percents else None
    yield alone("phase_index", "Which phase the rollout is in; 0 is the pre-flight.", place)
    yield alone("phase_ratio", "Share of the users that get the feature in this phase.", state.phase / 100)
    entered = "When the phase was entered, in seconds since 1970."
    yield alone("phase_entered_timestamp_seconds", entered, state.entered_at)
    yield alone("week_started_timestamp_seconds", "When the 7-day plan began, in seconds since 1970.", state.week_at)
    yield alone("concluded", "1 once the owner has ended the session.", float(state.concluded_at is not None))


def _flag(judgement: Judgement) -> Iterator[Metric]:
    """What was read last; whether that is fresh says the condition `flag` of the gate, and the source's own series."""
    seen = judgement.state.seen.flag
    percent = seen.percent if seen is not None and not seen.narrowed else None
    text = "Share of the users that the flag last read; no series while that is not one share of all."
    yield alone("flag_ratio", text, None if percent is None else percent / 100)
    confirmed = next((row.ok for row in judgement.gate.conditions if row.name == "flag"), None)
    text = "1 while the flag is read back as the phase wants it, fresh and confirmed; no series while nobody judges it."
    yield alone("flag_confirmed", text, None if confirmed is None else float(confirmed))


def _judged(judgement: Judgement) -> Iterator[Metric]:
    verdicts, plan = judgement.verdicts, judgement.state.plan
    names = dict.fromkeys((*criteria(plan), *verdicts))
    marks = [(name, verdicts[name].mark if name in verdicts else None) for name in names]
    text = "1 in the state that a criterion is in, 0 in all others; only pass lets the gate open."
    yield states("verdict", text, marks, Mark, "criterion")
    risks = [(risk.id, judgement.risks[risk.id].level if risk.id in judgement.risks else None) for risk in plan.risks]
    yield states("risk", "1 in the state that a risk is in, 0 in all others.", risks, Level, "risk")


def _soak(judgement: Judgement) -> Iterator[Metric]:
    soak, judged = judgement.soak, bool(judgement.verdicts)
    text = "Time in the phase that is proved: watched, not paused, nothing in breach."
    yield alone("soak_proved_seconds", text, soak.done if judged else None)
    yield alone("soak_wanted_seconds", "Time that the phase asks for at least.", soak.needed if judged else None)
    share = None if soak.coverage is None else soak.coverage / 100
    yield alone("soak_coverage_ratio", "Share of the counted time that was watched.", share)


def _gate(judgement: Judgement) -> Iterator[Metric]:
    gate = judgement.gate
    yield alone("gate_open", "1 while the next step may be taken, 0 while it is held.", float(gate.open))
    rows = [(row.name, row.mark) for row in gate.conditions]
    text = "1 in the state that a condition of the gate is in, 0 in all others; all must pass."
    yield states("gate_condition", text, rows, Mark, "condition")
    text = "When the gate could open at the earliest, in seconds since 1970; no series where time alone will not do."
    yield alone("gate_earliest_timestamp_seconds", text, gate.earliest)


def _fuses(state: State, now: datetime) -> Iterator[Metric]:
    names = dict.fromkeys((*(risk.id for risk in state.plan.risks), *state.fuses))
    burning = {name: fuse for name, fuse in state.fuses.items() if not fuse.blown}
    rows = [((name,), float(name in burning)) for name in names]
    yield gauge("fuse_burning", "1 while a fuse burns: a risk acts, and its time runs.", rows, ("risk",))
    left = [((name,), (fuse.deadline - now).total_seconds()) for name, fuse in burning.items()]
    text = "Time until a burning fuse is at zero; below 0 its deadline is over. No series while none burns."
    yield gauge("fuse_left_seconds", text, left, ("risk",))


def _stopped(state: State) -> Iterator[Metric]:
    yield alone("paused", "1 while the rollout is paused.", float(state.paused is not None))
    flows = dict.fromkeys((*(flow.id for flow in state.plan.flows), *state.frozen))
    rows = [((flow,), float(flow in state.frozen)) for flow in flows]
    yield gauge("flow_frozen", "1 while a flow of the service is frozen.", rows, ("flow",))


def _work(judgement: Judgement) -> Iterator[Metric]:
    opened = [one.severity for one in judgement.state.incidents.values() if one.resolved_at is None]
    others = sum(severity not in SEVERITIES for severity in opened)
    rows = [((severity,), float(opened.count(severity))) for severity in SEVERITIES]
    rows += [(("other",), float(others))] if others else []
    yield gauge("incidents_open", "Incidents that were written down and are not resolved.", rows, ("severity",))
    where = [chore.status for chore in judgement.week]
    tasks = [((status.value,), float(where.count(status))) for status in ChoreStatus]
    yield gauge("week_tasks", "Tasks of the 7-day plan by where they stand; all 0 before it.", tasks, ("state",))
    yield alone("alarms_standing", "Alarms that stand, acknowledged or not.", len(standing(judgement)))
