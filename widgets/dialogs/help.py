"""The help: every key that is bound, under what it acts on, read from the bindings."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from widgets.base.styled import BLANK, LEAD, PLAIN, QUIET, STRONG, Line, fit
from widgets.base.view import View
from widgets.dialogs.base import Dialog

GROUPS = {
    "rollout": "Rollout",
    "log": "Log",
    "fuse": "Fuse",
    "screen": "Screens",
    "step": "Runbook, while its risk is not calm",
    "help": "Cockpit",
    "app": "Cockpit",
}
KEYS = 12


def help_lines(bindings: Sequence[tuple[str, Binding]], width: int) -> tuple[Line, ...]:
    """Return the help for (shown key, binding) pairs, grouped by the first word of the bindings' ids."""
    groups: dict[str, list[Line]] = {}
    for key, binding in bindings:
        title = GROUPS.get((binding.id or "app").partition(".")[0], "Here")
        room = max(1, width - KEYS - 20)
        line: Line = (fit(key, KEYS, f"bold {LEAD}"), fit(binding.description, 19, PLAIN), (" ", PLAIN))
        groups.setdefault(title, []).append((*line, fit(binding.tooltip, room, QUIET)))
    lines: list[Line] = []
    for title, rows in groups.items():
        lines += [*([BLANK] if lines else []), ((title, STRONG),), *rows]
    return tuple(lines)


class Help(Dialog[None]):
    """Every key and what it does."""

    WIDTH: ClassVar[int] = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,question_mark,enter", "leave", "Close", tooltip="Close the help", id="dialog.close"),
        Binding("up,k", "roll(-1)", "Up", tooltip="Roll up", id="dialog.up"),
        Binding("down,j", "roll(1)", "Down", tooltip="Roll down", id="dialog.down"),
        Binding("pageup", "roll(-10)", "Page up", tooltip="Roll a page up", id="dialog.pageup"),
        Binding("pagedown,space", "roll(10)", "Page down", tooltip="Roll a page down", id="dialog.pagedown"),
    ]

    def __init__(self, bindings: Sequence[tuple[str, Binding]], view: View) -> None:
        super().__init__(
            "Keys", view, lambda _view, width: help_lines(bindings, width), (("↑↓", "roll"), ("esc", "close"))
        )
