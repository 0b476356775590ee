"""What there is to chart: the subjects of each criterion, and each subject's series with bound and band."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from sessions.criteria.growth import band
from sessions.state.reducer import State
from sessions.values.readings import Traffic
from widgets.base.view import View
from widgets.detail.chart import Plot, Point
from widgets.panes.errors import shares

ALL = "all"


def subjects(view: View, criterion: str) -> tuple[str, ...]:
    """Return what a criterion has a chart for, in the plan's order."""
    plan = view.plan
    names: Mapping[str, tuple[str, ...]] = {
        "latency": plan.endpoints,
        "errors": (ALL, *plan.endpoints),
        "analytics": tuple(journey.id for journey in plan.journeys),
        "growth": tuple(collection.name for collection in plan.collections),
    }
    return names.get(criterion, ())


def plot(view: View, criterion: str, subject: str) -> Plot | None:
    """Return the series of one subject, None where a criterion has none."""
    draw = _PLOTS.get(criterion)
    return draw(view, subject) if draw else None


def _latency(view: View, subject: str) -> Plot:
    row = view.state.seen.windows.get(subject, ())
    points = _windows(view, row, lambda window: window.p95_ms)
    capped = min((window.p95_ms for window in row if window.p95_capped and window.p95_ms is not None), default=None)
    return replace(_over_time(view, points, view.plan.latency.p95_ms, "ms"), capped=capped)


def _errors(view: View, subject: str) -> Plot:
    if subject == ALL:
        starts = sorted({window.start for row in view.state.seen.windows.values() for window in row})
        points = tuple((start.timestamp(), share) for start, share in zip(starts, shares(view), strict=False))
    else:
        points = _windows(view, view.state.seen.windows.get(subject, ()), _share)
    return _over_time(view, points, view.plan.errors.share, "%")


def _share(window: Traffic) -> float | None:
    return 100 * window.errors / window.requests if window.requests > 0 else None


def _windows(view: View, row: tuple[Traffic, ...], value: Callable[[Traffic], float | None]) -> tuple[Point, ...]:
    """Return a point per window, with a gap where windows are missing."""
    points: list[Point] = []
    for before, window in zip((None, *row), row, strict=False):
        if before is not None and (window.start - before.start).total_seconds() > view.plan.windows.length * 1.5:
            points.append((before.end.timestamp(), None))
        points.append((window.start.timestamp(), value(window)))
    return tuple(points)


def _analytics(view: View, subject: str) -> Plot:
    """Silence as a saw: each gap over the bound grows until its end, and so does the one that is open now."""
    state = view.state
    beat = state.seen.beats.get(subject)
    since = beat.since if beat else state.entered_at or view.now
    points: list[Point] = [(since.timestamp(), 0.0)]
    for start, end in state.seen.gaps.get(subject, ()):
        length = (end - start).total_seconds() / 60
        points += [(start.timestamp(), 0.0), (end.timestamp(), length), (end.timestamp(), 0.0)]
    if beat is not None and beat.newest is not None:
        points += [(beat.newest.timestamp(), 0.0), (beat.at.timestamp(), view.age(beat.newest) / 60)]
    shown = tuple(points) if beat is not None else ()
    return _over_time(view, shown, view.plan.gap / 60, "min")


def _growth(view: View, subject: str) -> Plot:
    row = view.state.seen.sizes.get(subject, ())
    points = tuple((size.at.timestamp(), float(size.count)) for size in row)
    edges = [(size.at, _band(view.state, subject, size.at)) for size in row]
    bands = tuple(tuple((at.timestamp(), edge[side]) for at, edge in edges if edge is not None) for side in (0, 2))
    drawn = _over_time(view, points, None, "docs")
    return Plot(drawn.points, None, tuple(band for band in bands if band), drawn.ticks, drawn.span, "docs", None)


def _band(state: State, collection: str, at: datetime) -> tuple[float, float, float] | None:
    known = next((row for row in state.plan.collections if row.name == collection), None)
    return band(state, known, at) if known else None


def _over_time(view: View, points: Iterable[Point], bound: float | None, unit: str) -> Plot:
    shown = tuple(points)
    xs = [x for x, _ in shown] or [view.now.timestamp()]
    start, end = min(xs), max(*xs, min(xs) + 1)
    return Plot(shown, bound, (), _ticks(view, start, end), (start, end), unit)


def _ticks(view: View, start: float, end: float) -> tuple[tuple[float, str], ...]:
    """Return up to seven labels at round times of day."""
    steps = (10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
    step = next((step for step in steps if (end - start) / step <= 7), steps[-1])
    first = datetime.fromtimestamp(start - start % step, UTC)
    moments = [first + timedelta(seconds=step * number) for number in range(9)]
    return tuple((at.timestamp(), view.time(at, fine=step < 60)) for at in moments if start <= at.timestamp() <= end)


_PLOTS: Mapping[str, Callable[[View, str], Plot]] = {
    "latency": _latency,
    "errors": _errors,
    "analytics": _analytics,
    "growth": _growth,
}
