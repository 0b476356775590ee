"""The readings of a history that is left as it is: neither it nor what belongs to it is opened by SQLite.

Even a look through SQLite leaves traces in the folder, so what is read is a copy, elsewhere, which is gone afterwards.
"""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from sessions.file_format.anchor import Anchor
from sessions.history.history import History
from sessions.storage.disk import open_regular
from sessions.text.clean import clean
from sessions.values.readings import Reading

_ENDS = ("", "-wal")
_TRIES = 50
_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_MARK = tuple[int, int, int]


class Kept(Struct, frozen=True):
    """What a history holds, oldest first; `fault` says in one line why it is not all, empty where it is."""

    readings: tuple[Reading, ...] = ()
    anchor: Anchor | None = None
    fault: str = ""


def kept(path: Path) -> Kept:
    """Return what the history at `path` holds; also while another process writes it. Raises nothing of the disk's."""
    if not path.exists():
        return Kept(fault=f"{clean(path)}: is not there")
    with tempfile.TemporaryDirectory(prefix="cockpit-replay-") as folder:
        try:
            copy = _copied(path, Path(folder))
        except OSError as error:
            return Kept(fault=f"{clean(path)}: cannot be read ({error.strerror or error})")
        history = History.open_readonly(copy)
        with contextlib.closing(history):
            found = tuple(history.between(*_EVER))
            return Kept(found, history.anchored(), clean(history.fault.replace(folder, str(path.parent)), 300))


def _copied(path: Path, folder: Path) -> Path:
    """Copy the file with its log, again where it was written meanwhile; the last try stands as it is."""
    for _ in range(_TRIES):
        before = list(_marks(path))
        for end in _ENDS:
            (folder / f"{path.name}{end}").unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                _copy(Path(f"{path}{end}"), folder / f"{path.name}{end}")
        if list(_marks(path)) == before:
            break
    return folder / path.name


def _copy(source: Path, target: Path) -> None:
    """Copy a plain file if there is room. Raises OSError; the folder may contain anything."""
    with os.fdopen(open_regular(source, os.O_RDONLY), "rb") as known:
        if os.fstat(known.fileno()).st_size > shutil.disk_usage(target.parent).free:
            raise OSError(errno.ENOSPC, f"no room for a copy in {target.parent.parent}")
        with target.open("xb") as copy:
            shutil.copyfileobj(known, copy)


def _marks(path: Path) -> Iterator[_MARK | None]:
    """Yield what changes with every write."""
    for end in _ENDS:
        try:
            status = Path(f"{path}{end}").stat()
        except FileNotFoundError:
            yield None
        else:
            yield status.st_ino, status.st_size, status.st_mtime_ns
