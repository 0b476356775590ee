"""Which closed windows a server that remembers is still asked for, and which of them passed while nobody watched."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sessions.plan.model import Windows

MOST = 48
"""So many windows are caught up with at most."""

_GRAIN = 1e-6
_UNHEARD = 3


class Pending:
    """Windows are pending from the one that ran at `since`, when somebody last watched; without it from the first ask.

    `interval` is the pace of asking in s, `at_once` how many windows one question may be about. Windows are counted
    from the epoch by their index.
    """

    def __init__(self, rule: Windows, interval: float, since: datetime | None, at_once: int = MOST) -> None:
        self._rule = rule
        self._interval = interval
        self._at_once = at_once
        self._next = None if since is None else self._index(since)
        self._heard = since
        self._open: set[int] = set()
        self._late: set[int] = set()

    def ask(self, now: datetime) -> Sequence[int]:
        """Return the newest closed windows that are not final at `now` and follow each other, oldest first."""
        current = self._index(now)
        fresh = range(max(current if self._next is None else self._next, current - MOST), current)
        self._late |= {index for index in fresh if self._unheard(index)}
        # A clock that went back makes windows run anew that had closed before.
        self._open = {index for index in {*self._open, *fresh} if current - MOST <= index < current}
        self._late &= self._open
        self._next = current
        return _newest_run(self._open, self._at_once)

    def answered(self, asked: Sequence[int], now: datetime, newest: datetime) -> None:
        """Take note of a whole answer: what had settled by `now`, with data as `newest` behind it, is final."""
        self._heard = now
        settled = self._index(min(now - timedelta(seconds=self._rule.settle), newest))
        self._open -= {index for index in asked if index < settled}

    def late(self, index: int) -> bool:
        """Whether a window passed, or ended, while nobody watched."""
        return index in self._late

    def running(self, now: datetime) -> tuple[datetime, float]:
        """Return the start of the window that runs at `now`, and how many seconds it has run."""
        start = datetime.fromtimestamp(self._index(now) * self._rule.length, UTC)
        return start, (now - start).total_seconds()

    def _index(self, at: datetime) -> int:
        return math.floor(at.timestamp() / self._rule.length + _GRAIN)

    def _unheard(self, index: int) -> bool:
        end = (index + 1) * self._rule.length
        return self._heard is not None and self._heard.timestamp() < end - _UNHEARD * self._interval


def _newest_run(indices: set[int], most: int) -> Sequence[int]:
    """Return the newest numbers that follow each other without a hole, `most` of them at most."""
    if not indices:
        return ()
    newest = first = max(indices)
    while first - 1 in indices and newest - first + 1 < most:
        first -= 1
    return range(first, newest + 1)
