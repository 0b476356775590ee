"""A program in a terminal of its own, looked at from outside: what it has painted, since when, at what cost."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

import psutil
import pyte

COLUMNS, ROWS = 160, 48
_PRIVATE = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]p?|\x1b[P_^][^\x1b]*\x1b\\\\")
"""Sequences that talk about the terminal and paint nothing; the emulator does not know all of them."""
_PATIENCE = 30.0


class NeverError(Exception):
    """What was waited for did not come; the text is the screen as it is."""


class Terminal:
    """A program started in a pty of 160x48, and an emulator that reads what it paints; a context manager.

    A thread reads, so that what is measured is when the bytes come and not how slowly they are understood here.
    `written` is how many bytes have been understood so far.
    """

    def __init__(self, command: Sequence[str], extra: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        surroundings = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **extra}
        self.written = 0
        self._begun = self._came = time.perf_counter()
        self._child = subprocess.Popen(
            command, env=surroundings, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._process = psutil.Process(self._child.pid)
        self._deaf = threading.Event()
        self._come: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self._screen.display)

    def until(self, seen: Callable[[str], bool]) -> float:
        """Return the seconds from the start until the screen was as wanted. Raises NeverError."""
        patience = time.perf_counter() + _PATIENCE
        while not seen(self.text):
            if not self._read(patience - time.perf_counter()):
                raise NeverError(self.text)
        return self._came - self._begun

    def after(self, key: str, seen: Callable[[str], bool]) -> float:
        """Press a key and return the milliseconds until the screen was as wanted. Raises NeverError."""
        pressed = time.perf_counter()
        os.write(self._fd, key.encode())
        self.until(seen)
        return 1000 * (self._came - pressed)

    def rest(self, seconds: float) -> None:
        """Leave the program alone, but take in what it paints."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def idle(self, seconds: float) -> float:
        """Return the percentage of one core that the program and its children take while left alone."""
        before, begun = self._spent(), time.perf_counter()
        self.rest(seconds)
        return 100 * (self._spent() - before) / (time.perf_counter() - begun)

    def spent(self) -> dict[int, tuple[str, float]]:
        """Return of the program and each of its children the command, and the processor time so far in seconds."""
        times = {one.pid: (" ".join(one.cmdline()), one.cpu_times()) for one in self._tree()}
        return {pid: (command, used.user + used.system) for pid, (command, used) in times.items()}

    def memory(self) -> float:
        """Return the proportional memory of the program and its children in MB."""
        return sum(process.memory_full_info().pss for process in self._tree()) / 1e6

    def unread(self) -> None:
        """Read no more: what the program writes from now on stays in its way."""
        self._deaf.set()
        self._reader.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._tree() if self._child.poll() is None else []):
            process.kill()
        self._child.wait()
        self.unread()
        os.close(self._fd)

    def _listen(self) -> None:
        """Read what comes, with its moment, until nobody listens any more or the program has ended."""
        while not self._deaf.is_set():
            if select.select([self._fd], [], [], 0.05)[0]:
                try:
                    data = os.read(self._fd, 1 << 16)
                except OSError:
                    return
                self._come.put((time.perf_counter(), data))

    def _read(self, seconds: float) -> bool:
        """Understand what comes next; False when nothing came within that time."""
        try:
            self._came, data = self._come.get(timeout=max(seconds, 0.001))
        except Empty:
            return False
        self.written += len(data)
        self._stream.feed(_PRIVATE.sub(b"", data))
        return True

    def _tree(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]

    def _spent(self) -> float:
        times = [process.cpu_times() for process in self._tree()]
        return sum(one.user + one.system for one in times)
