"""The leash: a warden, which outlives this process by seconds, ends what must not outlive it.

The warden is one small process, see `warden.py`; it is started when there is first something to hold. Where it cannot
be, nothing is refused: an act never waits for its leash.
"""

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

WARDEN = Path(__file__).with_name("warden.py")
_GOODBYE = 1.0


class Leash:
    """Process groups and folders that end with this process; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, float] = {}
        self._warden: subprocess.Popen[bytes] | None = None

    def hold_group(self, group: int, patience: float = 0.0) -> None:
        """Let a process group be killed once we are gone; `patience` s later where it may end by itself."""
        self._hold(f"group {group}", patience)

    def let_go_group(self, group: int) -> None:
        """Hold a group no more: it has ended, and its number may become somebody else's."""
        self._let_go(f"group {group}")

    def hold_folder(self, folder: Path) -> None:
        """Let a folder be removed once we and all groups are gone; one may be held before it is made."""
        self._hold(f"folder {folder.absolute()}", 0.0)

    def let_go_folder(self, folder: Path) -> None:
        """Hold a folder no more."""
        self._let_go(f"folder {folder.absolute()}")

    def close(self) -> None:
        """Let the warden do what is still to be done; with nothing held it is gone afterwards."""
        with self._lock:
            warden, self._warden = self._warden, None
            self._held.clear()
        if warden is not None and warden.stdin is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                warden.stdin.close()
                warden.wait(_GOODBYE)

    def _hold(self, what: str, patience: float) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._held[what] = patience
            self._tell(f"{patience:g} {what}\0")

    def _let_go(self, what: str) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._held.pop(what, None) is not None:
                self._tell(f"- {what}\0")

    def _tell(self, message: str) -> None:
        """Tell the warden, or a new one all of it where there is none or it does not listen. Raises OSError."""
        if self._warden is not None:
            with contextlib.suppress(OSError):
                _write(self._warden, message)
                return
            _buried(self._warden)
        elif not self._held:
            return
        else:
            atexit.register(self.close)
        self._warden = None
        self._warden = _started()
        _write(self._warden, "".join(f"{patience:g} {what}\0" for what, patience in self._held.items()))


def _started() -> subprocess.Popen[bytes]:
    """Start a warden out of reach of the terminal's signals. Raises OSError."""
    warden = subprocess.Popen(  # noqa: S603 (our own interpreter and file)
        [sys.executable, "-I", "-S", str(WARDEN), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    assert warden.stdin is not None  # noqa: S101 (a pipe was asked for)
    os.set_blocking(warden.stdin.fileno(), False)  # one that was stopped must not stop us
    return warden


def _buried(warden: subprocess.Popen[bytes]) -> None:
    """End one that does not listen any more."""
    warden.kill()
    if warden.stdin is not None:
        warden.stdin.close()
    warden.wait()


def _write(warden: subprocess.Popen[bytes], message: str) -> None:
    assert warden.stdin is not None  # noqa: S101 (a pipe was asked for)
    os.write(warden.stdin.fileno(), os.fsencode(message))


LEASH = Leash()
"""The one of this process."""
