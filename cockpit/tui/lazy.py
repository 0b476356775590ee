"""The screens beyond the deck, loaded when they are first wanted or once the first paint is out."""

from cockpit.tui.screen import Board
from widgets.base.view import View


def screen_called(name: str, view: View) -> Board:
    """Return the screen of that name."""
    if name == "log":
        from cockpit.tui.log import LogScreen

        return LogScreen(view)
    from cockpit.tui.detail import Detail

    return Detail(view)


def preload() -> None:
    """Load what the first paint did not need, before the first key needs it."""
