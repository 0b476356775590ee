"""The screen of all sessions: up and down, enter opens the deck of one, q leaves."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cockpit.settings.models.settings import Settings
from cockpit.tui.keys import single
from cockpit.tui.overview.keys import bindings, help_of, key_line
from cockpit.tui.overview.row import Row, lines
from cockpit.tui.shutdown import Shutdown, hung_up
from cockpit.tui.terminal.dressed import DressedApp
from sessions.text.clean import clean
from widgets.base.styled import GOOD, HOLD, PLAIN, QUIET, STRONG, Line, content, spread

PAINT = 0.5
"""Seconds between two looks at the rows."""
_WHOLE = 100_000
"""More lines than the help has."""
EMPTY = "no sessions yet: set one up with cockpit init, then cockpit new NAME"


class Sessions(OptionList, inherit_bindings=False):
    """The rows. A click moves the cursor, two open: as on the deck."""

    async def _on_click(self, event: events.Click) -> None:
        event.prevent_default()
        place: int | None = event.style.meta.get("option")
        if place is not None:
            self.highlighted = place
            if event.chain > 1:
                self.action_select()


class Overview(DressedApp[Path]):
    """Rows that live; the result is the session that is to be opened, None if the screen was left."""

    TITLE = "cockpit sessions"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: $ground; color: $ink; }
    #head, #keys { height: 1; background: $band; text-wrap: nowrap; }
    #keys { dock: bottom; }
    #help { padding: 1 2; display: none; height: 1fr; scrollbar-size-vertical: 1; }
    #help Static { height: auto; }
    Screen.-helps #help { display: block; }
    Screen.-helps OptionList { display: none; }
    OptionList { background: $ground; border: none; height: 1fr; padding: 0; scrollbar-size-vertical: 1; }
    OptionList:focus { border: none; background-tint: $ground 0%; }
    OptionList > .option-list--option { padding: 0 1; text-wrap: nowrap; }
    OptionList > .option-list--option-highlighted, OptionList:focus > .option-list--option-highlighted {
      background: $band; color: $ink; text-style: none;
    }
    """

    def __init__(
        self,
        rows: Callable[[], tuple[Row, ...]],
        clock: Callable[[], datetime],
        told: str = "",
        at: Path | None = None,
        settings: Settings | None = None,
    ) -> None:
        settings = settings or Settings()
        super().__init__(settings)
        self._rows = rows
        self._clock = clock
        self._keys_read: asyncio.Task[None] | None = None
        self._leaving = Shutdown(self._left)
        self._told, self._well = clean(told, 300), False
        self._at = at
        self._shown: tuple[Row, ...] = ()
        self._painted: dict[Path, tuple[Line, ...]] = {}
        self._bound = bindings(settings.keymap)
        self._bindings = BindingsMap(self._bound)
        self._keys = {row.id or "": " ".join(map(self.get_key_display, single(row))) for row in self._bound}

    def compose(self) -> ComposeResult:
        """Lay out the line at the top, the rows, the keys."""
        yield Static(id="head")
        yield Sessions(markup=False)
        with VerticalScroll(id="help", can_focus=False):
            yield Static()
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Begin to look, and to listen to keys and signals."""
        self._leaving.watch()
        self.query_one(Sessions).focus()
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
        if self.helps:
            self.query_one("#help Static", Static).update(self._help())
        self.call_after_refresh(self.paint)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open that one."""
        self.exit(self._shown[event.option_index].folder)

    # Keys

    @property
    def helps(self) -> bool:
        """Whether the help is shown instead of the rows."""
        return self.screen.has_class("-helps")

    def action_help(self) -> None:
        """Show every key in the place of the rows, or the rows again."""
        self.screen.toggle_class("-helps")
        if self.helps:
            self.query_one("#help Static", Static).update(self._help())
        self.paint()

    def action_escape(self) -> None:
        """Leave the help; without it, the screen."""
        if self.helps:
            self.action_help()
        else:
            self.exit(None)

    def action_leave(self) -> None:
        """Leave the screen."""
        self.exit(None)

    def action_how_to_quit(self) -> None:
        """Say how to leave: this key copies everywhere else."""
        self.say(f"Press {self._keys['app.quit']} to leave")

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, or take it again."""
        left = f"The mouse is the terminal's: select text with it; {self._keys['app.mouse']} takes it again"
        self.say("The mouse is the cockpit's again: a click selects, two open" if self.turn_mouse() else left)

    def action_move(self, by: int) -> None:
        """Move the cursor by so many sessions, or roll the help."""
        if self.helps:
            self.query_one("#help", VerticalScroll).scroll_relative(y=by, animate=False)
        else:
            self._to((self.query_one(Sessions).highlighted or 0) + by)

    def action_turn(self, by: int) -> None:
        """Move the cursor by a page, or roll the help by one."""
        if self.helps:
            self.action_move(by * max(1, self.size.height - 6))
        else:
            self._to((self.query_one(Sessions).highlighted or 0) + by * max(1, (self.size.height - 2) // 3))

    def action_go(self, place: int) -> None:
        """Move the cursor to the first session, or to the last one; roll the help to its beginning or end."""
        if self.helps:
            self.action_move(-_WHOLE if place >= 0 else _WHOLE)
            return
        self._to(len(self._shown) - 1 if place < 0 else place)

    def action_open(self) -> None:
        """Open the deck of the session under the cursor."""
        if not self.helps and self._shown:
            self.query_one(Sessions).action_select()
        elif not self._shown:
            self.say("There is no session to open", ok=False)

    def _to(self, place: int) -> None:
        if self._shown:
            self.query_one(Sessions).highlighted = min(max(place, 0), len(self._shown) - 1)

    def parting(self) -> str:
        """Write nothing to the terminal at the end."""
        return ""

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
        if isinstance(event, (events.Key, events.MouseDown)):
            self._told = ""
        if isinstance(event, events.Paste):
            self.said_of_paste(event)
        elif isinstance(event, events.Key) and not any(
            name in self._bindings.key_to_bindings for name in event.aliases
        ):
            self.refuse(event.key, f"no key of this screen; {self._keys['help.show']} lists the keys")
        else:
            await super().deal(event)
            self.paint()

    def repeats(self, key: str) -> bool:
        """Return whether a key may act as often as it comes: those that move."""
        rows = self._bindings.key_to_bindings.get(key, [])
        return all(row.action.startswith(("move(", "turn(", "go(")) for row in rows)

    def ask_about(self, burst: list[events.Event]) -> None:
        """Letters that came all at once, like a paste, act on nothing."""
        self.say(f"That came all at once, like a paste: {len(burst)} keys ignored", ok=False)

    @property
    def told(self) -> str:
        """What stands in the place of the keys now."""
        return self._told

    def say(self, text: str, *, ok: bool = True) -> None:
        """Show one line where the keys stand, until the next key."""
        self._told, self._well = clean(text, 300), ok
        self.paint()

    # What is shown

    def paint(self) -> None:
        """Show what changed."""
        if not self.is_running:
            return
        shown, now = self._rows(), self._clock()
        width = max(20, self.size.width - 4)
        listed = self.query_one(Sessions)
        looks = {row.folder: lines(row, now, width) for row in shown}
        if [row.folder for row in shown] != [row.folder for row in self._shown]:
            self._list_anew(listed, shown, looks)
        else:
            for place, (folder, look) in enumerate(looks.items()):
                if self._painted.get(folder) != look:
                    listed.replace_option_prompt_at_index(place, content(look, width))
        self._shown, self._painted = shown, looks
        self._frame(shown, now)

    def _list_anew(self, listed: OptionList, shown: tuple[Row, ...], looks: dict[Path, tuple[Line, ...]]) -> None:
        """Replace the list; the cursor stays on its session."""
        on = self._shown[listed.highlighted].folder if listed.highlighted is not None and self._shown else self._at
        width = max(20, self.size.width - 4)
        listed.clear_options()
        listed.add_options([Option(content(looks[row.folder], width)) for row in shown])
        listed.highlighted = next((place for place, row in enumerate(shown) if row.folder == on), 0) if shown else None

    def _help(self) -> Content:
        width = max(20, self.size.width - 4)
        return content(help_of(self._keys, self._bound, width), width)

    def _frame(self, shown: tuple[Row, ...], now: datetime) -> None:
        count: Line = ((f" {counted(shown)}" if shown else f" {EMPTY}", STRONG),)
        time: Line = ((f"{now.astimezone():%H:%M:%S} ", QUIET),)
        self.query_one("#head", Static).update(content([spread(count, time, self.size.width)], self.size.width))
        glyph, style = ("✔", GOOD) if self._well else ("▲", HOLD)
        told: Line = ((f" {glyph} ", style), (self._told, PLAIN if self._well else HOLD))
        line = told if self._told else key_line(self._keys, helps=self.helps)
        self.query_one("#keys", Static).update(content([line], self.size.width))


def counted(shown: tuple[Row, ...]) -> str:
    """Say how many sessions there are, and how many of them go on; one that was not read yet is neither."""
    asked, over = sum(not row.gate for row in shown), sum(row.over and bool(row.gate) for row in shown)
    words = [f"{len(shown)} session{'s' * (len(shown) != 1)}", *([f"{over} ended"] if over else [])]
    return ", ".join([*words, *([f"reading {asked}"] if asked else [])])
