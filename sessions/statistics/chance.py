"""Whether what was counted may be chance: the exact binomial test, and Fisher's of two groups, both one-sided.

Few requests say little: of 20 requests of a service with 2 % slow ones, two are slow in every fifteenth window.
"""

import math

_TINY = 1e-18
"""A term of the tail that adds nothing to it any more."""


def proved(hits: float, of: float, share: float, confidence: float) -> bool:
    """Whether `hits` of `of` prove that more than `share` (0..1) of all are hits, with `confidence` in %.

    The chance of so many hits, if just `share` of all were some, is less than what the confidence leaves. Parts of a
    request are no request: `hits` are rounded down, `of` is rounded up.
    """
    if not (math.isfinite(hits) and math.isfinite(of)):
        return False
    low, high = math.floor(hits + 1e-6), math.ceil(of - 1e-6)
    if not 0 < low <= high or low <= share * high:
        return False
    return _tail(low, high, share, 1 - confidence / 100) <= 1 - confidence / 100


def proved_worse(one: tuple[float, float], other: tuple[float, float], confidence: float) -> bool:
    """Whether the first of two groups, each (hits, of), proves to have more hits for its size, with `confidence` in %.

    If both had the same share, the hits would fall on their members at random, whatever the share is: the chance that
    so many fall on the first is less than what the confidence leaves. Parts of a request are taken against it.
    """
    if not all(math.isfinite(number) for number in (*one, *other)):
        return False
    low, size = math.floor(one[0] + 1e-6), math.ceil(one[1] - 1e-6)
    hits, both = low + math.ceil(other[0] - 1e-6), size + math.floor(other[1] + 1e-6)
    if not (0 < low <= size and low <= hits <= low + both - size) or low * both <= hits * size:
        return False
    return _drawn(low, hits, size, both, 1 - confidence / 100) <= 1 - confidence / 100


def _drawn(low: int, hits: int, size: int, both: int, enough: float) -> float:
    """Return the chance that `size` drawn of `both` hold `low` of all `hits` or more; see `_tail`."""
    term, total = math.exp(_ways(hits, low) + _ways(both - hits, size - low) - _ways(both, size)), 0.0
    for found in range(low, min(hits, size) + 1):
        total += term
        if total > enough or term <= _TINY * total:
            break
        term *= (hits - found) * (size - found) / ((found + 1) * (both - hits - size + found + 1))
    return total


def _ways(of: int, drawn: int) -> float:
    """Return the logarithm of how many ways there are to draw so many of some."""
    return math.lgamma(of + 1) - math.lgamma(drawn + 1) - math.lgamma(of - drawn + 1)


def _tail(low: int, high: int, share: float, enough: float) -> float:
    """Return the chance of `low` hits or more of `high`; no longer summed up once it is over `enough`."""
    if share <= 0:
        return 0.0
    term = math.exp(
        math.lgamma(high + 1)
        - math.lgamma(low + 1)
        - math.lgamma(high - low + 1)
        + low * math.log(share)
        + (high - low) * math.log1p(-share)
    )
    total, odds = 0.0, share / (1 - share)
    for hits in range(low, high + 1):
        total += term
        if total > enough or term <= _TINY * total:
            break
        term *= odds * (high - hits) / (hits + 1)
    return total
