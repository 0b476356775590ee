"""Screen 1, the deck: the gate, the flag, five criteria, six risks, the queue, the flows and the log, all live."""

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from cockpit.tui.screens.board import Board
from widgets.base.pane import Pane
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

PANES: tuple[type[Pane], ...] = (
    GatePane,
    LatencyPane,
    RiskPane,
    ErrorsPane,
    AnalyticsPane,
    GrowthPane,
    IncidentsPane,
    FlagPane,
    QueuePane,
    CapsulePane,
)


class Deck(Board):
    """Everything at a glance."""

    _absence: "Absence | None" = None

    def body(self) -> ComposeResult:
        """Compose rail, panes and log."""
        yield self.framed(PhaseRail(), "")
        with Container(id="board"):
            for pane in PANES:
                yield self.framed(pane())
        yield self.framed(LogPane())

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
