"""Readings on disk, for charts, restart and report: losing them loses no decision, so nothing here ever raises."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sessions import readings as r
from sessions.clean import clean
from sessions.peaks import Worth
from sessions.rows import body_of, kind_of, reading_from, subject_of
from sessions.seen import MINUTES_KEPT as MINUTES_SEEN
from sessions.seen import TREND_KEPT, WINDOWS_KEPT
from sessions.sign import Sign
from sessions.since import Look

KEPT = timedelta(days=14)
MINUTES_KEPT = 240
PRUNE_EVERY = 2_000
SEEN_AGAIN = max(WINDOWS_KEPT, MINUTES_SEEN, TREND_KEPT)
_WAIT_S = 0.25

_TABLES = """
CREATE TABLE IF NOT EXISTS readings (
    kind TEXT NOT NULL, subject TEXT NOT NULL, slot TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, subject, slot)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS readings_at ON readings (at);
CREATE TABLE IF NOT EXISTS beats (
    one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL, boot REAL NOT NULL, machine TEXT NOT NULL, shifted REAL
);
CREATE TABLE IF NOT EXISTS looked (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL, seq INTEGER NOT NULL);
"""
_PUT = """
INSERT INTO readings VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body WHERE excluded.at >= at
"""
_NEXT_SUBJECT = "SELECT kind, subject FROM readings WHERE (kind, subject) > (?, ?) ORDER BY kind, subject LIMIT 1"
_NEWEST = "SELECT kind, body, at FROM readings WHERE kind = ? AND subject = ? ORDER BY slot DESC LIMIT ?"
_HIGHEST = """
SELECT kind, body, max(CASE WHEN json_valid(body) THEN (WORTH) END) FROM readings
WHERE kind = :kind AND subject = :subject AND slot BETWEEN :since AND :until
"""
_OLD = "DELETE FROM readings WHERE kind <> 'pulse' AND at < ?"
_OLD_MINUTES = """
DELETE FROM readings WHERE kind = 'minute' AND subject = ? AND slot < (
    SELECT min(slot) FROM (
        SELECT slot FROM readings WHERE kind = 'minute' AND subject = ? ORDER BY slot DESC LIMIT ?))
"""

Answer = TypeVar("Answer")
Row = tuple[str, str]


class History:
    """The history of one session. `fault` is empty while it works, else why it does not, in one line.

    Each call tries again, so a fault that passes is forgotten; a file that is no database is set aside.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.fault = ""
        self._read_only = read_only
        self._db: sqlite3.Connection | None = None
        self._added = PRUNE_EVERY
        self._version = -1

    @classmethod
    def open_readonly(cls, path: Path) -> "History":
        """Return a history that only looks: it makes no file and changes none."""
        return cls(path, read_only=True)

    def add(self, readings: Sequence[r.Reading]) -> None:
        """Keep readings, all or none of them.

        A traffic span keeps its latest measurement; of pulses only the newest and the newest good one per topic stay.
        """
        rows = [row for reading in readings for row in _rows(reading)]
        if rows:
            self._safely(lambda db: self._put(db, rows), None)

    def beat(self, sign: Sign) -> None:
        """Leave a sign of life."""
        values = (_key(sign.at), sign.boot, sign.machine, sign.shifted)
        self._safely(lambda db: _said(db, "REPLACE INTO beats VALUES (1, ?, ?, ?, ?)", values), None)

    def last_beat(self) -> Sign | None:
        """Return the newest sign of life, None where there is none."""
        query = "SELECT at, boot, machine, shifted FROM beats"
        rows: list[tuple[str, float, str, float]] = self._safely(lambda db: db.execute(query).fetchall(), [])
        with contextlib.suppress(ValueError, TypeError):
            return Sign(datetime.fromisoformat(rows[0][0]), *rows[0][1:]) if rows else None
        return None

    def look(self, look: Look) -> None:
        """Leave a sign that an owner's screen is up."""
        self._safely(lambda db: _said(db, "REPLACE INTO looked VALUES (1, ?, ?)", (_key(look.at), look.seq)), None)

    def last_look(self) -> Look | None:
        """Return the newest sign of an owner's screen, None where there is none."""
        rows: list[tuple[str, int]] = self._safely(lambda db: db.execute("SELECT at, seq FROM looked").fetchall(), [])
        with contextlib.suppress(ValueError, TypeError):
            return Look(datetime.fromisoformat(rows[0][0]), int(rows[0][1])) if rows else None
        return None

    def recent(self, limit_per_subject: int = SEEN_AGAIN) -> list[r.Reading]:
        """Return the newest readings of every kind and subject, oldest first, to see again after a restart."""
        return _restored(self._safely(lambda db: _newest(db, limit_per_subject), []))

    def series(self, kind: str, subject: str, since: datetime, until: datetime) -> list[r.Reading]:
        """Return one line of a chart, oldest first: `kind` as in `rows.KINDS`, measured in `since`..`until`."""
        query = "SELECT kind, body FROM readings WHERE kind = ? AND subject = ? AND at BETWEEN ? AND ? ORDER BY slot"
        return self._readings(query, (kind, subject, _key(since), _key(until)))

    def between(self, since: datetime, until: datetime) -> list[r.Reading]:
        """Return everything measured in `since`..`until`, oldest first."""
        query = "SELECT kind, body FROM readings WHERE at BETWEEN ? AND ? ORDER BY at"
        return self._readings(query, (_key(since), _key(until)))

    def highest(self, worth: Worth, since: datetime, until: datetime) -> list[r.Reading]:
        """Return of each subject the reading of the highest worth that is kept under a moment in `since`..`until`.

        A window is kept under its start, anything else under when it was measured.
        """
        return _restored(self._safely(lambda db: _peaks(db, worth, _key(since), _key(until)), []))

    def changed(self) -> bool:
        """Whether another process wrote since this was last asked; True where that cannot be told."""
        rows: list[tuple[int]] = self._safely(lambda db: db.execute("PRAGMA data_version").fetchall(), [])
        before, self._version = self._version, rows[0][0] if rows else -1
        return self._version == -1 or before != self._version

    def forget_after(self, now: datetime) -> None:
        """Forget what is dated later: after a clock was put back nothing could replace it."""
        self._safely(lambda db: _said(db, "DELETE FROM readings WHERE at > ?", (_key(now),)), None)

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _readings(self, query: str, values: tuple[object, ...]) -> list[r.Reading]:
        return _restored(self._safely(lambda db: db.execute(query, values).fetchall(), []))

    def _put(self, db: sqlite3.Connection, rows: Sequence[tuple[str, ...]]) -> None:
        with db:
            db.executemany(_PUT, rows)
            self._added += len(rows)
            if self._added >= PRUNE_EVERY:
                _prune(db, datetime.fromisoformat(max(row[3] for row in rows)))
                self._added = 0

    def _safely(self, work: Callable[[sqlite3.Connection], Answer], otherwise: Answer) -> Answer:
        """Do `work` and forget the fault, or say the fault and return `otherwise`."""
        try:
            answer = work(self._opened())
        except (sqlite3.Error, OSError, OverflowError) as error:
            self._failed(error)
            return otherwise
        self.fault = ""
        return answer

    def _failed(self, error: Exception) -> None:
        self.fault = f"{clean(self.path)}: history is not kept ({clean(error, 120)}): charts may have holes"
        broken = isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, (sqlite3.OperationalError, sqlite3.IntegrityError, sqlite3.ProgrammingError)
        )
        if broken and not self._read_only:
            self.close()
            self._set_aside()

    def _set_aside(self) -> None:
        for end in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{self.path}{end}").replace(f"{self.path}.broken{end}")

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = _looking(self.path) if self._read_only else _writing(self.path)
        return self._db


