"""Opening a session: as its Watch where nobody else watches and the file is sound, else as a viewer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path

from cockpit.clock import Clock
from cockpit.session import Session
from cockpit.viewer import Viewer
from cockpit.watch import Watch
from cockpit.wiring import Wiring, open_writer, source_opener, wiring_from
from sessions.folder import HISTORY, SESSION, watch_lock
from sessions.history import History
from sessions.journal import Journal


@contextmanager
def opened(folder: Path, clock: Clock, tz: tzinfo | None, mongo_uri: str | None = None) -> Iterator[Watch | Viewer]:
    """Open a session and give the door to it, not yet started; it is stopped and closed on leaving.

    Raises JournalError where there is nothing to show.
    """
    lock = watch_lock(folder, clock.now())
    try:
        if not lock.mine:
            yield Viewer(folder, lock.text, clock, tz)
            return
        journal = Journal(folder / SESSION)
        found = journal.open(clock.now())
        if found.damage:
            journal.close()
            yield Viewer(folder, journal.fault, clock, tz)
            return
        session = Session(folder, found, journal, History(folder / HISTORY), tz)
        try:
            yield _watch(session, wiring_from(session.wiring), clock, mongo_uri)
        finally:
            session.close()
    finally:
        lock.release()


def _watch(session: Session, wiring: Wiring, clock: Clock, mongo_uri: str | None) -> Watch:
    sources = source_opener(wiring, session.state.plan, mongo_uri, session.last_alive())
    return Watch(session, sources, open_writer(wiring, session.state), clock)
