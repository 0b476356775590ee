"""Incidents: no P0 or P1 in the phase, recorded by the owner, no critical line in the triage log, no alert.

Each log counts where the watch has a source for it; a source that is asked and not heard proves nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from sessions.criteria.freshness import Freshness, current, freshness
from sessions.criteria.windows import stamp
from sessions.plan.uses import needed
from sessions.state.reducer import Incident, State
from sessions.text.clean import clean
from sessions.text.units import counted
from sessions.values.readings import Alerts, Topic, Triage, TriageLine
from sessions.values.verdicts import Mark, Part, Verdict, worst

GRAVE = ("P0", "P1")
"""The severities that hold a phase."""

RECORDED = "incidents"
TRIAGE = "triage log"
ALERTS = "alerts"


def judge(state: State, now: datetime) -> Verdict:
    """Judge the incidents at `now`; the value is their number against a bound of 0, with a part for each source."""
    logs = tuple(_log(state, log, now) for log in _logs(state))
    parts = (_recorded(state), *(part for part, _ in logs))
    top = worst(parts) or parts[0]
    calm = "none open, no critical line" if logs else "none open"
    text = calm if top.mark is Mark.PASS else top.text
    since = next((seen for part, seen in logs if part is top), min((seen for _, seen in logs if seen), default=None))
    return Verdict("incidents", top.mark, top.subject, top.value, top.bound, top.unit, text, since, None, parts)


def told_by(state: State) -> tuple[Topic, ...]:
    """Return where others tell what is grave: the triage log and the alerts, those of them that the watch can read.

    Where it has a source for neither, the triage log is missed, unless the plan asks for no log.
    """
    wanted = needed(state.plan, state.answers)
    return tuple(topic for topic in (Topic.TRIAGE, Topic.ALERTS) if topic in wanted)


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
        return f"{incident.severity} open: {clean(incident.title)}"
    return f"{incident.severity} resolved {stamp(state, incident.resolved_at)}, waive to go on"


class _Log(Struct, frozen=True):
    """A place where others tell grave `things`: `told` is its newest answer, `unread` and `clear` its words."""

    name: str
    topic: Topic
    things: str
    told: Triage | Alerts | None
    unread: str
    clear: str


def _logs(state: State) -> tuple[_Log, ...]:
    triage = _Log(TRIAGE, Topic.TRIAGE, "critical lines", state.seen.triage, "triage log not read", "no critical line")
    alerts = _Log(ALERTS, Topic.ALERTS, "critical alerts", state.seen.alerts, "alerts not read", "no alert")
    return tuple(log for log in (triage, alerts) if log.topic in told_by(state))


def _log(state: State, log: _Log, now: datetime) -> tuple[Part, datetime | None]:
    """Judge one log, and say since when that is known. What may not be all of it proves what it shows, and no calm."""
    fresh = freshness(state, log.topic, now)
    heard = log.told if log.told is not None and current(state, log.topic, log.told.at, now) else None
    if heard is None or not (fresh.ok or heard.doubt):
        return _unheard(log, fresh)
    lines = tuple(line for line in heard.critical if line.open or _in_phase(state, line))
    if lines:
        return Part(log.name, Mark.BREACH, float(len(lines)), 0.0, text=_counted(log.things, lines)), fresh.good_at
    if heard.doubt:
        return Part(log.name, Mark.BLIND, bound=0.0, text=heard.doubt), fresh.good_at
    return Part(log.name, Mark.PASS, 0.0, 0.0, text=log.clear), fresh.good_at


def _unheard(log: _Log, fresh: Freshness) -> tuple[Part, datetime | None]:
    if not fresh.ok:
        return Part(log.name, fresh.mark, bound=0.0, text=fresh.text), fresh.good_at
    return Part(log.name, Mark.SILENT, bound=0.0, text=log.unread), log.told.at if log.told else fresh.good_at


def _in_phase(state: State, line: TriageLine) -> bool:
    """Whether a line is of this phase, by today's clock or by that of when the phase was entered."""
    if state.entered_at is None or line.at >= state.entered_at:
        return True
    written = next((entry.happened for entry in reversed(state.entries) if entry.kind == "phase.entered"), None)
    return bool(state.shifted) and written is not None and line.at >= written


def _counted(things: str, lines: Sequence[TriageLine]) -> str:
    newest = max(lines, key=lambda line: line.at)
    return f"{counted(len(lines), things)} > 0: {clean(newest.title)}"
