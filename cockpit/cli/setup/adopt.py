"""`cockpit adopt`: a session takes new promises from its owner's files, before the first phase is entered."""

import asyncio
import sys
from pathlib import Path

from cockpit.cli.commands.act import kept, say
from cockpit.cli.parser import HELD
from cockpit.engine.opening import open_session
from cockpit.runtime.clock import Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.session.session import Session, patiently
from cockpit.settings.file.locate import find_settings
from cockpit.settings.promises.drift import plan_file_of
from cockpit.settings.promises.proposed import Proposed, proposed
from cockpit.settings.trust.gate import settings_in, trusted_wiring
from sessions.actions.decision import Decision
from sessions.actions.dispatch import decide
from sessions.file_format.promises import lines_of
from sessions.storage.folders import find
from sessions.storage.locks import watch_lock
from sessions.text.clean import clean
from sessions.values.requests import Act, Answer, Request


def adopt(which: str | None, plan: Path | None, config: Path | None, *, dry_run: bool) -> int:
    """Take the promises of the plan file and the settings, say what is different, and return the exit code.

    Nobody may watch in the meantime: a watch measures by the promises that it began with. Raises BadInputError,
    UntrustedError among it, TableError, FolderError, JournalError.
    """
    folder = find(which)
    clock = clock_of(folder)
    session = open_session(folder, clock, None)
    try:
        request, files = _asked(session, plan, config)
        if dry_run:
            return _told(decide(session.judged(clock.now()), request), files)
        lock = watch_lock(folder, clock.now())
        try:
            if not lock.mine:
                say(Answer(False, lock.fault or f"{lock.text}: stop it first: its sources still use the old plan"))
                return HELD
            return _adopted(session, request, clock)
        finally:
            lock.release()
    finally:
        session.close()


def _asked(session: Session, plan: Path | None, config: Path | None) -> tuple[Request, Proposed]:
    """Return what is asked for, and what the files promise. Raises BadInputError, TableError."""
    wiring, state = trusted_wiring(session.folder, session.wiring), session.state
    path = find_settings(config) if config else Path(wiring.settings) if wiring.settings else None
    by = plan or plan_file_of(wiring, state)
    found = proposed(state.plan, by, (path, settings_in(path)) if path else None)
    if not found.files:
        raise BadInputError("adopt: the session has no settings and no plan file: name one with --plan")
    try:
        lines = lines_of(found.plan.table)
    except ValueError as error:
        raise BadInputError(f"{found.files[0]}: {error}: shorten it") from error
    request = Request(Act.ADOPT, "cli", str(by.absolute()) if by else "", lines=lines)
    return request, found


def _told(decision: Decision, found: Proposed) -> int:
    """Print what would be different, a line for each part of the plan."""
    if decision.refusal:
        say(Answer(False, decision.refusal))
        return HELD
    rows = [line for draft in decision.drafts for line in map(str, _listed(draft.facts.get("changes")))]
    head = f"from {' and '.join(found.files)}:" if rows else decision.done
    sys.stdout.write("\n".join([head, *(f"  {clean(row)}" for row in rows)]) + "\n")
    return 0


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _adopted(session: Session, request: Request, clock: Clock) -> int:
    """Write the entry, where there is a difference."""
    done = asyncio.run(patiently(session, lambda judgement: decide(judgement, request), clock))
    if done.decision.refusal or done.unsaved:
        say(Answer(False, done.decision.refusal or done.unsaved))
        return HELD
    say(Answer(True, done.decision.done))
    return kept(session)
