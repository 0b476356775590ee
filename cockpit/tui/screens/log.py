"""Screen 4, the ops log: all of it, filtered by words, every entry to be opened."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from cockpit.tui.cursor.pointing import Pointing
from widgets.base.target import Target
from widgets.detail.entry_list import EntryList
from widgets.dialogs.base import Field
from widgets.dialogs.entry import EntryDialog
from widgets.frame.phase_rail import PhaseRail


class LogScreen(Pointing):
    """The whole log."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "Filter",
            tooltip="Show only entries with these words",
            id="entries.filter",
            key_display="/",
        ),
        Binding(
            "escape", "back", "Back", tooltip="Remove the filter, then back to the deck", id="entries.back", show=False
        ),
    ]

    SCREEN = "screen.log"

    def body(self) -> ComposeResult:
        """Compose rail, filter and list."""
        yield self.framed(PhaseRail(), "")
        field = Field("filter", "words to look for; enter keeps the filter, esc removes it")
        field.can_focus = False
        yield field
        yield EntryList().add_class("frame")

    @property
    def pointed(self) -> Target | None:
        """The entry under the cursor."""
        return self.query_one(EntryList).pointed

    def on_mount(self) -> None:
        """The list has the keys."""
        self.query_one(EntryList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Change the layout to the size."""
        self.fold(event.size.width, event.size.height)

    def action_filter(self) -> None:
        """Open the filter."""
        field = self.query_one(Field)
        field.can_focus = True
        field.add_class("-open")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        self.query_one(EntryList).filter(event.value)

    def on_input_submitted(self) -> None:
        """Keep the filter and go back to the list."""
        self.query_one(EntryList).focus()

    def action_back(self) -> None:
        """Drop the filter; without one go back to the deck."""
        field = self.query_one(Field)
        if field.has_class("-open"):
            field.value = ""
            field.remove_class("-open")
            field.can_focus = False
            self.query_one(EntryList).focus()
        else:
            self.app.pop_screen()

    def on_entry_list_opened(self, event: EntryList.Opened) -> None:
        """Show the whole entry."""
        self.app.push_screen(EntryDialog(event.entry, self._view))
