"""The whole ops log, newest first: only the lines in sight are ever made."""

from bisect import bisect_right
from itertools import accumulate
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sessions.text.clean import clean
from sessions.text.units import counted
from sessions.values.entries import Entry
from widgets.base.styled import PLAIN, QUIET, STRONG, Bit, Line, content, cut, length
from widgets.base.target import Target
from widgets.base.view import View
from widgets.wording.entries import about, entry_line, entry_lines, said

_MOST, _BESIDE = 4, 30
"""Lines of one entry at most, and cells of a line that its text cannot have at most."""


class EntryList(ScrollView, can_focus=True):
    """Entries to walk through, filtered by words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "go(-1)", "Up", tooltip="To the entry above", id="entries.up", show=False),
        Binding("down", "go(1)", "Down", tooltip="To the entry below", id="entries.down", show=False),
        Binding("pageup", "page(-1)", "Page up", tooltip="A page up", id="entries.pageup", show=False),
        Binding("pagedown", "page(1)", "Page down", tooltip="A page down", id="entries.pagedown", show=False),
        Binding("home", "go(-1000000)", "Newest", tooltip="To the newest entry", id="entries.home", show=False),
        Binding("end", "go(1000000)", "Oldest", tooltip="To the oldest entry", id="entries.end", show=False),
        Binding("enter", "open", "Open", tooltip="Show the whole entry", id="entries.open"),
    ]

    class Opened(Message):
        """An entry was opened."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self) -> None:
        super().__init__(id="list")
        self._view: View | None = None
        self._words: tuple[str, ...] = ()
        self._known: dict[int, str] = {}
        self._rows: tuple[Entry, ...] = ()
        self._starts: list[int] = [0]
        """The line in which each row begins, and behind them how many lines there are."""
        self._tall: tuple[int, dict[int, int]] = (0, {})
        """How many lines entries take that may be longer than one, by their number, for a width."""
        self._seen: tuple[int, tuple[str, ...]] = (-1, ())
        self._at = 0
        self._styles: dict[str, Style] = {}

    def show(self, view: View) -> None:
        """Show the log of this view; what was under the cursor stays under it."""
        self._view = view
        entries = view.state.entries
        if self._seen != (len(entries), self._words):
            kept = self._rows[self._at].seq if self._at < len(self._rows) and self._at else None
            self._seen = (len(entries), self._words)
            self._rows = tuple(entry for entry in reversed(entries) if self._fits(entry))
            self._at = next((number for number, entry in enumerate(self._rows) if entry.seq == kept), 0)
            self._lay()
            self._frame(len(entries))
            self.refresh()

    def filter(self, text: str) -> None:
        """Keep only entries that hold every word of `text`."""
        self._words = tuple(clean(text).lower().split())
        self._at = 0
        if self._view is not None:
            self.show(self._view)
            self.scroll_to(y=0, animate=False)

    def render_line(self, y: int) -> Strip:
        """Return one line of what is in sight."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        number = self._row_at(at)
        if self._view is None or number >= len(self._rows):
            return Strip.blank(width, self._style("$ink on $ground"))
        here = number == self._at
        line: Line = cut(self._line(number, at - self._starts[number], width), width)
        ground = " on $band" if here else " on $ground"
        bits: list[Bit] = [*line, (" " * (width - length(line)), "")]
        return Strip([Segment(clean(text), self._style((style or "$ink") + ground)) for text, style in bits], width)

    def on_resize(self) -> None:
        """Fit the lines into the new width; the cursor stays in sight."""
        self._lay()
        self.action_go(0)

    def _lay(self) -> None:
        """Say in which line each row begins: an entry goes on below itself."""
        width = self.content_size.width - self.styles.scrollbar_size_vertical  # as if it rolled: a bar moves nothing
        if self._tall[0] != width:
            self._tall = (width, {})
        self._starts = [0, *accumulate(self._height(entry, width) for entry in self._rows)]
        self.virtual_size = Size(1, self._starts[-1])

    def _height(self, entry: Entry, width: int) -> int:
        text, known = entry.text, self._tall[1]
        if self._view is None or width <= _BESIDE:
            return 1
        if len(text) + len(entry.by) + _BESIDE <= width and text.isascii() and text.isprintable():
            return 1
        if entry.seq not in known:
            known[entry.seq] = min(_MOST, len(entry_lines(entry, self._view.tz, width, day=True)))
        return known[entry.seq]

    def _row_at(self, line: int) -> int:
        """Return the number of the row that has a line; beyond the last one there is none of that number."""
        return bisect_right(self._starts, line) - 1

    def _line(self, number: int, part: int, width: int) -> Line:
        """Return one line of a row; the last of those it may have tells how many more there are."""
        entry, tz = self._rows[number], self._view.tz if self._view else None
        if self._starts[number + 1] - self._starts[number] == 1:
            return entry_line(entry, tz, width, day=True)
        lines = entry_lines(entry, tz, self._tall[0], day=True)
        if part == _MOST - 1 and len(lines) > _MOST:
            start = length(lines[0]) - length(lines[0][-1:])
            return ((" " * start, PLAIN), (f"+{len(lines) - part} lines more", QUIET))
        return lines[part]

    @property
    def pointed(self) -> Target | None:
        """The entry under the cursor, None where no entry is shown."""
        known = self._view is not None and self._at < len(self._rows)
        return about(self._rows[self._at], self._view.tz) if known and self._view else None

    def on_click(self, event: events.Click) -> None:
        """Go to the entry that was clicked; two clicks open it."""
        place = event.get_content_offset(self)
        number = self._row_at(place.y + self.scroll_offset.y) if place else len(self._rows)
        if number < len(self._rows):
            self.action_go(number - self._at)
            if event.chain > 1:
                self.action_open()

    def action_go(self, step: int) -> None:
        """Move the cursor."""
        self._at = max(0, min(len(self._rows) - 1, self._at + step))
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        first, last = self._starts[self._at], self._starts[min(self._at + 1, len(self._starts) - 1)] - 1
        if not top <= first <= last < top + height:
            self.scroll_to(y=first if first < top or last - first >= height else last - height + 1, animate=False)
        self.refresh()

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.action_go(pages * max(1, self.scrollable_content_region.height - 1))

    def action_open(self) -> None:
        """Tell that the entry under the cursor was opened."""
        if self._at < len(self._rows):
            self.post_message(self.Opened(self._rows[self._at]))

    def _fits(self, entry: Entry) -> bool:
        if not self._words:
            return True
        if entry.seq not in self._known:
            self._known[entry.seq] = said(entry)
        return all(word in self._known[entry.seq] for word in self._words)

    def _frame(self, total: int) -> None:
        count = f"{len(self._rows):,} of {total:,}" if self._words else counted(total, "entries")
        self.border_title = content([(("Ops log", STRONG),)], 40)
        self.border_subtitle = content([((f"{count} · / filter · enter opens", QUIET),)], 60)

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            colours = self.app.theme_variables
            words = [colours.get(word[1:], word) if word.startswith("$") else word for word in name.split()]
            # a terminal's own colours have another name here than in a style sheet
            self._styles[name] = Style.parse(" ".join(word.removeprefix("ansi_") for word in words))
        return self._styles[name]
