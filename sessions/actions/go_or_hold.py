"""What the owner decides at the end of a day: go, hold or revert, with a reason. It is written and moves nothing."""

from msgspec.structs import replace

from sessions.actions.decision import Decision, refused
from sessions.actions.evidence import evidence
from sessions.actions.tasks import looked_at, task_texts, told
from sessions.gate.judgement import Judgement
from sessions.values.entries import Draft, Fact
from sessions.values.requests import Request
from sessions.values.sheets import facts_of

WORDS = ("go", "hold", "revert")


def decide_on(judgement: Judgement, request: Request) -> Decision:
    """Write the decision `text` with its reason; the task `subject` that asked for it is ticked by that."""
    if request.text not in WORDS:
        return refused(f"unknown decision: write one of {', '.join(WORDS)}")
    if not request.reason:
        return refused("a decision needs a reason: write why")
    texts, task = task_texts(judgement), request.subject
    if task and task not in texts:
        return refused(f"{task} is not a task of this phase: cockpit task list lists them")
    gate = judgement.gate
    held = "open" if gate.open else f"held by {', '.join(item.name for item in gate.blockers)}"
    facts: dict[str, Fact] = {
        "decision": request.text,
        "reason": request.reason,
        "gate": f"{gate.goal}: {held}" if gate.goal else "",
        "evidence": evidence(judgement),
        **facts_of(request.rows),
    }
    drafts = [Draft("decision.made", request.by, f"{request.text}: {request.reason}", facts)]
    if task and task not in judgement.state.ticked:
        said = replace(request, text=f"{request.text}: {request.reason}", rows=())
        ticked: dict[str, Fact] = {"task": task, "done": True, **looked_at(judgement.state.plan, task, said)}
        drafts.append(Draft("task.ticked", request.by, told(texts[task], ticked), ticked))
    return Decision(tuple(drafts), done=f"decided: {request.text}")
