"""Who is told that there is something new to see."""

import contextlib
from collections.abc import Callable


class Wakes:
    """Callbacks of screens. One that raises is a screen that died, and takes nothing with it."""

    def __init__(self) -> None:
        self._wakes: list[Callable[[], None]] = []

    def add(self, wake: Callable[[], None]) -> None:
        """Tell this one too."""
        self._wakes.append(wake)

    def call(self) -> None:
        """Tell all of them."""
        for wake in self._wakes:
            with contextlib.suppress(Exception):
                wake()
