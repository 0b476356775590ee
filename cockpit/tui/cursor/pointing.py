"""A screen with a cursor: y copies the row under it, a click moves it there, two clicks open the row."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from cockpit.tui.cursor.copying import copy, step_of
from cockpit.tui.screens.board import Board
from widgets.base.pane import Pane
from widgets.base.target import Target, rows_of

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit


class Pointing(Board):
    """Says what is under its cursor as `pointed`, and moves by `go_to`."""

    STEPS_FIRST: ClassVar[bool] = False
    """Whether a runbook step that wears y has it here: `Y` copies then."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy(False)", "Copy", tooltip="Copy what is under the cursor, over SSH too", id="cursor.copy"),
        Binding(
            "Y",
            "copy(True)",
            "Copy",
            tooltip="Copy it on every screen",
            id="cursor.copy_always",
            show=False,
        ),
    ]
    app: "Cockpit"

    @property
    def pointed(self) -> Target | None:
        """The row under the cursor, None without one."""
        return None

    def go_to(self, target: Target, column: int) -> bool:
        """Move the cursor to a row that was clicked in that column; return whether it can be there."""
        del target, column
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return False if y is the letter of a step that may be done now, and this screen is for the steps."""
        if action == "copy" and self.STEPS_FIRST and not parameters[0]:
            return not step_of(self._view, "y")
        return super().check_action(action, parameters)

    def action_copy(self, always: bool) -> None:
        """Copy what is under the cursor; a step that wears the letter is named, and not done."""
        if (target := self.pointed) is None:
            self.app.say("Nothing to copy here", ok=False)
        else:
            copy(self.app, target.text, "" if always else step_of(self._view, "y"))

    async def on_pane_picked(self, event: Pane.Picked) -> None:
        """Go to the row that was clicked; two clicks press enter there."""
        event.stop()
        rows = rows_of(event.pane.targets)
        above = [target for line, target in rows if line <= event.row]
        if event.row < 0 or not above:
            return
        if self.go_to(above[-1], event.column) and event.twice and (opens := self.active_bindings.get("enter")):
            await self.app.run_action(opens.binding.action, opens.node)
