"""Readings on disk, for charts, restart and report: losing them loses no decision, so nothing here ever raises.

What cannot be written is kept in memory and written once it can be; what is no history of ours is set aside.
"""

import contextlib
import sqlite3
from _thread import allocate_lock  # all that is needed of `threading`
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sessions.file_format.anchor import Anchor
from sessions.history import queries as sql
from sessions.history import trouble as words
from sessions.history.file import PATIENCE, ForeignError, HistoryFile, primary
from sessions.history.memory import MOST_OWED, Memory
from sessions.history.queries import Look, Worth
from sessions.history.trouble import Blame, Trouble
from sessions.state.observed import TREND_KEPT, USUAL, Lookback
from sessions.storage.disk import DISK, FileOps
from sessions.values import readings as r
from sessions.values.sign_of_life import Sign

PRUNE_EVERY = 2_000
_AT_ONCE = 5_000
SEEN_AGAIN = 2 * TREND_KEPT
"""So many readings of a kind are seen again where only the newest is judged, and kept in memory while a file fails."""
_LAST_PATIENCE = 0.25
_NUDGE = 0.02
"""Seconds between two interruptions of a query that delays closing."""
_TRIES = 3

Answer = TypeVar("Answer")
_FAILURES = (sqlite3.Error, OSError, OverflowError, ForeignError)


