"""The process behind one browser tab: the deck of `cockpit open --read-only`, painted for a socket.

usage: python -m cockpit.cli.outside.served FOLDER. It ends with the process that started it.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from textual import events, messages
from textual.drivers.web_driver import WebDriver

from cockpit.cli.commands.open import screen_settings, show
from cockpit.engine.lookups import looks_by
from cockpit.runtime.clock import clock_of
from cockpit.session.viewer import Viewer
from cockpit.settings.models.settings import Settings
from cockpit.settings.trust.own_text import UntrustedError
from cockpit.tui.app import Cockpit
from cockpit.tui.keyboard.line import typing
from cockpit.tui.keys import single
from cockpit.tui.terminal.ascii import Ascii

REFUSAL = "Read-only: nothing can be done from a browser"
ELSEWHERE = "This key works only in a terminal, not in a browser"
PATIENCE = 5.0
"""Seconds to leave the screen in order; after them the process ends all the same."""


class SocketDriver(WebDriver):
    """Textual's, but that it ends where nobody is at the other side any more, and gives away no file."""

    def run_input_thread(self) -> None:
        """Read what is typed, to the end."""
        super().run_input_thread()
        self._app.call_later(self._app.post_message, messages.ExitApp())
        _end_anyway()

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Take a size, the focus and the end; nothing else."""
        if packet_type == "quit":
            _end_anyway()
        if packet_type in {"resize", "focus", "blur", "quit", "exit"}:
            super().on_meta(packet_type, payload)

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """No page is opened."""

    def deliver_binary(self, binary: Any, **_facts: Any) -> None:
        """No file leaves."""
        binary.close()


class ServedDeck(Cockpit):
    """The deck for a socket. Every key that would act says that nothing here does."""

    def __init__(self, *facts: Any, **named: Any) -> None:
        self._first = _size(os.environ.get("COLUMNS"), os.environ.get("ROWS"))
        super().__init__(*facts, **named)
        self.driver_class = SocketDriver
        settings = named.get("settings") or Settings()
        self._ascii = Ascii(enabled=settings.glyphs == "ascii")  # a page has every letter, whatever our locale says
        rows = [one for row in (*self._acts_bound, *self._steps) for one in single(row)]
        self._refused = {row.key: REFUSAL for row in rows if row.action.startswith(("act(", "step("))}
        self._refused |= {row.key: ELSEWHERE for row in rows if row.action in {"mouse", "suspend_process"}}

    def run(self, *args: object, **kwargs: object) -> int | None:
        """Run until left, in the size that the page has at first."""
        return super().run(*args, size=self._first, **kwargs)

    def _left(self, code: int) -> None:
        """Leave without a word: what is said here is said by the server. A tab that was closed is no failure."""
        code = 0 if code == 128 + signal.SIGHUP else code
        self.exit(code, return_code=code)

    async def deal(self, event: events.Event) -> None:
        """Refuse what would act; deal with any other key."""
        if isinstance(event, events.Key) and event.key in self._refused and not typing(self.focused):
            self.say(self._refused[event.key], ok=False)
            return
        await super().deal(event)


def _size(columns: str | None, rows: str | None) -> tuple[int, int] | None:
    """Return the size that the server named."""
    try:
        return (int(columns), int(rows)) if columns and rows else None
    except ValueError:
        return None


def _end_anyway() -> None:
    timer = threading.Timer(PATIENCE, os._exit, (0,))
    timer.daemon = True
    timer.start()


def main(folder: Path) -> int:
    """Show the deck until it is left."""
    clock = clock_of(folder)
    try:
        settings = screen_settings(folder, None)
    except UntrustedError as error:
        return show(Viewer(folder, f"read-only: {error}", clock, None), clock, folder, make=ServedDeck)
    viewer = Viewer(folder, "opened read-only in a browser", clock, None, looks_by(settings, clock=clock))
    return show(viewer, clock, folder, settings, make=ServedDeck)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
