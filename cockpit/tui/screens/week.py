"""Screen 5, the week: which task of which day is done, due or missed; the numbers behind one, and your finding."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from cockpit.tui.cursor.pointing import Pointing
from cockpit.tui.screens.looking import Looker
from sessions.actions.tasks import chore_called
from sessions.gate.judgement import Judgement
from sessions.gate.week import todays
from sessions.text.clean import too_long
from sessions.values.requests import MOST_TEXT, Act, Request
from sessions.week.cell import sheet_for
from widgets.base.target import Target
from widgets.base.view import View
from widgets.detail.week_cell import WeekCell
from widgets.detail.week_grid import WeekGrid, places, today
from widgets.dialogs.base import Field

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

_MOST_ROWS = 12


class WeekScreen(Pointing):
    """The grid of the week over the task that is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Collect the numbers and write what you found", id="week.open"),
        Binding("right", "move(0, 1)", "Day", tooltip="The next day", id="week.right", key_display="←→"),
        Binding("left", "move(0, -1)", "Before", tooltip="The day before", id="week.left", show=False),
        Binding("down", "move(1, 0)", "Task", tooltip="The next task", id="week.down", key_display="↑↓"),
        Binding("up", "move(-1, 0)", "Above", tooltip="The task above", id="week.up", show=False),
        Binding("pagedown", "roll(5)", "Page down", tooltip="Roll the numbers", id="week.pagedown", show=False),
        Binding("pageup", "roll(-5)", "Page up", tooltip="Roll the numbers back", id="week.pageup", show=False),
        Binding("escape", "back", "Back", tooltip="Leave the finding, then the screen", id="week.back", show=False),
    ]
    app: "Cockpit"
    SCREEN = "screen.week"

    def body(self) -> ComposeResult:
        """Compose the grid, the open task, the line for the finding."""
        yield self.framed(WeekGrid())
        yield self.framed(WeekCell())
        field = Field("finding", "what you found, in one line: enter does the task with it, esc leaves it")
        field.can_focus = False
        yield field

    def on_mount(self) -> None:
        """Open what is due of today."""
        self._looks = Looker(self.app.door, lambda: None)
        self._fit()
        if self._view.judgement.week:
            grid = self.query_one(WeekGrid)
            grid.row, grid.day = _first(self._view)
            self._collect(grid.chosen(self._view))

    def on_resize(self, event: events.Resize) -> None:
        """Change the layout to the size."""
        self.fold(event.size.width, event.size.height)
        self._fit()

    def show(self, view: View) -> None:
        """Show the view; a finding whose task is done has found its place."""
        begun = self._view.state.week_at is None and view.state.week_at is not None
        super().show(view)
        if not self.stands:
            return
        if begun:
            self.on_mount()
        if self.query_one(WeekCell).opened in view.state.ticked and self._writing():
            self.query_one("#finding", Field).value = ""
            self._close()

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor; while a finding is written it stays."""
        if self._writing():
            self.app.say("The finding comes first: enter sends it, esc leaves it", ok=False)
        elif not self._view.judgement.week:
            self.app.say("The week has not started", ok=False)
        else:
            self.query_one(WeekGrid).move(self._view, down, right)
            self.show(self._view)

    @property
    def pointed(self) -> Target | None:
        """The task under the cursor."""
        return self.query_one(WeekGrid).pointed(self._view)

    def go_to(self, target: Target, column: int) -> bool:
        """Go to the task of the day that was clicked; while a finding is written the cursor stays."""
        there = not self._writing() and self.query_one(WeekGrid).point_at(self._view, target.id, column)
        self.show(self._view)
        return there

    @property
    def idle(self) -> frozenset[str]:
        """Everything, as long as there is no week."""
        unborn = not self._view.judgement.week
        return frozenset(("week.open", "week.right", "week.down", "cursor.copy") if unborn else ())

    def action_roll(self, lines: int) -> None:
        """Roll the numbers."""
        self.query_one(WeekCell).roll(lines)
        self.show(self._view)

    def action_open(self) -> None:
        """Open the task under the cursor, with the line for the finding where it can be done; or its sheet."""
        task = self.query_one(WeekGrid).chosen(self._view) if self._view.judgement.week else ""
        if not task:
            self.app.say("No task there" if self._view.judgement.week else "The week has not started", ok=False)
            return
        chore = chore_called(self._view.judgement, task)
        if chore is None:
            self.app.open_sheet(task)
            return
        self._collect(task)
        if self._view.now < chore.opens_at or task in self._view.state.ticked:
            return
        if self._view.viewer:
            self.app.say(f"This screen is read-only: {self._view.viewer}", ok=False)
            return
        field = self.query_one("#finding", Field)
        field.can_focus = True
        field.add_class("-open")
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do the task with the finding and the numbers; the finding stays until that is done."""
        event.stop()
        cell, text = self.query_one(WeekCell), event.value.strip()
        if not text:
            self.app.say("Say in one line what you found", ok=False)
        elif why := too_long("The finding", text, MOST_TEXT):
            self.app.say(why, ok=False)
        elif cell.busy:
            self.app.say("The numbers are still being collected", ok=False)
        else:
            rows = cell.sheet.rows if cell.sheet else ()
            self.app.send(Request(Act.TICK, subject=cell.opened, text=text, rows=rows, looked=cell.sheet is not None))

    def action_back(self) -> None:
        """Leave the finding; without one the screen."""
        if self._writing():
            self._close()
        else:
            self.app.pop_screen()

    def _writing(self) -> bool:
        return self.query_one("#finding", Field).has_class("-open")

    def _close(self) -> None:
        field = self.query_one("#finding", Field)
        field.remove_class("-open")
        field.can_focus = False
        self.set_focus(None)

    def _fit(self) -> None:
        """The grid is as high as its rows; what is left is for the numbers."""
        rows = places(self._view)
        height = min(_MOST_ROWS, len(rows) + any(not one.daily for one in rows)) + 4
        self.set_class(not self._view.judgement.week, "-unborn")
        self.query_one(WeekGrid).styles.height = height if self._view.judgement.week else "1fr"

    def _collect(self, task: str) -> None:
        self.query_one(WeekCell).open(task)
        self.show(self._view)
        self.run_worker(self._collected(task, self._view.judgement), group="numbers", exclusive=True)

    async def _collected(self, task: str, judgement: Judgement) -> None:
        """Ask history and sources, and lay the numbers out; another task that was opened in the meantime stays."""
        chore, cell = chore_called(judgement, task), self.query_one(WeekCell)
        if chore is not None and judgement.at >= chore.opens_at:
            await self._looks.look(task, again=True)
            found = self._looks.found(task)
            cell.trouble = found.trouble
            lay = partial(sheet_for, judgement, task, found.exhibits, found.past, self._view.tz)
            cell.sheet = None if found.trouble else await asyncio.to_thread(lay)
        cell.busy = False
        self.show(self._view)


def _first(view: View) -> tuple[int, int]:
    """Return row and day of what is to be done first: what is overdue or due, else the next of today."""
    mine = todays(view.judgement.week, view.now)
    rows = [place.id for place in places(view)]
    return (rows.index(mine[0].task) if mine else 0), (mine[0].day if mine else today(view))
