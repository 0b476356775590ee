"""Keys, pastes and clicks wait in one line: each is dealt with once what the one before it began has opened."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Protocol

from msgspec import Struct
from textual import events
from textual.app import App, ScreenStackError
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from cockpit.tui.keyboard.held import TELLS, Held
from cockpit.tui.keyboard.noticed import Looks
from cockpit.tui.keyboard.relay import current
from cockpit.tui.keyboard.talks import Talks

BURST = 0.02
"""Seconds between two letters that no hand types."""
MANY = 5
"""Letters in a burst that is asked about."""
PATIENCE = 0.5
"""Seconds that the next key waits for an answer of the Watch: a move of the flag may take longer."""
_CHECKS = 0.05


class Came(Struct, frozen=True):
    """What came from the terminal; `judged` where it is known to be no paste."""

    event: events.Event
    judged: bool = False


class Reached(Message):
    """Follows a key on its way; where it arrives, the key has been dealt with."""

    def __init__(self) -> None:
        super().__init__()
        self.there = asyncio.Event()


class Keyed(Protocol):
    """Who has the keys: where they go, and what is said of those that do not act."""

    @property
    def talks(self) -> Talks:
        """The conversations under way."""
        ...

    async def deal(self, event: events.Event) -> None:
        """Deal with one event now."""
        ...

    def looks(self) -> Looks:
        """Return what can be seen now."""
        ...

    def answered(self, key: events.Key, before: Looks) -> None:
        """Answer a key that was dealt with, where nothing else did: `before` is what was seen before it."""
        ...

    def repeats(self, key: str) -> bool:
        """Return whether this key may act as often as it comes."""
        ...

    def settled(self) -> None:
        """Hear that what the last key began has opened, or was answered."""
        ...

    def ask_about(self, burst: list[events.Event]) -> None:
        """Ask whether a burst of letters is to be taken as keys."""
        ...

    def say(self, text: str, *, ok: bool = True) -> None:
        """Say one line."""
        ...


class KeyLine:
    """Deals with one event after the other.

    `brackets` says whether the terminal marks its pastes, `busy` whether something came that is not dealt with.
    """

    def __init__(self, app: "App[Any]", keyed: Keyed) -> None:
        self.brackets = True
        self.busy = False
        self._app, self._keyed = app, keyed
        self._relay = current()
        before = self._relay.waiting() if self._relay is not None else []
        self._came = deque(Came(event) for event in before)
        self._news = asyncio.Event()
        self._dirty = bool(before)
        self._held = Held()
        self._letter_at = 0.0
        self._letters = 0

    def take(self, event: events.Event) -> None:
        """Put an event at the end of the line."""
        self._came.append(Came(event))
        self.busy = True
        self._news.set()

    def first(self, burst: list[events.Event]) -> None:
        """Put events that were asked about before all others."""
        self._came.extendleft(Came(event, judged=True) for event in reversed(burst))
        self.busy = True
        self._news.set()

    async def run(self) -> None:
        """Handle keys until the screen is left; later keys are not for it."""
        with suppress(ScreenStackError):  # the screen is left
            await self._settled()
            while not self._app._exit:  # noqa: SLF001 - Textual says it nowhere else
                while not self._came:
                    self.busy = False
                    self._news.clear()
                    await self._news.wait()
                if self._bursts():
                    await self._gather()
                    await self._settled()
                else:
                    await self._taken(self._turn())
                self._keyed.settled()

    # One at a time

    async def _taken(self, came: Came) -> None:
        """Deal with an event, and have a key that changed nothing answered in words."""
        before = self._keyed.looks() if isinstance(came.event, events.Key) else None
        dealt = await self._dealt(came)
        await self._settled()
        if before is not None and isinstance(dealt, events.Key):
            self._keyed.answered(dealt, before)

    def _turn(self) -> Came:
        came = self._came.popleft()
        self._has_turn(came.event)
        return came

    def _has_turn(self, event: events.Event) -> None:
        if self._relay is not None:
            self._relay.dealt(event)

    async def _dealt(self, came: Came) -> events.Event | None:
        """Deal with an event; return it, or what it became, or None where it did not count."""
        event = came.event
        if isinstance(event, events.Key) and not came.judged:
            if await self._swallowed(event):
                return None
            key = await self._in_text(event)
            if key is None:
                return None
            event = key
        self._dirty = not isinstance(event, events.MouseMove)
        await self._keyed.deal(event)
        return event

    async def _settled(self) -> None:
        """Wait until what was begun has opened: messages have arrived, dialogs stand, the Watch has answered."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while self._dirty:
            before = self._place()
            await self._followed()
            await self._followed()
            talks = self._keyed.talks
            owed = talks.asked and asyncio.get_running_loop().time() < end
            waits = owed or (talks.opening(self._app.screen_stack) and not talks.asked)
            self._dirty = waits or before != self._place() or not self._app.screen.is_mounted
            if self._dirty:  # what is being opened needs the loop
                await asyncio.sleep(0.002)

    def _place(self) -> tuple[Screen[object], Widget | None]:
        return self._app.screen, self._app.focused

    async def _followed(self) -> None:
        """Send a message the way that the last key went, and wait until it has arrived."""
        target, reached = self._app.focused or self._app.screen, Reached()
        if not target.post_message(reached):
            return
        while target.is_running and target is (self._app.focused or self._app.screen):
            try:
                await asyncio.wait_for(reached.there.wait(), _CHECKS)
            except TimeoutError:
                continue
            return

    # Bursts, where the terminal does not mark its pastes

    def _bursts(self) -> bool:
        """Return whether the next key is a letter that came too soon after one before, or before the next."""
        came = self._came[0]
        if self.brackets or came.judged or self.typing() or not _letter(came.event):
            return False
        if came.event.time - self._letter_at < BURST:
            return True
        later = [one.event.time for one in list(self._came)[1:] if _letter(one.event)]
        if not later or later[0] - came.event.time >= BURST:
            self._letters, self._letter_at = 1, came.event.time
            return False
        self._letters = 0
        return True

    async def _gather(self) -> None:
        """Take what comes until letters rest; few are keys in order, many are asked about."""
        burst = list[events.Event]()
        letters, last = self._letters, self._came[0].event.time
        while True:
            while self._came and (not _letter(self._came[0].event) or self._came[0].event.time - last < BURST):
                event = self._came.popleft().event
                burst.append(event)
                if _letter(event):
                    letters, last = letters + 1, event.time
            if self._came or not await self._more(last + BURST):
                break
        self._letters, self._letter_at = 0, last
        if letters < MANY:
            self.first(burst)
        else:
            for event in burst:
                self._has_turn(event)
            self._keyed.ask_about(burst)
            self._dirty = True

    async def _more(self, until: float) -> bool:
        """Return whether something more came before that time of the events' clock."""
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), max(0.0, until - events.Event().time))
        except TimeoutError:
            return False
        return True

    # An end of line within a burst of text

    async def _in_text(self, key: events.Key) -> events.Key | None:
        """Return the key as it goes into a line of text; an end of line in an unmarked paste sends nothing."""
        if self.brackets or not self.typing(lines=True):
            return key
        if _letter(key):
            self._letters = self._letters + 1 if key.time - self._letter_at < BURST else 1
            self._letter_at = key.time
            return key
        if key.key not in ("enter", "ctrl+j") or key.time - self._letter_at >= BURST:
            return key
        if not self._came:
            await self._more(key.time + BURST)
        if self._came and _letter(self._came[0].event) and self._came[0].event.time - key.time < BURST:
            self._letter_at = key.time
            return events.Key("space", " ")
        if self._letters < MANY:
            return key
        self._keyed.say("These letters came all at once, like a paste: enter sends them", ok=False)
        return None

    # A key that is held down

    async def _swallowed(self, key: events.Key) -> bool:
        """Return whether the key is a repeat of one that is held down, and must not act."""
        if self.typing() or not (key.is_printable or key.key == "enter") or self._keyed.repeats(key.key):
            self._held.forget()
            return False
        if not self._held.suspect(key.key, key.time):
            return False
        if not self._held.down and await self._comes_again(key):
            self._held.holds()
            shown = self._app.get_key_display(Binding(key.key, ""))
            self._keyed.say(f"{shown} is held down: it counts once", ok=False)
        return self._held.down

    async def _comes_again(self, key: events.Key) -> bool:
        while not (later := [one.event for one in self._came if isinstance(one.event, events.Key)]):
            if not await self._more(key.time + TELLS):
                return False
        return later[0].key == key.key and later[0].time - key.time < TELLS

    def typing(self, *, lines: bool = False) -> bool:
        """Return whether keys go into text; with `lines`, into one line of it."""
        return typing(self._app.focused, lines=lines)


def typing(focused: Widget | None, *, lines: bool = False) -> bool:
    """Return whether keys go into text; with `lines`, into one line of it."""
    if focused is None:
        return False
    from textual.widgets import Input, TextArea

    return isinstance(focused, Input if lines else (Input, TextArea))


def _letter(event: events.Event) -> bool:
    return isinstance(event, events.Key) and event.is_printable
