"""A disk with weather, for schedules in virtual time: files fail for a while, and processes die at any call on them."""

import asyncio
import errno
import os
import sqlite3
from pathlib import Path

from sessions.storage.disk import FileOps
from sessions.storage.folders import HISTORY
from sessions.storage.locks import LOCK, TURN
from tests.support.faults.breaking import HISTORY_FILE, LOCKS, SESSION_FILE, SPOOL

TARGETS = (SESSION_FILE, LOCKS, HISTORY_FILE, SPOOL)
FAULTS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EAGAIN)
"""Full, read-only, I/O error, locked by another process."""
_FILL = {"write", "make_folder", "link", "new"}
_CHANGE = {*_FILL, "ftruncate", "unlink", "rename", "permit", "chmod", "reopen"}
_FAILS = {errno.ENOSPC: _FILL, errno.EROFS: _CHANGE, errno.EAGAIN: {"lock"}}


class Killed(BaseException):
    """The process is dead: nothing that it would do from here on happens."""


class Weather:
    """Which of the files fail, in which way, and how often of a hundred calls."""

    def __init__(self, dice, state):
        self.dice, self.state = dice, str(state)
        self.faults = {}

    def turn(self):
        """Something breaks, or is well again."""
        target = self.dice.choice(TARGETS)
        if self.faults.pop(target, None) is None:
            self.faults[target] = (self.dice.choice(FAULTS), self.dice.choice((100, 100, 30, 5)))

    def target_of(self, path):
        text = str(path)
        if text.startswith(self.state):
            return SPOOL
        name = text.rpartition("/")[2]
        if name in {LOCK, TURN}:
            return LOCKS
        return HISTORY_FILE if HISTORY in name else SESSION_FILE

    def fault(self, call, path):
        """Return what `call` fails of now, 0 where it goes well."""
        code, often = self.faults.get(self.target_of(path), (0, 0)) if self.faults else (0, 0)
        if not code or call not in _FAILS.get(code, {call}):
            return 0
        return code if self.dice.uniform(0, 100) < often else 0


class Shaky(sqlite3.Connection):
    """A connection to a database on that disk."""

    process: "Process"
    path: Path

    def execute(self, *words):
        self.process.asked("execute", self.path)
        return super().execute(*words)

    def executemany(self, *words):
        self.process.asked("execute", self.path)
        return super().executemany(*words)


class Process(FileOps):
    """One process' calls on the disk. It can be killed, or told to die at its n-th call, half of a write done."""

    def __init__(self, weather):
        self.weather = weather
        self.dead = False
        self.left = -1
        self.over = asyncio.Event()
        self._paths, self._bases = {}, []

    def bury(self):
        """Do what the kernel does for the dead: let go of every file and lock."""
        self.kill()
        for base in self._bases:
            base.close()
        for fd in list(self._paths):
            self.close(fd)

    def kill(self):
        """End it at once; what it would do from here on does not happen."""
        self.dead = True
        self.over.set()

    def alive(self):
        if self.dead:
            raise Killed

    def touch(self, call, path, data=b""):
        """Die, fail, or return how much of `data` is written."""
        self.alive()
        if self.left >= 0:
            self.left -= 1
            if self.left < 0:
                self.kill()
        code = self.weather.fault(call, path)
        if (self.dead or code == errno.ENOSPC) and len(data) > 1 and self.weather.dice.random() < 0.5:
            return self.weather.dice.randrange(1, len(data))
        self.alive()
        if code == errno.EAGAIN:
            raise BlockingIOError(code, os.strerror(code))
        if code:
            raise OSError(code, os.strerror(code), str(path))
        return len(data)

    def asked(self, call, path):
        """A database says in its own way what it fails of; another process that writes stands in the way of all."""
        try:
            self.touch("lock", path)
            self.touch("write", path)
        except BlockingIOError:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error from None
        except OSError as cause:
            raise sqlite3.OperationalError("disk I/O error") from cause

    def open(self, path, flags, mode=0o600):
        known = path.exists()
        writes = flags & (os.O_RDWR | os.O_WRONLY)
        self.touch("reopen" if writes and known else "new" if flags & os.O_CREAT and not known else "open", path)
        fd = super().open(path, flags, mode)
        self._paths[fd] = path
        return fd

    def write(self, fd, data):
        part = data[: self.touch("write", self._paths[fd], data)]
        done = super().write(fd, part)
        self.alive()
        return done

    def fsync(self, fd):
        self.touch("fsync", self._paths[fd])

    def lock(self, fd):
        self.touch("lock", self._paths[fd])
        super().lock(fd)

    def close(self, fd):
        self._paths.pop(fd, None)
        super().close(fd)

    def connect(self, path, patience, *, writing):
        self.asked("open", path)
        uri = f"{path.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"
        db = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False, factory=Shaky)
        db.process, db.path = self, path
        self._bases.append(db)
        return db


def _on_descriptor(name):
    def call(self, fd, *rest):
        self.touch(name, self._paths[fd])
        return getattr(FileOps, name)(self, fd, *rest)

    return call


def _on_path(name):
    def call(self, path, *rest):
        self.touch(name, path)
        return getattr(FileOps, name)(self, path, *rest)

    return call


for each in ("chmod", "status", "read", "ftruncate"):
    setattr(Process, each, _on_descriptor(each))
for each in ("named", "unlink", "make_folder", "names", "permit", "link", "rename"):
    setattr(Process, each, _on_path(each))
