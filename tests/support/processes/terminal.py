"""A cockpit in a real pseudo-terminal: bytes, flags, signals. Its children are ended by their own pid."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[3]
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h", b"\x1b[?2004l")
_MODES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_ON_AT_FIRST = {"7", "25"}
"""Lines wrap, and the cursor is seen."""
_PAINT_NOTHING = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]p?|\x1b[P_^][^\x1b]*\x1b\\\\")
"""Sequences that talk about the terminal; the emulator does not know all of them."""


def changed(out: bytes) -> set[str]:
    """Say what these bytes leave a terminal with that it did not begin with: modes, keyboard, a title that is kept."""
    now: dict[str, bool] = {}
    for numbers, way in _MODES.findall(out):
        now |= dict.fromkeys(numbers.decode().split(";"), way == b"h")
    left = {mode for mode, on in now.items() if on is not (mode in _ON_AT_FIRST)}
    if len(re.findall(rb"\x1b\[>\d+u", out)) > out.count(b"\x1b[<u"):
        left.add("keyboard")
    if out.count(b"\x1b[22;0t") > out.count(b"\x1b[23;0t"):
        left.add("title")
    return left


class Terminal:
    """Runs `in_terminal.py`, or another `program`, with `args` under a shell-like parent of its own.

    `out` is what was written, `text` what stands on the screen because of it: an update writes only the cells that
    differ, so a word that appears may come in parts, or not at all where its letters stood already.
    """

    def __init__(
        self, *args: str, size=(48, 160), program=(str(ROOT / "tests/support/processes/in_terminal.py"),), env=None
    ) -> None:
        self.out = self._unseen = b""
        self._screen = pyte.Screen(size[1], size[0])
        self._stream = pyte.ByteStream(self._screen)
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.pid = os.fork()
        if self.pid == 0:
            self._become((*program, *args), os.environ if env is None else env)

    def _become(self, args, env) -> None:
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(self.slave, fd)
        os.closerange(3, 64)
        env = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        env.pop("NO_COLOR", None)
        os.execve(sys.executable, [sys.executable, *args], env)

    def pump(self, seconds: float) -> bool:
        """Read what comes within `seconds`."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.out += data
        self._unseen += data
        return bool(data)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        self._stream.feed(_PAINT_NOTHING.sub(b"", self._unseen))
        self._unseen = b""
        return "\n".join(self._screen.display)

    def until(self, wanted: bytes, limit: float = 60.0) -> None:
        """Read until `wanted` was written in one piece: a control sequence, or a word of the first paint."""
        end = time.monotonic() + limit
        while wanted not in self.out:
            assert time.monotonic() < end, self.out[-2000:]
            self.pump(0.1)

    def shows(self, *wanted: str, limit: float = 60.0) -> str:
        """Read until one of these stands on the screen, and return which."""
        end = time.monotonic() + limit
        while not (found := [one for one in wanted if one in self.text]):
            assert time.monotonic() < end, (wanted, self.text)
            self.pump(0.1)
        return found[0]

    def resize(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._screen.resize(lines, columns)

    def quiet(self, for_s: float = 0.5) -> None:
        """Read until nothing new was painted for a while: what was typed before has been dealt with."""
        while self.pump(for_s):
            pass

    def send(self, data: bytes) -> None:
        os.write(self.master, data)

    def flags(self):
        return termios.tcgetattr(self.slave)

    def wait(self, limit: float = 60.0) -> int:
        """Return the exit code; the rest of the output is read meanwhile."""
        end = time.monotonic() + limit
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                while self.pump(0.05):
                    pass
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, self.out[-2000:]
            self.pump(0.05)

    def stopped(self, limit: float = 60.0) -> None:
        """Wait until the child is stopped."""
        end = time.monotonic() + limit
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                while self.pump(0.05):
                    pass
                return
            assert time.monotonic() < end, self.out[-2000:]
            self.pump(0.05)

    def close(self) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for fd in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(fd)
