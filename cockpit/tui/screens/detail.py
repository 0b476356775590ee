"""Screen 2, criterion detail: the chart of one endpoint, journey or collection with its bound drawn."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from cockpit.tui.cursor.pointing import Pointing
from sessions.plan.uses import criteria
from widgets.base.target import Target
from widgets.base.view import View
from widgets.detail.panes import ChartPane, SubjectList, Tabs
from widgets.detail.series import subjects


class Detail(Pointing):
    """One criterion, one subject at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,tab", "turn(1)", "Criterion", tooltip="The next criterion", id="detail.next", key_display="←→"),
        Binding("left,shift+tab", "turn(-1)", "Before", tooltip="The criterion before", id="detail.before", show=False),
        Binding("down", "step(1)", "Subject", tooltip="The next subject", id="detail.down", key_display="↑↓"),
        Binding("up", "step(-1)", "Above", tooltip="The subject above", id="detail.up", show=False),
        Binding("escape", "back", "Back", tooltip="Back to the deck", id="detail.back", show=False),
    ]

    SCREEN = "screen.detail"

    def __init__(self, view: View, criterion: str = "", subject: str = "") -> None:
        super().__init__(view)
        names = criteria(view.plan)
        self._first = criterion if criterion in names else names[0]
        found = subjects(view, self._first)
        self._at = found.index(subject) if subject in found else 0

    def body(self) -> ComposeResult:
        """Compose tabs, subjects and chart, at what was opened."""
        tabs, listed, drawn = Tabs(), SubjectList(), ChartPane()
        tabs.chosen = criteria(self._view.plan).index(self._first)
        listed.criterion, listed.chosen = self._first, self._at
        drawn.criterion, drawn.chosen = self._first, self._at
        yield self.framed(tabs, "")
        with Container(id="stage"):
            yield self.framed(listed)
            yield self.framed(drawn)

    def on_resize(self, event: events.Resize) -> None:
        """Change the layout to the size."""
        self.fold(event.size.width, event.size.height)

    def action_turn(self, step: int) -> None:
        """Go to another criterion."""
        tabs = self.query_one(Tabs)
        names = criteria(self._view.plan)
        tabs.chosen = (tabs.chosen + step) % len(names)
        self._choose(names[tabs.chosen], 0)

    def action_step(self, step: int) -> None:
        """Go to another subject."""
        chart = self.query_one(ChartPane)
        count = len(subjects(self._view, chart.criterion))
        if count:
            self._choose(chart.criterion, (chart.chosen + step) % count)

    @property
    def pointed(self) -> Target | None:
        """The subject whose chart is shown; the criterion where it has none."""
        chart = self.query_one(ChartPane)
        names = subjects(self._view, chart.criterion)
        return Target(chart.criterion, names[min(chart.chosen, len(names) - 1)] if names else "")

    def go_to(self, target: Target, column: int) -> bool:
        """Show the chart of the subject that was clicked."""
        del column
        names = subjects(self._view, target.kind)
        if target.id in names:
            self._choose(target.kind, names.index(target.id))
        return target.id in names

    def action_back(self) -> None:
        """Go back to the deck."""
        self.app.pop_screen()

    def _choose(self, criterion: str, chosen: int) -> None:
        for pane in (self.query_one(SubjectList), self.query_one(ChartPane)):
            pane.criterion, pane.chosen = criterion, chosen
            pane.show(self._view)
        self.query_one(Tabs).show(self._view)
