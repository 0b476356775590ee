"""What Prometheus answered about a span, by endpoint, and each endpoint's traffic reading from it.

A part that is no number, is missing or appears twice is reported as a doubt. It never counts as zero.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from cockpit.settings.models.traffic import Prometheus
from cockpit.settings.models.variant import OFF, ON
from cockpit.sources.interface.offers import labels_wanted
from cockpit.sources.interface.source import TWO_PROCESSES
from cockpit.sources.prometheus.api import QuerySeries
from cockpit.sources.prometheus.promql import PART, RESTARTING, SEVERAL, WHOLE
from sessions.text.clean import clean
from sessions.values.readings import Grain, Side, Split, Traffic

ALL = ""
"""Stands for the endpoint where a part concerns none."""

_TORN = "a bucket that grew more than +Inf"
_COUNTS = ("requests", "errors")
_WHOLE = 0.5
"""What is less than half a request is how numbers round."""


class Cells(Struct, frozen=True):
    """The parts of one span: `values` by endpoint and part; `twice` holds what was there more than once."""

    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    twice: Collection[tuple[str, str]] = ()


class Frame(Struct, frozen=True):
    """What all readings of one span share: `steps` is how many looks a whole span holds."""

    source: str
    at: datetime
    grain: Grain
    start: datetime
    end: datetime
    steps: int
    partial: bool = False
    backfilled: bool = False


def sorted_by_time(rows: Iterable[QuerySeries], spec: Prometheus, span: str) -> dict[float, Cells]:
    """Return the parts called `span.…` for each moment of evaluation, in the server's epoch seconds."""
    values: dict[float, dict[str, dict[str, float]]] = {}
    twice: dict[float, set[tuple[str, str]]] = {}
    for row in rows:
        name, _, part = row.labels.get(PART, "").partition(".")
        if name != span:
            continue
        endpoint = endpoint_of(row, spec)
        for at, value in row.points:
            cell = values.setdefault(at, {}).setdefault(endpoint, {})
            if part in cell:
                twice.setdefault(at, set()).add((endpoint, part))
            cell[part] = value
    return {at: Cells(cells, twice.get(at, ())) for at, cells in values.items()}


def otherwise(rows: Iterable[QuerySeries]) -> dict[float, str]:
    """Return at which moments of evaluation some instances were several processes each, and a note about it."""
    found: dict[float, tuple[str, list[str]]] = {}
    for part, words in ((SEVERAL, TWO_PROCESSES), (RESTARTING, "restarts again and again")):
        for row in rows:
            if row.labels.get(PART) == part:
                for at, _ in row.points:
                    known, names = found.setdefault(at, (words, []))
                    names += [row.labels.get("instance", "?")] if known == words else []
    return {at: f"{words}; {_listed(names)}" for at, (words, names) in found.items()}


def _listed(names: Sequence[str]) -> str:
    several = sorted({clean(name, 60) for name in names})
    return f"{several[0]} and {len(several) - 1} more" if len(several) > 1 else several[0]


def whole(rows: Iterable[QuerySeries], part: str) -> float | None:
    """Return a value that concerns no endpoint, None if it is missing or no number."""
    found = [row.points[0][1] for row in rows if row.labels.get(PART) == f"{WHOLE}.{part}" and row.points]
    return found[0] if len(found) == 1 and math.isfinite(found[0]) else None


def endpoint_of(row: QuerySeries, spec: Prometheus) -> str:
    """Return the endpoint as a plan writes it, ALL for a series without its label."""
    metrics = spec.metrics
    words = [row.labels.get(label, "") for label in (metrics.method, metrics.endpoint) if label]
    return " ".join(words) if all(words) else ALL


def unlabelled(rows: Iterable[QuerySeries], spec: Prometheus) -> list[str]:
    """Say of each own question whose answer does not name its endpoints which labels it has instead."""
    own = {"requests": spec.queries.requests, "errors": spec.queries.errors, "p95": spec.queries.p95}
    metrics, found = spec.metrics, dict[str, set[str]]()
    for row in rows:
        _, _, part = row.labels.get(PART, "").partition(".")
        if own.get(part) and endpoint_of(row, spec) == ALL:
            found.setdefault(part, set()).update(
                label for label, value in row.labels.items() if value and label != PART
            )
    wanted = [label for label in (metrics.method, metrics.endpoint) if label]
    return [
        f"queries.{part}: {labels_wanted(metrics, [one for one in wanted if one not in labels], labels)}"
        for part, labels in found.items()
    ]


