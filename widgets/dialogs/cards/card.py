"""The card of one thing: its title, what is known of it, and how to close it."""

from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar

from textual.binding import Binding, BindingType

from sessions.text.clean import clean
from widgets.base.styled import PLAIN, QUIET, Line, fit
from widgets.base.view import View
from widgets.dialogs.base import Body, Dialog

NAMES = 15
_MOST = 2000


class Card(Dialog[None]):
    """What is known of one thing; as live as the panes behind it."""

    WIDTH: ClassVar[int] = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", "Close", tooltip="Close the card", id="dialog.close"),
        Binding("up,k", "roll(-1)", "Up", tooltip="Roll up", id="dialog.up"),
        Binding("down,j", "roll(1)", "Down", tooltip="Roll down", id="dialog.down"),
    ]

    def __init__(self, title: str, view: View, body: Body) -> None:
        super().__init__(clean(title, 90), view, body, (("↑↓", "roll"), ("esc", "close")))


def fact(name: str, text: str, width: int, style: str = PLAIN) -> Iterable[Line]:
    """Yield a named fact; what is long goes on below its own beginning. One without a text is left out."""
    for number, part in enumerate(wrap(clean(text, _MOST), max(16, width - NAMES))):
        yield (fit("" if number else name, NAMES, QUIET), (part, style))


def paragraph(text: str, width: int, style: str = PLAIN) -> Iterable[Line]:
    """Yield a text over the whole width."""
    for part in wrap(clean(text, _MOST), max(16, width)):
        yield ((part, style),)