def _writing(path: Path) -> sqlite3.Connection:
    """Open for writing; the file is ours alone and never behind a link."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(fd, 0o600)
    finally:
        os.close(fd)
    db = sqlite3.connect(path, timeout=_WAIT_S, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(_TABLES)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _looking(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=_WAIT_S, check_same_thread=False)


def _said(db: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    with db:
        db.execute(statement, values)


def _subjects(db: sqlite3.Connection) -> list[Row]:
    """Return every (kind, subject), by hopping through the index instead of reading all of it."""
    found: list[Row] = []
    while row := db.execute(_NEXT_SUBJECT, found[-1] if found else ("", "")).fetchone():
        found.append(row)
    return found


def _newest(db: sqlite3.Connection, limit: int) -> list[Row]:
    rows = [row for subject in _subjects(db) for row in db.execute(_NEWEST, (*subject, limit))]
    return [(kind, body) for kind, body, _ in sorted(rows, key=lambda row: str(row[2]))]


def _peaks(db: sqlite3.Connection, worth: Worth, since: str, until: str) -> list[Row]:
    """Each subject is a short stretch of the index: all the rest of the history is not touched."""
    query, rows = _HIGHEST.replace("WORTH", worth.sql), list[tuple[str, str, float | None]]()
    for kind, subject in _subjects(db):
        if kind == worth.kind:
            values = {"kind": kind, "subject": subject, "since": since, "until": until, "given": worth.given}
            rows += db.execute(query, values).fetchall()
    return [(kind, body) for kind, body, value in rows if value is not None]


def _restored(rows: Iterable[Row]) -> list[r.Reading]:
    """Restore what can be restored: a row that is no reading is left out."""
    readings: list[r.Reading] = []
    for kind, body in rows:
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            readings.append(reading_from(kind, body))
    return readings


def _prune(db: sqlite3.Connection, now: datetime) -> None:
    """Minutes are only needed while they are fresh; pulses are a row or two and stay."""
    db.execute(_OLD, (_key(now - KEPT),))
    for kind, subject in _subjects(db):
        if kind == "minute":
            db.execute(_OLD_MINUTES, (subject, subject, MINUTES_KEPT))


def _rows(reading: r.Reading) -> Iterable[tuple[str, ...]]:
    row = (kind_of(reading), subject_of(reading))
    at, body = _key(reading.at), body_of(reading)
    match reading:
        case r.Pulse():
            slots = ("newest", "good") if reading.ok else ("newest",)
        case r.Traffic():
            slots = (_key(reading.start),)
        case r.Run():
            slots = (reading.id,)
        case _:
            slots = (at,)
    return [(*row, slot, at, body) for slot in slots]


def _key(at: datetime) -> str:
    """Return a moment so that sorting its text sorts its time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
