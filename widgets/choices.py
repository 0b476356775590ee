"""Dialogs that choose: one of a list by letter or cursor, and a list of ticks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType

from widgets.dialogs import Dialog
from widgets.ink import GOOD, LEAD, PLAIN, QUIET, STRONG, Line, fit
from widgets.view import View


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose: what it stands for, its words, a note, and whether it is ticked."""

    id: str
    text: str
    note: str = ""
    ticked: bool | None = None


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

    def _lines(self, view: View, width: int) -> tuple[Line, ...]:
        rows = self._choices(view)
        self._at = min(self._at, max(0, len(rows) - 1))
        return tuple(row_line(row, number, number == self._at, width) for number, row in enumerate(rows))

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        count = len(self._choices(self._view))
        self._at = (self._at + step) % count if count else 0
        self.show(self._view)

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


class TickList(Choose):
    """A list of ticks: taking a line ticks it and the list stays; `ticked` is told what was taken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "take", "Tick", tooltip="Tick or untick this line", id="list.tick"),
    ]

    def __init__(self, title: str, view: View, choices: Choices, ticked: Callable[[Choice], None]) -> None:
        super().__init__(title, view, choices)
        self._keys = (("enter", "tick"), ("↑↓", "choose"), ("esc", "leave"))
        self._ticked = ticked

    def action_take(self) -> None:
        """Tick the line; what becomes of it is seen when the state has it."""
        rows = self._choices(self._view)
        if rows:
            self._ticked(rows[self._at])
        self.show(self._view)


def row_line(row: Choice, number: int, here: bool, width: int) -> Line:
    """Return one line of the list."""
    cursor = ("▶ ", LEAD) if here else ("  ", PLAIN)
    digit = fit(str(number + 1) if number < 9 else "", 2, LEAD if here else QUIET)
    box = () if row.ticked is None else (("✔ " if row.ticked else "☐ ", GOOD if row.ticked else QUIET),)
    note = min(len(row.note), width // 3)
    room = width - 4 - 2 * len(box) - (note + 1 if note else 0)
    tail = ((" ", PLAIN), fit(row.note, note, QUIET, right=True)) if note else ()
    return (cursor, digit, *box, fit(row.text, room, STRONG if here else PLAIN), *tail)
