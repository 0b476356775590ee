"""Answers that are waited for: one that comes late is a sign that the machine is busy."""

import contextlib
from collections.abc import Callable, Iterator

_GIVEN_UP = 15.0
"""Seconds of the machine after which whoever does not answer is no longer thought to be busy."""


class Waits:
    """What is waited for now; `clock` counts the seconds of patience, `machine` those of the machine."""

    def __init__(self, clock: Callable[[], float], machine: Callable[[], float]) -> None:
        self._clock = clock
        self._machine = machine
        self._open: dict[object, tuple[str, float, float, float]] = {}
        self._mute: set[str] = set()

    @contextlib.contextmanager
    def waiting(self, name: str, due: float, deadline: float) -> Iterator[None]:
        """Count an answer of `name`, late once it took `due` seconds.

        Who let a deadline pass is mute, not slow: it does not count until it answers.
        """
        token, begun = object(), self._clock()
        self._open[token] = (name, begun, due, self._machine())
        try:
            yield
        finally:
            del self._open[token]
            (self._mute.add if self._clock() - begun >= deadline else self._mute.discard)(name)

    def worst(self) -> float:
        """Return how late the latest answer is; from 1 on it is late."""
        now, real = self._clock(), self._machine()
        shares = [
            (now - begun) / due
            for name, begun, due, since in self._open.values()
            if name not in self._mute and real - since < _GIVEN_UP
        ]
        return max(shares, default=0.0)
