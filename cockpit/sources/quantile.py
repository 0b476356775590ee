"""A quantile out of a classic histogram, by Prometheus' rules."""

import math
from collections.abc import Mapping


def quantile(share: float, buckets: Mapping[float, float]) -> tuple[float | None, bool]:
    """Return the quantile (share 0..1) in the buckets' unit, and whether it lies above the highest finite bound.

    `buckets` maps upper bounds to cumulative counts; inside a bucket observations are taken as spread evenly, the first
    one begins at 0. None where nothing was observed or the +Inf bucket is missing.
    """
    bounds = sorted(buckets)
    if len(bounds) < 2 or bounds[-1] != math.inf:
        return None, False
    counts = _rising([buckets[bound] for bound in bounds])
    if not counts[-1] > 0:
        return None, False
    rank = share * counts[-1]
    index = next(at for at, count in enumerate(counts) if count >= rank)
    if bounds[index] == math.inf:
        return bounds[index - 1], True
    if index == 0 and bounds[0] <= 0:
        return bounds[0], False
    low, below = (bounds[index - 1], counts[index - 1]) if index else (0.0, 0.0)
    inside = counts[index] - below
    return (low + (bounds[index] - low) * (rank - below) / inside if inside else bounds[index]), False


def _rising(counts: list[float]) -> list[float]:
    """Cumulative counts never fall; where a reset or another layout made them, the higher one below holds."""
    rising: list[float] = []
    for count in counts:
        rising.append(max(count, rising[-1]) if rising else count)
    return rising
