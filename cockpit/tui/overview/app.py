"""The screen of all sessions: up and down, enter opens the deck of one, q leaves."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

import themes
from cockpit.tui.keyboard.keyed import KeyedApp
from cockpit.tui.overview.row import Row, lines
from cockpit.tui.shutdown import Shutdown, hung_up
from cockpit.tui.terminal.colours import AUTO, for_ground
from widgets.base.styled import HOLD, PLAIN, QUIET, STRONG, Line, content, spread

PAINT = 0.5
"""Seconds between two looks at the rows."""
EMPTY = "no sessions yet: set one up with cockpit init, then cockpit new NAME"


class Overview(KeyedApp[Path]):
    """Rows that live; the result is the session that is to be opened, None if the screen was left."""

    TITLE = "cockpit sessions"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: $ground; color: $ink; }
    #head, #keys { height: 1; background: $band; text-wrap: nowrap; }
    #keys { dock: bottom; }
    OptionList { background: $ground; border: none; height: 1fr; padding: 0; }
    OptionList:focus { border: none; background-tint: $ground 0%; }
    OptionList > .option-list--option { padding: 0 1; text-wrap: nowrap; }
    OptionList > .option-list--option-highlighted, OptionList:focus > .option-list--option-highlighted {
      background: $band; color: $ink; text-style: none;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape", "quit", "Leave"),
        Binding("ctrl+c", "quit", "Leave", priority=True, show=False),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
    ]

    def __init__(
        self, rows: Callable[[], tuple[Row, ...]], clock: Callable[[], datetime], told: str = "", at: Path | None = None
    ) -> None:
        super().__init__()
        self._rows = rows
        self._clock = clock
        self._keys_read: asyncio.Task[None] | None = None
        self._leaving = Shutdown(self._left)
        self._told = told
        self._at = at
        self._shown: tuple[Row, ...] = ()
        self._painted: dict[str, tuple[Line, ...]] = {}
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DEFAULT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own colour names."""
        return dict(themes.VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        """Lay out the line at the top, the rows, the keys."""
        yield Static(id="head")
        yield OptionList(markup=False)
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Begin to look, and to listen to keys and signals."""
        self._leaving.watch()
        self.query_one(OptionList).focus()
        self.set_interval(PAINT, self._again)
        self.paint()
        self._keys_read = asyncio.create_task(self.keyboard.run(), name="keys")

    def on_unmount(self) -> None:
        """Hear no more keys; signals are given back."""
        self._leaving.done()
        if self._keys_read is not None:
            self._keys_read.cancel()

    def on_resize(self) -> None:
        """Lay everything out again, once everything has its new size."""
        self.call_after_refresh(self.paint)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open that one."""
        self.exit(self._shown[event.option_index].folder)

    def action_step(self, by: int) -> None:
        """Move as the arrows do."""
        rows = self.query_one(OptionList)
        (rows.action_cursor_down if by > 0 else rows.action_cursor_up)()

    def parting(self) -> str:
        """Write nothing to the terminal at the end."""
        return ""

    def lit(self, *, is_light: bool) -> None:
        """Take the theme for the terminal's ground."""
        self.theme = for_ground(AUTO, self.theme, is_light=is_light)

    def _left(self, code: int) -> None:
        self.exit(None, return_code=code, message=Text(f"cockpit: ended by signal {code - 128}"))

    def _again(self) -> None:
        """Paint what changed; a terminal that is gone ends the screen."""
        if not self.is_headless and hung_up():
            self._left(129)
        else:
            self.paint()

    # Keys, in the line where each waits for its turn

    async def deal(self, event: events.Event) -> None:
        """Deal with a key or a click whose turn it is; a paste acts on nothing."""
        if isinstance(event, events.Paste):
            self.said_of_paste(event)
        else:
            await super().deal(event)

    def repeats(self, key: str) -> bool:
        """Return whether a key may act as often as it comes: all but the one that opens."""
        return key != "enter"

    def ask_about(self, burst: list[events.Event]) -> None:
        """Letters that came all at once, like a paste, act on nothing."""
        self.say(f"That came all at once, like a paste: {len(burst)} keys ignored")

    def say(self, text: str, *, ok: bool = True) -> None:  # noqa: ARG002 (as the deck is told)
        """Show one line in the place of the keys."""
        self._told = text
        self.paint()

    # What is shown

    def paint(self) -> None:
        """Show what changed."""
        if not self.is_running:
            return
        shown, now = self._rows(), self._clock()
        width = max(20, self.size.width - 4)
        listed = self.query_one(OptionList)
        looks = {row.folder.name: lines(row, now, width) for row in shown}
        if [row.folder for row in shown] != [row.folder for row in self._shown]:
            self._list_anew(listed, shown, looks)
        else:
            for place, (name, look) in enumerate(looks.items()):
                if self._painted.get(name) != look:
                    listed.replace_option_prompt_at_index(place, content(look, width))
        self._shown, self._painted = shown, looks
        self._frame(shown, now)

    def _list_anew(self, listed: OptionList, shown: tuple[Row, ...], looks: dict[str, tuple[Line, ...]]) -> None:
        """Another list; the cursor stays on its session."""
        on = self._shown[listed.highlighted].folder if listed.highlighted is not None and self._shown else self._at
        width = max(20, self.size.width - 4)
        listed.clear_options()
        listed.add_options([Option(content(looks[row.folder.name], width)) for row in shown])
        listed.highlighted = next((place for place, row in enumerate(shown) if row.folder == on), 0) if shown else None

    def _frame(self, shown: tuple[Row, ...], now: datetime) -> None:
        flown = sum(not row.over for row in shown)
        count: Line = ((f" {len(shown)} sessions, {flown} not ended" if shown else f" {EMPTY}", STRONG),)
        time: Line = ((f"{now.astimezone():%H:%M:%S} ", QUIET),)
        self.query_one("#head", Static).update(content([spread(count, time, self.size.width)], self.size.width))
        keys: Line = ((" ↑ ↓ choose   enter open its deck   q leave", PLAIN),)
        told: Line = ((f"{self._told} ", HOLD),) if self._told else ()
        line = (*keys, *([("   ", PLAIN), *told] if told else []))
        self.query_one("#keys", Static).update(content([told or line], self.size.width))
