"""The screens beyond the deck, loaded when they are first wanted or once the first paint is out."""

from importlib import import_module

from cockpit.runtime.lean import let_go
from cockpit.tui.screens.board import Board
from widgets.base.view import View


def screen_called(name: str, view: View) -> Board:
    """Return the screen of that name."""
    if name == "log":
        from cockpit.tui.screens.log import LogScreen

        return LogScreen(view)
    if name == "risks":
        from cockpit.tui.screens.risks import Risks

        return Risks(view)
    if name == "week":
        from cockpit.tui.screens.week import WeekScreen

        return WeekScreen(view)
    if name == "report":
        from cockpit.tui.screens.report import ReportScreen

        return ReportScreen(view)
    from cockpit.tui.screens.detail import Detail

    return Detail(view)


def preload() -> None:
    """Load two screens before their key asks: they need few modules more than the deck. Others wait for their key."""
    for name in ("log", "detail"):
        import_module(f"cockpit.tui.screens.{name}")
    let_go()
