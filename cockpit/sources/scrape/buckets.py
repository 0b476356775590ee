"""Whether histograms can prove the plan's bound: it should be the edge of a bucket."""

import math
from collections.abc import Collection, Mapping

from cockpit.sources.scrape.exposition import Series
from cockpit.sources.scrape.quantile import bucket_around

Layouts = Collection[frozenset[float]]


def layouts(values: Mapping[str, tuple[Series, float]]) -> Layouts:
    """Return the different sets of bounds, in seconds, that the series of an answer have."""
    found: dict[tuple[str, str], set[float]] = {}
    for series, _ in values.values():
        if series.bound is not None:
            found.setdefault((series.endpoint, series.instrument), set()).add(series.bound)
    return {frozenset(bounds) for bounds in found.values()}


def misfit(bound: float, known: Layouts) -> str:
    """Say where the bound (in ms) lies when it is no bucket's edge everywhere; the worst case speaks."""
    around = [bucket_around(bound / 1000, bounds) for bounds in known]
    low, high = max(filter(None, around), key=lambda edges: edges[1], default=(0.0, 0.0))
    if not high:
        return ""
    if high == math.inf:
        return f"{bound:g} ms lies over every bucket (highest {low * 1000:g} ms)"
    return f"{bound:g} ms lies inside a bucket ({low * 1000:g}–{high * 1000:g} ms)"
