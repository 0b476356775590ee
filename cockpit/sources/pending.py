"""Which closed windows a server that remembers is still asked for, and which of them nobody watched."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sessions.plan import Windows

MOST = 48
"""So many windows are asked for at most."""

_GRAIN = 1e-6
_UNHEARD = 3


class Pending:
    """Windows are pending from the one that ran at `since`, when somebody last watched; without it from the first ask.

    `interval` is the pace of asking in s. Windows are counted from the epoch by their index.
    """

    def __init__(self, rule: Windows, interval: float, since: datetime | None) -> None:
        self._rule = rule
        self._interval = interval
        self._first = None if since is None else self._index(since)
        self._heard = since
        self._late: set[int] = set()

    def ask(self, now: datetime) -> Sequence[int]:
        """Return the closed windows to ask for at `now`, oldest first, without a hole between them."""
        current = self._index(now)
        first = current if self._first is None else min(self._first, current)
        self._first = max(first, current - MOST)
        indices = range(self._first, current)
        self._late |= {index for index in indices if self._unheard(index)}
        return indices

    def answered(self, now: datetime, newest: datetime) -> None:
        """Take note of a whole answer: what had settled by `now`, with data as `newest` behind it, is final."""
        self._heard = now
        settled = min(now - timedelta(seconds=self._rule.settle), newest)
        self._first = max(self._index(settled), self._first or 0)
        self._late = {index for index in self._late if index >= self._first}

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
