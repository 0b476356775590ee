"""The answer to the last key: one line on the current screen. The newest wins, the next key ends it."""

from collections import deque
from typing import TYPE_CHECKING

from msgspec import Struct

from sessions.text.clean import clean
from widgets.frame.answer import Answer, answer_line
from widgets.frame.key_line import KeyLine

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen
    from textual.timer import Timer

STANDS = 6.0
"""Seconds that an answer stands, where no key comes."""
_KEPT = 100


class Said(Struct, frozen=True):
    """One answer: its words, and whether it is a good one."""

    text: str
    ok: bool


class Answers:
    """Says one thing at a time. `now` is what is there, `said` what was said, the newest last.

    `guessed` holds what was asked once of a stray letter.
    """

    def __init__(self, app: "App[int]") -> None:
        self.now: Said | None = None
        self.said = deque[Said](maxlen=_KEPT)
        self.guessed = set[str]()
        self._app = app
        self._timer: Timer | None = None

    def say(self, text: str, *, ok: bool, seconds: float = STANDS, key: str = "") -> None:
        """Show a text, literally, in place of the one before; after the `key` that it is about."""
        words = clean(text, 300)
        self.now = Said(f"{clean(key, 20)}: {words}" if key else words[:1].upper() + words[1:], ok)
        self.said.append(self.now)
        self._stop()
        if self._app.is_running:
            self._timer = self._app.set_timer(seconds, self.clear)
            self.show(self._app.screen)

    def clear(self) -> None:
        """Say nothing more: the keys are there again."""
        if self.now is not None and self._app.is_running:
            self.end()
            self.show(self._app.screen)

    def end(self) -> None:
        """Say nothing more, and let the next answer take its place: the bottom row is painted once for a key."""
        self.now = None
        self._stop()

    def show(self, screen: "Screen[object]") -> None:
        """Show the current answer on this screen: in its key line, or over its last line if it has none."""
        if screen is not self._app.screen or not screen.is_attached:
            return
        told = answer_line(self.now.text, ok=self.now.ok) if self.now else ()
        keys = next((one for one in screen.children if isinstance(one, KeyLine) and one.display), None)
        if keys is not None:
            keys.tell(told)
        over = next((one for one in screen.children if isinstance(one, Answer)), None)
        if over is None and told and keys is None:
            over = Answer()
            screen.mount(over)
        if over is not None:
            words = self.now.text if self.now and keys is None else ""
            over.tell(words, ok=self.now is None or self.now.ok)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
