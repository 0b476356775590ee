"""The tasks of the moment as rows, and what the check behind one tells while it runs."""

from msgspec.structs import replace

from sessions.gate.judgement import Chore, ChoreStatus
from sessions.gate.week import missed, missed_words, todays
from sessions.state.pending import at_hand
from sessions.text.units import duration
from sessions.values.readings import Run
from widgets.base.styled import BAD, BLANK, GOOD, LEAD, PLAIN, QUIET, Bit, Line
from widgets.base.symbols import CHORES, RUNNING
from widgets.base.view import View
from widgets.dialogs.choices import Choice


def task_rows(view: View, *, whole: bool = False) -> tuple[Choice, ...]:
    """Return the tasks of today, what is due first, the activities of the phase and the follow-up tasks.

    What was missed on the days before is one line without a box, or where the `whole` is asked for a line each.
    """
    state, week = view.state, view.judgement.week
    todo = next((phase.activities for phase in view.plan.phases if phase.percent == state.phase), ())
    over, gone = missed(week)[::-1], missed_words(week)
    return (
        *(_chore(view, chore) for chore in todays(week, view.now)),
        *(_row(view, task.id, task.text, "", ticked=task.id in state.ticked) for task in todo),
        *(_row(view, task, text, "follow-up", ticked=task in state.ticked) for task, text in at_hand(state).items()),
        *([Choice("", gone, "enter hides them" if whole else "enter shows them")] if gone else []),
        *(_chore(view, chore) for chore in over if whole),
    )


def _chore(view: View, chore: Chore) -> Choice:
    done = chore.status is ChoreStatus.DONE
    row = _row(view, chore.id, f"Day {chore.day} {chore.text}", _stands(view, chore), ticked=done)
    return row if done or row.tone != QUIET else replace(row, tone=CHORES[chore.status][1])


def _stands(view: View, chore: Chore) -> str:
    if chore.status is ChoreStatus.DUE or chore.status is ChoreStatus.LATER:
        return f"{chore.status} {view.time(chore.due_at)}"
    return chore.status.value


def _row(view: View, task: str, text: str, note: str, *, ticked: bool) -> Choice:
    """Return one task; a tick that nobody looked for, or whose check did not pass, looks different."""
    opens = bool(view.plan.sheet(task)) or task in view.state.runnable
    tick = view.state.ticks.get(task) if ticked else None
    if tick is not None and (tick.unproved or tick.unseen):
        return Choice(
            task, text, "without its check" if tick.unproved else "nothing looked at", ticked, QUIET, opens=opens
        )
    if task not in view.state.runnable:
        return Choice(task, text, note, ticked, opens=opens)
    run = view.state.seen.runs.get(task)
    said, tone = _run_note(view, run, ticked=ticked)
    return Choice(task, text, said or note, ticked, tone, runs=True, opens=opens)


def _run_note(view: View, run: Run | None, *, ticked: bool) -> Bit:
    """Say how the newest run went; before there is one, which key begins it."""
    if run is None:
        return ("", QUIET) if ticked else ("read-only", QUIET) if view.viewer else ("g run", LEAD)
    if not run.done:
        return (f"{RUNNING} running", LEAD)
    if run.ok:
        return (f"✔ passed {view.time(run.at)}", GOOD)
    return (f"◆ failed: {_last(run)}", f"bold {BAD}")


def run_lines(view: View, row: Choice, height: int) -> tuple[Line, ...]:
    """Return exactly `height` lines about the run of a row: which run it is, and the newest of its lines."""
    run = view.state.seen.runs.get(row.id) if row.runs else None
    if run is None:
        why = f"{view.viewer}: nothing can be run here" if view.viewer else "g runs it and ticks it when it passes"
        return _padded([((why if row.runs else "Nothing to run here: do this task by hand", QUIET),)], height)
    span = (run.at if run.done else view.now) - run.begun
    head: Line = ((f"{run.id}  {run.source}  {duration(max(0.0, span.total_seconds()))}", QUIET),)
    tone = PLAIN if not run.done else GOOD if run.ok else BAD
    lines: list[Line] = [((line, PLAIN),) for line in run.lines]
    if run.done and lines:
        lines[-1] = ((f"{'✔' if run.ok else '◆'} {_last(run)}", f"bold {tone}"),)
    elif not run.done:
        lines.append(((RUNNING, LEAD),))
    return _padded([head, *lines[-(height - 1) :]], height)


def _last(run: Run) -> str:
    return run.lines[-1] if run.lines else "no output"


def _padded(lines: list[Line], height: int) -> tuple[Line, ...]:
    return (*lines, *(BLANK for _ in range(height - len(lines))))
