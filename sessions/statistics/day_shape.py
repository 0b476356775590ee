"""How a day goes: which share of a day's growth comes in which of its hours, once each hour was seen.

The shape says when documents come, never how many: a day's sum is the plan's.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from msgspec import Struct

from sessions.text.intervals import Stretch
from sessions.values.readings import Size

HOURS = 24

Exposed = Callable[[Stretch], float]
"""How many hours a stretch counts for, by the flag's share in it."""


class Day(Struct, frozen=True):
    """Each hour's factor, their mean 1, and what the whole hours since the one numbered `first` add up to.

    `hour` is how long one is, in s; the first one begins at `since`.
    """

    factors: tuple[float, ...]
    hour: float
    since: datetime
    first: int
    sums: tuple[float, ...]

    def hours(self, until: datetime, exposed: Exposed) -> float:
        """Return how many hours from `since` to `until` count for, each weighted with its factor."""
        number = min(math.floor(until.timestamp() / self.hour), self.first + len(self.sums) - 1)
        parts = _whole_hours(self.since, until, number, self.hour)
        return self.sums[number - self.first] + sum(self.factors[at % HOURS] * exposed(part) for at, part in parts)


def day_of(firsts: Sequence[Size], hour: float, exposed: Exposed, since: datetime) -> Day | None:
    """Return what a day is like by the first counts of its hours, oldest first; None until each hour was seen."""
    factors = _factors(firsts, hour, exposed)
    if factors is None:
        return None
    first = math.floor(since.timestamp() / hour)
    parts = _whole_hours(since, firsts[-1].at, first, hour)
    hours = (factors[number % HOURS] * exposed(part) for number, part in parts[:-1])
    return Day(factors, hour, since, first, tuple(accumulate(hours, initial=0.0)))


def _factors(firsts: Sequence[Size], hour: float, exposed: Exposed) -> tuple[float, ...] | None:
    if len(firsts) <= HOURS:
        return None
    grown, over = [0.0] * HOURS, [0.0] * HOURS
    for one, following in pairwise(firsts):
        number = math.floor(one.at.timestamp() / hour)
        if math.floor(following.at.timestamp() / hour) == number + 1:
            grown[number % HOURS] += max(0, following.count - one.count)
            over[number % HOURS] += exposed((one.at, following.at))
    if not all(over) or not any(grown):
        return None
    rates = [more / hours for more, hours in zip(grown, over, strict=True)]
    return tuple(rate * HOURS / sum(rates) for rate in rates)


def _whole_hours(since: datetime, until: datetime, first: int, hour: float) -> list[tuple[int, Stretch]]:
    """Cut `since`..`until` where hours end, from the hour numbered `first` on."""
    numbers = range(first, math.floor(until.timestamp() / hour) + 1)
    cut = ((number, (_edge(number, hour), _edge(number + 1, hour))) for number in numbers)
    return [(number, (max(since, start), min(until, end))) for number, (start, end) in cut]


def _edge(number: int, hour: float) -> datetime:
    return datetime.fromtimestamp(number * hour, UTC)
