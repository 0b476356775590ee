"""The acts that keep the session: notes, incidents, waivers and fuses, and new promises before the first phase.

A reason is required exactly where judgement is overruled.
"""

from datetime import timedelta

from sessions.actions.decision import Decision, refused
from sessions.actions.evidence import evidence
from sessions.alarms.alarms import quiet_for, silent_until, standing
from sessions.file_format.promises import CHANGED, plan_of
from sessions.gate.judgement import Judgement
from sessions.gate.waivers import known_now
from sessions.plan.differences import differences, told
from sessions.plan.loader import plan_from
from sessions.plan.strict_table import TableError
from sessions.state.reducer import Fuse, State
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.entries import Draft, Fact
from sessions.values.requests import Request

SEVERITIES = ("P0", "P1", "P2", "P3")
TONES = ("good", "mixed", "bad")
SAME = "nothing to adopt: plan and settings are unchanged"


def note(_judgement: Judgement, request: Request) -> Decision:
    """Write a note."""
    if not request.text:
        return refused("the note is empty: write some words")
    return Decision((Draft("note.written", request.by, request.text),), done="noted")


def observe(judgement: Judgement, request: Request) -> Decision:
    """Write a note that carries the evidence of the moment."""
    facts: dict[str, Fact] = {"observation": True, "evidence": evidence(judgement)}
    text = request.text or "stability observation"
    return Decision((Draft("note.written", request.by, text, facts),), done="observation written")


def feedback(_judgement: Judgement, request: Request) -> Decision:
    """Write down what somebody said: `subject` is its tone, `reason` who said it, or where."""
    if request.subject not in TONES:
        return refused(f"unknown tone: write one of {', '.join(TONES)}")
    if not request.text or not request.reason:
        return refused("feedback needs a text and its source: write both")
    facts: dict[str, Fact] = {"source": request.reason, "tone": request.subject}
    draft = Draft("feedback.noted", request.by, f"{request.reason}, {request.subject}: {request.text}", facts)
    return Decision((draft,), done="feedback noted")


def open_incident(judgement: Judgement, request: Request) -> Decision:
    """Open an incident of severity `subject`."""
    if request.subject not in SEVERITIES:
        return refused(f"unknown severity: write one of {', '.join(SEVERITIES)}")
    if not request.text:
        return refused("an incident needs a title: write what is wrong")
    name = f"i{len(judgement.state.incidents) + 1}"
    facts: dict[str, Fact] = {"incident": name, "severity": request.subject}
    draft = Draft("incident.opened", request.by, request.text, facts)
    return Decision((draft,), done=f"{request.subject} incident {name} opened")


def resolve_incident(judgement: Judgement, request: Request) -> Decision:
    """Resolve the incident `subject`."""
    incident = judgement.state.incidents.get(request.subject)
    if incident is None or incident.resolved_at is not None:
        return refused(f"no open incident {clean(request.subject, 40)}")
    text = f"{incident.severity} resolved: {incident.title}"
    draft = Draft("incident.resolved", request.by, text, {"incident": incident.id})
    return Decision((draft,), done=f"{incident.severity} incident {incident.id} resolved")


def waive(judgement: Judgement, request: Request) -> Decision:
    """Waive a criterion for this phase, with a reason."""
    if request.subject not in judgement.verdicts:
        return refused(f"{clean(request.subject, 40)} is no criterion")
    if not request.reason:
        return refused("a waiver needs a reason: write why")
    facts: dict[str, Fact] = {
        "subject": request.subject,
        "reason": request.reason,
        "evidence": evidence(judgement),
        **known_now(judgement.verdicts[request.subject]),
    }
    draft = Draft("waiver.given", request.by, f"{request.subject} waived: {request.reason}", facts)
    return Decision((draft,), done=f"{request.subject} waived for this phase")


def _burning(judgement: Judgement, request: Request) -> Fuse | None:
    """The fuse asked for, or the only one that burns."""
    fuses = [fuse for fuse in judgement.state.fuses.values() if not fuse.blown]
    if request.subject:
        return next((fuse for fuse in fuses if fuse.risk == request.subject), None)
    return min(fuses, key=lambda fuse: fuse.deadline, default=None)


def extend(judgement: Judgement, request: Request) -> Decision:
    """Extend the fuse by a third of its length."""
    fuse = _burning(judgement, request)
    if fuse is None:
        return refused("no fuse burns")
    more = judgement.state.plan.risk(fuse.risk).extension
    facts: dict[str, Fact] = {
        "risk": fuse.risk,
        "deadline": max(fuse.deadline, judgement.at) + timedelta(seconds=more),
        "evidence": evidence(judgement),
    }
    text = f"fuse extended by {duration(more)}"
    return Decision((Draft("fuse.extended", request.by, text, facts),), done=text)


def defuse(judgement: Judgement, request: Request) -> Decision:
    """Defuse the fuse, with a reason."""
    fuse = _burning(judgement, request)
    if fuse is None:
        return refused("no fuse burns")
    if not request.reason:
        return refused("defusing needs a reason: write why")
    facts: dict[str, Fact] = {"risk": fuse.risk, "reason": request.reason, "evidence": evidence(judgement)}
    return Decision((Draft("fuse.defused", request.by, f"fuse defused: {request.reason}", facts),), done="fuse defused")


def acknowledge(judgement: Judgement, request: Request) -> Decision:
    """Silence one alarm, or without a subject all that stand, for a while; what they are about stays as it is."""
    now, quieted = judgement.at, judgement.state.quieted
    chosen = [alarm for alarm in standing(judgement) if request.subject in ("", alarm.id, *alarm.parts)]
    if not chosen:
        return refused(
            f"no alarm {clean(request.subject, 40)} is on: cockpit status lists the alarms"
            if request.subject
            else "no alarm is on"
        )
    ringing = [alarm for alarm in chosen if silent_until(alarm, quieted, now) is None]
    if not ringing:
        return refused("acknowledged already")
    span = quiet_for(judgement.state.plan)
    parts = tuple(dict.fromkeys(part for alarm in ringing for part in alarm.parts))
    facts: dict[str, Fact] = {"alarms": parts, "until": now + span}
    words = "; ".join(alarm.text for alarm in ringing)
    what = f"acknowledged, silent for {duration(span.total_seconds())}"
    return Decision((Draft("alarm.acknowledged", request.by, clean(f"{what}: {words}"), facts),), done=what)


def adopt(judgement: Judgement, request: Request) -> Decision:
    """Put the plan in `lines` in place of the session's, as long as no phase was entered; `subject` is its file."""
    if why := _kept_promises(judgement.state):
        return refused(why)
    try:
        plan = plan_from(plan_of(request.lines) or {})
    except TableError as error:
        return refused(f"the plan has an error: {error.problems[0]}")
    found = differences(judgement.state.plan, plan)
    if not found:
        return refused(SAME)
    facts: dict[str, Fact] = {"plan": request.lines, "parts": tuple(found), "changes": told(found)}
    if request.subject:
        facts["file"] = request.subject
    text = f"new promises: {'; '.join(told(found))}"
    return Decision((Draft(CHANGED, request.by, text, facts),), done=text)


def _kept_promises(state: State) -> str:
    """Say why the promises stay as they are, empty while they may change."""
    entered = next((percent for percent, _ in state.visits if percent), state.phase)
    if entered:
        return f"{entered} % was entered: the plan cannot change any more; start a new session with cockpit new"
    return "the last flag move has no known outcome yet: wait until the flag is read" if state.flag.open else ""
