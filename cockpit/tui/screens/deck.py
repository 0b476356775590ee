"""Screen 1, the deck: the gate, the flag, five criteria, six risks, the queue, the flows and the log, all live."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from cockpit.tui.cursor.walked import Walked
from widgets.base.pane import Pane
from widgets.base.view import View
from widgets.frame.phase_rail import PhaseRail
from widgets.panes.analytics import AnalyticsPane
from widgets.panes.capsules import CapsulePane
from widgets.panes.errors import ErrorsPane
from widgets.panes.flag import FlagPane
from widgets.panes.gate import GatePane
from widgets.panes.growth import GrowthPane
from widgets.panes.incidents import IncidentsPane
from widgets.panes.latency import LatencyPane
from widgets.panes.log import LogPane
from widgets.panes.queue import QueuePane
from widgets.panes.risk import RiskPane

if TYPE_CHECKING:
    from sessions.handover.handover import Absence

MIDDLE: tuple[type[Pane], ...] = (ErrorsPane, AnalyticsPane, GrowthPane, IncidentsPane, QueuePane, CapsulePane)
"""Below the latency, two in a row; what is not used lets the others move up."""
PANES: tuple[type[Pane], ...] = (GatePane, LatencyPane, RiskPane, FlagPane, *MIDDLE)
Arranged = tuple[type[Pane], ...]


def arranged(view: View) -> Arranged:
    """Return the panes that have a place, in the order in which the grid is filled: the flag begins the last row."""
    middle = [pane for pane in MIDDLE if pane.serves(view)]
    above = 2 * (_rows(middle) - 1)
    first = (GatePane, LatencyPane, *([RiskPane] if RiskPane.serves(view) else []))
    return (*first, *middle[:above], FlagPane, *middle[above:])


def _rows(middle: Sequence[type[Pane]]) -> int:
    return (len(middle) + 1) // 2


def _shape(order: Arranged) -> tuple[str, ...]:
    """Return the classes of the grid: how many rows it has, and whether it has the column of the risks."""
    rows = 1 + _rows([pane for pane in order if pane in MIDDLE])
    return (f"-rows{rows}", *([] if RiskPane in order else ["-bare"]))


def _alone(order: Arranged) -> type[Pane] | None:
    """Return the pane that has the whole width of the last row, None where two share it."""
    return order[-1] if len([pane for pane in order if pane in MIDDLE]) % 2 else None


class Deck(Walked):
    """Everything at a glance."""

    _absence: "Absence | None" = None
    _order: Arranged = ()

    def body(self) -> ComposeResult:
        """Compose rail, panes and log."""
        yield self.framed(PhaseRail(), "")
        self._order = order = arranged(self._view)
        with Container(id="board", classes=" ".join(_shape(order))):
            for pane in (*order, *(pane for pane in PANES if pane not in order)):
                yield _placed(self.framed(pane()), order)
        yield self.framed(LogPane())

    def lay(self, view: View) -> None:
        """Give the places away of what the plan does not use, and back where it came to use it."""
        order = arranged(view)
        if order == self._order:
            return
        self._order, board = order, self.query_one("#board", Container)
        for name in ("-rows2", "-rows3", "-rows4", "-bare"):
            board.set_class(name in _shape(order), name)
        panes = {type(pane): _placed(pane, order) for pane in board.query(Pane)}
        for before, pane in pairwise(order):
            board.move_child(panes[pane], after=panes[before])

    def on_resize(self, event: events.Resize) -> None:
        """Fold or unfold."""
        self.fold(event.size.width, event.size.height)

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


def _placed(pane: Pane, order: Arranged) -> Pane:
    pane.set_class(type(pane) not in order, "-away")
    return pane.set_class(type(pane) is _alone(order), "-alone")
