"""An app whose keys, pastes and clicks wait in one line: what the deck and the screen of all sessions share."""

from typing import TypeVar

from textual import events
from textual.app import App
from textual.binding import Binding

from cockpit.tui.driver import TerminalDriver
from cockpit.tui.keyboard.line import KeyLine, Reached, typing
from cockpit.tui.keyboard.noticed import Looks, looks, why_nothing
from cockpit.tui.keyboard.reading import Brackets
from cockpit.tui.keyboard.talks import Talks
from sessions.text.units import counted

R = TypeVar("R")


class KeyedApp(App[R]):
    """Takes what the terminal sends into `keyboard`; a subclass says what becomes of each event in its turn."""

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.animation_level = "none"
        self.talks = Talks()
        self.keyboard = KeyLine(self, self)

    async def on_event(self, event: events.Event) -> None:
        """Let what comes from the terminal wait in line."""
        if isinstance(event, (events.InputEvent, events.Paste)) and not event.is_forwarded:
            self.keyboard.take(event)
            return
        await super().on_event(event)

    async def deal(self, event: events.Event) -> None:
        """Deal with an event whose turn it is, as Textual does."""
        await super().on_event(event)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text; where nothing is selected Textual's cut copies nothing over what was copied before."""
        if text:
            super().copy_to_clipboard(text)

    def looks(self) -> Looks:
        """Return what can be seen now, and what is said of the last key."""
        return looks(self, self.talks, self.told)

    def answered(self, key: events.Key, before: Looks) -> None:
        """Say of a key that nothing came of it, or nothing yet; what was said, or is seen, is its answer."""
        if not self.is_running or self._exit or self.told or (before.told and key.key == "escape"):
            return
        now = self.looks()
        if now.seen != before.seen:
            return
        waits = now.asks != before.asks
        why = "asked, and not answered yet" if waits else why_nothing(key.key, typing=typing(self.focused))
        self.refuse(key.key, why)

    @property
    def told(self) -> str:
        """What stands in the place of answers now, empty where the keys do."""
        raise NotImplementedError

    def refuse(self, key: str, why: str) -> None:
        """Say why a key did nothing."""
        self.say(f"{self.get_key_display(Binding(key, ''))}: {why}", ok=False)

    def repeats(self, key: str) -> bool:
        """Return whether a key may act as often as it comes."""
        raise NotImplementedError

    def settled(self) -> None:
        """Hear that what the last key began has opened, or was answered."""

    def ask_about(self, burst: list[events.Event]) -> None:
        """Decide about letters that came all at once, like a paste that is not marked."""
        raise NotImplementedError

    def say(self, text: str, *, ok: bool = True) -> None:
        """Say one line in the place of answers."""
        raise NotImplementedError

    def said_of_paste(self, event: events.Paste) -> None:
        """Say that what was pasted acts on nothing."""
        self.say(f"Pasted text acts on nothing: {counted(len(event.text), 'characters')} ignored", ok=False)

    def on_brackets(self, event: Brackets) -> None:
        """Know whether the terminal marks its pastes."""
        self.keyboard.brackets = event.known

    def on_reached(self, event: Reached) -> None:
        """What went the way of the last key has arrived."""
        event.there.set()
