"""Reading a file whole and putting another in its place, so that no reader ever sees half of one."""

import contextlib
import os
import stat
from pathlib import Path
from secrets import token_hex

from msgspec import Struct

SIZE_LIMIT = 8_000_000
_TICK = 1_000_000


class Held(Struct, frozen=True):
    """A file's bytes, and its state when they were read."""

    data: bytes
    stat: os.stat_result


def held(path: Path) -> Held:
    """Read a regular file. Raises OSError, ValueError for anything else (symlink, pipe) and above 8 MB."""
    if path.is_symlink():
        raise ValueError("is a symlink, name the file itself")
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is no regular file")
        data = file.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise ValueError(f"is over {SIZE_LIMIT // 1_000_000} MB")
    return Held(data, found)


def swap(path: Path, old: Held, data: bytes) -> None:
    """Put `data` in the place of `old`: same mode, a newer time; `settle` makes the exchange itself last.

    Raises OSError, ValueError when somebody else changed the file since it was read. The old file stays whole then.
    """
    name = path.with_name(f".{path.name}.{token_hex(4)}")
    fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            _liken(fd, old.stat)
            os.fsync(fd)
        _check_unchanged(path, old)
        name.replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            name.unlink()
        raise


def _liken(fd: int, old: os.stat_result) -> None:
    """Give the new file the old one's mode and owner, and a time that watchers take for newer."""
    with contextlib.suppress(PermissionError):
        os.fchown(fd, old.st_uid, old.st_gid)
    os.fchmod(fd, stat.S_IMODE(old.st_mode))
    new = os.fstat(fd)
    if new.st_mtime_ns < old.st_mtime_ns + _TICK:
        os.utime(fd, ns=(new.st_atime_ns, old.st_mtime_ns + _TICK))


def _check_unchanged(path: Path, old: Held) -> None:
    if _mark(path.lstat()) != _mark(old.stat):
        raise ValueError("was changed by somebody else meanwhile, ask again")


def _mark(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def settle(folder: Path) -> None:
    """Wait until the folder's new entries are on disk. Raises OSError; the swap may then not outlast a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
