"""Leaving on a signal or from a dead terminal: the screen is put away first, and no blocked terminal can prevent it."""

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from cockpit.tui.keyboard.relay import current

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
PATIENCE = 2.0
"""Seconds that an orderly leave may take before the terminal is reset by force."""
RESET = b"\x1b\\" + b"".join(
    [
        *(b"\x1b[?%dl" % mode for mode in (1000, 1002, 1003, 1004, 1006, 1015, 1016, 2004, 2026, 2048)),
        b"\x1b[?7h",
        b"\x1b[<u",
        b"\x1b[?1049l",
        b"\x1b[?25h",
        b"\x1b[23;0t",
        b"\x1b[0m",
    ]
)
"""Ends a word that was cut short, then: mouse, focus, paste, held-back painting, sizes in band, wrap, keyboard, screen,
cursor, title, colours."""
TAKEN = 1.5
"""Seconds that a terminal is given to take the reset."""
_AGAIN = 0.01


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
        if (relay := current()) is not None and relay.ended_by:
            self._signalled(relay.ended_by, None)

    def done(self) -> None:
        """Give the signals back: the screen is gone. What ends it by force has its way, once it began."""
        if self._last is not None:
            self._last.cancel()
            self._last.join()
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
    """Whether the terminal is gone: a read would return at once with nothing, again and again."""
    if not hasattr(select, "poll"):
        return False
    with contextlib.suppress(OSError, ValueError):
        poll = select.poll()
        poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
    return False


def _flags() -> list[Any] | None:
    if (relay := current()) is not None:  # now it is as the screen before left it
        return relay.flags
    with contextlib.suppress(OSError, ValueError, AttributeError, termios.error):
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    return None


def force(code: int, flags: list[Any] | None) -> None:
    """Give the flags back, reset the modes, and end: what was acknowledged is on disk.

    Runs on a thread of its own, while another may be stuck in a write to this very terminal.
    """
    with contextlib.suppress(OSError, ValueError, termios.error):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})  # also from the background
        fd = sys.__stderr__.fileno() if sys.__stderr__ else 2
        own = _own(fd)
        if flags is not None:
            termios.tcsetattr(own, termios.TCSANOW, flags)
        _silence(fd, code - 128)
        _press(own, RESET, time.monotonic() + TAKEN)
    os._exit(code)


def _own(fd: int) -> int:
    """Open the terminal again: a duplicated descriptor would share its blocking mode with other writers."""
    try:
        return os.open(os.ttyname(fd), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # it has no name here
        os.set_blocking(fd, False)
        return os.dup(fd)


def _silence(fd: int, number: int) -> None:
    """Let nobody else write any more: what comes goes nowhere, and a signal ends the write that is under way.

    That one holds the terminal for itself until it is read, whoever else wants to write.
    """
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for each in {1, 2, fd}:
        os.dup2(nowhere, each)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.ident is not None:
            with contextlib.suppress(OSError):
                signal.pthread_kill(thread.ident, number)


def _press(own: int, data: bytes, end: float) -> None:
    """Write all of it until `end`. As long as nothing of it is taken, what was painted and not read makes room."""
    termios.tcflow(own, termios.TCOON)
    left = data
    while left and time.monotonic() < end:
        if left == data:
            termios.tcflush(own, termios.TCOFLUSH)
        with contextlib.suppress(BlockingIOError):
            left = left[os.write(own, left) :]
            continue
        time.sleep(_AGAIN)
