"""Every act and what decides it: one table. A key press, a command and the autopilot come through here alike."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from sessions.actions import editing, go_or_hold, messages, runbook, tasks
from sessions.actions import oplog as upkeep
from sessions.actions import rollout as steering
from sessions.actions.concluding import closed, conclude
from sessions.actions.decision import REPORT, Decision, refused
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean
from sessions.values.requests import Act, Request


def decide(judgement: Judgement, request: Request) -> Decision:
    """Judge one request against the state as it is now."""
    asked = replace(request, text=clean(request.text, 2000).strip(), reason=clean(request.reason, 500).strip())
    if why := closed(judgement.state, asked.act):
        return refused(why)
    return _ACTS[asked.act](judgement, asked)


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
}
