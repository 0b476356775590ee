"""One chart as HTML: lines in SVG that stretch with the page, and labels that do not.

Letters keep their size at any width: a chart is as readable on a phone as on paper.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from sessions.reports.html.axis import ticks
from sessions.reports.html.course import Course, Stay
from sessions.reports.html.curves import Point
from sessions.reports.html.markup import Html, tag
from sessions.text.units import figure

WIDE, HIGH = 1000, 100
"""A chart's own units; what is drawn in them is stretched to the page."""
UNDER = "course"
"""The id of the background of every chart, drawn once."""
_HUGE = 1e15
_APART = 0.16
"""Labels that lie closer than this part of a chart's height would touch."""


class Chart(Struct, frozen=True):
    """What to draw: points in order of time, the bound, or the band as (moment, low, high); `gap` s part a line.

    `said` says in words how it went, `tone` how that stands out: `good`, `bad`, `blind`. From `capped` on, values only
    say that the true ones are somewhere above.
    """

    title: str
    unit: str
    points: tuple[Point, ...]
    gap: float
    said: str = ""
    tone: str = ""
    bound: float | None = None
    band: tuple[tuple[datetime, float, float], ...] = ()
    floor: float | None = 0.0
    capped: float | None = None


class _Scale(Struct, frozen=True):
    """From moments and values to a chart's own units."""

    course: Course
    low: float
    high: float

    def x(self, at: datetime) -> str:
        return f"{self.course.share(at) * WIDE:.1f}".removesuffix(".0")

    def y(self, value: float) -> str:
        return f"{self.down(value) * HIGH:.1f}".removesuffix(".0")

    def down(self, value: float) -> float:
        """How far below the top a value lies, 0..1."""
        return 1 - (value - self.low) / (self.high - self.low)


def chart(one: Chart, over: Course, tz: tzinfo | None) -> Html:
    """Return a chart as a figure; empty where it has no point that could be drawn."""
    runs = _runs(one, over)
    if not runs:
        return Html("")
    said = tag("span", one.said, class_=f"said {one.tone}".strip()) if one.said else ""
    head = tag("figcaption", tag("b", one.title), " ", said)
    scale = _scale(one, runs, over)
    lines = (
        tag("use", href=f"#{UNDER}"),
        *_band(one, scale),
        *([_level(one.bound, scale)] if one.bound is not None else []),
        *(tag("path", d=_path(run, scale), class_="line" if len(run) > 1 else "line dot") for run in runs),
    )
    box = f"0 0 {WIDE} {HIGH}"
    label = f"{one.title}: {one.said}" if one.said else one.title
    drawn = tag("svg", *lines, viewBox=box, preserveAspectRatio="none", role="img", aria_label=label)
    plot = tag("div", drawn, *_levels(one, scale), *ticks(over, tz), class_="plot")
    return tag("figure", head, plot, class_="chart")


def under(over: Course) -> Html:
    """Return the background of every chart, for one place in the page: time spans and moves."""
    kinds = (("unseen", over.unseen), ("paused", over.paused), ("fuse", over.fuses))
    parts = [_stretch(kind, stay, over) for kind, stays in kinds for stay in stays]
    for move in over.moves:
        x = f"{over.share(move.at) * WIDE:.1f}"
        parts.append(tag("line", x1=x, x2=x, y1=0, y2=HIGH, class_="back" if move.back else "ahead"))
    return tag("svg", tag("defs", tag("g", *parts, id=UNDER)), class_="kept", aria_hidden="true", width=0, height=0)


def _stretch(kind: str, stay: Stay, over: Course) -> Html:
    start, end = over.share(stay.since) * WIDE, over.share(stay.until) * WIDE
    return tag("rect", x=f"{start:.1f}", y=0, width=f"{max(end - start, 1.5):.1f}", height=HIGH, class_=kind)


def _runs(one: Chart, over: Course) -> list[list[Point]]:
    """Return the stretches of a line between its gaps; what no chart could show is a gap too."""
    runs: list[list[Point]] = []
    for at, value in one.points:
        if not (math.isfinite(value) and abs(value) < _HUGE and over.since - _WINDOW <= at <= over.until):
            continue
        if runs and (at - runs[-1][-1][0]).total_seconds() <= one.gap:
            runs[-1].append((at, value))
        else:
            runs.append([(at, value)])
    return runs


_WINDOW = timedelta(days=1)
"""A window may begin before the period that it ends in."""


def _scale(one: Chart, runs: list[list[Point]], over: Course) -> _Scale:
    values = [value for run in runs for _, value in run]
    values += [one.bound] if one.bound is not None else []
    values += [edge for _, *edges in one.band for edge in edges]
    low, high = min(values), max(values)
    low = min(low, one.floor) if one.floor is not None else low
    air = (high - low) * 0.08 or max(1.0, abs(high) * 0.1)
    return _Scale(over, low if one.floor is not None else low - air, high + air)


def _path(run: Sequence[Point], scale: _Scale) -> str:
    """A single point is a line without length: its round ends make it a dot."""
    (first, value), *rest = run
    more = "".join(f"L{scale.x(at)} {scale.y(one)}" for at, one in rest)
    return f"M{scale.x(first)} {scale.y(value)}{more or 'h0.01'}"


def _band(one: Chart, scale: _Scale) -> Iterator[Html]:
    if len(one.band) > 1:
        low = [f"{scale.x(at)} {scale.y(edge)}" for at, edge, _ in one.band]
        high = [f"{scale.x(at)} {scale.y(edge)}" for at, _, edge in one.band]
        yield tag("path", d=f"M{'L'.join((*high, *reversed(low)))}Z", class_="band")


def _level(value: float, scale: _Scale) -> Html:
    y = scale.y(value)
    return tag("line", x1=0, x2=WIDE, y1=y, y2=y, class_="bound")


def _levels(one: Chart, scale: _Scale) -> Iterator[Html]:
    """The labels beside the lines: the bound, and top and bottom where they do not stand in its way."""
    taken = [scale.down(one.bound)] if one.bound is not None else []
    for value in (scale.high if one.capped is None else one.capped, scale.low):
        down = scale.down(value)
        if all(abs(down - other) > _APART for other in taken):
            over = "over " if value == one.capped else ""
            yield _label("y", down, f"{over}{_figure(value, one.unit)}")
    if one.bound is not None:
        yield _label("y bound", taken[0], _figure(one.bound, one.unit))


def _label(kind: str, down: float, text: str) -> Html:
    return tag("span", text, class_=kind, style=f"top:{down * 100:.1f}%")


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit in {"docs", "open"} else figure(value, unit)
