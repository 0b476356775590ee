"""Opening a session: as its Watch where nobody else watches and the file is sound, else as a viewer."""

import os
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path

from cockpit.clock import Clock
from cockpit.hush import hush
from cockpit.opener import Opener
from cockpit.runs import Runs, runners
from cockpit.session import Session
from cockpit.settings.secret import Secrets
from cockpit.settings.whole import Settings
from cockpit.sources.base import Source
from cockpit.viewer import Viewer
from cockpit.watch import Watch
from cockpit.wiring import open_writer, settings_behind, wiring_from
from sessions.folder import HISTORY, SESSION, watch_lock
from sessions.history import History
from sessions.journal import Journal


@contextmanager
def opened(
    folder: Path,
    clock: Clock,
    tz: tzinfo | None,
    environ: Mapping[str, str] | None = None,
    settings: Settings | None = None,
) -> Iterator[Watch | Viewer]:
    """Open a session and give the door to it, not yet started; it is stopped and closed on leaving.

    Without `environ` secrets come from the process' environment, without `settings` from where the session says.
    Raises JournalError where there is nothing to show, TableError and BadInputError where the settings are no good.
    """
    lock = watch_lock(folder, clock.now())
    try:
        if not lock.mine:
            yield from _until_left(Viewer(folder, lock.text, clock, tz))
            return
        journal = Journal(folder / SESSION)
        found = journal.open(clock.now())
        if found.damage:
            journal.close()
            yield from _until_left(Viewer(folder, journal.fault, clock, tz))
            return
        session = Session(folder, found, journal, History(folder / HISTORY), tz)
        try:
            known = settings or settings_behind(wiring_from(session.wiring))
            yield from _until_left(_watch(session, known, clock, Secrets(os.environ if environ is None else environ)))
        finally:
            session.close()
    finally:
        lock.release()


def _until_left(door: Watch | Viewer) -> Iterator[Watch | Viewer]:
    """Give the door, and stop it on leaving where nobody has."""
    try:
        yield door
    finally:
        door.stop("left")


def _watch(session: Session, settings: Settings, clock: Clock, secrets: Secrets) -> Watch:
    hush(secrets.scrub)
    opener = Opener(settings, session.state.plan, secrets, session.last_alive())

    def openings() -> Sequence[Awaitable[Sequence[Source]]]:
        return [opening.open() for opening in opener.openings()]

    return Watch(
        session,
        openings,
        open_writer(settings.flag, lambda: session.state),
        clock,
        runs=Runs(runners(settings, opener.order_for), clock),
        answers=opener.answers,
        scrub=secrets.scrub,
    )
