"""Screen 6, the report: the draft of the day, edited line by line, beside the entries behind each line."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from cockpit.tui.cursor.pointing import Pointing
from cockpit.tui.prompts import Asker
from sessions.actions.editing import LONGEST
from sessions.handover.peaks import Peaks
from sessions.reports.page import drafted, head
from sessions.reports.periods import Period, of_day
from sessions.text.clean import clean
from sessions.values.report_edits import Edit
from sessions.values.requests import Act, Request
from widgets.base.styled import BLANK, PLAIN, QUIET
from widgets.base.target import Target
from widgets.base.view import View
from widgets.detail.draft import DraftPane, Spot, StandsOn
from widgets.dialogs.base import Blank, Fill, required
from widgets.dialogs.preview import Page, Preview
from widgets.frame.header import burning

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

_FRESH = 5.0
"""Seconds after which a draft is made again although nothing was written."""
_ASKING = ("add", "reword", "strike", "shift", "export")


class ReportScreen(Pointing):
    """The draft, and the entries behind the line under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", tooltip="Add a line of your own below this one", id="report.add"),
        Binding("e", "reword", "Edit", tooltip="Edit this line", id="report.edit"),
        Binding("x", "strike", "Strike", tooltip="Leave this line out, or take it back", id="report.strike"),
        Binding("shift+up", "shift(-1)", "Move", tooltip="Move this line up", id="report.higher", key_display="⇧↑↓"),
        Binding("shift+down", "shift(1)", "Move down", tooltip="Move this line down", id="report.lower", show=False),
        Binding("enter", "export", "Export", tooltip="Write the report of the day", id="report.export"),
        Binding("p", "preview", "Preview", tooltip="Show the whole page", id="report.preview"),
        Binding("up", "go(-1)", "Up", tooltip="Go to the line above", id="report.up", show=False),
        Binding("down", "go(1)", "Down", tooltip="Go to the line below", id="report.down", show=False),
        Binding("escape", "back", "Back", tooltip="Back to the deck", id="report.back", show=False),
    ]

    app: "Cockpit"
    SCREEN = "screen.report"

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._known: tuple[int, float] = (-1, 0.0)
        self._high: dict[str, Peaks] = {}
        self._draft, self._lines = DraftPane(), StandsOn()

    def body(self) -> ComposeResult:
        """Compose the draft, and the entries behind its line."""
        self._drafted(self._view)
        with Container(id="stage"):
            yield self.framed(self._draft)
            yield self.framed(self._lines)

    def on_mount(self) -> None:
        """Ask for the peaks at once: they are words of the page too."""
        self.run_worker(self._peaks(), group="peaks", exit_on_error=False)

    def lay(self, view: View) -> None:
        """Show the draft again after a change."""
        self._drafted(view)

    def on_resize(self, event: events.Resize) -> None:
        """Change the layout to the size."""
        self.fold(event.size.width, event.size.height)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return None for what asks for something while this screen only looks.

        While a fuse burns its key extends it here too, as the header says.
        """
        if action == "strike" and burning(self._view) is not None:
            return False
        del parameters
        return None if action in _ASKING and self._view.viewer else True

    @property
    def idle(self) -> frozenset[str]:
        """What is done with a line, where there is none."""
        over = ("report.export", "report.add") if self._view.viewer else ()
        if (spot := self._spot) is not None and spot.line is not None and not self._view.viewer:
            return frozenset(over)
        return frozenset((*over, "report.edit", "report.strike", "report.higher", "cursor.copy"))

    @property
    def pointed(self) -> Target | None:
        """The line of the report under the cursor."""
        spot = self._spot
        return Target("draft", spot.line.key, spot.line.text) if spot is not None and spot.line is not None else None

    def go_to(self, target: Target, column: int) -> bool:
        """Go to the line that was clicked; enter exports there, so two clicks only go."""
        del column
        self.action_go(int(target.id) - self._draft.at)
        return False

    def action_go(self, step: int) -> None:
        """Go to another line."""
        rows = self._draft.rows
        if rows:
            self._draft.at = max(0, min(len(rows) - 1, self._draft.at + step))
            self._chosen()

    def action_back(self) -> None:
        """Go back to the deck."""
        self.app.pop_screen()

    def action_export(self) -> None:
        """Write the report of the day."""
        self._asker.send(Request(Act.EXPORT))

    def action_preview(self) -> None:
        """Show the whole page; the peaks of this moment come as soon as the history answers."""
        if (page := self._page("" if self._high else "◐ asking the history for the peaks")) is not None:
            preview = Preview(page, self._view)
            self.app.push_screen(preview)
            self.run_worker(self._with_peaks(preview), group="peaks", exit_on_error=False)

    def action_add(self) -> None:
        """Ask for a line of your own."""
        if (spot := self._spot) is not None:
            self._begin(self._add(spot))

    def action_reword(self) -> None:
        """Ask for other words."""
        if (spot := self._spot) is not None and spot.line is not None:
            self._begin(self._reword(spot))

    def action_strike(self) -> None:
        """Strike the line, or take it back."""
        if (spot := self._spot) is not None and spot.line is not None:
            op = "kept" if spot.struck else "struck"
            self._edit(Edit(self._period, op, spot.line.key, clean(spot.line.text, 200)))

    def action_shift(self, way: int) -> None:
        """Move the line within its section."""
        spot = self._spot
        if spot is None or spot.line is None or not 0 <= spot.number + way < spot.among:
            return
        words = clean(spot.line.text, 200)
        self._edit(Edit(self._period, "moved", spot.line.key, words, spot.number + way, spot.number))

    async def _with_peaks(self, preview: Preview) -> None:
        lacks = await self._peaks()
        if preview.is_attached and (page := self._page(lacks)) is not None:
            preview.take(page)

    def _page(self, lacks: str) -> Page | None:
        draft, view = self._draft.draft, self._view
        return Page(head(view.judgement, draft.period.title, view.tz), draft, lacks) if draft is not None else None

    async def _peaks(self) -> str:
        """Ask the history for the peaks, and draft by them; return why they cannot be told. Raises nothing."""
        period = _today(self._view)
        try:
            self._high = {period.name: await asyncio.wrap_future(self.app.door.peaks(period))}
        except Exception as error:  # noqa: BLE001 - asked in another thread: a fault there is one line here
            return f"◌ the peaks cannot be read: {clean(str(error) or type(error).__name__, 120)}"
        self._known = (-1, 0.0)
        self.show(self._view)
        return ""

    async def _add(self, spot: Spot) -> None:
        words = await self._asked(f"Add to {spot.section}", "")
        if words:
            below = spot.number + 1 if spot.line is not None else 0
            self._edit(Edit(self._period, "added", spot.section, position=below), words)

    async def _reword(self, spot: Spot) -> None:
        line = spot.line
        words = await self._asked(f"Edit a line of {spot.section}", line.text) if line is not None else ""
        if line is not None and words and words != line.text:
            drafted = "" if line.own else line.drafted or line.text
            self._edit(Edit(self._period, "reworded", line.key, drafted=drafted, sources=line.sources), words)

    async def _asked(self, title: str, text: str) -> str:
        body = (
            (((f"One line of at most {LONGEST} characters; it is not shortened.", QUIET),), BLANK)
            if text
            else ((("", PLAIN),),)
        )
        blank = Blank("line", "what the report is to say", required("The line", LONGEST), clean(text, LONGEST))
        filled = await self._asker.put(Fill(title, self._view, lambda _view, _width: body, (blank,)))
        return filled[0] if filled else ""

    @property
    def _asker(self) -> Asker:
        return cast("Asker", self.app)

    @property
    def _period(self) -> str:
        return self._draft.draft.period.name if self._draft.draft is not None else ""

    @property
    def _spot(self) -> Spot | None:
        rows = self._draft.rows
        return rows[self._draft.at] if self._draft.at < len(rows) else None

    def _begin(self, conversation: Coroutine[object, object, None]) -> None:
        self.app.talk(conversation)

    def _edit(self, edit: Edit, words: str = "") -> None:
        self._asker.send(Request(Act.EDIT, text=words, edit=edit))

    def _drafted(self, view: View) -> None:
        """Draft again what was written in the meantime; what was under the cursor stays under it."""
        judgement = view.judgement
        fresh = 0 <= judgement.at.timestamp() - self._known[1] < _FRESH
        if self._draft.draft is not None and self._known[0] == judgement.state.seq and fresh:
            return
        self._known = (judgement.state.seq, judgement.at.timestamp())
        period = _today(view)
        self._draft.take(drafted(judgement, period, view.tz, self._high.get(period.name)))
        self._lines.draft, self._lines.spot = self._draft.draft, self._spot

    def _chosen(self) -> None:
        self._lines.spot = self._spot
        for pane in (self._draft, self._lines):
            pane.show(self._view)


def _today(view: View) -> Period:
    """Return the local day that the report is about."""
    return of_day(view.judgement, view.judgement.at.astimezone(view.tz).date(), view.tz)
