"""Answers that are waited for: one that comes late is a sign that the machine is busy."""

import contextlib
from collections.abc import Callable, Iterator

GIVEN_UP = 15.0
"""Seconds of the machine that somebody is waited for in vain, all in all, after which it is gone and not slow."""

LONG = 5.0
"""Seconds of the machine from which on a wait is in vain, however slow the clock: its end is no answer that helps."""

KNOWN_SLOW = 1.5
"""How late an answer counts, at the least, of whom let the last deadline pass: the clock is slow before it is due."""


class Waits:
    """What is waited for now; `clock` counts the seconds of patience, `machine` those of the machine."""

    def __init__(self, clock: Callable[[], float], machine: Callable[[], float]) -> None:
        self._clock = clock
        self._machine = machine
        self._open: dict[object, tuple[str, float, float, float]] = {}
        self._vain: dict[str, float] = {}

    @contextlib.contextmanager
    def waiting(self, name: str, due: float, deadline: float) -> Iterator[None]:
        """Count an answer of `name`, late once it took `due` seconds, in vain once it took `deadline`."""
        token, begun, since = object(), self._clock(), self._machine()
        self._open[token] = (name, begun, due, since)
        try:
            yield
        finally:
            del self._open[token]
            took = self._machine() - since
            if took >= LONG or self._clock() - begun >= deadline:
                self._vain[name] = self._vain.get(name, 0.0) + took
            else:
                self._vain.pop(name, None)

    def worst(self) -> float:
        """Return how late the latest answer is; from 1 on it is late."""
        now, real = self._clock(), self._machine()
        shares = [
            max((now - begun) / due, KNOWN_SLOW if name in self._vain else 0.0)
            for name, begun, due, since in self._open.values()
            if self._vain.get(name, 0.0) + real - since < GIVEN_UP
        ]
        return max(shares, default=0.0)
