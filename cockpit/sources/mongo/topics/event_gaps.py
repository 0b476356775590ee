"""The gaps between a journey's events, found without fetching the events."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

Gap = tuple[datetime, datetime]


class Run(Struct, frozen=True):
    """Events of one journey that lie close together: the first, the last, how many."""

    first: datetime
    last: datetime
    count: int


def gaps(runs: Sequence[Run], before: datetime | None, bound: float) -> tuple[Gap, ...]:
    """Return every (last, first) of neighbours more than `bound` seconds apart, oldest first.

    `before` is the last event known from before the runs, None where none is known.
    """
    ordered = sorted(runs, key=lambda run: run.first)
    found: list[Gap] = []
    last = before if before and ordered and before < ordered[0].first else None
    for run in ordered:
        if last is not None and run.first - last > timedelta(seconds=bound):
            found.append((last, run.first))
        last = run.last if last is None else max(last, run.last)
    return tuple(found)
