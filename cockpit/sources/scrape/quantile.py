"""What a classic histogram tells: a quantile by Prometheus' rules with its bucket, and the share over a bound."""

import math
from collections.abc import Collection, Mapping

from msgspec import Struct

from cockpit.sources.scrape.series import Series

_NEAR = 1e-9


class Estimate(Struct, frozen=True):
    """A quantile in the buckets' unit and the bucket (`low`..`high`) it lies in.

    A `high` of infinity says that the quantile is capped: it lies somewhere over the value, the highest finite bound.
    """

    value: float
    low: float
    high: float

    @property
    def capped(self) -> bool:
        """Whether only a lower end is known."""
        return self.high == math.inf


def quantile(share: float, buckets: Mapping[float, float]) -> Estimate | None:
    """Return the quantile of `share` 0..1.

    `buckets` maps upper bounds to cumulative counts; inside a bucket observations are taken as spread evenly, the first
    one begins at 0. None if nothing was observed or the +Inf bucket is missing.
    """
    bounds = sorted(buckets)
    if len(bounds) < 2 or bounds[-1] != math.inf:
        return None
    counts = _rising([buckets[bound] for bound in bounds])
    if not counts[-1] > 0:
        return None
    rank = share * counts[-1]
    index = next(at for at, count in enumerate(counts) if count >= rank)
    high = bounds[index]
    low, below = (bounds[index - 1], counts[index - 1]) if index else (min(0.0, high), 0.0)
    if high == math.inf:
        return Estimate(low, low, high)
    inside = counts[index] - below
    return Estimate(low + (high - low) * (rank - below) / inside, low, high)


def over(bound: float, buckets: Mapping[float, float]) -> float | None:
    """Return the share 0..1 of observations over `bound`; None if it is no bucket's edge or nothing was observed."""
    bounds = sorted(buckets)
    edge = edge_at(bound, bounds)
    if edge is None or bounds[-1] != math.inf:
        return None
    counts = dict(zip(bounds, _rising([buckets[each] for each in bounds]), strict=True))
    return (counts[math.inf] - counts[edge]) / counts[math.inf] if counts[math.inf] > 0 else None


def edge_at(bound: float, bounds: Collection[float]) -> float | None:
    """Return the bucket's edge that is `bound`, compared as numbers; None if there is none."""
    return next((edge for edge in bounds if math.isclose(edge, bound, rel_tol=_NEAR)), None)


def bucket_around(bound: float, bounds: Collection[float]) -> tuple[float, float] | None:
    """Return the bucket (low, high) around `bound`; None if `bound` is an edge. `high` may be infinity."""
    if edge_at(bound, bounds) is not None:
        return None
    low = max((edge for edge in bounds if edge < bound), default=0.0)
    return low, min((edge for edge in bounds if edge > bound), default=math.inf)


def _rising(counts: list[float]) -> list[float]:
    """Cumulative counts never fall; where a reset or another layout made them, the higher one below holds."""
    rising: list[float] = []
    for count in counts:
        rising.append(max(count, rising[-1]) if rising else count)
    return rising


Layouts = Collection[frozenset[float]]


def layouts(values: Mapping[str, tuple[Series, float]]) -> Layouts:
    """Return the different sets of bounds, in seconds, that the series of an answer have."""
    found: dict[tuple[str, str], set[float]] = {}
    for series, _ in values.values():
        if series.bound is not None:
            found.setdefault((series.endpoint, series.instrument), set()).add(series.bound)
    return {frozenset(bounds) for bounds in found.values()}


def misfit(bound: float, known: Layouts) -> str:
    """Say in which bucket the bound (ms) is if it is not an edge everywhere; the worst case of all instances."""
    around = [bucket_around(bound / 1000, bounds) for bounds in known]
    low, high = max(filter(None, around), key=lambda edges: edges[1], default=(0.0, 0.0))
    if not high:
        return ""
    if high == math.inf:
        return f"{bound:g} ms lies over every bucket (highest {low * 1000:g} ms)"
    return f"{bound:g} ms lies inside a bucket ({low * 1000:g}–{high * 1000:g} ms)"
