"""What the owner trusts, one file each in the state folder: its path, its text, and since when.

A spare copy is kept beside the sessions. Only a revert uses it, because the state folder may be gone at 3 a.m.
"""

import contextlib
import os
import stat
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from sessions.storage.disk import DISK, FileOps, open_regular, read_all, sync_folder, write_new
from sessions.storage.folders import home, state_home
from sessions.text.clean import clean
from sessions.text.digest import sha256_of

_OURS = 0o022


class Record(Struct, frozen=True):
    """One file that is trusted: its real path as it is shown, and the text that was looked at."""

    path: str
    text: str
    sha256: str
    at: datetime


def record(path: Path, text: str, at: datetime, files: FileOps = DISK) -> None:
    """Trust `text` at `path` from now on. Raises OSError."""
    import tomli_w

    values = {"path": _named(path), "sha256": _digest(text), "at": at, "text": text}
    data = tomli_w.dumps(values).encode()
    _put(_folder() / _name(path), data, files)
    with contextlib.suppress(OSError):
        _put(_spare() / _name(path), data, files)


def recorded(path: Path) -> Record | None:
    """Return what is trusted at `path`, None if nothing is; what others could have put there is nothing."""
    return _recorded(_folder(), path, DISK)


def recorded_last(path: Path, files: FileOps = DISK) -> Record | None:
    """Return what was trusted last at `path`, by the spare copy where the state folder does not know."""
    return _recorded(_folder(), path, files) or _recorded(_spare(), path, files)


def forget(path: Path) -> bool:
    """Trust nothing at `path` any more; return whether anything was. Raises OSError."""
    known = recorded_last(path) is not None
    for folder in (_folder(), _spare()):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            DISK.unlink(folder / _name(path))
    return known


def every() -> Iterator[Record]:
    """Yield all that is trusted."""
    with contextlib.suppress(OSError):
        for name in sorted(DISK.names(_folder())):
            if name.endswith(".toml") and not name.startswith(".") and (found := _read(_folder() / name, DISK)):
                yield found


def _folder() -> Path:
    return state_home() / "trusted"


def _spare() -> Path:
    return home() / ".trusted"


def _name(path: Path) -> str:
    return f"{sha256_of(os.fsencode(os.path.realpath(path)))[:32]}.toml"


def _put(target: Path, data: bytes, files: FileOps) -> None:
    files.make_folder(target.parent)
    draft = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
    write_new(draft, data, files)
    files.rename(draft, target)
    sync_folder(target.parent, files)


def _recorded(folder: Path, path: Path, files: FileOps) -> Record | None:
    found = _read(folder / _name(path), files)
    return found if found is not None and found.path == _named(path) else None


def _named(path: Path) -> str:
    return clean(os.path.realpath(path), 4096)


def _digest(text: str) -> str:
    return sha256_of(text.encode())


def _read(place: Path, files: FileOps) -> Record | None:
    try:
        fd = open_regular(place, os.O_RDONLY, files)
    except OSError:
        return None
    try:
        found = files.status(fd)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & _OURS:
            return None
        return _record(tomllib.loads(read_all(fd, files).decode()))
    except (OSError, ValueError):
        return None
    finally:
        files.close(fd)


def _record(values: dict[str, object]) -> Record | None:
    path, text, digest, at = (values.get(key) for key in ("path", "text", "sha256", "at"))
    if isinstance(path, str) and isinstance(text, str) and isinstance(at, datetime) and digest == _digest(text):
        return Record(path, text, digest, at)
    return None
