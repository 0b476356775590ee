"""Waiting for what other threads and signal handlers tell."""

import contextlib
import signal
from queue import Empty, SimpleQueue

ENDS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""The signals that end a command that lasts."""


def heeded() -> tuple[signal.Signals, ...]:
    """Return those to be heeded: under `nohup` a command goes on where its terminal is closed."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return tuple(number for number in ENDS if not (ignored and number is signal.SIGHUP))


class WakeUp:
    """An event that takes no lock: a signal handler may set it in the middle of the wait that it interrupts."""

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Wake all that wait, now or next; from any thread."""
        self._told.put(None)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it was set, `seconds` at most; return whether it was. Several calls until then count once."""
        try:
            self._told.get(timeout=seconds)
        except Empty:
            return False
        with contextlib.suppress(Empty):
            while True:
                self._told.get_nowait()
        return True
