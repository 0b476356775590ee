"""One entry with everything it carries."""

from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from sessions.text.clean import clean
from sessions.values.entries import Entry
from widgets.base.styled import BLANK, PLAIN, QUIET, STRONG, Line, shorten, wide
from widgets.base.view import View
from widgets.dialogs.base import Dialog
from widgets.wording.entries import word

NAMES = 11


class EntryDialog(Dialog[None]):
    """A whole entry."""

    WIDTH: ClassVar[int] = 110
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", "Close", tooltip="Close the entry", id="dialog.close"),
        Binding("up,k", "roll(-1)", "Up", tooltip="Roll up", id="dialog.up"),
        Binding("down,j", "roll(1)", "Down", tooltip="Roll down", id="dialog.down"),
    ]

    def __init__(self, entry: Entry, view: View) -> None:
        super().__init__(
            f"Entry {entry.seq}", view, lambda view, width: entry_lines(entry, view, width), (("esc", "close"),)
        )


def entry_lines(entry: Entry, view: View, width: int) -> tuple[Line, ...]:
    """Return everything an entry says, long texts over several lines."""
    when = entry.at.astimezone(view.tz)
    head: list[Line] = [
        *_said("at", f"{when:%Y-%m-%d %H:%M:%S %z}", width),
        *_said("kind", f"{entry.kind} ({word(entry)[0]})", width),
        *_said("by", entry.by, width),
        *_said("phase", f"{entry.phase} %", width),
        *_said("text", clean(entry.text, 4000), width, STRONG),
    ]
    for name, value in entry.facts.items():
        texts = value if isinstance(value, tuple) else (value,)
        lines = [line for text in texts for line in _said("", _fact(text, view), width)]
        head += (
            [BLANK, ((clean(name, 60), QUIET),), *lines]
            if len(texts) > 1
            else _said(name, _fact(texts[0], view), width)
            if texts
            else []
        )
    return tuple(head)


def _fact(value: object, view: View) -> str:
    return f"{value.astimezone(view.tz):%Y-%m-%d %H:%M:%S %z}" if isinstance(value, datetime) else clean(value, 4000)


def _said(name: str, text: str, width: int, style: str = PLAIN) -> list[Line]:
    """Return a name and its text, broken at spaces where it is too long."""
    room = max(10, width - NAMES)
    rows, row = list[str](), ""
    for part in clean(text, 4000).split(" "):
        if row and wide(row) + 1 + wide(part) > room:
            rows.append(row)
            row = part
        else:
            row = f"{row} {part}" if row else part
    return [
        ((shorten(name if not number else "", NAMES - 1).ljust(NAMES), QUIET), (shorten(text, room), style))
        for number, text in enumerate([*rows, row])
    ]
