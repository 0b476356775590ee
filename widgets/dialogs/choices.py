"""Dialogs that choose: one of a list by letter or cursor, and a list of ticks."""

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region

from sessions.gate.wording import short
from widgets.base.styled import BLANK, GOOD, LEAD, PLAIN, QUIET, STRONG, Line, fit, wide, worded
from widgets.base.view import View
from widgets.dialogs.base import Dialog


class Choice(Struct, frozen=True):
    """One line to choose: what it stands for, its words, a note in its `tone`, a tick, whether it runs or opens."""

    id: str
    text: str
    note: str = ""
    ticked: bool | None = None
    tone: str = QUIET
    runs: bool = False
    opens: bool = False


_LEAST_TOLD, _MOST_TOLD = 4, 10
_FRAME = 7
"""Cells that the frame takes, and the bar of what rolls."""
_NOTE = 16
"""Cells of a usual note: a moment, or what a criterion does."""

Choices = Callable[[View], tuple[Choice, ...]]

_MOVES: list[BindingType] = [
    Binding("up,k", "move(-1)", "Up", tooltip="To the line above", id="list.up"),
    Binding("down,j", "move(1)", "Down", tooltip="To the line below", id="list.down"),
    *(
        Binding(str(number), f"pick({number - 1})", f"Line {number}", tooltip="Choose this line", id=f"list.{number}")
        for number in range(1, 10)
    ),
]


class Choose(Dialog[str]):
    """One of a list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_MOVES,
        Binding("enter", "take", "Take", tooltip="Take this line", id="list.take"),
    ]

    def __init__(self, title: str, view: View, choices: Choices) -> None:
        super().__init__(title, view, self._lines, (("enter", "take"), ("↑↓", "choose"), ("esc", "leave")))
        self._choices = choices
        self._at = 0

    @property
    def wants(self) -> int:
        """As many cells as its longest text needs beside a usual note: it does not move when a note turns."""
        return max([self.WIDTH, *(_needs(row) + _FRAME for row in self._choices(self._view))])

    def _lines(self, view: View, width: int) -> tuple[Line, ...]:
        rows = self._choices(view)
        self._at = min(self._at, max(0, len(rows) - 1))
        return tuple(row_line(row, number, number == self._at, width) for number, row in enumerate(rows))

    def _lines_of(self, view: View, width: int) -> tuple[Line, ...]:
        """Return the list: a line each, whatever it says."""
        return self._lines(view, width)

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        count = len(self._choices(self._view))
        self._at = (self._at + step) % count if count else 0
        self.show(self._view)
        self.query_one("#scroll", VerticalScroll).scroll_to_region(Region(0, self._at, 1, 1), animate=False)

    def action_pick(self, number: int) -> None:
        """Take the line with that number."""
        if number < len(self._choices(self._view)):
            self._at = number
            self.action_take()

    def action_take(self) -> None:
        """Answer with the chosen line."""
        rows = self._choices(self._view)
        if rows:
            self.dismiss(rows[self._at].id)


class Checks(Struct, frozen=True):
    """What a list of ticks does with lines that run: `start` begins one, `told` is what it says, in so many lines."""

    start: Callable[[Choice], None]
    told: Callable[[View, Choice, int], tuple[Line, ...]]


class TickList(Choose):
    """A list of ticks: taking a line ticks it and the list stays; `ticked` gets what was taken.

    Where a line runs, a stretch of fixed height below the list shows what the line under the cursor tells.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Open the sheet of this line, or tick it", id="list.open"),
        Binding("space", "take", "Tick", tooltip="Tick or untick this line", id="list.tick"),
        Binding("g", "run", "Run", tooltip="Run the check behind this line", id="list.run"),
    ]

    def __init__(
        self, title: str, view: View, choices: Choices, ticked: Callable[[Choice], None], checks: Checks
    ) -> None:
        super().__init__(title, view, choices)
        run = (("g", "run"),) if any(row.runs for row in choices(view)) else ()
        opens = (("enter", "look"),) if any(row.opens for row in choices(view)) else ()
        count = min(9, len(choices(view)))
        numbers = (("space" if count < 2 else f"1-{count}", "tick"),)
        self._keys = (*numbers, *opens, *run, ("↑↓", "choose"), ("esc", "leave"))
        self._ticked = ticked
        self._checks = checks

    def _lines(self, view: View, width: int) -> tuple[Line, ...]:
        rows, listed = self._choices(view), super()._lines(view, width)
        if not any(row.runs for row in rows):
            return listed
        height = max(_LEAST_TOLD, min(_MOST_TOLD, self.size.height // 3 - 1))
        return (*listed, BLANK, *self._checks.told(view, rows[self._at], height))

    def action_run(self) -> None:
        """Run the check of the line; the state shows its progress."""
        rows = self._choices(self._view)
        if not rows or not rows[self._at].runs:
            self.complain("Nothing to run here")
        elif self._view.viewer:
            self.complain(self._view.viewer)
        else:
            self.complain("")
            self._checks.start(rows[self._at])
        self.show(self._view)

    def action_open(self) -> None:
        """Leave the list for the sheet of the line; one without a sheet is ticked."""
        rows = self._choices(self._view)
        if rows and rows[self._at].opens:
            self.dismiss(rows[self._at].id)
        else:
            self.action_take()

    def action_take(self) -> None:
        """Tick the line; what becomes of it is seen when the state has it."""
        rows = self._choices(self._view)
        if rows:
            self._ticked(rows[self._at])
        self.show(self._view)


def _needs(row: Choice) -> int:
    """Return the cells of a line whose text is whole."""
    return 4 + (0 if row.ticked is None else 2) + wide(row.text) + (1 + _NOTE if row.note else 0)


def row_line(row: Choice, number: int, here: bool, width: int) -> Line:
    """Return one line of the list."""
    cursor = ("▶ ", LEAD) if here else ("  ", PLAIN)
    digit = fit(str(number + 1) if number < 9 else "", 2, LEAD if here else QUIET)
    box = () if row.ticked is None else (("✔ " if row.ticked else "☐ ", GOOD if row.ticked else QUIET),)
    space = width - 4 - 2 * len(box)
    least = width // (3 if row.tone == QUIET else 2)
    note = min(wide(row.note), max(least, space - wide(row.text) - 1))
    told = row.note if wide(row.note) <= note else short(row.note)
    words = worded(told, min(note, wide(told)), row.tone)[0].rstrip()
    room = space - (wide(words) + 1 if words else 0)
    tail: Line = ((" ", PLAIN), (words, row.tone)) if words else ()
    return (cursor, digit, *box, worded(row.text, room, STRONG if here else PLAIN), *tail)
