"""How often chance alone would pause a healthy rollout, and how soon a sick one is: what decides the confidence.

Six endpoints for a week, polled every 15 s, each request slow by a coin of its own; what is slow is over twice the
bound as well, the worst case. Judged as the product does: closed windows, few requests pooled, the running one, the
minute.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator
from statistics import mean

from tools.flight import PLAN
from tools.row import Row

from sessions.statistics.chance import proved

ENDPOINTS, WEEK = 6, 7 * 24 * 3600
SIZES, HEALTHY = (5, 20, 100, 1000), (0.0, 0.02, 0.04)
_SLOW, _POOLED = 0.05, 6
_POLLS = round(PLAN.windows.length / PLAN.cadence.traffic)
_MINUTE = round(PLAN.windows.minute / PLAN.cadence.traffic)

Span = tuple[int, int]


def measure(rounds: int) -> list[Row]:
    """A week of six endpoints for each size and share; one round is a tenth of it."""
    weeks = min(1.0, rounds / 10) if rounds < 10 else 1.0
    rng, rows = random.Random(7), list[Row]()
    for size in SIZES:
        told = [_false(size, slow, weeks, rng) for slow in HEALTHY]
        words = ", ".join(f"{slow:.0%}: {count:g}" for slow, count in zip(HEALTHY, told, strict=True))
        rows.append(Row(f"False pauses, {size} requests a window", max(told), "a week", "< 1", f"slow {words}"))
    for size in SIZES:
        for share in (1.0, 0.5):
            took = mean(_until(size, share, rng) for _ in range(20 * rounds)) / 60
            rows.append(Row(f"Until a pause, {size} requests a window", took, "min", "", f"{share:.0%} are slow"))
    return rows


def _false(size: int, slow: float, weeks: float, rng: random.Random) -> float:
    """Return how many windows act by chance in a week of six endpoints."""
    windows = round(ENDPOINTS * WEEK / PLAN.windows.length * weeks)
    judge = _Judge()
    acted = sum(any(judge.polls(polls)) for polls in (_window(size, slow, rng) for _ in range(windows)))
    return round(acted / weeks, 1)


def _until(size: int, slow: float, rng: random.Random) -> float:
    """Return the seconds until a service that is sick from a window's start on is paused; an hour at most."""
    judge = _Judge()
    for number in range(12):
        for poll, acts in enumerate(judge.polls(_window(size, slow, rng)), 1):
            if acts:
                settles = PLAN.windows.settle if poll > _POLLS else 0.0
                return number * PLAN.windows.length + min(poll, _POLLS) * PLAN.cadence.traffic + settles
    return 3600.0


def _window(size: int, slow: float, rng: random.Random) -> list[Span]:
    """Return what each poll of a window brings: requests, and slow ones of them."""
    polls = [[0, 0] for _ in range(_POLLS)]
    for _ in range(size):
        poll = polls[int(rng.random() * _POLLS)]
        poll[0] += 1
        poll[1] += rng.random() < slow
    return [(requests, hits) for requests, hits in polls]


class _Judge:
    """One endpoint, window after window."""

    def __init__(self) -> None:
        self._closed: deque[Span] = deque(maxlen=_POOLED)

    def polls(self, polls: list[Span]) -> Iterator[bool]:
        """Yield at each poll, and last when the window is judged, whether it acts."""
        for at in range(1, _POLLS + 1):
            spans = (_sum(polls[:at]), _sum(polls[max(0, at - _MINUTE) : at]))
            yield any(requests >= PLAN.windows.min_requests and _acts(requests, hits) for requests, hits in spans)
        self._closed.append(_sum(polls))
        yield self._pooled(_acts)

    def _pooled(self, acts: Callable[[int, int], bool]) -> bool:
        requests = hits = 0
        for row in reversed(self._closed):
            if row[1] <= (0 if requests else _SLOW * row[0]):
                return False
            requests, hits = requests + row[0], hits + row[1]
            if acts(requests, hits):
                return True
        return False


def _acts(requests: int, hits: int) -> bool:
    return proved(hits, requests, _SLOW, PLAN.confidence)


def _sum(rows: list[Span]) -> Span:
    return sum(row[0] for row in rows), sum(row[1] for row in rows)
