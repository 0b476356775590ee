"""Lines of styled text as plain tuples: cheap to make, to compare and to test, and the one way to the screen.

Every text is cleaned here and becomes literal content: nothing foreign is ever parsed as markup.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise, zip_longest
from operator import itemgetter

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style

from sessions.text.clean import clean
from widgets.base.meanings import Meaning, colour

Bit = tuple[str, str]
"""A text and the name of its style."""
Line = tuple[Bit, ...]

PLAIN = ""
STRONG = "bold $strong"
QUIET = colour(Meaning.CALM)
FAINT = "$faint"
TREND = "$trend"
LEAD = colour(Meaning.NOW)
GOOD = colour(Meaning.PROVED)
HOLD = colour(Meaning.LOOK)
BAD = colour(Meaning.HARM)
BLIND = colour(Meaning.UNKNOWN)

BLANK: Line = ()
_TORN = re.compile(r"(\s*[-+<>≤≥=]?[-+]?\d([\d.,:]*\d)?(\sof)?|\s*[-+<>≤≥=·])+$")
"""A number without its unit, and a sign without its bound, at the end of a sentence that was cut."""
_VALUE = re.compile(r"\s[-+]?\d\S*(\s[^\s\d]\S*)?(\s[<>≤≥=]\s.*)?$")
"""A value with its unit, and its bound, at the end of a sentence."""
_LEAST_NAME = 6
"""Cells below which a name has no middle to lose."""


def wide(text: str) -> int:
    """Return how many cells `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def shorten(text: str, width: int) -> str:
    """Return `text`, cleaned, in at most `width` cells; what does not fit ends in `…`."""
    line = clean(text)
    if wide(line) <= width:
        return line
    return set_cell_size(line, width - 1).rstrip() + "…" if width > 1 else "…"[:width]


def middle(text: str, width: int) -> str:
    """Return a name, cleaned, in at most `width` cells: what is too long loses its middle.

    Of an endpoint the method and the last segment stay, of any other name both ends.
    """
    line = clean(text)
    if wide(line) <= width or width < _LEAST_NAME:
        return shorten(line, width)
    last = max(line.rfind("/"), line.rfind(" ") + 1, wide(line) // 2) if "/" in line else wide(line) // 2
    least = line.find(" ") + 2 if " /" in line else 2
    tail = line[last:] if len(line) - last <= width - least - 1 else line[len(line) - max(1, (width - 1) // 2) :]
    return set_cell_size(line, max(1, width - 1 - wide(tail))).rstrip() + "…" + tail


def named(text: str, width: int, style: str = PLAIN) -> Bit:
    """Return a name as a bit of exactly `width` cells; it is cut in its middle only."""
    return fit(middle(text, width), width, style)


def worded(text: str, width: int, style: str = PLAIN) -> Bit:
    """Return a sentence as a bit of exactly `width` cells, cut between words: no number loses digits or its unit.

    One that ends in an endpoint loses the middle of that.
    """
    line = clean(text)
    path = line[line.rfind(" /") + 1 :] if " /" in line else " "
    if wide(line) > width and " " not in path and width - wide(line) + wide(path) >= _LEAST_NAME:
        return fit(middle(line, width), width, style)
    if wide(line) > width:
        kept = set_cell_size(line, max(0, width - 1))
        if not line[len(kept.rstrip()) :].startswith(" ") and " " in kept.strip():
            kept = kept[: kept.rstrip().rfind(" ")]
        line = _TORN.sub("", kept.rstrip()).rstrip() + "…"
    return fit(line, width, style)


def valued(text: str, width: int) -> str:
    """Return a sentence that ends in a value, in at most `width` cells: its name loses its middle, the value nothing.

    What follows a colon yields first.
    """
    line = clean(text)
    line = line if wide(line) <= width else line.partition(": ")[0]
    found = _VALUE.search(line) if wide(line) > width else None
    if found is None or wide(found[0]) + _LEAST_NAME > width:
        return worded(line, width)[0].rstrip()
    return middle(line[: found.start()], width - wide(found[0])) + found[0]


def fit(text: str, width: int, style: str = PLAIN, *, right: bool = False) -> Bit:
    """Return a bit of exactly `width` cells."""
    line = shorten(text, width)
    space = " " * max(0, width - wide(line))
    return (space + line if right else line + space, style)


def length(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(wide(text) for text, _ in line)


def cut(line: Line, width: int) -> Line:
    """Return the line in at most `width` cells."""
    if length(line) <= width:
        return line
    kept, left = list[Bit](), width
    for text, style in line:
        if wide(text) >= left:
            kept.append((shorten(text + " ", left), style))
            break
        kept.append((text, style))
        left -= wide(text)
    return tuple(kept)


def spread(left: Line, right: Line, width: int) -> Line:
    """Return `left` at the left and `right` at the right end; the left one yields."""
    room = max(0, width - length(right) - 1)
    left = cut(left, room)
    return (*left, (" " * max(1, width - length(left) - length(right)), PLAIN), *right)


def joined(parts: Iterable[Line], between: Bit) -> Line:
    """Return the lines as one, with `between` in between."""
    rows = [part for part in parts if part]
    out: list[Bit] = list(rows[0]) if rows else []
    for _, part in pairwise(rows):
        out.extend((between, *part))
    return tuple(out)


def plain(lines: Iterable[Line]) -> str:
    """Return what the lines say without style."""
    return "\n".join("".join(text for text, _ in line) for line in lines)


def ready(lines: Iterable[Line], width: int) -> tuple[Line, ...]:
    """Return the lines as the screen gets them: cleaned, each in at most `width` cells."""
    return tuple(cut(tuple((clean(text), style) for text, style in line), width) for line in lines)


def content(lines: Iterable[Line], width: int) -> Content:
    """Return the lines as content for the screen, each in at most `width` cells."""
    return assembled(ready(lines, width))


def assembled(lines: Iterable[Line]) -> Content:
    """Return lines that are ready as content for the screen."""
    parts: list[Bit | str] = []
    for number, line in enumerate(lines):
        if number:
            parts.append("\n")
        parts.extend(line)
    return Content.assemble(*parts)


def differing(was: Sequence[Line], now: Sequence[Line], width: int) -> list[Region]:
    """Return where lines that are ready differ: over a slow line bytes are time."""
    pairs = enumerate(zip_longest(was, now, fillvalue=BLANK))
    return [Region(0, y, width, 1) for y, (old, new) in pairs if old != new]


def strip(line: Line, y: int, base: Style, style_of: Callable[[str], Style]) -> Strip:
    """Return a line that is ready as what the screen paints; each bit says where it is, for who selects text."""
    segments, x = list[Segment](), 0
    for name, bits in groupby(filter(itemgetter(0), line), itemgetter(1)):
        text = "".join(text for text, _ in bits)
        style = base + style_of(name) if name else base
        segments.append(Segment(text, style.rich_style_with_offset(x, y)))
        x += len(text)
    return Strip(segments)
