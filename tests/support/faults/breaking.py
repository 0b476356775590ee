"""Ways in which a session's files break, played for one of them at a time; the flag's own file stays sound."""

import errno
import fcntl
import os
import sqlite3
from contextlib import contextmanager, suppress

from sessions.storage.disk import FileOps
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.locks import LOCK, TURN

SESSION_FILE, LOCKS, HISTORY_FILE, SPOOL = "session file", "locks", "history", "spool"
WRITES = ("write", "fsync", "ftruncate", "make_folder", "link", "rename", "permit", "chmod")


def target_of(path) -> str:
    """Say which of the four a path belongs to; the spare copy of what is trusted lies on another disk."""
    text = str(path)
    if "/.trusted/" in text:
        return "spare copy"
    if LOCK in text or TURN in text:
        return LOCKS
    if HISTORY in text:
        return HISTORY_FILE
    return SESSION_FILE if text.endswith(SESSION) else SPOOL


class Broken(FileOps):
    """A disk on which the calls that concern `target` fail with `code`: the writing ones, or all where `deaf`.

    With `nth` it is the n-th call on anything that fails, once.
    """

    def __init__(self, target="", code=errno.EIO, *, deaf=False, nth=0):
        self.target, self.code, self.deaf, self.nth = target, code, deaf, nth
        self.calls = 0
        self._paths = {}

    def _touch(self, call, path, *, writes=False):
        self.calls += 1
        ours = self.target and target_of(path) == self.target and (self.deaf or writes or call in WRITES)
        if ours or self.calls == self.nth:
            raise OSError(self.code, os.strerror(self.code), str(path))

    def open(self, path, flags, mode=0o600):
        self._touch("open", path, writes=bool(flags & (os.O_CREAT | os.O_RDWR | os.O_WRONLY)) and not path.exists())
        fd = super().open(path, flags, mode)
        self._paths[fd] = path
        return fd

    def close(self, fd):
        self._paths.pop(fd, None)
        super().close(fd)

    def connect(self, path, patience, *, writing):
        self.calls += 1
        if (self.target == HISTORY_FILE and (writing or self.deaf)) or self.calls == self.nth:
            raise sqlite3.OperationalError("unable to open database file")
        return super().connect(path, patience, writing=writing)


def _on_descriptor(name):
    def call(self, fd, *rest):
        self._touch(name, self._paths.get(fd, ""))
        return getattr(FileOps, name)(self, fd, *rest)

    return call


def _on_path(name):
    def call(self, path, *rest):
        self._touch(name, path)
        return getattr(FileOps, name)(self, path, *rest)

    return call


for each in ("chmod", "status", "read", "write", "fsync", "ftruncate", "lock"):
    setattr(Broken, each, _on_descriptor(each))
for each in ("named", "unlink", "make_folder", "names", "permit", "link", "rename"):
    setattr(Broken, each, _on_path(each))


def places(folder, state, target):
    """Return the paths of one target."""
    return {
        SESSION_FILE: [folder / SESSION],
        LOCKS: [folder / LOCK, folder / TURN],
        HISTORY_FILE: [folder / HISTORY],
        SPOOL: [state],
    }[target]


@contextmanager
def locked(folder, state, target):
    """Hold what another process would hold."""
    with suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
    if target == HISTORY_FILE:
        db = sqlite3.connect(folder / HISTORY, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            db.close()
        return
    fds = [
        os.open(path, os.O_RDONLY | (0 if path.is_dir() else os.O_CREAT), 0o600)
        for path in places(folder, state, target)
    ]
    for fd in fds:
        fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        for fd in fds:
            os.close(fd)


def vanish(folder, state, target):
    """Move it away, the folder of the session with its file."""
    for path in [folder] if target == SESSION_FILE else places(folder, state, target):
        if path.exists():
            path.rename(path.with_name(f"{path.name}.gone"))


def come_back(folder, state, target):
    for path in [folder] if target == SESSION_FILE else places(folder, state, target):
        gone = path.with_name(f"{path.name}.gone")
        if gone.exists() and not path.exists():
            gone.rename(path)


def damage(folder, state, target):
    """Spoil what stands there; a folder in the place of a lock is the worst that it can be."""
    if target == SESSION_FILE:
        path = folder / SESSION
        path.write_bytes(path.read_bytes().replace(b'by = "owner"', b'by = "nobody"', 1))
        return
    for path in places(folder, state, target):
        if target == LOCKS:
            path.unlink(missing_ok=True)
            path.mkdir()
        elif target == HISTORY_FILE:
            path.write_bytes(b"no database at all" * 1000)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a file where a folder should be") if not path.is_dir() else None
