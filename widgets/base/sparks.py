"""Trends in block letters, in one row or in several, with the bound as a line in them."""

import math
from collections.abc import Sequence
from itertools import groupby

from widgets.base.styled import BAD, PLAIN, QUIET, TREND, Bit, Line

_BLOCKS = " ▁▂▃▄▅▆▇█"
_STEPS = 8
_BOUND = "╌"
_CALM = 0.25
"""The least part of the bound that a scale spans: what hardly moves is drawn flat."""

Values = Sequence[float | None]


def spark(values: Values, width: int, *, bound: float | None = None, style: str = TREND) -> Line:
    """Return the newest `width` values in one row, right-aligned; those over `bound` are marked, absent ones empty."""
    return sparks(values, width, 1, bound=bound, style=style)[0]


def sparks(values: Values, width: int, rows: int, *, bound: float | None = None, style: str = TREND) -> list[Line]:
    """Return the newest `width` values in `rows` rows, on a scale of their own; several rows hold the bound as a line.

    One row spans the values alone, so that a trend far below its bound is seen too.
    """
    kept = [value if value is not None and math.isfinite(value) else None for value in values[-width:] if width]
    low, high = _scale([value for value in kept if value is not None], bound, whole=rows > 1)
    steps = [None if value is None else _step(value, low, high, rows) for value in kept]
    line = _step(bound, low, high, rows) if bound is not None and rows > 1 else -1
    over = [value is not None and bound is not None and value > bound for value in kept]
    lines: list[Line] = []
    for row in range(rows - 1, -1, -1):
        at = row == (line - 1) // _STEPS
        cells = [_cell(step, row, BAD if late else style, at=at) for step, late in zip(steps, over, strict=True)]
        left = (_BOUND if at else " ") * (width - len(kept))
        lines.append(_joined([(left, QUIET if at else PLAIN), *cells]))
    return lines


def _scale(known: list[float], bound: float | None, *, whole: bool) -> tuple[float, float]:
    """Return the ends of the scale: what is measured, and in several rows the bound too."""
    if not known:
        return 0.0, bound if bound and bound > 0 and whole else 1.0
    low, high = max(0.0, min(known)), max(known)
    if whole and bound is not None:
        low, high = min(low, bound), max(high, bound)
    least = abs(bound if bound is not None else high) * _CALM
    if high - low < least:
        low = max(0.0, high - least)
        high = max(high, low + least)
    return low - (high - low) / _STEPS if low > 0 else 0.0, high


def _step(value: float, low: float, high: float, rows: int) -> int:
    """Return by how many eighths of a cell a value stands above the foot: at least one."""
    if high <= low or not math.isfinite(high - low):
        return 1
    share = max(0.0, min(1.0, (value - low) / (high - low)))
    return max(1, round(share * _STEPS * rows))


def _cell(step: int | None, row: int, style: str, *, at: bool) -> Bit:
    full = 0 if step is None else max(0, min(_STEPS, step - row * _STEPS))
    return (_BOUND, QUIET) if at and not full else (_BLOCKS[full], style if full else PLAIN)


def _joined(cells: list[Bit]) -> Line:
    runs = groupby((cell for cell in cells if cell[0]), key=lambda cell: cell[1])
    return tuple(("".join(text for text, _ in run), style) for style, run in runs)
