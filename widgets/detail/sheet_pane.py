"""A sheet: sections of rows, each with its mark, value, bound and moment; long words go on below."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

from msgspec import Struct
from msgspec.structs import replace

from sessions.text.clean import clean
from sessions.text.units import moment
from sessions.values.sheets import Row, Section, Sheet
from sessions.values.verdicts import Mark
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, BLIND, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit, wide
from widgets.base.symbols import MARKS, said
from widgets.base.view import View

_WIDEST = 34
"""So many cells a name takes at most; a longer one goes on below."""
_LEAST_VALUE = 24
_WIDE = 112
"""On a wider screen a bound would stand too far from its value."""


class Laid(Struct, frozen=True):
    """Lines of a sheet, and in which of them each row begins."""

    lines: tuple[Line, ...]
    starts: tuple[int, ...]


class SheetPane(Pane):
    """The rows of a sheet; the cursor stands on one of them."""

    NAME = "sheet"

    def __init__(self) -> None:
        super().__init__()
        self.sheet: Sheet | None = None
        self.chosen = 0
        self.note: Line = BLANK
        self._top = 0

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows in the order in which they are shown."""
        return tuple(row for section in self.sheet.sections for row in section.rows) if self.sheet else ()

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        rows = self.rows
        return rows[min(self.chosen, len(rows) - 1)] if rows else None

    def move(self, step: int) -> None:
        """Move the cursor."""
        self.chosen = max(0, min(len(self.rows) - 1, self.chosen + step))

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return as much of the sheet as there is room for, the cursor in sight."""
        if self.sheet is None:
            return Picture((("Sheet", STRONG),), ((("This task has no sheet", QUIET),),))
        self.chosen = max(0, min(self.chosen, len(self.rows) - 1))
        laid = lay(self.sheet.sections, view, min(width, _WIDE), self.chosen)
        self._top = scrolled(laid, self.chosen, self._top, height)
        title: Line = ((clean(self.sheet.title, 80), STRONG), *((("  ", PLAIN), *self.note) if self.note else ()))
        return Picture(title, laid.lines[self._top : self._top + height], self._foot(laid, height))

    def _foot(self, laid: Laid, height: int) -> Line:
        below = len(laid.lines) - self._top - height
        return ((f"{below} lines below", QUIET),) if below > 0 else BLANK


def scrolled(laid: Laid, chosen: int, top: int, height: int) -> int:
    """Return the first line that is shown, so that the chosen row is in sight, with the title above the first row."""
    if not laid.starts:
        return 0
    start = laid.starts[chosen]
    until = laid.starts[chosen + 1] if chosen + 1 < len(laid.starts) else len(laid.lines)
    if chosen == 0:
        return 0
    top = min(top, start)
    return max(0, min(max(top, until - height), start))


def lay(sections: Sequence[Section], view: View, width: int, chosen: int) -> Laid:
    """Return the sections as lines, each section under its title; `chosen` is the row that is marked."""
    lines, starts = list[Line](), list[int]()
    for number, section in enumerate(sections):
        lines += [BLANK] if number else []
        lines.append(((clean(section.title, width), f"bold {QUIET}"),))
        names = min(_WIDEST, max((wide(clean(row.what)) for row in section.rows), default=0), max(8, width // 3))
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
    return wrap(clean(text, 2000), max(8, width), break_on_hyphens=False) or [""]


def marked(sheet: Sheet, said: Mapping[str, Mark]) -> Sheet:
    """Return the sheet with what a person said of its rows, by what they are called: ok, or odd."""
    sections = (
        replace(one, rows=tuple(_marked(row, said.get(row.what)) for row in one.rows)) for one in sheet.sections
    )
    return replace(sheet, sections=tuple(sections))


def _marked(row: Row, mark: Mark | None) -> Row:
    if mark is None or row.mark is not None:
        return row
    return replace(row, mark=mark, bound="ok" if mark is Mark.PASS else "odd")
