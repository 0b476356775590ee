"""A chart of one series with its bound and its band; the only place that knows plotext.

Only finite numbers ever reach it, split at gaps, and never a canvas of less than 10 x 4 cells.
"""

import math
import re
import threading
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from widgets.base.styled import LEAD, QUIET, STRONG, Bit, Line

Point = tuple[float, float | None]
LEAST_WIDTH, LEAST_HEIGHT = 10, 4
_HUGE = 1e15
_LOCK = threading.Lock()
_TONES = {"1": STRONG, "4": LEAD, "6": QUIET}
_SERIES, _BOUND, _BAND = "blue", "red", "cyan"
_CODE = re.compile(r"\x1b\[([0-9;]*)m")


class Plot(Struct, frozen=True):
    """What to draw: points (x, y) in order of x with None in gaps, a bound, a band of two lines, labels along x.

    `floor` is the lowest end of the y axis; `ticks` are (x, label); `unit` is that of the y labels. From `capped` on,
    values only say that the true ones are somewhere above.
    """

    points: tuple[Point, ...]
    bound: float | None = None
    band: tuple[tuple[Point, ...], ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    span: tuple[float, float] = (0.0, 1.0)
    unit: str = ""
    floor: float | None = 0.0
    capped: float | None = None


def drawable(value: float) -> bool:
    """Return whether plotext survives the number."""
    return math.isfinite(value) and abs(value) < _HUGE


def segments(points: Sequence[Point]) -> list[list[tuple[float, float]]]:
    """Return the runs of finite points between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if y is not None and drawable(x) and drawable(y):
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def chart(plot: Plot, width: int, height: int) -> tuple[Line, ...]:
    """Return the chart as lines; none where there is no room or nothing finite to draw."""
    runs = segments(plot.points)
    if width < LEAST_WIDTH or height < LEAST_HEIGHT or not runs:
        return ()
    known = plot if plot.bound is None or drawable(plot.bound) else replace(plot, bound=None)
    with _LOCK:
        text = _build(known, runs, width, height)
    return tuple(_line(row) for row in text.rstrip("\n").split("\n")[:height])


def _build(plot: Plot, runs: list[list[tuple[float, float]]], width: int, height: int) -> str:
    import plotext  # takes a fifth of a second: loaded with the first chart

    figure: Any = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.canvas("default")
    plotext.terminal.limit(False, False)
    figure.plot_size(width, height)
    figure.axes(False)
    bands = [run for line in plot.band for run in segments(line)]
    low, high = _range(plot, runs, bands)
    for run in bands:
        _draw(plotext, run, _BAND)
    if plot.bound is not None:
        figure.line(plot.bound, pixel=_BOUND)
    for run in runs:
        _draw(plotext, run, _SERIES)
    _rulers(figure, plot, low, high)
    return str(figure.build())


def _draw(plotext: Any, run: list[tuple[float, float]], colour: str) -> None:
    marker = plotext.marker("braille", colour)
    signal = plotext.figure.signal([x for x, _ in run], [y for _, y in run], marker=marker)
    plotext.figure.draw(signal.lines() if len(run) > 1 else signal)


def _range(
    plot: Plot, runs: list[list[tuple[float, float]]], bands: list[list[tuple[float, float]]]
) -> tuple[float, float]:
    """Return the ends of the y axis: all that is drawn, with some air above."""
    values = [y for run in (*runs, *bands) for _, y in run]
    values += [plot.bound] if plot.bound is not None else []
    low = min(values) if plot.floor is None else min(plot.floor, *values)
    high = max(values)
    air = (high - low) * 0.1 or max(1.0, abs(high) * 0.1)
    return (low if plot.floor is not None else low - air, high + air)


def _rulers(figure: Any, plot: Plot, low: float, high: float) -> None:
    start, end = plot.span
    along = figure.ruler("x")
    along.lim(start, end if end > start else start + 1)
    inside = [(x, label) for x, label in plot.ticks if start <= x <= end]
    along.ticks([x for x, _ in inside], [label for _, label in inside])
    up = figure.ruler("y")
    up.lim(low, high)
    top = high if plot.capped is None else plot.capped
    steps = sorted({low, low + (top - low) / 2, *([plot.bound] if plot.bound is not None else []), top})
    kept = _apart([step for step in steps if low <= step <= high], plot.bound, (high - low) / 6)
    up.ticks(kept, [_label(plot, step, fine=high - low <= 5) for step in kept])


def _label(plot: Plot, step: float, *, fine: bool) -> str:
    over = "over " if step == plot.capped else ""
    return f"{over}{step:,.2f} {plot.unit}" if fine else f"{over}{step:,.0f} {plot.unit}".rstrip()


def _apart(steps: list[float], keep: float | None, least: float) -> list[float]:
    """Drop labels that would stand too close to the bound's."""
    return [step for step in steps if keep is None or step == keep or abs(step - keep) > least]


def _line(row: str) -> Line:
    """Turn one row with colour codes into bits in our own styles."""
    bits: list[Bit] = []
    style, start = QUIET, 0
    for code in _CODE.finditer(row):
        if code.start() > start:
            bits.append((row[start : code.start()], style))
        start = code.end()
        parts = code[1].split(";")
        if parts[0] == "38" and len(parts) > 2:  # 38;5;n
            style = _TONES.get(parts[2], LEAD)
        elif parts[0] in ("0", ""):
            style = QUIET
    if start < len(row):
        bits.append((row[start:], style))
    return tuple(bits)
