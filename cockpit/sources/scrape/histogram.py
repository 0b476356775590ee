"""What cannot be in a classic histogram: buckets that do not rise, that grow more than all together, or come and go."""

import math
from collections.abc import Mapping
from itertools import pairwise

_NEAR = 1e-12


def torn(before: Mapping[float, float], now: Mapping[float, float], *, anew: bool) -> str:
    """Say why the growth of a histogram between two pages is unknown; empty if it is known.

    Both map upper bounds to running totals; `before` is empty where it was not there, `anew` says that it began at zero
    since. Prometheus gives a line seen for the first time no growth, its siblings theirs: a quantile of both is false.
    """
    scale = max(now.values(), default=0.0)
    if not _rises(now, scale):
        return "buckets that do not rise"
    if anew or not before:
        return ""
    if before.keys() != now.keys():
        return "bucket lines that came or went"
    steps = {bound: total - before[bound] for bound, total in now.items()}
    if max(steps.values()) > steps.get(math.inf, math.inf) + _NEAR * scale:
        return "a bucket that grew more than +Inf"
    return "" if _rises(steps, scale) else "a bucket that grew more than the next"


def _rises(counts: Mapping[float, float], scale: float) -> bool:
    """Whether cumulative counts never fall from one bound to the next, but for what totals of that scale round."""
    row = [counts[bound] for bound in sorted(counts)]
    return all(later >= earlier - _NEAR * scale for earlier, later in pairwise(row))
