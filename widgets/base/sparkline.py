"""A trend in one row of blocks; a gap stays empty."""

import math
from collections.abc import Sequence
from itertools import groupby

from widgets.base.styled import BAD, PLAIN, TREND, Bit, Line

_BLOCKS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[float | None], width: int, *, bound: float | None = None, style: str = TREND) -> Line:
    """Return the newest `width` values, right-aligned; those over `bound` are marked, absent or non-finite ones empty.

    The scale runs from 0 to the bound or the highest value, whichever is higher.
    """
    kept = [value if value is not None and math.isfinite(value) else None for value in values[-width:] if width]
    top = max([value for value in kept if value is not None] + ([bound] if bound else []), default=0.0)
    cells = [_cell(value, top, bound, style) for value in kept]
    bits: list[Bit] = [(" " * (width - len(kept)), PLAIN)]
    bits.extend(("".join(text for text, _ in run), tone) for tone, run in groupby(cells, key=lambda cell: cell[1]))
    return tuple(bits)


def _cell(value: float | None, top: float, bound: float | None, style: str) -> Bit:
    if value is None:
        return (" ", PLAIN)
    step = round(max(0.0, value) / top * (len(_BLOCKS) - 1)) if top > 0 else 0
    return (_BLOCKS[step], BAD if bound is not None and value > bound else style)
