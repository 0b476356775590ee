"""The screens beyond the deck, loaded when they are first wanted or once the first paint is out."""

from cockpit.board import Board
from widgets.view import View


def screen_called(name: str, view: View) -> Board:
    """Return the screen of that name."""
    if name == "log":
        from cockpit.log_screen import LogScreen

        return LogScreen(view)
    from cockpit.detail import Detail

    return Detail(view)


def preload() -> None:
    """Load what the first paint did not need, before the first key needs it."""
    import cockpit.asking
    import cockpit.detail
    import cockpit.log_screen  # noqa: F401 - loaded for later
