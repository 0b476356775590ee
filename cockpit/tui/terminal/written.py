"""The content of the terminal, so that an update writes only the cells that differ."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from rich.cells import cell_len, get_character_cell_size
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

_Part = tuple[int, int, Strip]
"""A column, a line, and what is to be written there."""


class Written:
    """Remembers each line as it was written last: in which parts it was cut, and what stood in each of them.

    A paint of the whole screen is always written whole: it mends what another program wrote over it.
    """

    def __init__(self) -> None:
        self._lines: dict[int, tuple[tuple[int, ...], dict[int, Strip]]] = {}

    def forget(self) -> None:
        """The terminal may show anything now."""
        self._lines.clear()

    def sparing(self, update: RenderableType | None) -> RenderableType | None:
        """Return the update as one that writes only what differs when it is written."""
        if isinstance(update, LayoutUpdate):
            return _Sparing(self._whole(update))
        return _Sparing(self._differing(update)) if isinstance(update, ChopsUpdate) else update

    def _whole(self, update: LayoutUpdate) -> Iterator[_Part]:
        self.forget()
        for y, line in enumerate(update.strips, update.region.y):
            x, parts = update.region.x, dict[int, Strip]()
            for strip in line:
                parts[x] = strip
                yield x, y, strip
                x += strip.cell_length
            self._lines[y] = ((*list(parts)[1:], x), parts)

    def _differing(self, update: ChopsUpdate) -> Iterator[_Part]:
        for y, x1, x2 in update.spans:
            ends = tuple(update.chop_ends[y])
            known = self._known(y, ends)
            for end, (x, strip) in zip(ends, update.chops[y].items(), strict=False):
                if strip is not None and x < x2 and end > x1:
                    was, known[x] = known.get(x), strip
                    yield from ((x + start, y, part) for start, part in differing(was, strip))

    def _known(self, y: int, ends: tuple[int, ...]) -> dict[int, Strip]:
        """Return the known content of the parts of a line; nothing if it is divided differently now."""
        if y not in self._lines or self._lines[y][0] != ends:
            self._lines[y] = (ends, {})
        return self._lines[y][1]


class _Sparing(CompositorUpdate):
    """Parts to write; they are found, and remembered as written, in the moment in which they are written."""

    def __init__(self, parts: Iterator[_Part]) -> None:
        self._parts = parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the same for who paints by Rich."""
        del console, options
        for x, y, part in self._parts:
            yield Control.move_to(x, y)
            yield from part

    def render_segments(self, console: Console) -> str:
        """Return what the terminal is to be sent."""
        return "".join(Control.move_to(x, y).segment.text + part.render(console) for x, y, part in self._parts)


def differing(was: Strip | None, now: Strip) -> Iterator[tuple[int, Strip]]:
    """Yield the part of a line that differs, and from which of its cells on; nothing if all of it is the same."""
    if was is None or was.cell_length != now.cell_length:
        yield 0, now
        return
    old, new = _bits(was), _bits(now)
    if old == new:
        return
    start = _same(old, new, 1)
    end = now.cell_length - _same(old[::-1], new[::-1], -1)
    if start >= end or not all(map(_plain, (was.text, now.text))):
        yield 0, now
        return
    yield start, now.crop(start, end)


def _bits(strip: Strip) -> list[Segment]:
    return [bit for bit in strip if bit.text]


def _same(old: Sequence[Segment], new: Sequence[Segment], way: int) -> int:
    """Return how many cells are the same, counted from the front; `way` is -1 where the bits stand back to front."""
    cells = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            return cells + (_begins(one.text[::way], other.text[::way]) if one.style == other.style else 0)
        cells += one.cell_length
    return cells


def _begins(one: str, other: str) -> int:
    """Return how many cells two texts have in common at their beginning."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return cell_len(one[:same])


def _plain(text: str) -> bool:
    """Return whether each sign has cells of its own: one that is drawn onto another cannot be written alone."""
    return text.isascii() or all(map(get_character_cell_size, text))
