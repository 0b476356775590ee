"""`cockpit task`: the tasks of the moment, the sheet and the check behind one, without a screen."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from cockpit.engine.lookups import looks_by
from cockpit.engine.task_runs import Runner, runners
from cockpit.runtime import streams
from cockpit.runtime.clock import Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import loaded, loaded_sound, look, state_of, writer_of
from cockpit.session.past import past_in
from cockpit.session.sheet_looks import names_of
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.walk import secrets_of
from cockpit.settings.trust.gate import settings_of
from cockpit.settings.trust.own_text import UntrustedError
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
from sessions.values.sheets import Section
from sessions.values.verdicts import Mark
from sessions.week.cell import sheet_for

FAILED = 10
MARKS = {Mark.PASS: "●", Mark.BREACH: "◆", Mark.THIN: "~", Mark.WARMING: "…", Mark.SILENT: "∅", Mark.BLIND: "◌"}
"""What is to be thought of a row, as on the screen."""
BY = "cli"


def list_tasks(which: str | None, config: Path | None = None) -> int:
    """Print a line for each task of phase and week, due ones first: id, status, whether it runs, text."""
    folder = find(which)
    found = loaded_sound(folder)
    known = _known(folder, found, config).activities
    judgement = _judged(found, clock_of(folder))
    texts = task_texts(judgement)
    width = max((len(task) for task in texts), default=0)
    stands = {chore.id: chore.status.value for chore in judgement.week}
    wide = max(4, *map(len, stands.values())) if stands else 4
    for task, text in texts.items():
        done = stands.get(task, "done" if task in judgement.state.ticked else "open")
        sys.stdout.write(f"{task:<{width}}  {done:<{wide}}  {'runs' if task in known else '    '}  {clean(text)}\n")
    return 0


def _known(folder: Path, found: Opened, config: Path | None) -> Settings:
    """Return the settings; if they are not trusted, say so and list the tasks without them."""
    try:
        return settings_of(folder, found.wiring, config)
    except UntrustedError as error:
        streams.complain(f"cockpit: {error}; listed without their checks\n")
        return Settings()


def look_at(task: str, which: str | None, config: Path | None = None) -> int:
    """Print the sheet of a task or a runbook step. Raises BadInputError."""
    looked(Request(Act.TICK, BY, task), which, config)
    return 0


def looked(request: Request, which: str | None, config: Path | None = None) -> Request:
    """Print the sheet of what a request ticks, and return the request with its rows. Raises BadInputError."""
    folder = find(which)
    judgement = look(folder, clock_of(folder), None)
    plan, settings = judgement.state.plan, settings_of(folder, loaded_sound(folder).wiring, config)
    found = looks_by(settings)(plan, names_of(plan, request.subject))
    past = past_in(folder, judgement, request.subject, None)
    sheet = sheet_for(judgement, request.subject, found, past, None)
    if sheet is None:
        steps = {f"{risk.id}.{step.id}" for risk in plan.risks for step in risk.steps}
        known = request.subject in {*task_texts(judgement), *steps}
        why = "has no sheet in the plan" if known else "is not a current task or step"
        raise BadInputError(f"{clean(request.subject, 60) or 'no name'}: {why}: see cockpit task list")
    sys.stdout.write("\n".join([clean(sheet.title, 200), *told_rows(sheet.sections), ""]))
    return replace(request, rows=sheet.rows, looked=True)


def told_rows(sections: Sequence[Section]) -> Iterator[str]:
    """Yield a sheet as lines for people: a glyph, what, its value, its bound, the moment in local time."""
    for section in sections:
        yield f"\n{clean(section.title, 120)}"
        width = max((len(clean(row.what, 60)) for row in section.rows), default=0)
        for row in section.rows:
            glyph = MARKS.get(row.mark, " ") if row.mark else " "
            when = f"{row.at.astimezone():%d %b %H:%M:%S}" if row.at else ""
            rest = "  ".join(filter(None, (clean(row.value, 300), clean(row.bound, 60), when)))
            yield f"  {glyph} {clean(row.what, 60):<{width}}  {rest}".rstrip()
        if section.trouble:
            yield f"  ◌ {clean(section.trouble, 300)}"


def run_task(task: str, which: str | None, config: Path | None = None) -> int:
    """Run the check behind a task, print its lines as they come, and tick it. Raises BadInputError."""
    folder = find(which)
    clock = clock_of(folder)
    journal = writer_of(folder)
    found = journal.open(clock.now())
    try:
        if found.damage:
            raise BadInputError(journal.fault)
        run = asyncio.run(_ran(_runner(folder, found, task, config), task, clock))
        return _written(folder, journal, task, run, clock)
    finally:
        journal.close()


def _runner(folder: Path, found: Opened, task: str, config: Path | None) -> Runner:
    """Return what runs a task, judged as a key press would be. Raises BadInputError."""
    settings, judgement = settings_of(folder, found.wiring, config), _judged(found, clock_of(folder))
    opener = Opener(settings, judgement.state.plan, secrets_of(settings, os.environ))
    openers = runners(settings, opener.order_for)
    able = replace(judgement, state=replace(judgement.state, runnable=tuple(openers)))
    refusal = decide(able, Request(Act.RUN, BY, task)).refusal
    if refusal:
        named = "" if refusal.startswith(clean(task, 40)) else f"{clean(task, 40)}: "
        ids = "" if "cockpit task list" in refusal else ": see cockpit task list"
        raise BadInputError(f"{named}{refusal}{ids}")
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
    """Return the lines after those that were told; the oldest may have gone in the meantime."""
    for overlap in range(min(len(told), len(lines)), 0, -1):
        if told[-overlap:] == lines[:overlap]:
            return lines[overlap:]
    return lines


def _written(folder: Path, journal: Journal, task: str, run: Run, clock: Clock) -> int:
    """Write what became of it, judged on what the file holds now; another process may watch the session meanwhile."""
    judgement = _judged(loaded(folder), clock)
    draft = concluded(judgement, task, BY, run)
    journal.append([draft], phase=judgement.state.phase, now=clock.now())
    history = History(folder / HISTORY)
    history.add([run])
    history.close()
    sys.stdout.write(f"{clean(draft.text)}\n")
    ticked = draft.kind == "task.ticked" or task in judgement.state.ticked
    return 0 if run.ok and ticked else FAILED


def _judged(found: Opened, clock: Clock) -> Judgement:
    return judge(state_of(found), clock.now(), None)
