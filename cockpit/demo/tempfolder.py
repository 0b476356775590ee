"""The demo's temporary folder: claimed by a lock while anybody lives in it, swept by the next demo when nobody does."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "cockpit-demo-"
_CLAIM = "alive"
_YOUNG = 60.0


def claimed() -> tuple[Path, int]:
    """Return a new folder and the open lock that claims it. Raises OSError."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = os.open(folder / _CLAIM, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder, lock


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
    """Say whether nobody holds the claim. Raises OSError where there is none to hold."""
    lock = os.open(folder / _CLAIM, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
