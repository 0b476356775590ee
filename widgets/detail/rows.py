"""Rows to look at as lines: mark, what, value, bound and moment in the same columns; long words go on below."""

from collections.abc import Sequence

from msgspec import Struct

from sessions.text.clean import clean
from sessions.text.units import moment
from sessions.values.sheets import Row, Section
from widgets.base.styled import BLANK, BLIND, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit, wide
from widgets.base.symbols import MARKS, said
from widgets.base.view import View
from widgets.wording.rows import wrapped

_WIDEST = 34
"""So many cells a name takes at most; a longer one goes on below."""
_LEAST_VALUE = 24
_WIDE = 112
"""On a wider screen a bound would stand too far from its value."""


class Laid(Struct, frozen=True):
    """Lines of a sheet, and in which of them each row begins."""

    lines: tuple[Line, ...]
    starts: tuple[int, ...]


def lay(sections: Sequence[Section], view: View, width: int, chosen: int = -1) -> Laid:
    """Return the sections as lines, each under its title; `chosen` is the row that the cursor stands on, if any."""
    width = min(width, _WIDE)
    what = [wide(clean(row.what)) for section in sections for row in section.rows]
    names = min(_WIDEST, max(what, default=0), max(8, width // 3))
    lines, starts = list[Line](), list[int]()
    for number, section in enumerate(sections):
        lines += [BLANK] if number else []
        lines.append(((clean(section.title, width), f"bold {QUIET}"),))
        for row in section.rows:
            starts.append(len(lines))
            lines += _row(row, view, names, width, here=len(starts) - 1 == chosen)
        if section.trouble:
            lines += [
                (("◌ " if not k else "  ", BLIND), (text, BLIND))
                for k, text in enumerate(_wrapped(section.trouble, width - 2))
            ]
    return Laid(tuple(lines), tuple(starts))


def _row(row: Row, view: View, names: int, width: int, *, here: bool) -> list[Line]:
    """Return one row: what, its value, then its bound and moment at the right end, below where they do not fit."""
    mark: Bit = MARKS[row.mark] if row.mark else (" ", PLAIN)
    tail = "  ".join(filter(None, (clean(row.bound), moment(row.at, view.now, view.tz) if row.at else "")))
    style = said(row.mark) if row.mark else PLAIN
    room = width - names - 6
    beside = tail and room - wide(tail) - 2 >= min(_LEAST_VALUE, max(wide(clean(row.value)), 1))
    space = room - wide(tail) - 2 if beside else room
    value, what = _wrapped(row.value, space), _wrapped(row.what, names)
    below = [] if beside or not tail else _wrapped(tail, room)
    lines = list[Line]()
    for k in range(max(len(value), len(what))):
        left: Line = (("▶ " if here and not k else "  ", LEAD), mark if not k else (" ", PLAIN), (" ", PLAIN))
        name = fit(what[k] if k < len(what) else "", names + 1, STRONG if here else PLAIN)
        text = fit(value[k] if k < len(value) else "", space, style)
        end: Line = (("  " + tail, QUIET),) if beside and not k else ()
        lines.append((*left, name, text, *end))
    lines += [((" " * (names + 5), PLAIN), (text, QUIET)) for text in below]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return wrapped(clean(text, 2000), max(8, width))
