"""When the newest judgement is painted: at once where something turned, else with the second, and once for all."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Protocol

from sessions.gate.judgement import Judgement

LEAST = 0.25
"""Seconds between two paints, however often the Watch judges."""
SECOND = 1.0
"""Seconds between two paints where nothing turned: figures and ages go on by the second."""
_SILENT = 0.75
"""Seconds without a paint after which the second hand paints without a judgement: its beat and the Watch's drift."""
_JUMP = 0.5
"""Seconds by which the clock that is shown runs ahead of time, or behind it, where another moment is shown."""


class Painting(Protocol):
    """Who paints, and can be asked to later."""

    def paint(self) -> None:
        """Paint the newest judgement, and tell the hand what was painted."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        """Call back after so many seconds."""


class SecondHand:
    """Asks for a paint when the time on the screen changes; the painter calls `painted`."""

    def __init__(self, screen: Painting) -> None:
        self._screen = screen
        self._pause = inf
        self._at = 0.0
        self._was: tuple[Judgement, datetime] | None = None

    def painted(self, judgement: Judgement, now: datetime) -> None:
        """Note what is on the screen."""
        self._pause, self._at, self._was = inf, _time(), (judgement, now)

    def changed(self, judgement: Judgement, now: datetime) -> None:
        """Paint a new judgement in time."""
        pause = LEAST if self._turned(judgement, now) else SECOND
        if pause < self._pause:
            self._pause = pause
            self._screen.set_timer(max(0.001, self._at + pause - _time()), self._due)

    def passed(self) -> None:
        """A second has passed: paint, where nobody did for most of it."""
        if _time() - self._at > _SILENT:
            self._screen.paint()

    def _due(self) -> None:
        if self._pause < inf:
            self._screen.paint()

    def _turned(self, judgement: Judgement, now: datetime) -> bool:
        if self._was is None:
            return True
        was, then = self._was
        jump = (now - then).total_seconds() - (_time() - self._at)
        return abs(jump) > _JUMP or turns(was) != turns(judgement)


def turns(judgement: Judgement) -> tuple[object, ...]:
    """Return the events of a judgement; the rest are figures that move."""
    state = judgement.state
    marks = [verdict.mark for verdict in judgement.verdicts.values()]
    levels = [(risk.level, risk.asking) for risk in judgement.risks.values()]
    conditions = [condition.mark for condition in judgement.gate.conditions]
    return state.seq, dict(state.faults), state.journal_fault, marks, levels, conditions


def _time() -> float:
    return asyncio.get_running_loop().time()
