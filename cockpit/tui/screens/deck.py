"""Screen 1, the deck: the gate, the flag, five criteria, six risks, the queue, the flows and the log, all live."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size

from cockpit.tui.cursor.walked import Walked
from cockpit.tui.layout.columns import Place, placed
from cockpit.tui.layout.deck_columns import RAIL, columns, pane_called, shape_of
from cockpit.tui.layout.grid import Grid
from widgets.base.pane import Pane
from widgets.base.view import View
from widgets.frame.phase_rail import PhaseRail

if TYPE_CHECKING:
    from sessions.handover.handover import Absence

_AROUND = 3
"""The lines of header, phase rail and keys."""
_AIR = 2
"""The lines around the phase rail where there is room."""


def places(view: View, size: Size) -> Mapping[str, Place]:
    """Return where the panes stand in a terminal of this size, in the order in which they are read."""
    rows = size.height - _AROUND - (_AIR if size.height >= RAIL else 0)
    return placed(columns(view, size.width, rows, shape_of(size.width, size.height)), rows)


class Deck(Walked):
    """Everything at a glance."""

    _absence: "Absence | None" = None

    def body(self) -> ComposeResult:
        """Compose rail and board; a layout that is not used yet has no panes."""
        yield self.framed(PhaseRail(), "")
        grid = Grid()
        grid.put(places(self._view, self.app.size))
        with grid:
            yield from (self._pane(name, place) for name, place in grid.places.items())

    def lay(self, view: View) -> None:
        """Give the places away of what the plan does not use, and back where it came to use it."""
        self._arrange(view, self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for this size."""
        self.fold(event.size.width, event.size.height)
        self._arrange(self._view, event.size)

    def hand_over(self, absence: "Absence | None") -> bool:
        """Tell what happened while nobody looked, without an absence in the last one; return whether there was any.

        The pane for it is not loaded before there is something to tell.
        """
        self._absence = absence or self._absence
        if self._absence is None:
            return False
        from widgets.panes.handover import HandoverPane

        known = self.query(HandoverPane)
        pane = known.first() if known else self.joined(HandoverPane())
        pane.tell(self._absence)
        return True

    def _arrange(self, view: View, size: Size) -> None:
        """Put every pane where it belongs; one that was never needed before is made now."""
        if not self.is_mounted or self.has_class("-small"):
            return
        grid, wanted = self.query_one(Grid), places(view, size)
        if wanted == grid.places:
            return
        panes = {pane.NAME: pane for pane in grid.query(Pane)}
        made = [self._pane(name, place) for name, place in wanted.items() if name not in panes]
        if made:
            self._all = ()
            grid.mount(*made)
        for name, pane in panes.items():
            _placed(pane, wanted.get(name))
        _ordered(grid, [{**panes, **{pane.NAME: pane for pane in made}}[name] for name in wanted])
        grid.put(wanted)

    def _pane(self, name: str, place: Place) -> Pane:
        return _placed(self.framed(pane_called(name)()), place)


def _placed(pane: Pane, place: Place | None) -> Pane:
    pane.set_class(place is None, "-away")
    return pane.set_class(place is not None and place.height == 1, "-bare")


def _ordered(grid: Grid, panes: Iterable[Pane]) -> None:
    """Put the panes into the order in which they are read: the focus follows it."""
    for before, pane in pairwise(panes):
        grid.move_child(pane, after=before)
