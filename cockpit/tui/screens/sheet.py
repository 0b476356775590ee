"""The sheet behind a task or a runbook step: what is to be looked at, looked up while you wait, and your finding."""

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from cockpit.tui.cursor.copying import copy
from cockpit.tui.cursor.pointing import Pointing
from cockpit.tui.screens.looking import NOTHING, Looker
from sessions.actions.concluding import closed
from sessions.actions.tasks import unproved
from sessions.text.clean import too_long
from sessions.values.requests import MOST_TEXT, Act, Request
from sessions.values.sheets import Row
from sessions.values.verdicts import Mark
from sessions.week.cell import sheet_for
from widgets.base.styled import BLANK, BLIND, GOOD, LEAD, QUIET, Line
from widgets.base.target import Target
from widgets.base.view import View
from widgets.detail.sheet_pane import SheetPane, marked, target_of
from widgets.dialogs.base import Field, required

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

_NEXT: dict[Mark | None, Mark | None] = {None: Mark.PASS, Mark.PASS: Mark.THIN, Mark.THIN: None}
"""What a row that nothing judges is said to be when its key is pressed again: ok, to look into, nothing."""


class SheetScreen(Pointing):
    """One sheet; ticking from it keeps its rows and the finding."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "find", "Finding", tooltip="Write what you found, and tick", id="sheet.find"),
        Binding("g", "run", "Run", tooltip="Run the checks of this sheet", id="sheet.run"),
        Binding("O", "odd", "Ok or not", tooltip="Say that the row is ok, or to look into", id="sheet.odd"),
        Binding("m", "message", "Message", tooltip="Edit the message: keep, copy or send it", id="sheet.message"),
        Binding("L", "look", "Look again", tooltip="Ask the sources again", id="sheet.look"),
        Binding("up", "move(-1)", "Up", tooltip="To the row above", id="sheet.up", show=False),
        Binding("down", "move(1)", "Down", tooltip="To the row below", id="sheet.down", show=False),
        Binding("pageup", "move(-10)", "Page up", tooltip="Ten rows up", id="sheet.pageup", show=False),
        Binding("pagedown", "move(10)", "Page down", tooltip="Ten rows down", id="sheet.pagedown", show=False),
        Binding("escape", "back", "Back", tooltip="Leave without a tick", id="sheet.back"),
    ]
    app: "Cockpit"

    def __init__(self, view: View, task: str) -> None:
        super().__init__(view)
        self.subject = task
        self._looks: Looker | None = None
        self._said: dict[str, Mark] = {}

    def body(self) -> ComposeResult:
        """Compose the sheet, and the line for the finding."""
        pane = SheetPane()
        self._fill(self._view, pane)
        with Vertical(id="stage"):
            yield self.framed(pane)
        field = Field("finding", "what you found, one line: enter ticks with it, esc goes back to the rows")
        field.can_focus = False
        yield field

    def on_mount(self) -> None:
        """Look at once."""
        self._looks = Looker(self.app.door, lambda: self.show(self._view))
        self._look(again=False)

    def on_resize(self, event: events.Resize) -> None:
        """Change the layout to the size."""
        self.fold(event.size.width, event.size.height)

    def lay(self, view: View) -> None:
        """Show the newest figures; what was looked up stays until it is looked up again."""
        self._fill(view, self.query_one(SheetPane))

    def action_look(self) -> None:
        """Have the sources look again; what the watch measures is live."""
        self._look(again=True)

    def _look(self, *, again: bool) -> None:
        if self._looks is not None:
            self.run_worker(self._looks.look(self.subject, again=again), group="look", exit_on_error=False)
        self.show(self._view)

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self.query_one(SheetPane).move(step)
        self.show(self._view)

    @property
    def idle(self) -> frozenset[str]:
        """What would change something while this screen only looks, what there is none of."""
        view, row = self._view, self.query_one(SheetPane).row
        over = view.viewer or closed(view.state, Act.TICK)
        judged = row is None or (row.mark is not None and row.what not in self._said)
        return frozenset(
            (
                *(("sheet.find", "sheet.run") if over else ()),
                *(() if self._runs() else ("sheet.run",)),
                *(("sheet.odd",) if judged or over else ()),
                *(("cursor.copy",) if row is None else ()),
            )
        )

    @property
    def pointed(self) -> Target | None:
        """The row under the cursor."""
        row = self.query_one(SheetPane).row
        return target_of(row) if row is not None else None

    def go_to(self, target: Target, column: int) -> bool:
        """Go to the row that was clicked."""
        del column
        pane = self.query_one(SheetPane)
        pane.move(int(target.id) - pane.chosen)
        self.show(self._view)
        return True

    def action_odd(self) -> None:
        """Say of the row that it is ok, or to look into; only of one that nothing judges."""
        row = self.query_one(SheetPane).row
        if row is None or (row.mark is not None and row.what not in self._said):
            self.app.say("This row is judged already", ok=False)
            return
        mark = _NEXT[self._said.pop(row.what, None)]
        if mark is not None:
            self._said[row.what] = mark
        self.show(self._view)

    def action_run(self) -> None:
        """Run the check of this task; of a task without one, those of the phase that are not done."""
        tasks = self._runs()
        if not tasks:
            self.app.say("Nothing to run here: name a check under [activities] in cockpit.toml", ok=False)
        for task in tasks:
            self.app.send(Request(Act.RUN, subject=task))

    def _runs(self) -> list[str]:
        """Return the tasks whose check its key runs."""
        state = self._view.state
        if self.subject in state.runnable:
            return [self.subject]
        phase = [task.id for task in self._view.plan.phase(state.phase).activities if task.id not in state.ticked]
        return [task for task in phase if task in state.runnable]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return False for what this kind of sheet has not: its key then means what it means elsewhere."""
        if action == "message":
            return self._view.plan.sheet(self.subject) == "update" and not self._view.viewer
        return super().check_action(action, parameters)

    def action_message(self) -> None:
        """Edit the message to stakeholders."""
        from cockpit.tui.findings import message

        def copied(text: str) -> None:
            copy(self.app, text)

        self.app.converse("message", lambda asker: message(asker, self.subject, copied))

    def action_find(self) -> None:
        """Open the line for the finding; of a decision and of feedback something else is asked."""
        kind = self._view.plan.sheet(self.subject)
        if self._view.viewer:
            self.app.say(f"This screen is read-only: {self._view.viewer}", ok=False)
        elif kind == "decision":
            self.app.converse("decision", self._decide)
        else:
            field = self.query_one("#finding", Field)
            field.can_focus = True
            field.add_class("-open")
            field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tick with the finding; it stays where it is until that is done."""
        event.stop()
        text = event.value.strip()
        if why := too_long("The finding", text, MOST_TEXT):
            self.app.say(why, ok=False)
            return
        self.app.converse("tick", lambda asker: self._tick(asker, text))

    def action_back(self) -> None:
        """Leave the finding; without one the sheet."""
        field = self.query_one("#finding", Field)
        if not field.has_class("-open"):
            self.app.pop_screen()
            return
        field.remove_class("-open")
        field.can_focus = False
        self.set_focus(None)

    async def _tick(self, asker: "Cockpit", text: str) -> None:
        from cockpit.tui.prompts import one_line

        step = any(self.subject == f"{risk.id}.{one.id}" for risk in self._view.plan.risks for one in risk.steps)
        reason: str | None = ""
        if not step and unproved(self._view.state, self.subject):
            reason = await one_line(
                asker, "Its check did not pass", "why it is ticked all the same", required("The reason")
            )
        if reason is not None:
            await self._leave_with(
                Request(
                    Act.STEP if step else Act.TICK, "owner", self.subject, text, reason, rows=self._rows(), looked=True
                )
            )

    async def _decide(self, asker: "Cockpit") -> None:
        from cockpit.tui.findings import decision

        request = await decision(asker, self.subject, self._rows())
        if request is not None:
            await self._leave_with(request)

    async def _leave_with(self, request: Request) -> None:
        """Ask for it; once it is done the sheet has had its use."""
        if await self.app.tell(request) and self.app.screen is self:
            self.app.pop_screen()

    def _rows(self) -> tuple[Row, ...]:
        """Return every row of the screen with its mark."""
        sheet = self.query_one(SheetPane).sheet
        return sheet.rows if sheet else ()

    def _fill(self, view: View, pane: SheetPane) -> None:
        found = self._looks.found(self.subject) if self._looks else NOTHING
        sheet = sheet_for(view.judgement, self.subject, found.exhibits, found.past, view.tz)
        pane.sheet = marked(sheet, self._said) if sheet else None
        pane.note = self._note(view)

    def _note(self, view: View) -> Line:
        """Say whether the task is done, and whether the sources are being asked."""
        if self._looks is not None and self._looks.busy(self.subject):
            return (("◐ looking", LEAD),)
        if self._looks is not None and (trouble := self._looks.found(self.subject).trouble):
            return ((f"◌ {trouble}", BLIND),)
        tick = view.state.ticks.get(self.subject) if self.subject in view.state.ticked else None
        if tick is None:
            return BLANK
        lacks = ", nothing looked at" if tick.unseen else " without its check" if tick.unproved else ""
        return ((f"✔ {view.time(tick.at)}{lacks}", QUIET if lacks else GOOD), (f"  {tick.finding}", QUIET))
