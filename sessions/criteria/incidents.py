"""Incidents: no P0 or P1 in the phase, recorded by the owner, and no critical line in the triage log."""

from collections.abc import Sequence
from datetime import datetime

from sessions.clean import clean
from sessions.criteria.fresh import current, freshness
from sessions.criteria.windows import stamp
from sessions.readings import Topic, TriageLine
from sessions.state import Incident, State
from sessions.verdicts import Mark, Part, Verdict, worst

GRAVE = ("P0", "P1")
"""The severities that hold a phase."""

RECORDED = "incidents"
TRIAGE = "triage log"


def judge(state: State, now: datetime) -> Verdict:
    """Judge the incidents at `now`; value counts them against a bound of 0, a part for the owner's and the log's."""
    fresh = freshness(state, Topic.TRIAGE, now)
    recorded = _recorded(state)
    triage = _triage(state, now) if fresh.ok else Part(TRIAGE, fresh.mark, bound=0.0, text=fresh.text)
    parts = (recorded, triage)
    top = worst(parts) or triage
    text = "none open, no critical line" if top.mark is Mark.PASS else top.text
    since = fresh.good_at
    if top.mark is Mark.SILENT and state.seen.triage is not None:
        since = state.seen.triage.at
    return Verdict("incidents", top.mark, top.subject, top.value, top.bound, top.unit, text, since, None, parts)


def grave(state: State) -> tuple[Incident, ...]:
    """Return the P0 and P1 that count for this phase, newest first: opened in it, or still open."""
    entered = state.entered_at
    counted = (
        incident
        for incident in state.incidents.values()
        if incident.severity in GRAVE
        and (incident.resolved_at is None or entered is None or incident.opened_at >= entered)
    )
    return tuple(sorted(counted, key=lambda incident: incident.opened_at, reverse=True))


def resolved(state: State) -> bool:
    """Whether every P0 and P1 of this phase is resolved: only then may a waiver let the gate open."""
    return all(incident.resolved_at is not None for incident in grave(state))


def _recorded(state: State) -> Part:
    counted = grave(state)
    if not counted:
        return Part(RECORDED, Mark.PASS, 0.0, 0.0, text="none open")
    unresolved = [incident for incident in counted if incident.resolved_at is None]
    return Part(RECORDED, Mark.BREACH, float(len(counted)), 0.0, text=_told(state, (unresolved or counted)[0]))


def _told(state: State, incident: Incident) -> str:
    if incident.resolved_at is None:
        return f"{incident.severity} open: {clean(incident.title, 30)}"
    return f"{incident.severity} resolved {stamp(state, incident.resolved_at)}, waive to go on"


def _triage(state: State, now: datetime) -> Part:
    triage = state.seen.triage
    if triage is None or not current(state, Topic.TRIAGE, triage.at, now):
        return Part(TRIAGE, Mark.SILENT, bound=0.0, text="triage log not read")
    lines = tuple(line for line in triage.critical if line.open or _in_phase(state, line))
    if not lines:
        return Part(TRIAGE, Mark.PASS, 0.0, 0.0, text="no critical line")
    return Part(TRIAGE, Mark.BREACH, float(len(lines)), 0.0, text=_counted(lines))


def _in_phase(state: State, line: TriageLine) -> bool:
    return state.entered_at is None or line.at >= state.entered_at


def _counted(lines: Sequence[TriageLine]) -> str:
    newest = max(lines, key=lambda line: line.at)
    return f"{len(lines)} critical: {clean(newest.title, 28)}"
