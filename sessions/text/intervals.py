"""Stretches of time as (since, until) pairs: clipped, joined, measured."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate

Stretch = tuple[datetime, datetime]


def clipped(stretches: Iterable[Stretch], since: datetime, until: datetime) -> tuple[Stretch, ...]:
    """Return the stretches clipped to `since`..`until`, oldest first; drop empty or reversed ones."""
    cut = ((max(start, since), min(end, until)) for start, end in stretches)
    return tuple(sorted((start, end) for start, end in cut if start < end))


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the union: stretches that touch or overlap become one, oldest first."""
    union: list[Stretch] = []
    for start, end in sorted(stretches):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return tuple(union)


def total(stretches: Iterable[Stretch]) -> float:
    """Return the seconds that the union lasts."""
    return sum((end - start).total_seconds() for start, end in joined(stretches))


def shared(some: Sequence[Stretch], others: Sequence[Stretch]) -> float:
    """Return the seconds that two unions, as `joined` makes them, have in common."""
    seconds, first = 0.0, 0
    for since, until in some:
        while first < len(others) and others[first][1] <= since:
            first += 1
        number = first
        while number < len(others) and others[number][0] < until:
            seconds += (min(until, others[number][1]) - max(since, others[number][0])).total_seconds()
            number += 1
    return seconds


class Overlaps:
    """Stretches that may overlap, with a fast search."""

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        spans = sorted(stretches)
        self._since = [since for since, _ in spans]
        self._until = list(accumulate((until for _, until in spans), max))

    def until(self, at: datetime) -> datetime | None:
        """Return the latest end of the stretches around `at`; None if there is none."""
        number = bisect_left(self._since, at)
        return self._until[number - 1] if number and self._until[number - 1] > at else None
