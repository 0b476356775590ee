"""How likely it is that traffic of a steady rate is enough, where requests and events come by chance (Poisson)."""

import math
from enum import StrEnum

from sessions.plan.model import Plan

SURE = 0.95
"""What is as likely as this is taken to happen."""
RARE = 0.01
"""What is less likely than this is taken not to happen."""

MANY = 500.0
"""From here on the normal distribution is as good, and does not underflow."""
_WHOLE_MINUTES = 120.0
_WHOLE_SECONDS = 2.0


class Supply(StrEnum):
    """Whether an endpoint's requests will do: in each window, pooled, at times not even pooled, or never."""

    ENOUGH = "enough"
    POOLED = "pooled"
    AT_TIMES = "thin at times"
    THIN = "thin"


def at_least(count: int, mean: float) -> float:
    """Return the chance that `count` or more come where `mean` are expected."""
    if count <= 0:
        return 1.0
    if not mean > 0:
        return 0.0
    if max(count, mean) > MANY:
        return 0.5 * math.erfc((count - 0.5 - mean) / math.sqrt(2 * mean))
    term = fewer = math.exp(-mean)
    for number in range(1, count):
        term *= mean / number
        fewer += term
    return max(0.0, 1.0 - fewer)


def supply(plan: Plan, per_hour: float) -> Supply:
    """Say whether so many requests an hour are what the plan asks of an endpoint."""
    needed = plan.windows.min_requests
    if at_least(needed, in_span(per_hour, plan.windows.length)) >= SURE:
        return Supply.ENOUGH
    pooled = in_span(per_hour, max(plan.windows.pool, plan.windows.length))
    if at_least(needed, pooled) >= SURE:
        return Supply.POOLED
    return Supply.AT_TIMES if pooled >= needed else Supply.THIN


def in_span(per_hour: float, span: float) -> float:
    """Return how many are expected in `span` s."""
    return per_hour * span / 3600


def longer(plan: Plan, per_hour: float) -> float:
    """Return the chance that a gap between two events is longer than the plan allows; as often it is, at any moment."""
    return math.exp(-in_span(max(per_hour, 0.0), plan.gap))


def walk_every(plan: Plan) -> float | None:
    """Return how often, in s, a synthetic walk keeps the bound of a gap even where one of them fails.

    Two of them fit into it, and one asking of the database. None where the bound is too short for any.
    """
    most = (plan.gap - plan.cadence.mongo) / 2
    if most >= _WHOLE_MINUTES:
        return 60.0 * math.floor(most / 60)
    return float(math.floor(most)) if most >= _WHOLE_SECONDS else None
