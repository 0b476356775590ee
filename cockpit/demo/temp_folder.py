"""The demo's temporary folder: on the leash of its cockpit, and claimed by a lock while anybody lives in it.

Where all were killed, the leash too, the next demo sweeps it.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from cockpit.runtime.leash import LEASH

PREFIX = "cockpit-demo-"
_CLAIM = "alive"
_YOUNG = 60.0


def claimed() -> tuple[Path, int]:
    """Return a new folder and the open lock that claims it. Raises OSError."""
    folder = Path(tempfile.gettempdir()).absolute() / f"{PREFIX}{secrets.token_hex(8)}"
    LEASH.hold_folder(folder)  # before it is there: no moment to be killed in
    folder.mkdir(mode=0o700)
    lock = os.open(folder / _CLAIM, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder, lock


def removed(folder: Path) -> None:
    """Remove a folder that is on the leash; it stays on it while somebody who is dying still writes into it."""
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        LEASH.let_go_folder(folder)


def sweep(now: float) -> None:
    """Remove folders whose demo was killed with all its children; one younger than a minute may be starting."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            facts = folder.lstat()
            if facts.st_uid == os.getuid() and now - facts.st_mtime > _YOUNG and _abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _abandoned(folder: Path) -> bool:
    """Say whether nobody holds the claim. Raises OSError if there is none to hold."""
    lock = os.open(folder / _CLAIM, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
