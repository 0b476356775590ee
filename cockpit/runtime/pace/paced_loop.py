"""An event loop that uses a slowed clock: all sleeps and timeouts in it are longer by the same factor."""

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any, Protocol

BEAT = 0.1
"""Seconds of the machine between two words of how well a loop keeps pace."""
_LEAST = 0.002
_SLOWEST = 0.05


class Pace(Protocol):
    """The clock of an event loop."""

    def boot(self) -> float:
        """Return the seconds that a loop counts."""
        ...

    def pace(self) -> float:
        """Return how fast they go by."""
        ...


Beat = Callable[[float, float], None]
"""Told at a moment since boot by how many seconds at worst the loop was late."""


def machine_seconds() -> float:
    """Return the seconds since boot, as `Clock.boot` does."""
    source = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if source is None else time.clock_gettime(source)


def real_seconds(seconds: float) -> float:
    """Return how long `seconds` of the running loop last by the machine's clock as things are now."""
    loop = asyncio.get_running_loop()
    return loop.stretched(seconds) if isinstance(loop, PacedLoop) else seconds


class PacedLoop(asyncio.SelectorEventLoop):
    """Its time is that of `clock`; `beat` is called ten times a second, however slow that is."""

    def __init__(self, clock: Pace, beat: Beat) -> None:
        self._pace = clock
        self._frozen: float | None = None
        super().__init__(_Stretched(self, beat))

    def time(self) -> float:
        """Return the clock's seconds."""
        return self._pace.boot() if self._frozen is None else machine_seconds() - self._frozen

    def hasten(self) -> None:
        """Keep the machine's pace from now on: what ends does not wait for a slow world."""
        self._frozen = machine_seconds() - self._pace.boot()

    def stretched(self, seconds: float) -> float:
        """Return how long `seconds` last by the machine's clock."""
        pace = 1.0 if self._frozen is not None else max(self._pace.pace(), _SLOWEST)
        return seconds if pace == 1 else max(seconds / pace, _LEAST)


class _Stretched(selectors.DefaultSelector):
    """Waits as long as the loop's clock needs, and never so long that a beat is missed."""

    def __init__(self, loop: PacedLoop, beat: Beat) -> None:
        super().__init__()
        self._loop = loop
        self._beat = beat
        self._left = self._told = machine_seconds()
        self._late = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Wait; what kept the loop from waiting, or from waking up in time, is how late it is."""
        asked = machine_seconds()
        wait = BEAT if timeout is None else 0.0 if timeout <= 0 else min(self._loop.stretched(timeout), BEAT)
        found = super().select(wait)
        woken = machine_seconds()
        late = max(asked - self._left, woken - asked - wait if not found else 0.0)
        self._late = max(self._late, late)
        self._left = woken
        if woken - self._told >= BEAT:
            self._told, late, self._late = woken, self._late, 0.0
            self._beat(woken, late)
        return found
