"""`cockpit task list` and `cockpit task run`: the tasks of the moment, and the check behind one, without a screen."""

import asyncio
import os
import sys
from pathlib import Path

from msgspec.structs import replace

from cockpit.engine.task_runs import Runner, runners
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import loaded, loaded_sound, writer_of
from cockpit.session.session import state_of
from cockpit.settings.file.wiring import settings_behind, wiring_from
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.opening import Opener
from sessions.actions.dispatch import decide
from sessions.actions.tasks import concluded, task_texts
from sessions.file_format.document import Opened
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.history.history import History
from sessions.storage.folders import HISTORY, find
from sessions.storage.journal import Journal
from sessions.text.clean import clean
from sessions.values.readings import Run
from sessions.values.requests import Act, Request

FAILED = 10
BY = "cli"


def list_tasks(which: str | None, config: Path | None = None) -> int:
    """Print a line per task of phase and week, what is due first: id, how it stands, if it runs, text."""
    found = loaded_sound(find(which))
    known = settings_behind(wiring_from(found.wiring), config).activities
    judgement = _judged(found)
    texts = task_texts(judgement)
    width = max((len(task) for task in texts), default=0)
    stands = {chore.id: chore.status.value for chore in judgement.week}
    wide = max(4, *map(len, stands.values())) if stands else 4
    for task, text in texts.items():
        done = stands.get(task, "done" if task in judgement.state.ticked else "open")
        sys.stdout.write(f"{task:<{width}}  {done:<{wide}}  {'runs' if task in known else '    '}  {clean(text)}\n")
    return 0


def run_task(task: str, which: str | None, config: Path | None = None) -> int:
    """Run the check behind a task, print its lines as they come, and tick it. Raises BadInputError."""
    folder, clock = find(which), Clock()
    journal = writer_of(folder)
    found = journal.open(clock.now())
    try:
        if found.damage:
            raise BadInputError(journal.fault)
        run = asyncio.run(_ran(_runner(found, task, config), task, clock))
        return _written(folder, journal, task, run, clock)
    finally:
        journal.close()


def _runner(found: Opened, task: str, config: Path | None) -> Runner:
    """Return what runs a task, judged as a key press would be. Raises BadInputError."""
    settings, judgement = settings_behind(wiring_from(found.wiring), config), _judged(found)
    opener = Opener(settings, judgement.state.plan, Secrets(os.environ))
    openers = runners(settings, opener.order_for)
    able = replace(judgement, state=replace(judgement.state, runnable=tuple(openers)))
    refusal = decide(able, Request(Act.RUN, BY, task)).refusal
    if refusal:
        named = "" if refusal.startswith(clean(task, 40)) else f"{clean(task, 40)}: "
        raise BadInputError(f"{named}{refusal}: see cockpit task list")
    return openers[task]()


async def _ran(runner: Runner, task: str, clock: Clock) -> Run:
    told: tuple[str, ...] = ()

    def say(run: Run) -> None:
        nonlocal told
        for line in newer(told, run.lines):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        told = run.lines

    try:
        return await runner.run(task, clock.now(), say)
    finally:
        await runner.aclose()


def newer(told: tuple[str, ...], lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines after those that were told; the oldest may have gone meanwhile."""
    for overlap in range(min(len(told), len(lines)), 0, -1):
        if told[-overlap:] == lines[:overlap]:
            return lines[overlap:]
    return lines


def _written(folder: Path, journal: Journal, task: str, run: Run, clock: Clock) -> int:
    """Write what became of it, judged on what the file holds now; another process may watch the session meanwhile."""
    judgement = _judged(loaded(folder))
    draft = concluded(judgement, task, BY, run)
    journal.append([draft], phase=judgement.state.phase, now=clock.now())
    history = History(folder / HISTORY)
    history.add([run])
    history.close()
    sys.stdout.write(f"{clean(draft.text)}\n")
    ticked = draft.kind == "task.ticked" or task in judgement.state.ticked
    return 0 if run.ok and ticked else FAILED


def _judged(found: Opened) -> Judgement:
    return judge(state_of(found), Clock().now(), None)
