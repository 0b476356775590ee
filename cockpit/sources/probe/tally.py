"""Traffic out of single requests of our own: windows aligned to the wall clock with exact figures, and the last minute.

A window is vouched for as long as an endpoint was asked on schedule; a request counts where it ended.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum

from msgspec import Struct, field

from sessions.plan.model import Windows as Rule
from sessions.values.readings import Grain, Traffic

WINDOWS_KEPT = 4
_P95 = 0.95
_ON_SCHEDULE = 1.5


class Outcome(Enum):
    """How a request ended: answered rightly, failed, or nobody was reached and it is open whose fault that is."""

    GOOD = "good"
    BAD = "bad"
    LOST = "lost"


class Attempt(Struct, frozen=True):
    """One request, `begun` and `ended` in epoch seconds; `seconds` is None if nothing was timed.

    `late` says that it was given up after `seconds`; `answered` that an HTTP answer came, right or wrong.
    """

    endpoint: str
    begun: float
    ended: float
    outcome: Outcome
    seconds: float | None = None
    late: bool = False
    answered: bool = False
    why: str = ""


class _Bin(Struct):
    """One endpoint's requests in a span of time; `timed` are (seconds, late) in order."""

    requests: int = 0
    errors: int = 0
    timed: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, attempt: Attempt) -> None:
        self.requests += 1
        self.errors += attempt.outcome is Outcome.BAD
        if attempt.seconds is not None:
            insort(self.timed, (attempt.seconds, attempt.late))

    def p95(self) -> tuple[float | None, bool]:
        """Return in ms the smallest time that at least 95 % did not exceed, and whether that request timed out."""
        if not self.timed:
            return None, False
        seconds, late = self.timed[math.ceil(_P95 * len(self.timed) - 1e-9) - 1]
        return round(seconds * 1000, 3), late

    def over(self, bound: float) -> float | None:
        """Return the share 0..1 of the timed ones that took longer than `bound` s.

        None if nothing was timed, or where one was given up before, so that its time is unknown.
        """
        if not self.timed or any(late and seconds <= bound for seconds, late in self.timed):
            return None
        return round(sum(seconds > bound for seconds, _ in self.timed) / len(self.timed), 6)


class Sheet:
    """Collects what was counted; `period` is the time between two requests to one endpoint, in s.

    `bound_ms` is what a slow one takes longer than.
    """

    def __init__(self, rule: Rule, period: float, source: str, bound_ms: float) -> None:
        self._rule, self._period, self._source, self._bound = rule, period, source, bound_ms / 1000
        self._bins: dict[tuple[int, str], _Bin] = {}
        self._open: set[tuple[int, str]] = set()
        self._recent: dict[str, deque[Attempt]] = {}
        self._vouched: dict[str, list[tuple[float, float]]] = {}

    def take(self, attempt: Attempt) -> None:
        """Count one request that was good or bad."""
        key = (int(attempt.ended // self._rule.length), attempt.endpoint)
        self._bins.setdefault(key, _Bin()).add(attempt)
        self._open.add(key)
        self._recent.setdefault(attempt.endpoint, deque()).append(attempt)
        until = max(attempt.ended, attempt.begun + _ON_SCHEDULE * self._period)
        self._vouched[attempt.endpoint] = _with(self._vouched.get(attempt.endpoint, []), attempt.begun, until)

    def readings(self, at: datetime) -> list[Traffic]:
        """Return every window that is open or has changed since the last call, oldest first, then the last minute."""
        now = at.timestamp()
        self._tidy(now)
        windows = [self._window(index, endpoint, at) for index, endpoint in sorted(self._open)]
        self._open = {key for key in self._open if (key[0] + 1) * self._rule.length > now}
        return [*windows, *self._minutes(now, at)]

    def covered(self, endpoint: str, since: float, until: float) -> float:
        """Return the share 0..1 of a span in which the endpoint was asked on schedule."""
        spans = self._vouched.get(endpoint, [])
        inside = sum(max(0.0, min(end, until) - max(start, since)) for start, end in spans)
        return min(1.0, round(inside / (until - since), 6)) if until > since else 0.0

    def _window(self, index: int, endpoint: str, at: datetime) -> Traffic:
        since, end = index * self._rule.length, (index + 1) * self._rule.length
        covered = self.covered(endpoint, since, min(end, at.timestamp()))
        return self._reading(self._bins[index, endpoint], endpoint, (Grain.WINDOW, since, end, covered), at)

    def _minutes(self, now: float, at: datetime) -> Iterator[Traffic]:
        since = now - self._rule.minute
        for endpoint, recent in self._recent.items():
            covered, last = self.covered(endpoint, since, now), _Bin()
            for attempt in recent:
                last.add(attempt)
            if covered > 0:
                yield self._reading(last, endpoint, (Grain.MINUTE, since, now, covered), at)

    def _reading(self, part: _Bin, endpoint: str, span: tuple[Grain, float, float, float], at: datetime) -> Traffic:
        grain, since, end, covered = span
        moments = (datetime.fromtimestamp(since, UTC), at if end == at.timestamp() else _moment(end))
        p95, capped = part.p95()
        over, counts = part.over(self._bound), (part.requests, part.errors)
        return Traffic(self._source, at, endpoint, grain, *moments, *counts, p95, covered, capped, over=over)

    def _tidy(self, now: float) -> None:
        """Forget what is old, and what is in the future after the clock was set back."""
        newest = int(now // self._rule.length)
        kept = range(newest - WINDOWS_KEPT, newest + 1)
        self._bins = {key: part for key, part in self._bins.items() if key[0] in kept}
        self._open &= self._bins.keys()
        oldest = kept.start * self._rule.length
        for recent in self._recent.values():
            while recent and not now - self._rule.minute < recent[0].ended <= now + self._period:
                recent.popleft()
        self._vouched = {
            name: [(start, end) for start, end in spans if end > oldest and start <= now]
            for name, spans in self._vouched.items()
        }


def _with(spans: list[tuple[float, float]], start: float, end: float) -> list[tuple[float, float]]:
    """Return the union with one more span; requests may end in another order than they began."""
    united: list[tuple[float, float]] = []
    for since, until in sorted([*spans, (start, end)]):
        if united and since <= united[-1][1]:
            united[-1] = (united[-1][0], max(until, united[-1][1]))
        else:
            united.append((since, until))
    return united


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
