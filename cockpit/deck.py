"""Screen 1, the deck: the gate, the flag, five criteria, six risks, the queue, the flows and the log, all live."""

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from cockpit.board import Board
from widgets.analytics_pane import AnalyticsPane
from widgets.capsule_pane import CapsulePane
from widgets.errors_pane import ErrorsPane
from widgets.flag_pane import FlagPane
from widgets.gate_pane import GatePane
from widgets.growth_pane import GrowthPane
from widgets.incidents_pane import IncidentsPane
from widgets.latency_pane import LatencyPane
from widgets.log_pane import LogPane
from widgets.pane import Pane
from widgets.phase_rail import PhaseRail
from widgets.queue_pane import QueuePane
from widgets.risk_pane import RiskPane

if TYPE_CHECKING:
    from sessions.handover import Absence

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
        from widgets.handover import HandoverPane

        known = self.query(HandoverPane)
        pane = known.first() if known else self.joined(HandoverPane())
        pane.tell(self._absence)
        return True
