"""Leaving on a signal or from a dead terminal: the screen is put away first, and no blocked terminal can prevent it."""

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
PATIENCE = 2.0
"""Seconds that an orderly leave may take before the terminal is reset by force."""
RESET = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?25h\x1b[?1049l\x1b[23;0t\x1b[0m"
)


class Shutdown:
    """Turns signals into one orderly leave; keeps the terminal's flags as they were, for the worst case."""

    def __init__(self, leave: Callable[[int], None]) -> None:
        self._leave = leave
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._last: threading.Timer | None = None
        self._flags = _flags()

    def watch(self) -> None:
        """Take the signals over; does nothing outside the main thread."""
        self._loop = asyncio.get_running_loop()
        for number in SIGNALS:
            with contextlib.suppress(ValueError):
                self._before[number] = signal.signal(number, self._signalled)

    def done(self) -> None:
        """Give the signals back: the screen is gone."""
        if self._last is not None:
            self._last.cancel()
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        """Runs between two steps of the main thread, even while that waits for a terminal that does not read."""
        if self._last is None:
            self._last = threading.Timer(PATIENCE, force, (128 + number, self._flags))
            self._last.daemon = True
            self._last.start()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._leave, 128 + number)


def hung_up() -> bool:
    """Whether the terminal is gone: reading from it would return at once, for ever, with nothing."""
    if not hasattr(select, "poll"):
        return False
    with contextlib.suppress(OSError, ValueError):
        poll = select.poll()
        poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
    return False


def _flags() -> list[Any] | None:
    with contextlib.suppress(OSError, ValueError, AttributeError, termios.error):
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    return None


def force(code: int, flags: list[Any] | None) -> None:
    """Give the flags back, reset the modes if the terminal takes bytes, and end: what was acknowledged is on disk."""
    with contextlib.suppress(OSError, ValueError, termios.error):
        fd = sys.__stderr__.fileno() if sys.__stderr__ else 2
        if flags is not None:
            termios.tcsetattr(fd, termios.TCSANOW, flags)
        os.set_blocking(fd, False)
        termios.tcflush(fd, termios.TCOFLUSH)
        os.write(fd, RESET)
    os._exit(code)
