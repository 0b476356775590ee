"""Who watches a session, and who moves its flag: two locks of the kernel, freed by any death of their holder."""

import contextlib
import fcntl
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from sessions.storage.disk import DISK, FileOps, is_ours_alone
from sessions.text.clean import clean

LOCK, TURN = "watch.lock", "helm.lock"
_LONGEST = 200


class WatchLock(Struct, frozen=True):
    """The right to watch a session, or to move its flag: `mine`, else who has it: `pid` (0: not known), `since`.

    `fault` says why no lock can be taken at all: then nobody is known to have it, and nobody is known not to.
    """

    mine: bool
    pid: int = 0
    since: datetime | None = None
    fd: int = -1
    fault: str = ""
    files: FileOps = DISK

    @property
    def text(self) -> str:
        """Say in words who watches."""
        who = f"process {self.pid}" if self.pid else "another process"
        return f"watched by {who}" + (f" since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else "")

    @property
    def taken(self) -> bool:
        """Whether another process has it."""
        return not self.mine and not self.fault

    def release(self) -> None:
        """Give it back. A lock that is not ours is left alone."""
        if self.fd >= 0:
            with contextlib.suppress(OSError):
                self.files.close(self.fd)


def watch_lock(folder: Path, now: datetime, name: str = LOCK, files: FileOps = DISK) -> WatchLock:
    """Take the watch lock, or say at once who has it, or why that is unknown. Raises nothing.

    With TURN as `name` it is the right to move the flag.
    """
    try:
        fd = files.open(folder / name, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        return _unknown(folder / name, error)
    try:
        return _locked(fd, now, files)
    except BlockingIOError:
        pid, since = _holder(fd, files)
        files.close(fd)
        return WatchLock(False, pid, since)
    except OSError as error:
        files.close(fd)
        return _unknown(folder / name, error)


def watcher(folder: Path, files: FileOps = DISK) -> WatchLock | None:
    """Return who watches a session, None where nobody does; the right itself is left alone."""
    try:
        fd = files.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return WatchLock(False, *_holder(fd, files))
    finally:
        files.close(fd)
    return None


def _unknown(path: Path, error: OSError) -> WatchLock:
    why = clean(error.strerror or error, 80)
    return WatchLock(False, fault=f"{clean(path)}: cannot be locked ({why}): make room, or mend its folder")


def _locked(fd: int, now: datetime, files: FileOps) -> WatchLock:
    """Lock the file and write down who holds it, where that can be written: the lock is good without.

    Into another's file, or one with a second name, nothing is written: it was put there to be lost.
    """
    status = files.status(fd)
    if not stat.S_ISREG(status.st_mode):
        raise OSError("is no plain file")
    files.lock(fd)
    if not is_ours_alone(status):
        return WatchLock(True, os.getpid(), now, fd, files=files)
    with contextlib.suppress(OSError):
        files.chmod(fd, 0o600)
        files.ftruncate(fd, 0)
        files.write(fd, f"{os.getpid()} {now.astimezone(UTC).isoformat(timespec='seconds')}\n".encode())
    return WatchLock(True, os.getpid(), now, fd, files=files)


def _holder(fd: int, files: FileOps) -> tuple[int, datetime | None]:
    """Read who holds it; a holder that has not yet written so is not known."""
    with contextlib.suppress(OSError, ValueError):
        pid, since = files.read(fd, _LONGEST, 0).decode().split()
        return int(pid), datetime.fromisoformat(since)
    return 0, None
