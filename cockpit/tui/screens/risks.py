"""Screen 3, the risks: the card of one with its steps, and the sheet of the step under the cursor."""

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from cockpit.tui.cursor.pointing import Pointing
from cockpit.tui.screens.looking import NOTHING, Looker
from sessions.gate.judgement import Judgement
from sessions.values.verdicts import Level
from sessions.week.cell import sheet_for
from widgets.base.styled import BLANK, LEAD
from widgets.base.target import Target
from widgets.base.view import View
from widgets.detail.risk_cards import RiskCard, RiskList
from widgets.detail.sheet_pane import SheetPane
from widgets.panes.risk import about, state_of

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

_URGENT = (Level.ACT, Level.BLIND, Level.WATCH, Level.CALM)


class Risks(Pointing):
    """Six cards, one of them open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "risk(1)", "Risk", tooltip="The next risk", id="risks.down", key_display="↑↓"),
        Binding("up", "risk(-1)", "Above", tooltip="The risk above", id="risks.up", show=False),
        Binding("right,tab", "turn(1)", "Step", tooltip="The next step of the card", id="risks.next", key_display="←→"),
        Binding("left,shift+tab", "turn(-1)", "Before", tooltip="The step before", id="risks.before", show=False),
        Binding("enter", "open", "Sheet", tooltip="Open the sheet of the step", id="risks.open"),
        Binding("escape", "back", "Back", tooltip="Back to the deck", id="risks.back", show=False),
    ]
    STEPS_FIRST = True
    SCREEN = "screen.risks"
    app: "Cockpit"

    def __init__(self, view: View, about: str = "") -> None:
        """`about` is the risk, or the `risk.step`, that is shown first; the worst risk without one."""
        super().__init__(view)
        names = [risk.id for risk in view.plan.risks]
        risk, _, step = about.partition(".")
        self._risk = names.index(risk) if risk in names else worst(view.judgement)
        steps = [one.id for one in view.plan.risks[self._risk].steps] if names else []
        self._step = steps.index(step) if step in steps else 0
        self._looks: Looker | None = None

    def body(self) -> ComposeResult:
        """Compose the list, the card and the sheet."""
        lists, card, sheet = RiskList(), RiskCard(), SheetPane()
        self._fill(self._view, lists, card, sheet)
        with Container(id="risks-stage"):
            yield self.framed(lists)
            with Vertical(id="risk"):
                yield self.framed(card)
                yield self.framed(sheet)

    def on_mount(self) -> None:
        """Open the worst of them."""
        self._looks = Looker(self.app.door, lambda: self.show(self._view))
        self._go(self._risk, self._step)

    def on_resize(self, event: events.Resize) -> None:
        """Change the layout to the size."""
        self.fold(event.size.width, event.size.height)

    def lay(self, view: View) -> None:
        """Show the newest figures."""
        self._fill(view, self.query_one(RiskList), self.query_one(RiskCard), self.query_one(SheetPane))

    def action_risk(self, step: int) -> None:
        """Go to another risk."""
        if self._view.plan.risks:
            self._go((self._risk + step) % len(self._view.plan.risks), 0)

    def action_turn(self, step: int) -> None:
        """Go to another step of the card."""
        if self._subject:
            self._go(self._risk, (self._step + step) % len(self._view.plan.risks[self._risk].steps))

    def action_open(self) -> None:
        """Open the sheet of the step under the cursor."""
        if (task := self._subject) and self._view.plan.sheet(task):
            self.app.open_sheet(task)
        else:
            self.app.say("This step has no sheet: its key does it", ok=False)

    @property
    def pointed(self) -> Target | None:
        """The risk and the step under the cursor."""
        if not self._view.plan.risks:
            return None
        risk = self._view.plan.risks[self._risk]
        step = f"; {risk.steps[self._step].text}" if risk.steps else ""
        target = about(risk, state_of(self._view, risk))
        return Target("risk", risk.id, f"{target.copies}{step}")

    def go_to(self, target: Target, column: int) -> bool:
        """Show the card of the risk, or the step, that was clicked."""
        del column
        name, _, step = target.id.partition(".")
        names = [risk.id for risk in self._view.plan.risks]
        if target.kind not in ("risk", "step") or name not in names:
            return False
        risk = names.index(name)
        steps = [one.id for one in self._view.plan.risks[risk].steps]
        self._go(risk, steps.index(step) if step in steps else 0)
        return True

    @property
    def idle(self) -> frozenset[str]:
        """The sheet of a step that has none."""
        return frozenset(() if self._view.plan.sheet(self._subject) else ("risks.open",))

    def action_back(self) -> None:
        """Go back to the deck."""
        self.app.pop_screen()

    @property
    def _subject(self) -> str:
        """The step under the cursor, empty if the card has none."""
        risks = self._view.plan.risks
        steps = risks[self._risk].steps if risks else ()
        return f"{risks[self._risk].id}.{steps[self._step].id}" if steps else ""

    def _go(self, risk: int, step: int) -> None:
        self._risk, self._step = risk, step
        pane = self.query_one(SheetPane)
        pane.chosen = 0
        if self._looks is not None:
            self.run_worker(self._looks.look(self._subject), group="look", exit_on_error=False)
        self.show(self._view)

    def _fill(self, view: View, lists: RiskList, card: RiskCard, pane: SheetPane) -> None:
        lists.chosen = card.chosen = self._risk
        card.step = self._step
        card.styles.height = card.lines_of(view) + 2
        found = self._looks.found(self._subject) if self._looks else NOTHING
        pane.sheet = sheet_for(view.judgement, self._subject, found.exhibits, found.past, view.tz)
        pane.note = (("◐ looking", LEAD),) if self._looks and self._looks.busy(self._subject) else BLANK


def worst(judgement: Judgement) -> int:
    """Return the place of the risk that is worst, the first of equals."""
    levels = [
        judgement.risks[risk.id].level if risk.id in judgement.risks else Level.BLIND
        for risk in judgement.state.plan.risks
    ]
    return min(range(len(levels)), key=lambda place: _URGENT.index(levels[place]), default=0)
