"""The acts on tasks: tick, untick, and run the check behind one; a run ends as a tick or as a note, with its lines."""

from collections.abc import Mapping

from sessions.actions.decision import RETROSPECTIVE, Decision, refused
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.state.model import State
from sessions.state.pending import at_hand
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.readings import Run
from sessions.values.requests import Request
from sessions.values.sheets import facts_of

_WRITES: Mapping[str, str] = {"retrospective": RETROSPECTIVE}
"""The tasks of the week that are a file: ticking one writes it."""


def tick(judgement: Judgement, request: Request) -> Decision:
    """Tick a task of the phase or the week."""
    return _ticked(judgement, request, done=True)


def untick(judgement: Judgement, request: Request) -> Decision:
    """Take a tick back."""
    return _ticked(judgement, request, done=False)


def run(judgement: Judgement, request: Request) -> Decision:
    """Run the check behind a task; not one that is ticked, nor the same one twice at once."""
    state, task = judgement.state, request.subject
    texts = task_texts(judgement)
    if task not in texts:
        return _no_task(task)
    if task not in state.runnable:
        return refused(f"{texts[task]}: nothing to run, name it under [activities] of cockpit.toml")
    if task in state.ticked:
        return refused("ticked already")
    last = state.seen.runs.get(task)
    if last is not None and not last.done:
        return refused("it runs already")
    return Decision(run=task, done=f"{texts[task]} runs")


def concluded(judgement: Judgement, task: str, by: str, run: Run) -> Draft:
    """Return what is written about a run that ended: a tick with its evidence, or a note that says what broke.

    What passed after its phase was left, or after somebody ticked it by hand, is a note too.
    """
    texts = task_texts(judgement)
    text, why = texts.get(task, task), run.lines[-1] if run.lines else "it said nothing"
    facts: dict[str, Fact] = {"task": task, "run": run.id, "evidence": run.lines}
    if run.ok and task in texts and task not in judgement.state.ticked:
        return Draft("task.ticked", by, f"{text} ✔ {why}", {**facts, "done": True})
    return Draft("note.written", by, f"{text} {'passed' if run.ok else 'failed'}: {why}", facts)


def task_texts(judgement: Judgement) -> dict[str, str]:
    """Return what can be ticked now, by id: the activities of the phase, follow-up tasks, the chores of the week."""
    state = judgement.state
    texts = {**{task.id: task.text for task in state.plan.phase(state.phase).activities}, **at_hand(state)}
    return texts | {chore.id: f"day {chore.day}: {chore.text}" for chore in judgement.week}


def looked_at(plan: Plan, task: str, request: Request) -> Mapping[str, Fact]:
    """Return what a tick keeps: the finding, the rows that were looked at, or that nobody looked."""
    facts: dict[str, Fact] = {"finding": request.text} if request.text else {}
    if plan.sheet(task) and not request.looked:
        return {**facts, "unseen": True}
    return {**facts, **facts_of(request.rows)}


def told(text: str, facts: Mapping[str, Fact]) -> str:
    """Say a tick: what was done, what was found, and what it lacks."""
    finding, lacks = facts.get("finding", ""), " (unseen)" if facts.get("unseen") else ""
    why = f" without its check: {facts['unproved']}" if "unproved" in facts else ""
    return f"{text} ✔{why}{f' {finding}' if finding else ''}{lacks}"


def unproved(state: State, task: str) -> bool:
    """Whether a task has a check that did not pass when it was last run, or was never run."""
    last = state.seen.runs.get(task)
    return task in state.runnable and not (last is not None and last.done and last.ok)


def _ticked(judgement: Judgement, request: Request, *, done: bool) -> Decision:
    state, task, texts = judgement.state, request.subject, task_texts(judgement)
    if task not in texts:
        return _no_task(task)
    if (task in state.ticked) is done:
        return refused("ticked already" if done else "not ticked")
    facts: dict[str, Fact] = {"task": task, "done": done}
    if not done:
        return Decision((Draft("task.ticked", request.by, f"{texts[task]} ✘ unticked", facts),), done="unticked")
    if unproved(state, task):
        if not request.reason:
            return refused(f"{texts[task]}: its check did not pass: run it, or tick it with a reason")
        facts["unproved"] = request.reason
    facts |= looked_at(state.plan, task, request)
    export = _WRITES.get(task.partition(".")[2], "") if task in {chore.id for chore in judgement.week} else ""
    return Decision((Draft("task.ticked", request.by, told(texts[task], facts), facts),), export=export, done="ticked")


def _no_task(task: str) -> Decision:
    return refused(f"{clean(task, 40)} is no task of this phase")
