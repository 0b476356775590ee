"""Databases that fail on order: the n-th statement of a connection, or the n-th connection itself."""

import errno
import sqlite3
from contextlib import closing

from tests.support.sessions.files import FailingDisk

FULL = (sqlite3.OperationalError, sqlite3.SQLITE_FULL, "database or disk is full")
IOERR = (sqlite3.OperationalError, sqlite3.SQLITE_IOERR, "disk I/O error")
BUSY = (sqlite3.OperationalError, sqlite3.SQLITE_BUSY, "database is locked")
CORRUPT = (sqlite3.DatabaseError, sqlite3.SQLITE_CORRUPT, "database disk image is malformed")
ERROR = (sqlite3.OperationalError, sqlite3.SQLITE_ERROR, "no such table: readings")


def failure(kind):
    error_class, code, text = kind
    error = error_class(text)
    error.sqlite_errorcode = code
    return error


class FailingBase(FailingDisk):
    """A disk whose databases fail too: `kind` is how, at the `at`-th statement where `op` is "statement"."""

    def __init__(self, op="", at=1, kind=IOERR, lasting=False):
        super().__init__(op, at, errno.EIO, lasting=lasting)
        self.kind = kind
        self.patience = []

    def rename(self, source, target):
        self._check("rename")
        super().rename(source, target)

    def permit(self, path, mode):
        self._check("permit")
        super().permit(path, mode)

    def connect(self, path, patience, *, writing):
        if self._strikes("connect"):
            raise failure(self.kind)
        disk = self

        class Connection(sqlite3.Connection):
            def _met(self, statement=""):
                if statement.startswith("PRAGMA busy_timeout"):
                    disk.patience.append(int(statement.split()[-1]))
                if disk._strikes("statement"):
                    raise failure(disk.kind)

            def execute(self, statement, *values):
                self._met(statement)
                return super().execute(statement, *values)

            def executemany(self, statement, rows):
                self._met()
                return super().executemany(statement, rows)

            def executescript(self, script):
                self._met()
                return super().executescript(script)

        uri = f"file:{path}?mode={'rw' if writing else 'ro'}"
        return sqlite3.connect(
            uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False, factory=Connection
        )


def on_disk(path):
    """Return what another program finds in the file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db, db:
        rows = db.execute("SELECT kind, subject, at FROM readings ORDER BY at").fetchall()
    db.close()
    return rows


def locked(path):
    """Lock a database as another program may; return what gives it back."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other.close
