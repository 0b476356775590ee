"""Whether a person can notice what a key did: a key after which all is as before is answered in words."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from cockpit.tui.keyboard.talks import Talks
from widgets.base.view import View

_LIVE = frozenset({"Answer", "Header", "KeyLine"})
_LINES = frozenset({"head", "keys"})
"""What changes by itself, or follows what changed elsewhere: the clock, the keys and the answers."""
_BLINKS = ("_reactive_cursor_visible", "_reactive__cursor_visible", "_reactive_mouse_hover", "_timer")
_MOVES = frozenset({"up", "down", "left", "right", "home", "end", "pageup", "pagedown"})
_ERASES = frozenset({"backspace", "delete", "d", "k", "u", "w", "f", "h"})
_WHY = {
    "tab": "nothing else to go to here",
    "shift+tab": "nothing else to go to here",
    "ctrl+c": "nothing is selected",
    "ctrl+x": "nothing is selected",
    "ctrl+v": "nothing was copied here",
}


class Looks(Struct, frozen=True):
    """What can be seen: two that are equal look the same to a person. `asks` counts what the Watch was asked.

    `told` is what stood in the place of answers.
    """

    seen: tuple[object, ...]
    asks: int
    told: str


def looks(app: "App[Any]", talks: Talks, told: str) -> Looks:
    """Return what can be seen now, and what is under way."""
    widgets = [app.screen, *app.screen.query(Widget)]
    seen = tuple((id(widget), *_told(widget)) for widget in widgets if not _lives(widget))
    there = (app.screen, app.focused, app._exit, app.clipboard, talks.begun)  # noqa: SLF001 - said nowhere else
    return Looks((*there, *seen), talks.asks, told)


def _lives(widget: Widget) -> bool:
    return type(widget).__name__ in _LIVE or widget.id in _LINES


def _told(widget: Widget) -> Iterator[object]:
    """Yield what a widget tells beyond what every widget has: its classes, where it was rolled to, its own values."""
    yield widget.classes
    yield widget.scroll_offset
    known = _common(Screen if isinstance(widget, Screen) else Widget)
    yield from (
        (name, value)
        for name, value in vars(widget).items()
        if name not in known and not name.endswith(_BLINKS) and not isinstance(value, View)
    )


@cache
def _common(kind: type[Widget]) -> frozenset[str]:
    """Return what every widget, or every screen, has: how it is drawn and moved, not what it says."""
    return frozenset(name for name in vars(kind()) if not name.startswith("_reactive_"))


def why_nothing(key: str, *, typing: bool) -> str:
    """Return why a key that something takes changed nothing that can be seen."""
    name = key.rpartition("+")[2]
    if name in _MOVES or (typing and key in ("ctrl+a", "ctrl+e")):
        return "no further this way"
    if typing and name in _ERASES and key not in _WHY:
        return "nothing to erase there"
    return "there is no such line" if key.isdigit() else _WHY.get(key, "changes nothing here")
