"""Opens a session: as a Watch if the file is sound, even if others have it open; as a viewer if it is damaged."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.engine.lookups import Lookups, looks_by
from cockpit.engine.task_runs import Runs, runners
from cockpit.engine.watch import Means, Watch
from cockpit.engine.watch_loop import OpenSource
from cockpit.flags.opening import open_writer
from cockpit.flags.wanted import wanted_by
from cockpit.http.driver_logging import quieten_drivers
from cockpit.notices.dispatcher import open_dispatcher
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.person import person
from cockpit.session.both_files import writer_of
from cockpit.session.session import Session
from cockpit.session.viewer import Viewer
from cockpit.settings.file.locate import find_settings
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secrets
from cockpit.settings.schema.walk import secrets_of
from cockpit.settings.trust.gate import settings_of
from cockpit.sources.opening import Opener
from cockpit.sources.showing import shows_openings
from sessions.history.history import History
from sessions.storage.disk import DISK, FileOps
from sessions.storage.folders import HISTORY


class DamagedError(BadInputError):
    """The session file is damaged: it can be looked at, and nothing can be added to it."""


class Parts(Struct, frozen=True):
    """An open session with what it needs to be watched, or acted on."""

    session: Session
    means: Means
    runs: Runs
    lookups: Lookups | None = None

    async def aclose(self) -> None:
        """Let go of what was opened for acts."""
        await self.runs.aclose()
        if self.lookups is not None:
            await self.lookups.aclose()
        await self.means.writer.aclose()


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
    Raises JournalError if there is nothing to show, UntrustedError where nobody trusts the settings, TableError and
    BadInputError where they are no good.
    """
    try:
        with session_opened(folder, clock, tz, environ, settings) as parts:
            yield from _until_left(Watch(parts.session, parts.means, clock, runs=parts.runs, lookups=parts.lookups))
    except DamagedError as damaged:
        looks = looks_by(settings, environ) if settings else None
        yield from _until_left(Viewer(folder, str(damaged), clock, tz, looks))


@contextmanager
def session_opened(  # noqa: PLR0913 (as `opened`)
    folder: Path,
    clock: Clock,
    tz: tzinfo | None,
    environ: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    *,
    config: Path | None = None,
    files: FileOps = DISK,
) -> Iterator[Parts]:
    """Open a session for writing; it is closed on leaving. `config` names other settings than the session does.

    Raises DamagedError if the file is damaged, and what `opened` raises.
    """
    session = open_session(folder, clock, tz, files)
    try:
        given = find_settings(config) if config else None
        known = settings or settings_of(folder, session.wiring, given)
        yield _parts(session, known, clock, secrets_of(known, os.environ if environ is None else environ))
    finally:
        session.close()


def open_session(folder: Path, clock: Clock, tz: tzinfo | None, files: FileOps = DISK) -> Session:
    """Open the session itself, without its settings. Raises DamagedError, JournalError."""
    journal = writer_of(folder, files)
    found = journal.open(clock.now())
    if found.damage:
        journal.close()
        raise DamagedError(journal.fault)
    return Session(folder, found, journal, History(folder / HISTORY, files=files), tz, clock.now(), files, person())


def _until_left(door: Watch | Viewer) -> Iterator[Watch | Viewer]:
    """Yield the door, and stop it at the end if that was not done."""
    try:
        yield door
    finally:
        door.stop("left")


def _parts(session: Session, settings: Settings, clock: Clock, secrets: Secrets) -> Parts:
    quieten_drivers(secrets.scrub)
    opener = Opener(settings, session.state.plan, secrets, clock=clock)

    def openings(watched: datetime | None) -> Sequence[OpenSource]:
        state = session.state  # it may have taken other promises since this was opened
        newest = replace(opener, plan=state.plan, since=watched, gaps=state.seen.gaps)
        return [opening.open for opening in newest.openings()]

    runs = Runs(runners(settings, opener.order_for), clock)
    lookups = Lookups(shows_openings(settings, opener.order_for), clock, secrets.scrub)
    writer = open_writer(settings.flag, wanted_by(lambda: session.state), secrets)
    dispatcher = open_dispatcher(settings, secrets, session.tz)
    return Parts(session, Means(openings, writer, runs.tasks, opener.answers, dispatcher, secrets.scrub), runs, lookups)
