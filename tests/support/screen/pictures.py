"""The picture of every pane there is at one size, without a screen."""

from collections.abc import Iterator

from tests.support.screen.every import EVERY
from widgets.base.pane import Picture
from widgets.base.view import View
from widgets.detail.risk_cards import RiskCard, RiskList
from widgets.detail.week_grid import WeekGrid


def pictures(view: View, width: int, height: int) -> Iterator[tuple[str, Picture]]:
    """Yield each pane's name and what it shows in about the room that it has on a screen of that size."""
    for kind in (*EVERY, RiskList, RiskCard, WeekGrid):
        pane = kind()
        whole = pane.NAME in ("header", "rail", "small", "log", "week", "tabs")
        room = width - 4 if whole else max(26, width // 3 - 8)
        pane.show(view)
        yield pane.NAME, pane.picture(view, room, max(4, height // 3))
