"""Screen 1, the deck: the gate, five criteria, six risks, the queue, the flows and the log, all live."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from cockpit.board import Board
from widgets.analytics_pane import AnalyticsPane
from widgets.capsule_pane import CapsulePane
from widgets.errors_pane import ErrorsPane
from widgets.gate_pane import GatePane
from widgets.growth_pane import GrowthPane
from widgets.incidents_pane import IncidentsPane
from widgets.latency_pane import LatencyPane
from widgets.log_pane import LogPane
from widgets.pane import Pane
from widgets.phase_rail import PhaseRail
from widgets.queue_pane import QueuePane
from widgets.risk_pane import RiskPane

PANES: tuple[type[Pane], ...] = (
    GatePane,
    LatencyPane,
    RiskPane,
    ErrorsPane,
    AnalyticsPane,
    GrowthPane,
    IncidentsPane,
    QueuePane,
    CapsulePane,
)


class Deck(Board):
    """Everything at a glance."""

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
