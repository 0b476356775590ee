"""Stretches of time as (since, until) pairs: clipped, joined, measured."""

from collections.abc import Iterable
from datetime import datetime

Stretch = tuple[datetime, datetime]


def clipped(stretches: Iterable[Stretch], since: datetime, until: datetime) -> tuple[Stretch, ...]:
    """Return what lies within `since`..`until`, oldest first; nothing of what is empty or turned round."""
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
