"""What is wrong with a history, in words: now, and what was done about it a while ago."""

import sqlite3
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from pathlib import Path

from sessions.history.file import ForeignError, is_locked, primary
from sessions.text.clean import clean

GRACE = timedelta(seconds=2)
"""Seconds that a lock may last before it is reported; nothing is lost meanwhile."""
TELLING = timedelta(minutes=10)
"""Seconds for which it is shown what was done."""
_NO_DATABASE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_REFUSED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_SCHEMA)


LOCKED = "locked by another process"


class Trouble(StrEnum):
    """What cannot be done; the value says what that means."""

    WRITING = "what is measured is kept in memory until it can be written"
    READING = "what was measured before is not seen"


class Blame(Enum):
    """Why the history cannot be written: another process, the disk, or a file that is not ours or may not be."""

    LOCK = 1
    DISK = 2
    FILE = 3
    DOUBT = 4


def blame(error: Exception) -> Blame:
    """Say what a failure comes from."""
    if is_locked(error):
        return Blame.LOCK
    if isinstance(error, ForeignError) or primary(error) in _NO_DATABASE:
        return Blame.FILE
    return Blame.DOUBT if primary(error) in _REFUSED else Blame.DISK


def reason(error: Exception) -> str:
    """Say why, as the system does."""
    if is_locked(error):
        return LOCKED
    return clean(getattr(error, "strerror", None) or error, 120)


class Told:
    """The fault of one history. Its moments are those of what it is given to keep: it has no clock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failing: dict[Trouble, str] = {}
        self._now: datetime | None = None
        self._locked_at: datetime | None = None
        self._done = ""
        self._done_at: datetime | None = None

    @property
    def locked(self) -> bool:
        """Whether another process held the lock at the last attempt."""
        return LOCKED in self._failing.values()

    def at(self, now: datetime) -> None:
        """Know what time it is."""
        self._now = now
        self._done_at = self._done_at or now

    def well(self, trouble: Trouble) -> None:
        """What could not be done is done."""
        self._failing.pop(trouble, None)

    def failed(self, trouble: Trouble, why: str) -> None:
        """It cannot be done."""
        if not self.locked:
            self._locked_at = self._now
        self._failing[trouble] = why

    def done(self, what: str) -> None:
        """Something was done that the owner should know."""
        self._done, self._done_at = what, self._now

    def line(self) -> str:
        """Return all of it in one line, empty where all is well."""
        parts = [self._words(trouble, why) for trouble, why in self._failing.items()]
        if self._done and _apart(self._now, self._done_at) <= TELLING:
            parts.append(self._done)
        said = "; ".join(filter(None, parts))
        return f"{clean(self._path)}: {said}" if said else ""

    def _words(self, trouble: Trouble, why: str) -> str:
        """A lock that comes and goes is how several processes share one file."""
        if why != LOCKED:
            return f"{'cannot be written' if trouble is Trouble.WRITING else 'cannot be read'} ({why}): {trouble}"
        if self._locked_at and _apart(self._now, self._locked_at) < GRACE:
            return ""
        return f"is {LOCKED}{f' since {self._locked_at:%H:%M:%S} UTC' if self._locked_at else ''}: {trouble}"


def _apart(one: datetime | None, other: datetime | None) -> timedelta:
    """Whichever way the clock was moved between them."""
    return abs(one - other) if one and other else timedelta()
