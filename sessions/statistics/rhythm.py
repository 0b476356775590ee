"""How long a journey may be still without wonder, by the pace of the events before.

Events that come by chance at one pace leave gaps without memory. After n gaps that took t seconds in all, the next one
is longer than g with the chance (1 + g / t) ** -n: the pace itself is known only as well as n gaps tell it.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

NEWEST = 20
"""So many gaps tell the pace: few enough to follow the hour of the day."""
CHANCE = 0.01
_LEAST = 3


def usual(times: Sequence[datetime], least: float) -> float:
    """Return the longest gap in s that is usual after events at `times`, oldest first; at least `least`.

    Fewer than three gaps say nothing.
    """
    newest = times[-NEWEST - 1 :]
    count = len(newest) - 1
    if count < _LEAST:
        return least
    took = (newest[-1] - newest[0]).total_seconds()
    return max(least, took * (math.pow(CHANCE, -1 / count) - 1))


def strange_gaps(times: Sequence[datetime], least: float) -> tuple[tuple[datetime, datetime], ...]:
    """Return the gaps between neighbours that are longer than was usual before them."""
    pairs = enumerate(pairwise(times), 1)
    return tuple(
        (before, after)
        for place, (before, after) in pairs
        if (after - before).total_seconds() > usual(times[max(0, place - NEWEST - 1) : place], least)
    )
