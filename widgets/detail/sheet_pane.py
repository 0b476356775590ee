"""A sheet: its rows, one of them under the cursor, as much of them as there is room for."""

from collections.abc import Mapping

from msgspec.structs import replace

from sessions.text.clean import clean
from sessions.text.units import counted
from sessions.values.sheets import Row, Sheet
from sessions.values.verdicts import Mark
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, PLAIN, QUIET, STRONG, Line
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.detail.rows import Laid, lay


class SheetPane(Pane):
    """The rows of a sheet, with the cursor on one of them."""

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
        laid = lay(self.sheet.sections, view, width, self.chosen)
        self._top = scrolled(laid, self.chosen, self._top, height)
        lines = list(laid.lines)
        for number, (start, row) in enumerate(zip(laid.starts, self.rows, strict=True)):
            lines[start] = aimed(target_of(row, number), lines[start])
        title: Line = ((clean(self.sheet.title, 80), STRONG), *((("  ", PLAIN), *self.note) if self.note else ()))
        return Picture(title, tuple(lines[self._top : self._top + height]), self._foot(laid, height))

    def _foot(self, laid: Laid, height: int) -> Line:
        below = len(laid.lines) - self._top - height
        return ((f"{counted(below, 'lines')} below", QUIET),) if below > 0 else BLANK


def target_of(row: Row, number: int = 0) -> Target:
    """Return what a row is about: the row itself."""
    return Target("row", str(number), "  ".join(filter(None, (row.what, row.value, row.bound))))


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


def marked(sheet: Sheet, said: Mapping[str, Mark]) -> Sheet:
    """Return the sheet with what a person said of its rows, by what they are called: ok, or to look into."""
    sections = (
        replace(one, rows=tuple(_marked(row, said.get(row.what)) for row in one.rows)) for one in sheet.sections
    )
    return replace(sheet, sections=tuple(sections))


def _marked(row: Row, mark: Mark | None) -> Row:
    if mark is None or row.mark is not None:
        return row
    return replace(row, mark=mark, bound="ok" if mark is Mark.PASS else "look into it")