def traffic(cells: Cells, frame: Frame, endpoints: Iterable[str], spec: Prometheus) -> tuple[list[Traffic], list[str]]:
    """Return a reading for every endpoint whose requests were counted, and what was wrong with others."""
    readings: list[Traffic] = []
    doubts: list[str] = []
    for endpoint in endpoints:
        parts = cells.values.get(endpoint, {})
        if "requests" not in parts:
            continue
        found = _doubts(cells, endpoint, spec)
        doubts += found
        if not found or all(doubt.startswith("p95") for doubt in found):
            readings.append(_reading(cells, frame, endpoint, spec, timed=not found))
    return readings, doubts


def _doubts(cells: Cells, endpoint: str, spec: Prometheus) -> list[str]:
    """Say what about an endpoint is no number; where nothing failed yet, only own PromQL must say so."""
    parts, own = cells.values[endpoint], spec.queries
    names = [part for part in (*_COUNTS, "p95") if part in parts]
    said = [f"{name} twice for {endpoint}" for name in names if (endpoint, name) in cells.twice]
    said += [f"{name} {parts[name]:g} for {endpoint}" for name in _COUNTS if not _counted(parts.get(name, 0.0))]
    if own.errors and "errors" not in parts:
        said.append(f"errors missing for {endpoint}")
    p95 = parts.get("p95", 0.0)
    busy = parts["requests"] > 0
    if (math.isinf(p95) or p95 < 0) or (math.isnan(p95) and busy):
        said.append(f"p95 {p95:g} for {endpoint}")
    if "torn" in parts:
        said.append(f"p95: {_TORN}, for {endpoint}")
    return [clean(text, 100) for text in said]


def _counted(value: float) -> bool:
    return math.isfinite(value) and value >= 0


def _reading(cells: Cells, frame: Frame, endpoint: str, spec: Prometheus, *, timed: bool) -> Traffic:
    parts = cells.values[endpoint]
    unit = 1000.0 if spec.metrics.unit == "s" else 1.0
    p95 = parts["p95"] if timed and math.isfinite(parts.get("p95", math.nan)) else None
    within = parts.get("within", math.nan)
    return Traffic(
        frame.source,
        frame.at,
        endpoint,
        frame.grain,
        frame.start,
        frame.end,
        round(parts["requests"], 3),
        round(parts.get("errors", 0.0), 3),
        None if p95 is None else round(p95 * unit, 3),
        0.0 if frame.partial else _covered(cells, endpoint, frame.steps),
        p95 is not None and math.isclose(parts.get("top", math.nan), p95, rel_tol=1e-9),
        parts.get("resets", 0.0) > 0,
        over=round(1 - within, 6) if 0 <= within <= 1 and "torn" not in parts else None,
        backfilled=frame.backfilled,
        no_p95=_TORN if "torn" in parts else "",
        refused=round(refused, 3) if _counted(refused := parts.get("refused", 0.0)) else 0.0,
        split=_split(cells, endpoint, spec),
    )


def _split(cells: Cells, endpoint: str, spec: Prometheus) -> Split | None:
    """Return who had the flag, None if nothing says it, or says no number."""
    parts = cells.values[endpoint]
    told = [f"{side}.requests" for side in (ON, OFF) if f"{side}.requests" in parts]
    doubtful = any(name == endpoint and part.partition(".")[0] in (ON, OFF) for name, part in cells.twice)
    if not told or doubtful or not all(_counted(parts[name]) for name in told):
        return None
    on, off = (_side(parts, side, spec) for side in (ON, OFF))
    neither = round(parts["requests"] - on.requests - off.requests, 3)
    return Split(on, off, neither if neither >= _WHOLE else 0.0)


def _side(parts: Mapping[str, float], side: str, spec: Prometheus) -> Side:
    """Where nothing failed yet, only own PromQL must say so."""
    unit, own = 1000.0 if spec.metrics.unit == "s" else 1.0, spec.queries.errors
    requests = parts.get(f"{side}.requests", 0.0)
    errors = parts.get(f"{side}.errors", math.nan if own and requests else 0.0)
    p95, within = (math.nan if "torn" in parts else parts.get(f"{side}.{part}", math.nan) for part in ("p95", "within"))
    return Side(
        round(requests, 3),
        round(errors, 3) if _counted(errors) else None,
        round(p95 * unit, 3) if _counted(p95) else None,
        round(1 - within, 6) if 0 <= within <= 1 else None,
    )


def _covered(cells: Cells, endpoint: str, steps: int) -> float:
    """The smaller of two shares: how long the endpoint was there, and how many of its instances' scrapes were good."""
    shared = cells.values.get(ALL, {})
    alive = cells.values[endpoint].get("alive", shared.get("alive", 0.0)) / steps
    shares = (alive, shared.get("up", 0.0))
    return round(min(*shares, 1.0), 6) if all(math.isfinite(share) and share > 0 for share in shares) else 0.0
