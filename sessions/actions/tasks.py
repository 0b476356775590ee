"""The acts on tasks: tick, untick, and run the check behind one; a run ends as a tick or as a note, with its lines."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from sessions.actions.decision import REPORT, RETROSPECTIVE, Decision, refused
from sessions.gate.judgement import Chore, ChoreStatus, Judgement
from sessions.gate.week import due_words, missed, todays
from sessions.plan.model import Plan
from sessions.state.model import State
from sessions.state.pending import at_hand
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.readings import Run
from sessions.values.requests import Act, Request
from sessions.values.sheets import facts_of


def tick(judgement: Judgement, request: Request) -> Decision:
    """Tick a task of the phase or the week; one that is the report of its day once that is written.

    One that is the retrospective has it written.
    """
    found, chore = _ticked(judgement, request, done=True), chore_called(judgement, request.subject)
    if found.refusal or chore is None or not chore.does:
        return found
    if chore.does == RETROSPECTIVE:
        return replace(found, export=RETROSPECTIVE)
    return Decision(export=REPORT, day=_date(judgement, chore), then=found.drafts)


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
        return refused(f"{texts[task]}: it has no check, name one under [activities] in cockpit.toml")
    if task in state.ticked:
        return refused("ticked already")
    last = state.seen.runs.get(task)
    if last is not None and not last.done:
        return refused("it runs already")
    if early := _too_early(judgement, task):
        return refused(early)
    return Decision(run=task, done=f"{texts[task]} runs")


def concluded(judgement: Judgement, task: str, by: str, run: Run) -> Draft:
    """Return what is written about a run that ended: a tick with its evidence, or a note that says what broke.

    What passed after its phase was left, or after somebody ticked it by hand, is a note too.
    """
    texts = task_texts(judgement)
    text, why = texts.get(task, task), run.lines[-1] if run.lines else "it said nothing"
    facts: dict[str, Fact] = {"task": task, "run": run.id, "evidence": run.lines}
    if run.ok and task in texts and task not in judgement.state.ticked:
        late = _late(judgement, task)
        return Draft("task.ticked", by, f"{text} ✔ {'late, ' if late else ''}{why}", {**facts, "done": True, **late})
    return Draft("note.written", by, f"{text} {'passed' if run.ok else 'failed'}: {why}", facts)


def reported(judgement: Judgement, day: date, by: str) -> tuple[Draft, ...]:
    """Return the ticks that go with the report of a local day: of its task that is the report, where that is due."""
    due = (
        chore
        for chore in judgement.week
        if chore.does == REPORT
        and chore.status in (ChoreStatus.DUE, ChoreStatus.OVERDUE)
        and _date(judgement, chore) == day
    )
    return tuple(draft for chore in due for draft in _ticked(judgement, _written(chore, by), done=True).drafts)


def _written(chore: Chore, by: str) -> Request:
    """The report itself is what was looked at."""
    return Request(Act.TICK, by, chore.id, looked=True)


def still_to_write(judgement: Judgement, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Return the drafts without the ticks that somebody else wrote meanwhile."""
    return tuple(
        draft for draft in drafts if draft.kind != "task.ticked" or draft.facts["task"] not in judgement.state.ticked
    )


def _date(judgement: Judgement, chore: Chore) -> date:
    return chore.due_at.astimezone(judgement.tz).date()


def task_texts(judgement: Judgement) -> dict[str, str]:
    """Return what can be ticked, by id, what is due first.

    The tasks of today come first, then the activities of the phase, follow-up tasks, what was missed on the days
    before, and the rest of the week.
    """
    state = judgement.state
    activities = {task.id: task.text for task in state.plan.phase(state.phase).activities}
    first, over = todays(judgement.week, judgement.at), missed(judgement.week)
    return {**_said(first), **activities, **at_hand(state), **_said(over), **_said(judgement.week)}


def chore_called(judgement: Judgement, task: str) -> Chore | None:
    """Return the daily task of that id, None where the week has none, or does not run."""
    return next((chore for chore in judgement.week if chore.id == task), None)


def _said(week: tuple[Chore, ...]) -> dict[str, str]:
    return {chore.id: f"day {chore.day}: {chore.text}" for chore in week}


def looked_at(plan: Plan, task: str, request: Request) -> Mapping[str, Fact]:
    """Return what a tick keeps: the finding, the rows that were looked at, or that nobody looked."""
    facts: dict[str, Fact] = {"finding": request.text} if request.text else {}
    if plan.sheet(task) and not request.looked:
        return {**facts, "unseen": True}
    return {**facts, **facts_of(request.rows)}


def told(text: str, facts: Mapping[str, Fact]) -> str:
    """Say a tick: what was done, what was found, and what it lacks."""
    finding, lacks = facts.get("finding", ""), " (nothing looked at)" if facts.get("unseen") else ""
    why = f" without its check: {facts['unproved']}" if "unproved" in facts else ""
    late = " late" if facts.get("late") else ""
    return f"{text} ✔{late}{why}{f' {finding}' if finding else ''}{lacks}"


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
    if early := _too_early(judgement, task):
        return refused(early)
    if unproved(state, task):
        if not request.reason:
            return refused(f"{texts[task]}: its check did not pass: run it, or tick it with a reason")
        facts["unproved"] = request.reason
    late = _late(judgement, task)
    facts |= {**late, **looked_at(state.plan, task, request)}
    words = "ticked late" if late else "ticked"
    return Decision((Draft("task.ticked", request.by, told(texts[task], facts), facts),), done=words)


def _too_early(judgement: Judgement, task: str) -> str:
    """Say when a task of a later day is due; empty for any other."""
    chore = chore_called(judgement, task)
    if chore is None or judgement.at >= chore.opens_at:
        return ""
    return f"a task of day {chore.day}, due {due_words(chore, judgement.tz)}: not before its day"


def _late(judgement: Judgement, task: str) -> dict[str, Fact]:
    """Return what the entry carries of a task whose day is over."""
    chore = chore_called(judgement, task)
    return {"late": True} if chore is not None and chore.status is ChoreStatus.MISSED else {}


def _no_task(task: str) -> Decision:
    return refused(f"{clean(task, 40)} is not a task of this phase: cockpit task list lists them")
