"""What `history.sqlite` holds and the questions that are asked of it: tables, rows, statements."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from sessions.history.reading_codec import body_of, kind_of, reading_from, subject_of
from sessions.state.observed import HOURS_KEPT, Lookback
from sessions.values import readings as r
from sessions.values.presence import compacted, united


class Look(Struct, frozen=True):
    """The newest moment at which an owner's screen was up, by the clock of then, and the newest entry it knew."""

    at: datetime
    seq: int


class Worth(Struct, frozen=True):
    """What makes a reading of a `kind` (as in `rows.KINDS`) high: an SQL expression over its `body`; NULL is never.

    `given` is the one value that the expression names.
    """

    kind: str
    sql: str
    given: float | str = 0.0


KEPT = timedelta(days=14)

TABLES = """
CREATE TABLE IF NOT EXISTS readings (
    kind TEXT NOT NULL, subject TEXT NOT NULL, slot TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, subject, slot)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS readings_at ON readings (at);
CREATE TABLE IF NOT EXISTS beats (
    one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL, boot REAL NOT NULL, machine TEXT NOT NULL,
    shifted REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS looked (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS anchor (
    one INTEGER PRIMARY KEY CHECK (one = 1), session TEXT NOT NULL, seq INTEGER NOT NULL, crc TEXT NOT NULL
);
"""
PUT = """
INSERT INTO readings VALUES (?, ?, ?, ?, ?)
ON CONFLICT (kind, subject, slot) DO UPDATE SET at = excluded.at, body = excluded.body WHERE excluded.at >= at
"""
FORGET_AFTER = "DELETE FROM readings WHERE at > ?"
BEAT = "REPLACE INTO beats VALUES (1, ?, ?, ?, ?)"
LOOKED = "REPLACE INTO looked VALUES (1, ?, ?)"
ANCHOR = """
INSERT INTO anchor VALUES (1, ?, ?, ?)
ON CONFLICT DO UPDATE SET session = excluded.session, seq = excluded.seq, crc = excluded.crc
WHERE excluded.session <> session OR excluded.seq >= seq
"""
"""Several processes anchor what they wrote: one that comes late puts nothing back."""
_SIGNS = {
    "beats": "SELECT at, boot, machine, shifted FROM beats",
    "looked": "SELECT at, seq FROM looked",
    "anchor": "SELECT session, seq, crc FROM anchor",
}
_SERIES = "SELECT kind, body, at FROM readings WHERE kind = ? AND subject = ? AND at BETWEEN ? AND ? ORDER BY slot"
_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
_NEXT_SUBJECT = "SELECT kind, subject FROM readings WHERE (kind, subject) > (?, ?) ORDER BY kind, subject LIMIT 1"
_NEWEST = "SELECT kind, body, at FROM readings WHERE kind = ? AND subject = ? ORDER BY slot DESC LIMIT ?"
_NEWEST_IN = """
SELECT kind, body, at FROM readings WHERE kind = ? AND subject = ? AND slot BETWEEN ? AND ? ORDER BY slot DESC LIMIT 1
"""
_BETWEEN = "SELECT kind, body, at FROM readings WHERE at BETWEEN ? AND ? ORDER BY at"
_HIGHEST = """
SELECT kind, body, max(CASE WHEN json_valid(body) THEN (WORTH) END) FROM readings
WHERE kind = :kind AND subject = :subject AND slot BETWEEN :since AND :until
"""
_THINNED = """
SELECT kind, body, max(CASE WHEN json_valid(body) THEN (WORTH) END) FROM readings
WHERE kind = :kind AND subject = :subject AND slot BETWEEN :since AND :until
GROUP BY CAST(round((julianday(slot) - julianday(:since)) * 86400.0, 3) / :step AS INTEGER) ORDER BY slot
"""
_OLD = "DELETE FROM readings WHERE kind <> 'pulse' AND at < ?"
_HOURLY = """
SELECT kind, body, min(at) FROM readings WHERE kind = 'size' AND subject = ? AND at >= ?
GROUP BY CAST(strftime('%s', at) / ? AS INTEGER)
"""
_SINCE = "SELECT kind, body, at FROM readings WHERE kind = ? AND subject = ? AND slot >= ? ORDER BY slot DESC"
_LAST = "SELECT max(slot) FROM readings WHERE kind = ? AND subject = ?"
_PROOFS = {
    "beat": "AND (instr(body, '\"gaps\":[]') = 0 OR instr(body, '\"looked\":[[') > 0)",
    "run": "AND instr(body, '\"sent\":null') = 0",
    "traces": "",
}
"""What is looked back on for the whole phase, however much came after it."""
_OF_PHASE = "SELECT kind, body, at FROM readings WHERE kind = ? AND subject = ? AND at >= ? "
_OLD_MINUTES = "SELECT kind, body, at FROM readings WHERE kind = 'minute' AND subject = ? AND slot < ?"
_FORGET_MINUTES = "DELETE FROM readings WHERE kind = 'minute' AND subject = ? AND slot < ?"
_TRACES = "SELECT kind, body, at FROM readings WHERE kind = 'traces' AND subject = ? AND slot = ?"

