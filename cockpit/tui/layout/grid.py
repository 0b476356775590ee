"""The board of the deck: Textual asks where its panes stand, and the columns say it."""

from collections.abc import Mapping

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from cockpit.tui.layout.columns import Place


class _Placing(Layout):
    """Puts every pane where its place is."""

    name = "placing"

    def __init__(self) -> None:
        self.places: Mapping[str, Place] = {}

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Return the placements; a pane without a place has none."""
        del parent, size, greedy
        return [
            WidgetPlacement(Region(at.x, at.y, at.width, at.height), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if (at := self.places.get(child.id or "")) is not None
        ]


class Grid(Container):
    """A container that places its panes in columns."""

    def __init__(self) -> None:
        super().__init__(id="board")
        self._placing = _Placing()

    @property
    def layout(self) -> Layout:
        """How its panes are placed."""
        return self._placing

    @property
    def places(self) -> Mapping[str, Place]:
        """The place of each pane."""
        return self._placing.places

    def put(self, places: Mapping[str, Place]) -> None:
        """Give every pane another place."""
        if places != self._placing.places:
            self._placing.places = places
            if self.is_attached:
                self.refresh(layout=True)