class History:
    """The history of one session. `fault` is empty while all is well, else what is not, in one line.

    Each call tries again, so a fault that passes is forgotten. No call waits longer than a quarter of a second.
    Any thread may close it, also while another asks: after that nothing is known, and nothing is opened again.
    """

    def __init__(self, path: Path, files: FileOps = DISK, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._file = HistoryFile(path, files, writing=not read_only)
        self._unwritten = Memory(SEEN_AGAIN)
        self._told = words.Told(path)
        self._added = PRUNE_EVERY
        self._minutes = USUAL.minutes
        self._version = (0, -1)
        self._doubted = self._set_aside = self._closed = False
        self._in_use = allocate_lock()

    @classmethod
    def open_readonly(cls, path: Path, files: FileOps = DISK) -> "History":
        """Return a history that only looks: it makes no file and changes none."""
        return cls(path, files, read_only=True)

    @property
    def fault(self) -> str:
        """What is wrong with the history, or what was done about it a while ago."""
        return self._told.line()

    def add(self, readings: Sequence[r.Reading]) -> None:
        """Keep readings. A traffic span keeps its latest measurement; of pulses the newest and the newest good one."""
        if readings:
            self._told.at(max(reading.at for reading in readings))
            rows = [row for reading in readings for row in sql.rows_of(reading)]
            with self._in_use:
                self._unwritten.take(rows)
            self._write(most=_AT_ONCE + len(rows))

    def beat(self, sign: Sign) -> None:
        """Leave a sign of life."""
        self._told.at(sign.at)
        self._sign("beats", sql.BEAT, sql.key(sign.at), sign.boot, sign.machine, sign.shifted)

    def last_beat(self) -> Sign | None:
        """Return the newest sign of life, None where there is none."""
        with contextlib.suppress(ValueError, TypeError):
            at, boot, machine, shifted = self._signed("beats")
            return Sign(datetime.fromisoformat(str(at)), float(str(boot)), str(machine), float(str(shifted)))
        return None

    def look(self, look: Look) -> None:
        """Leave a sign that an owner's screen is up."""
        self._told.at(look.at)
        self._sign("looked", sql.LOOKED, sql.key(look.at), look.seq)

    def last_look(self) -> Look | None:
        """Return the newest sign of an owner's screen, None where there is none."""
        with contextlib.suppress(ValueError, TypeError):
            at, seq = self._signed("looked")
            return Look(datetime.fromisoformat(str(at)), int(str(seq)))
        return None

    def anchor(self, session: str, seq: int, crc: str) -> None:
        """Remember the newest entry of the session file; to be called once that is on the disk, never before."""
        self._sign("anchor", sql.ANCHOR, session, seq, crc)

    def anchored(self) -> Anchor | None:
        """Return the newest entry that was on the disk for sure, None where that is not known."""
        with contextlib.suppress(ValueError, TypeError):
            session, seq, crc = self._signed("anchor")
            return Anchor(str(session), int(str(seq)), str(crc))
        return None

    def recent(self, back: Lookback = USUAL) -> list[r.Reading]:
        """Return all that is looked back on, oldest first, to see again after a restart."""
        self.keep_minutes(back.minutes)
        return self._seen(lambda db: sql.remembered(db, SEEN_AGAIN, back))

    def keep_minutes(self, span: timedelta) -> None:
        """Keep minutes as they were measured for so long; of older ones stays what they prove."""
        self._minutes = span

    def between(self, since: datetime, until: datetime) -> list[r.Reading]:
        """Return everything measured in `since`..`until`, oldest first."""
        found = self._seen(lambda db: sql.between(db, sql.key(since), sql.key(until)))
        return [reading for reading in found if since <= reading.at <= until]

    def series(self, kind: str, subject: str, since: datetime, until: datetime) -> list[r.Reading]:
        """Return one line of a chart, oldest first: `kind` as in `rows.KINDS`, measured in `since`..`until`."""
        values = (kind, subject, sql.key(since), sql.key(until))
        return sql.restored(self._read(lambda db: sql.series(db, values), []))

    def highest(self, worth: Worth, since: datetime, until: datetime) -> list[r.Reading]:
        """Return of each subject the reading of the highest worth that is kept under a moment in `since`..`until`.

        A window is kept under its start, anything else under when it was measured.
        """
        return sql.restored(self._read(lambda db: sql.peaks(db, worth, sql.key(since), sql.key(until)), []))

    def thinned(self, worth: Worth, subject: str, since: datetime, until: datetime, step: float) -> list[r.Reading]:
        """Return one line of a chart, oldest first: of each `step` s the reading of the highest worth."""
        span = (sql.key(since), sql.key(until))
        return sql.restored(self._read(lambda db: sql.thinned(db, worth, subject, span, step), []))

    def newest(self, kind: str, since: datetime, until: datetime) -> list[r.Reading]:
        """Return of each subject of a kind the newest reading that is kept under a moment in `since`..`until`."""
        return sql.restored(self._read(lambda db: sql.newest_in(db, kind, sql.key(since), sql.key(until)), []))

    def changed(self) -> bool:
        """Whether another process wrote since the last call; True if unknown."""
        version = self._read(sql.version, -1)
        before, self._version = self._version, (self._file.openings, version)
        return version == -1 or before != self._version

    def there(self) -> bool:
        """Whether there is a file at all."""
        return self._file.there()

    def held(self) -> bool:
        """Whether another process holds the right to write and does not give it back."""
        return self._file.held(_LAST_PATIENCE)

    def forget_after(self, now: datetime) -> None:
        """Forget what is dated later: after a clock was put back nothing could replace it."""
        with self._in_use:
            self._unwritten.forget_after(sql.key(now))
        self._write()

    def close(self) -> None:
        """Let go of the file, after a last try to write what waits. Closing twice is harmless.

        What another thread asks meanwhile is interrupted first: a connection closed in use takes the process with it.
        """
        self._closed = True
        while not self._in_use.acquire(timeout=_NUDGE):
            self._file.interrupt()
        try:
            if self._unwritten and not self._read_only:
                self._tried(Trouble.WRITING, lambda db: self._put(db, MOST_OWED), None, _LAST_PATIENCE)
            self._file.close()
        finally:
            self._in_use.release()

    def _sign(self, name: str, statement: str, *values: object) -> None:
        with self._in_use:
            self._unwritten.sign(name, statement, values)
        self._write()

    def _signed(self, table: str) -> Sequence[object]:
        """Return the sign that is kept in `table`; the one in memory where that is not written, or the file fails."""
        if waiting := self._unwritten.signed(table, waiting=True):
            return waiting
        return self._read(lambda db: sql.sign(db, table), None) or self._unwritten.signed(table) or ()

    def _seen(self, ask: Callable[[sqlite3.Connection], list[sql.Found]]) -> list[r.Reading]:
        """Return what the file knows and what it does not have yet; all that memory knows while it cannot be read."""
        found = self._read(ask, None)
        known = set(found or ())
        more = [row for row in self._unwritten.found(all_known=found is None) if row not in known]
        return sql.restored(sorted([*(found or ()), *more], key=lambda row: str(row[2])))

    def _read(self, ask: Callable[[sqlite3.Connection], Answer], otherwise: Answer) -> Answer:
        def asked(db: sqlite3.Connection) -> Answer:
            with sql.transaction(db, "DEFERRED"):
                return ask(db)

        return self._try(Trouble.READING, asked, otherwise, self._patience)

    def _write(self, patience: float | None = None, most: int = _AT_ONCE) -> None:
        wait = self._patience if patience is None else patience
        self._try(Trouble.WRITING, lambda db: self._put(db, most), None, wait)
        if self._read_only:
            self._unwritten = Memory(SEEN_AGAIN)

    @property
    def _patience(self) -> float:
        """What was just found locked is not waited for again."""
        return 0.0 if self._told.locked else PATIENCE

    def _put(self, db: sqlite3.Connection, most: int) -> None:
        """Write what waits, the oldest first; after a long wait so many rows at once that no call takes long."""
        rows = self._unwritten.rows(most)
        added = self._added + len(rows)
        prune = bool(rows) and added >= PRUNE_EVERY
        with sql.transaction(db, "IMMEDIATE"):
            for statement in self._unwritten.statements():
                db.execute(*statement)
            db.executemany(sql.PUT, rows)
            if prune:
                sql.prune(db, rows, self._minutes)
        self._added = 0 if prune else added
        if lost := self._unwritten.written(rows):
            self._told.done(f"could not be written for long: {lost:,} readings are lost to the charts")

    def _try(
        self, trouble: Trouble, work: Callable[[sqlite3.Connection], Answer], otherwise: Answer, patience: float
    ) -> Answer:
        """Do `work` where nobody else does and nobody closed, or return `otherwise`."""
        with self._in_use:
            return otherwise if self._closed else self._tried(trouble, work, otherwise, patience)

    def _tried(
        self, trouble: Trouble, work: Callable[[sqlite3.Connection], Answer], otherwise: Answer, patience: float
    ) -> Answer:
        """Do `work` and forget the fault, or say it and return `otherwise`; what can be mended is tried again."""
        why = ""
        for _ in range(_TRIES):
            try:
                answer = work(self._ready(patience))
            except _FAILURES as error:
                if primary(error) == sqlite3.SQLITE_INTERRUPT:  # whoever closes waits for us
                    return otherwise
                why, again = self._mended(error, trouble)
                if not again:
                    break
            else:
                self._told.well(trouble)
                self._doubted, self._set_aside = False, self._set_aside and trouble is Trouble.READING
                return answer
        self._told.failed(trouble, why)
        return otherwise

    def _ready(self, patience: float) -> sqlite3.Connection:
        """Return the open file; into one that is another than before goes all that memory knows."""
        db = self._file.opened(patience)
        if self._file.moved and not self._read_only:
            self._unwritten.again()
            self._told.done(f"{self._file.moved}: what was in memory is written into the one that stands there now")
        self._file.moved = ""
        return db

    def _mended(self, error: Exception, trouble: Trouble) -> tuple[str, bool]:
        """Return the failure in words, and whether another try has a chance now."""
        why, blame = words.reason(error), words.blame(error)
        if blame is Blame.LOCK:
            self._file.give_up()
            return why, False
        self._file.close()
        if self._read_only or blame is Blame.DISK:
            return why, False
        if blame is Blame.DOUBT and (trouble is Trouble.READING or not self._doubted):
            again, self._doubted = not self._doubted, True
            return why, again
        return self._put_aside(why)

    def _put_aside(self, why: str) -> tuple[str, bool]:
        """Set the file aside, once: where the new one is no better, the file is not what is wrong."""
        if self._set_aside:
            return why, False
        try:
            name = self._file.set_aside()
        except OSError as error:
            return f"{why}; it cannot be set aside: {words.reason(error)}", False
        self._set_aside, self._doubted = True, False
        self._unwritten.again()
        self._told.done(f"was no good ({why}): {f'set aside as {name}' if name else 'it is gone'}, a new one is begun")
        return why, True