Row = tuple[str, str, str, str, str]
"""Kind, subject, slot, moment, body."""
Found = tuple[str, str, str]
"""Kind, body, moment."""


def rows_of(reading: r.Reading) -> Iterable[Row]:
    """Return a reading as rows: of pulses only the newest and the newest good one per topic have a slot.

    What no file could hold, a moment beyond the calendar, has none.
    """
    try:
        row, at = (kind_of(reading), _text(subject_of(reading))), key(reading.at)
        return [(*row, _text(slot), at, _text(body_of(reading))) for slot in _slots(reading, at)]
    except (OverflowError, ValueError):
        return ()


def _slots(reading: r.Reading, at: str) -> Iterable[str]:
    match reading:
        case r.Pulse():
            return ("newest", "good") if reading.ok else ("newest",)
        case r.Turn():
            return ("newest",)
        case r.Traffic():
            return (key(reading.start),)
        case r.Run():
            return (reading.id,)
        case r.Traces():
            return (key(reading.since),)
        case _:
            return (at,)


def _text(text: str) -> str:
    """Half a character, which no file could hold, stays visible as a word."""
    return text.encode("utf-8", "backslashreplace").decode()


def key(at: datetime) -> str:
    """Return a moment so that sorting its text sorts its time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def restored(rows: Iterable[Found]) -> list[r.Reading]:
    """Restore what can be restored: a row that is no reading is left out."""
    readings: list[r.Reading] = []
    for kind, body, _ in rows:
        try:
            readings.append(reading_from(kind, body))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return readings


@contextlib.contextmanager
def transaction(db: sqlite3.Connection, kind: str) -> Iterator[None]:
    """All of it or nothing, on one view of the file; only its first statement can meet a lock."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def sign(db: sqlite3.Connection, table: str) -> tuple[object, ...] | None:
    """Return the one row of a table that holds a sign; an older cockpit's history lacks the table."""
    if db.execute(_THERE, (table,)).fetchone() is None:
        return None
    row: tuple[object, ...] | None = db.execute(_SIGNS[table]).fetchone()
    return row


def remembered(db: sqlite3.Connection, limit: int, back: Lookback) -> list[Found]:
    """Return traffic for as long as it is judged, the proofs of the whole phase, and the newest of all else."""
    spans, found = {"window": back.windows, "minute": back.minutes}, set[Found]()
    for kind, subject in _subjects(db):
        if kind in spans:
            since = _back(db, (kind, subject), spans[kind])
            if back.since is not None:  # minutes of before are there until they are compacted, and prove as much
                since = min(since, key(back.since))
            found.update(db.execute(_SINCE, (kind, subject, since)))
            continue
        if kind in _PROOFS and back.since is not None:
            found.update(db.execute(_OF_PHASE + _PROOFS[kind], (kind, subject, key(back.since))))
        if kind == "size":
            since = _back(db, (kind, subject), timedelta(seconds=HOURS_KEPT * back.hour))
            found.update(db.execute(_HOURLY, (subject, since, back.hour)))
        found.update(db.execute(_NEWEST, (kind, subject, limit)))
    return list(found)


