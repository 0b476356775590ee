"""Every key that a keyboard sends, pressed one after the other at a place; whether a person can see its answer."""

import asyncio
import string
import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from textual import events
from textual.command import CommandPalette
from textual.keys import _character_to_key
from textual.screen import ModalScreen
from textual.widgets import OptionList

from cockpit.tui.terminal.dressed import DressedApp
from widgets.dialogs.base import Words

PASTE = "a pasted word"
LETTERS = "".join(chr(code) for code in range(32, 127))
NAMED = (
    *("up", "down", "left", "right", "tab", "shift+tab", "enter", "escape", "home", "end", "pageup", "pagedown"),
    *("backspace", "delete", "insert", "shift+up", "shift+down", "shift+left", "shift+right", "shift+home"),
    *("ctrl+left", "ctrl+right", "ctrl+home", "ctrl+end", "ctrl+up", "ctrl+down"),
)
KEYS = (
    *LETTERS,
    *(f"f{number}" for number in range(1, 13)),
    *NAMED,
    *(f"ctrl+{letter}" for letter in string.ascii_lowercase if letter not in "im"),  # those two are tab and enter
    *("ж", "λ", "é", PASTE),
)
Way = tuple[str | Callable[[], object], ...]
"""The keys, and what is no key, that lead to a place."""


class Place(Struct, frozen=True):
    """What is recognised of a place, and the way there."""

    name: tuple[str, ...]
    way: Way


class Hands:
    """Presses keys on an app and looks at what comes of them."""

    def __init__(self, app: DressedApp[Any], counts: Callable[[], object] = int) -> None:
        """`counts` says what a door was asked, which is an answer too."""
        self.app = app
        self.counts = counts
        self.left = 0
        app.exit = self._leaves
        app.action_suspend_process = self._leaves

    def _leaves(self, *_args, **_facts) -> None:
        self.left += 1

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.app.keyboard._held.forget()  # each is a press of its own
            self.app.post_message(event_of(key))
            await self.settle()

    async def settle(self) -> None:
        """Wait until the key was dealt with and nothing is left to be laid out or painted."""
        quiet, end = 0, time.monotonic() + 60
        while quiet < 4:
            await asyncio.sleep(0.001)
            assert self.app._exception is None, self.app._exception
            top = self.app.screen
            busy = self.app.keyboard.busy or top._layout_required or top._dirty_widgets or top._callbacks
            busy = busy or any(worker.node is top and worker.is_running for worker in self.app.workers)
            quiet = 0 if busy or not top.is_mounted else quiet + 1
            assert quiet or time.monotonic() < end

    async def begin(self, way: Way = ()) -> None:
        """Go back to the first screen, and from there to a place."""
        while len(self.app.screen_stack) > 1:
            top = self.app.screen
            if isinstance(top, ModalScreen):
                top.dismiss(None)
            else:
                self.app.pop_screen()
            await self.settle()
        await self.press("escape", "escape", "escape")
        for step in way:
            if isinstance(step, str):
                await self.press(step)
            else:
                step()
                await self.settle()
        await self.clear()

    async def clear(self) -> None:
        """Take away what was said."""
        if answers := getattr(self.app, "answers", None):
            answers.clear()
        self.app._clipboard = ""
        for wrong in self.app.screen.query("#wrong").results(Words):
            wrong.say((), 10)
        await self.settle()

    @property
    def name(self) -> tuple[str, ...]:
        """What is recognised of where it is: the screen, its title, what has the keys, whether a cursor is shown."""
        app = self.app
        top, focused = app.screen, app.focused
        stack = [top] if isinstance(top, ModalScreen) else app.screen_stack
        names = (f"{type(one).__name__} {getattr(one, '_title', '').split(' ')[0]}".strip() for one in stack)
        cursor = "cursor" if getattr(top, "_under", None) else ""
        has_keys = "" if focused is None or isinstance(focused, OptionList) else type(focused).__name__
        return (*names, has_keys, cursor, *sorted(top.classes & {"-helps"}))

    def look(self) -> object:
        """Return all that can be seen below the clock, and what was asked, copied, left."""
        strips = self.app.screen._compositor.render_strips()[1:]
        seen = [[(bit.text, bit.style) for bit in strip] for strip in strips]
        return seen, self.counts(), self.app.screen, self.left, self.app.clipboard, self.app._mouse

    def said(self) -> tuple[str, ...]:
        """Return what stands in the place of answers, and below the words of a dialog."""
        wrong = (word.render().plain for word in self.app.screen.query("#wrong").results(Words))
        return tuple(text for text in (self.app.told, *wrong) if text)

    async def silent(self, key: str) -> str:
        """Press a key, and if it leads nowhere else the same again; return what was wrong with its answer."""
        await self.clear()
        here, before, asked, taken = self.name, self.look(), self.counts(), self._taken(key)
        await self.press(key)
        after, said = self.look(), self.said()
        if after == before:
            return "silent"
        if self.counts() != asked and not taken:
            return "acts and is named nowhere"
        if said or self.name != here:
            shown = "\n".join("".join(text for text, _ in line) for line in after[0])
            return "" if all(text[:20] in shown for text in said) else "answers out of sight"
        await self.press(key)
        return "silent the second time" if self.look() == after and not self.said() else ""

    def _taken(self, key: str) -> bool:
        """Return whether a key has a binding that the help can name; the palette runs what it names."""
        event = event_of(key)
        found = self.app.screen.active_bindings.get(event.key) if isinstance(event, events.Key) else None
        return isinstance(self.app.screen, CommandPalette) or bool(found and found.binding.tooltip)


def event_of(key: str) -> events.Event:
    if key == PASTE:
        return events.Paste(PASTE)
    return events.Key(_character_to_key(key), key) if len(key) == 1 else events.Key(key, None)


async def explored(hands: Hands, ways: Sequence[Way], keys: Callable[[int], Sequence[str]]) -> dict[Place, list[str]]:
    """Press keys at each place, and at each that a key leads to; return what was wrong where.

    `keys` says which are pressed at the how many-th place.
    """
    found, wrong = dict[tuple[str, ...], Way](), dict[Place, list[str]]()
    for way in ways:
        await hands.begin(way)
        found.setdefault(hands.name, way)
    queue = [Place(name, way) for name, way in found.items()]
    while queue:
        place = queue.pop(0)
        await hands.begin(place.way)
        wrong[place] = []
        for key in keys(len(wrong)):
            if why := await hands.silent(key):
                wrong[place].append(f"{key}: {why}")
            if hands.name == place.name:
                continue
            if hands.name not in found:
                found[hands.name] = (*place.way, key)
                queue.append(Place(hands.name, found[hands.name]))
            await hands.press("escape")
            if hands.name != place.name:
                await hands.begin(place.way)
                assert hands.name == place.name, (place, hands.name, key)
    return wrong
