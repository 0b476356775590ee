"""Where the buckets of each endpoint's histogram end: asked for now and then, because they rarely change.

A p95 is only an estimate inside its bucket. The judge must know whether the plan's bound lies in the same bucket.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from cockpit.settings.models.traffic import Prometheus
from cockpit.sources.prometheus.api import QuerySeries
from cockpit.sources.prometheus.cells import endpoint_of
from sessions.values.readings import Grain, Traffic

USUAL, DOUBTED = timedelta(minutes=10), timedelta(minutes=1)
"""How old the edges may be, and how old where an answer does not agree with them."""

_NEAR = 1e-6

Edges = tuple[float, ...]
"""Upper ends of buckets in ms, rising, all over zero and finite."""


def edges_of(rows: Iterable[QuerySeries], spec: Prometheus) -> Mapping[str, Edges]:
    """Return the edges of each endpoint that all of its histograms have; none for one whose +Inf is missing."""
    unit, counts = 1000.0 if spec.metrics.unit == "s" else 1.0, dict[str, dict[float, float]]()
    for row in rows:
        edge = _edge(row.labels.get("le", ""))
        if edge is not None and row.points:
            known = counts.setdefault(endpoint_of(row, spec), {})
            known[edge] = known.get(edge, 0.0) + row.points[0][1]
    return {
        endpoint: tuple(
            round(edge * unit, 6) for edge in sorted(known) if 0 < edge < math.inf and known[edge] >= all_of
        )
        for endpoint, known in counts.items()
        if (all_of := known.get(math.inf))
    }


class Buckets:
    """The edges known so far, and when they were asked for; `bound` is the plan's, in ms."""

    def __init__(self, spec: Prometheus, bound: float) -> None:
        self._spec = spec
        self._bound = bound
        self._known: dict[str, Edges] = {}
        self._at: datetime | None = None
        self._doubted = False

    def due(self, now: datetime) -> bool:
        """Whether to ask at `now`: never of a native histogram, or where the p95 comes from PromQL of the owner's."""
        if self._spec.native or self._spec.queries.p95:
            return False
        return self._at is None or not self._at <= now < self._at + (DOUBTED if self._doubted else USUAL)

    def learn(self, rows: Iterable[QuerySeries], now: datetime) -> None:
        """Keep the edges of a whole answer; edges that it does not mention stay known."""
        self._known.update(edges_of(rows, self._spec))
        self._at, self._doubted = now, False

    def fitted(self, reading: Traffic) -> Traffic:
        """Return a reading with the bucket that its p95 lies in, where that is known.

        The share over the bound is one only where that is an edge of all histograms; a window has it there. Where it
        has none, the edge is gone.
        """
        edges = self._known.get(reading.endpoint)
        if edges is None or reading.p95_ms is None:
            return reading
        told, counted = any(map(self._is_bound, edges)), reading.over is not None
        asked = reading.grain is Grain.WINDOW
        self._doubted = self._doubted or (asked and told is not counted)
        if asked and not counted:
            edges = tuple(edge for edge in edges if not self._is_bound(edge))
        bucket = None if reading.p95_capped else _around(reading.p95_ms, edges)
        return replace(reading, bucket_ms=bucket, over=reading.over if told else None)

    def _is_bound(self, edge: float) -> bool:
        return math.isclose(edge, self._bound, rel_tol=_NEAR)


def _around(value: float, edges: Edges) -> tuple[float, float] | None:
    high = next((edge for edge in edges if edge >= value or math.isclose(edge, value, rel_tol=_NEAR)), None)
    return None if high is None else (max((edge for edge in edges if edge < high), default=0.0), high)


def _edge(text: str) -> float | None:
    try:
        bound = float(text)
    except ValueError:
        return None
    return None if math.isnan(bound) else bound
