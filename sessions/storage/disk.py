"""The calls on a disk that a session's files make, in one place: a test hands in its own and fails any of them."""

import errno
import fcntl
import os
import stat
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # most commands never open a database
    import sqlite3

_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)
_CHUNK = 2**20
_INTERRUPTIONS = 1_000
_NO_FILES = {
    stat.S_ISDIR: "a folder",
    stat.S_ISLNK: "a symbolic link",
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


class FileOps:
    """The disk as it is. Every method raises OSError and nothing else, unless it says so."""

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        """Open without following a link and without waiting for a pipe's other end; return the descriptor."""
        return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode)

    def chmod(self, fd: int, mode: int) -> None:
        """Set the mode, independent of the umask."""
        os.fchmod(fd, mode)

    def status(self, fd: int) -> os.stat_result:
        """Return what the open file is."""
        return os.fstat(fd)

    def named(self, path: Path) -> os.stat_result:
        """Return the file status of `path`; of a link, its own."""
        return os.lstat(path)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes from `offset`."""
        return os.pread(fd, size, offset)

    def write(self, fd: int, data: bytes) -> int:
        """Write some of `data`; return how much."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """Bring the file to the disk itself."""
        if _FULL_SYNC is None:
            os.fsync(fd)
        else:
            fcntl.fcntl(fd, _FULL_SYNC)

    def ftruncate(self, fd: int, size: int) -> None:
        """Cut the file to `size` bytes."""
        os.ftruncate(fd, size)

    def link(self, source: Path, target: Path) -> None:
        """Give `source` a second name. Fails where the name is taken, so that nothing is ever overwritten."""
        os.link(source, target, follow_symlinks=False)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        os.unlink(path)  # noqa: PTH108 - the call that is meant

    def make_folder(self, path: Path) -> None:
        """Make a folder that only its owner can enter, independent of the umask; keep an existing one as it is."""
        if not path.is_dir():
            self.make_folder(path.parent)
            path.mkdir(mode=0o700, exist_ok=True)
            path.chmod(0o700)

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder."""
        return os.listdir(folder)  # noqa: PTH208 - the call that is meant

    def lock(self, fd: int) -> None:
        """Take the kernel's lock on an open file, or raise BlockingIOError at once; it dies with the process.

        Nobody is waited for here, who can wait asks again: a sleep would hold up a whole event loop.
        """
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def unlock(self, fd: int) -> None:
        """Give the lock back."""
        fcntl.flock(fd, fcntl.LOCK_UN)

    def close(self, fd: int) -> None:
        """Let go of the file."""
        os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Give `source` another name; what has that name is replaced, so look first."""
        os.rename(source, target)  # noqa: PTH104 - the call that is meant

    def permit(self, path: Path, mode: int) -> None:
        """Set the mode of what has that name."""
        os.chmod(path, mode)  # noqa: PTH101 - the call that is meant

    def connect(self, path: Path, patience: float, *, writing: bool) -> "sqlite3.Connection":
        """Open a database and make none; `patience` is how long one lock is waited for. Raises sqlite3.Error."""
        import sqlite3

        uri = f"{path.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"
        return sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)


DISK = FileOps()


def open_regular(path: Path, flags: int, files: FileOps = DISK) -> int:
    """Open an existing plain file. Raises OSError that says what is at the path instead."""
    fd = files.open(path, flags)
    try:
        _refuse_others(files.status(fd).st_mode)
    except OSError:
        files.close(fd)
        raise
    return fd


def _refuse_others(mode: int) -> None:
    if what := kind_of(mode):
        raise OSError(errno.EINVAL, f"is {what}")


def kind_of(mode: int) -> str:
    """Say what a thing of that mode is, empty for a plain file."""
    if stat.S_ISREG(mode):
        return ""
    return next((name for test, name in _NO_FILES.items() if test(mode)), "no plain file")


def is_ours_alone(status: os.stat_result) -> bool:
    """Whether a file is a plain one of ours that has no other name: what is changed here changes nowhere else."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_uid == os.geteuid()


def read_all(fd: int, files: FileOps = DISK) -> bytes:
    """Return the whole file."""
    parts: list[bytes] = []
    offset = 0
    while part := files.read(fd, _CHUNK, offset):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


def write_all(fd: int, data: bytes, files: FileOps = DISK) -> None:
    """Write all of `data`, however little of it one call takes."""
    rest, patience = data, _INTERRUPTIONS
    while rest:
        try:
            done = files.write(fd, rest)
        except InterruptedError:
            patience -= 1
            if not patience:
                raise
            continue
        if not done:
            raise OSError(errno.EIO, "nothing was written")
        rest = rest[done:]


def write_new(path: Path, data: bytes, files: FileOps = DISK) -> None:
    """Write a file that is not there yet, mode 0600, down to the disk; nothing is left of one that fails."""
    fd = files.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        files.chmod(fd, 0o600)
        write_all(fd, data, files)
        files.fsync(fd)
    except OSError:
        files.unlink(path)
        raise
    finally:
        files.close(fd)


def take_name(draft: Path, path: Path, files: FileOps = DISK) -> None:
    """Give a written file a name that is free, in place of its own; where that fails, both are as they were.

    Some disks (FAT, many a share) know no second name for a file: there the name is taken by an empty file first.
    """
    try:
        files.link(draft, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        write_new(path, b"", files)
        try:
            files.rename(draft, path)
        except OSError:
            files.unlink(path)
            raise
    else:
        files.unlink(draft)


_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def write_beside(path: Path, suffix: str, data: bytes, files: FileOps = DISK) -> Path:
    """Write `data` next to `path` under the first free name that ends in `suffix`; return it."""
    for number in count(1):
        name = path.with_name(f"{path.name}.{suffix}" + (f"-{number}" if number > 1 else ""))
        try:
            write_new(name, data, files)
        except FileExistsError:
            continue
        break
    return name


def sync_folder(folder: Path, files: FileOps = DISK) -> None:
    """Make new names in `folder` durable."""
    fd = files.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        files.fsync(fd)
    finally:
        files.close(fd)