def _back(db: sqlite3.Connection, subject: tuple[str, str], span: timedelta) -> str:
    """Return the slot so long before the newest one."""
    last = datetime.fromisoformat(db.execute(_LAST, subject).fetchone()[0])
    return key(last - span)


def between(db: sqlite3.Connection, since: str, until: str) -> list[Found]:
    """Return what was measured in `since`..`until`."""
    return db.execute(_BETWEEN, (since, until)).fetchall()


def series(db: sqlite3.Connection, values: tuple[str, str, str, str]) -> list[Found]:
    """Return one kind and subject, measured in a span, by slot."""
    return db.execute(_SERIES, values).fetchall()


def version(db: sqlite3.Connection) -> int:
    """Return a number that changes when another connection writes."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def peaks(db: sqlite3.Connection, worth: Worth, since: str, until: str) -> list[Found]:
    """Each subject is a short stretch of the index: all the rest of the history is not touched."""
    query, rows = _HIGHEST.replace("WORTH", worth.sql), list[tuple[str, str, float | None]]()
    for kind, subject in _subjects(db):
        if kind == worth.kind:
            values = {"kind": kind, "subject": subject, "since": since, "until": until, "given": worth.given}
            rows += db.execute(query, values).fetchall()
    return [(kind, body, since) for kind, body, value in rows if value is not None]


def thinned(db: sqlite3.Connection, worth: Worth, subject: str, span: tuple[str, str], step: float) -> list[Found]:
    """Of each `step` s of a span only the row of the highest worth, oldest first; a stretch without any has none."""
    since, until = span
    values = {"kind": worth.kind, "subject": subject, "since": since, "until": until, "step": step}
    rows = db.execute(_THINNED.replace("WORTH", worth.sql), {**values, "given": worth.given}).fetchall()
    return [(kind, body, since) for kind, body, value in rows if value is not None]


def newest_in(db: sqlite3.Connection, kind: str, since: str, until: str) -> list[Found]:
    """Return of each subject of a kind the newest that is kept under a moment in `since`..`until`: one step each."""
    subjects = [subject for known, subject in _subjects(db) if known == kind]
    return [row for one in subjects for row in db.execute(_NEWEST_IN, (kind, one, since, until))]


def prune(db: sqlite3.Connection, rows: Sequence[Row], minutes: timedelta) -> None:
    """Drop what is old, seen from `rows`; of minutes older than `minutes` stays what they prove. Pulses stay."""
    db.execute(_OLD, (key(datetime.fromisoformat(max(row[3] for row in rows)) - KEPT),))
    for kind, subject in _subjects(db):
        if kind == "minute":
            _compact(db, subject, _back(db, (kind, subject), minutes))


def _compact(db: sqlite3.Connection, subject: str, before: str) -> None:
    old = [one for one in restored(db.execute(_OLD_MINUTES, (subject, before))) if isinstance(one, r.Traffic)]
    for since, hour in compacted(old).items():
        known = [one for one in restored(db.execute(_TRACES, (subject, key(since)))) if isinstance(one, r.Traces)]
        whole = united(known[0].hour, hour) if known else hour
        db.executemany(PUT, rows_of(r.Traces(old[0].source, whole.at, old[0].endpoint, since, whole)))
    db.execute(_FORGET_MINUTES, (subject, before))


def _subjects(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return every (kind, subject), by hopping through the index instead of reading all of it."""
    found: list[tuple[str, str]] = []
    while row := db.execute(_NEXT_SUBJECT, found[-1] if found else ("", "")).fetchone():
        found.append(row)
    return found
