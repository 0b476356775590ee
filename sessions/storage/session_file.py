"""Makes and reads a session file; every failure is one line that says what is wrong."""

import errno
import os
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from sessions.file_format.blocks import UnreadableError, header
from sessions.file_format.document import Damage, Opened, head_of, read
from sessions.storage.disk import DISK, FileOps, open_regular, read_all, sync_folder, take_name, write_new
from sessions.text.clean import clean

MOST_BYTES = 64 * 2**20


class JournalError(Exception):
    """The session file cannot be used as asked; the text is one line: what, where, what to do."""


class LockedError(JournalError):
    """Another process holds the session file's lock: the same may go well a little later."""


def create(  # noqa: PLR0913, PLR0917 - a header has these parts
    path: Path,
    name: str,
    plan: Mapping[str, object],
    now: datetime,
    wiring: Mapping[str, object] | None = None,
    files: FileOps = DISK,
    *,
    written_by: str = "",
) -> None:
    """Write a new session file, mode 0600, whole or not at all. Raises JournalError, also where one exists.

    `written_by` is this cockpit with its version: a newer one may want to know.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        text = header(name, plan, now, wiring or {}, written_by)
        read(text)
        write_new(draft, text, files)
        try:
            take_name(draft, path, files)
        except OSError:
            files.unlink(draft)
            raise
        sync_folder(path.parent, files)
    except FileExistsError as error:
        raise JournalError(said(path, "exists already", "open it, or choose another name")) from error
    except UnreadableError as error:
        raise JournalError(said(path, f"its plan would be no good ({error.what})", "mend the plan")) from error
    except OSError as error:
        raise JournalError(said(path, f"cannot be created ({why(error)})", "choose another place")) from error


def load(path: Path, files: FileOps = DISK) -> Opened:
    """Read a session file and change nothing. Raises JournalError where there is nothing to show."""
    fd = opened_at(path, os.O_RDONLY, files)
    try:
        return read_at(path, fd, files)[0]
    finally:
        files.close(fd)


def load_sound(path: Path, files: FileOps = DISK) -> Opened:
    """Read a session file that is whole. Raises JournalError also if it is damaged: its state is then unknown."""
    opened = load(path, files)
    if opened.damage:
        raise JournalError(damaged(path, opened.damage))
    return opened


def damaged(path: Path, damage: Damage) -> str:
    """Say in one line where a session file is damaged, and what to do."""
    return f"{clean(path)}:{damage.line}: {damage.what}: {damage.todo}"


def load_head(path: Path, files: FileOps = DISK) -> Opened:
    """Read a session file's header alone: fast, however long the flight was. Raises JournalError."""
    fd = opened_at(path, os.O_RDONLY, files)
    try:
        return head_of(files.read(fd, MOST_BYTES, 0))
    except UnreadableError as error:
        raise JournalError(said(path, error.what, error.todo)) from error
    except OSError as error:
        raise JournalError(said(path, f"cannot be read ({why(error)})", "check the disk")) from error
    finally:
        files.close(fd)


def opened_at(path: Path, flags: int, files: FileOps) -> int:
    """Open a session file and return its descriptor. Raises JournalError that says what is at the path."""
    try:
        return open_regular(path, flags, files)
    except FileNotFoundError as error:
        raise JournalError(said(path, "does not exist", "check the name, `cockpit sessions` lists them")) from error
    except OSError as error:
        what, todo = f"cannot be opened ({why(error)})", "open it with --read-only, or mend its rights"
        if error.errno == errno.ELOOP:
            what, todo = "is a symbolic link", "open the file it points to"
        elif error.errno in (errno.EINVAL, errno.EISDIR, errno.ENXIO):
            what, todo = why(error).lower(), "open a session.toml that the cockpit wrote"
        raise JournalError(said(path, what, todo)) from error


def read_at(path: Path, fd: int, files: FileOps) -> tuple[Opened, bytes]:
    """Return an open session file read, and its bytes. Raises JournalError where there is nothing to show."""
    try:
        status = files.status(fd)
        if status.st_size > MOST_BYTES:
            raise JournalError(said(path, "is larger than 64 MB", "open a file that the cockpit wrote"))
        data = read_all(fd, files)
        opened = read(data)
    except UnreadableError as error:
        raise JournalError(said(path, error.what, error.todo)) from error
    except OSError as error:
        raise JournalError(said(path, f"cannot be read ({why(error)})", "check the disk")) from error
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        opened = replace(opened, notes=(*opened.notes, "others may write the session file: chmod 600 it"))
    return opened, data


def said(path: Path, what: str, todo: str) -> str:
    """Say in one line where something is wrong, what, and what to do."""
    return f"{clean(path)}: {what}: {todo}"


def why(error: OSError) -> str:
    """Say what the system said."""
    return clean(error.strerror or error, 80)
