"""The command-line twins of the keys: the same request, judged by the same rules, through the same door."""

import asyncio
import difflib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit.cli.parser import HELD, LOST, NOT_MOVED
from cockpit.engine.opening import Parts, session_opened
from cockpit.engine.requests import RequestHandler
from cockpit.flags.interface.writer import deadline_of
from cockpit.moves.entries import intent_of
from cockpit.moves.mover import FlagMover
from cockpit.runtime import streams
from cockpit.runtime.clock import clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.tasks import BackgroundTasks
from cockpit.session.session import Session
from cockpit.settings.models.settings import Settings
from sessions.actions.tasks import task_texts
from sessions.plan.uses import criteria
from sessions.state.pending import rest, revert_owed
from sessions.storage.disk import DISK, FileOps
from sessions.storage.folders import find
from sessions.storage.locks import watcher
from sessions.text.clean import clean
from sessions.values.requests import Act, Answer, Request


def act(  # noqa: PLR0913 (as `session_opened`)
    request: Request,
    which: str | None,
    config: Path | None = None,
    *,
    dry_run: bool = False,
    files: FileOps = DISK,
    settings: Settings | None = None,
) -> int:
    """Ask for an act, say what became of it, and return the exit code; `settings` are others than those trusted.

    Raises BadInputError, FolderError, JournalError, TableError.
    """
    folder = find(which)
    with session_opened(folder, clock_of(folder), None, settings=settings, config=config, files=files) as parts:
        _check_subject(request, parts.session)
        if dry_run:
            return asyncio.run(_rehearsed(request, parts))
        return asyncio.run(_acted(request, parts))


async def _acted(request: Request, parts: Parts) -> int:
    session, before = parts.session, intent_of(parts.session.state)
    clock = clock_of(session.folder)
    flag_mover, background = FlagMover(session, parts.means.writer, clock), BackgroundTasks(_died)
    handler = RequestHandler(session, flag_mover, parts.runs, clock, background.spawn, session.take, stays=False)
    try:
        answer = await handler.answer(request)
        say(answer)
        if revert_owed(session.state):
            answer = await insisted(session, flag_mover, answer)
        await background.done()
        tried = intent_of(session.state) != before
        return kept(session) if answer.ok else NOT_MOVED if tried else HELD
    finally:
        await parts.aclose()


def kept(session: Session) -> int:
    """Say what was done and is not in the log; return the exit code: LOST where it is nowhere on a disk."""
    lacking = session.lacking()
    if lacking is None:
        return 0
    say(Answer(False, lacking.text))
    return 0 if lacking.kept else LOST


async def insisted(session: Session, flag_mover: FlagMover, answer: Answer) -> Answer:
    """Try a revert that is not done again, for as long as no other process watches."""
    told = ""
    while revert_owed(session.state):
        if who := watcher(session.folder):
            say(Answer(False, f"{who.text}: it asks again every {rest(session.state.plan):g} s"))
            break
        if not told:
            say(Answer(False, f"asking again every {rest(session.state.plan):g} s; ctrl+c ends that"))
        await asyncio.sleep(rest(session.state.plan))
        told, answer = answer.text, await flag_mover.again()
        if answer.text != told:
            say(answer)
    return answer


async def _rehearsed(request: Request, parts: Parts) -> int:
    """Print what a move would send, its secrets masked; the flag is only read, for what its back end calls things."""
    plan, phase = parts.session.state.plan, parts.session.state.phase
    following = plan.after(phase)
    if request.act is Act.ADVANCE and following is None:
        raise BadInputError("advance --dry-run: the next step is the 7-day plan: it moves no flag")
    percent = following.percent if request.act is Act.ADVANCE and following else plan.before(phase).percent
    try:
        async with asyncio.timeout(deadline_of(parts.means.writer, plan.cadence.deadline)):
            await parts.means.writer.read(clock_of(parts.session.folder).now())
    except Exception as error:  # noqa: BLE001 - what cannot be read is told, and the request stands with its gaps
        say(Answer(False, f"the flag cannot be read: {clean(error, 200) or type(error).__name__}"))
    finally:
        await parts.aclose()
    for line in parts.means.writer.by_hand(percent):
        sys.stdout.write(f"{clean(line, 2000)}\n")
    return 0


def _check_subject(request: Request, session: Session) -> None:
    """Refuse a word that names nothing. Raises BadInputError with the nearest that does."""
    known = _SUBJECTS[request.act](session) if request.act in _SUBJECTS else None
    if known is None or request.subject in known:
        return
    near = difflib.get_close_matches(request.subject, known, n=1)
    todo = f'did you mean "{clean(near[0], 60)}"?' if near else f"known: {clean(', '.join(known) or 'none', 300)}"
    raise BadInputError(f"{request.act} {clean(request.subject, 60)}: is not known here: {todo}")


_SUBJECTS: dict[Act, Callable[[Session], Sequence[str]]] = {
    Act.FREEZE: lambda session: [flow.id for flow in session.state.plan.flows],
    Act.THAW: lambda session: [flow.id for flow in session.state.plan.flows],
    Act.WAIVE: lambda session: list(criteria(session.state.plan)),
    Act.TICK: lambda session: list(task_texts(session.judged(clock_of(session.folder).now()))),
    Act.UNTICK: lambda session: list(task_texts(session.judged(clock_of(session.folder).now()))),
    Act.RESOLVE_INCIDENT: lambda session: list(session.state.incidents),
    Act.STEP: lambda session: [f"{risk.id}.{step.id}" for risk in session.state.plan.risks for step in risk.steps],
}


def say(answer: Answer) -> None:
    """Print an answer, a refusal as an error."""
    text = clean(answer.text or "done", 1000)
    if answer.ok:
        streams.say(f"{text}\n")
    else:
        streams.complain(f"cockpit: {text}\n")


def _died(_part: str, why: str) -> None:
    if why:
        sys.stderr.write(f"cockpit: {clean(why, 200)}\n")
