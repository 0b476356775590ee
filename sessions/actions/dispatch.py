"""Every act and what decides it: one table. A key press, a command and the autopilot come through here alike."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from sessions.actions import editing, go_or_hold, messages, runbook, tasks
from sessions.actions import oplog as upkeep
from sessions.actions import rollout as steering
from sessions.actions.concluding import closed, conclude
from sessions.actions.decision import REPORT, Decision, refused
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean, too_long
from sessions.values.requests import MOST_REASON, MOST_TEXT, Act, Request

_WORDS = frozenset(
    {Act.NOTE, Act.OBSERVE, Act.OPEN_INCIDENT, Act.TICK, Act.WAIVE, Act.DECIDE, Act.FEEDBACK, Act.CONCLUDE, Act.EDIT}
)
"""What is refused where its words are too long to be kept. What protects is never refused for words: they are cut."""
_BY_HAND = ("owner", "cli")


def decide(judgement: Judgement, request: Request) -> Decision:
    """Judge one request against the state as it is now."""
    text, reason = clean(request.text, MOST_TEXT).strip(), clean(request.reason, MOST_REASON).strip()
    asked = replace(request, text=text, reason=reason)
    if why := closed(judgement.state, asked.act) or _too_long(request):
        return refused(why)
    return _ACTS[asked.act](judgement, asked)


def _too_long(request: Request) -> str:
    """Why the words of a person cannot be kept whole."""
    if request.act not in _WORDS or request.by not in _BY_HAND:
        return ""
    return too_long("the text", request.text, MOST_TEXT) or too_long("the reason", request.reason, MOST_REASON)


def _export(judgement: Judgement, request: Request) -> Decision:
    today = judgement.at.astimezone(judgement.tz).date()
    return Decision(export=REPORT, then=tasks.reported(judgement, today, request.by))


_ACTS: Mapping[Act, Callable[[Judgement, Request], Decision]] = {
    Act.PAUSE: steering.pause,
    Act.RESUME: steering.resume,
    Act.ADVANCE: steering.advance,
    Act.REVERT: steering.revert,
    Act.FREEZE: steering.freeze,
    Act.THAW: steering.thaw,
    Act.NOTE: upkeep.note,
    Act.OBSERVE: upkeep.observe,
    Act.OPEN_INCIDENT: upkeep.open_incident,
    Act.RESOLVE_INCIDENT: upkeep.resolve_incident,
    Act.TICK: tasks.tick,
    Act.UNTICK: tasks.untick,
    Act.RUN: tasks.run,
    Act.WAIVE: upkeep.waive,
    Act.EXTEND: upkeep.extend,
    Act.DEFUSE: upkeep.defuse,
    Act.STEP: runbook.step,
    Act.ACKNOWLEDGE: upkeep.acknowledge,
    Act.DECIDE: go_or_hold.decide_on,
    Act.FEEDBACK: upkeep.feedback,
    Act.MESSAGE: messages.write,
    Act.EXPORT: _export,
    Act.CONCLUDE: conclude,
    Act.EDIT: editing.edit,
    Act.ADOPT: upkeep.adopt,
}
