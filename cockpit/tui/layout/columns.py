"""Columns of panes: who has how many lines, and where it is. Pure figures."""

from collections.abc import Mapping, Sequence

from msgspec import Struct


class Place(Struct, frozen=True):
    """Where a pane is: cells from the left, lines from the top, and how many of each."""

    x: int
    y: int
    width: int
    height: int


class Item(Struct, frozen=True):
    """A pane in a column; lines count its border. Who has the lowest `rank` is served first.

    It is left out below `least`; `wants` are the lines that say more and more of it, `grows` its part of what is left.
    With `bare` it can also be one line without a border.
    """

    name: str
    least: int
    wants: tuple[int, ...]
    grows: int = 0
    rank: int = 0
    bare: bool = False


class Column(Struct, frozen=True):
    """A column of so many cells."""

    width: int
    items: tuple[Item, ...]


def placed(columns: Sequence[Column], height: int) -> Mapping[str, Place]:
    """Return the place of every pane; a pane without room has none."""
    found, x = dict[str, Place](), 0
    for column in columns:
        y = 0
        for item, lines in zip(column.items, shared(column.items, height), strict=True):
            if lines:
                found[item.name] = Place(x, y, column.width, lines)
            y += lines
        x += column.width
    return found


def shared(items: Sequence[Item], height: int) -> list[int]:
    """Return how many of `height` lines each has: what each needs, then what it wants, then the rest by parts."""
    order = sorted(range(len(items)), key=lambda place: items[place].rank)
    lines, left = [0] * len(items), height
    for place in order:
        least = 1 if items[place].bare else items[place].least
        if least <= left:
            lines[place], left = least, left - least
    for stage in range(max((len(item.wants) for item in items), default=0)):
        for place in order:
            more = _more(items[place], stage, lines[place], left)
            lines[place], left = lines[place] + more, left - more
    for place, more in _rest([place for place in order if lines[place] > 1] or order[-1:], items, left):
        lines[place] += more
    return lines


def _more(item: Item, stage: int, had: int, left: int) -> int:
    """Return how many lines one takes towards what it wants at this stage, as far as there are any."""
    if not had or stage >= len(item.wants):
        return 0
    now = min(item.wants[stage], had + left)
    return max(0, now - had) if now >= item.least else 0


def _rest(order: list[int], items: Sequence[Item], left: int) -> list[tuple[int, int]]:
    """Share what nobody needs among those that grow; where none does the last one has it."""
    growing = [place for place in order if items[place].grows] or order[-1:]
    parts = [max(1, items[place].grows) for place in growing]
    found = list[tuple[int, int]]()
    for number, place in enumerate(growing):
        share = left * parts[number] // sum(parts[number:])
        found.append((place, share))
        left -= share
    return found
