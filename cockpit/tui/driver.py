"""The terminal driver of the screen: suspending or closing the screen restores everything, also what Textual leaves."""

import asyncio
import os
import select
import signal
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol, cast

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from cockpit.tui.keyboard.reading import ASK_PASTE, Brackets, Reading
from cockpit.tui.keyboard.relay import current
from cockpit.tui.terminal.ground import ASK, Listening

NO_MOUSE = "".join(f"\x1b[?{mode}l" for mode in (1000, 1003, 1015, 1006, 1016))
"""Every way in which a terminal was asked to report the mouse, given up."""
LEFT_ON = f"{NO_MOUSE}\x1b[?2026l"
"""The mouse, also where it was given up meanwhile, and held-back painting, which is never switched off."""
_MOST_READ = 4096
_LOOKS = 0.1
"""Seconds after which it is looked whether an escape stands alone."""


class Parting(Protocol):
    """A program with last words to the terminal."""

    def parting(self) -> str:
        """Return what is written to the terminal before the screen is suspended or closed."""
        ...

    def lit(self, *, is_light: bool) -> None:
        """Hear whether the terminal's ground is light."""
        ...


class _End(threading.Event):
    """The end of reading: it can be waited for together with what comes, so that nobody looks again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._here, self._there = os.pipe()

    def fileno(self) -> int:
        """Return what can be read from once the end has come."""
        return self._here

    def set(self) -> None:
        """End the reading."""
        if not self.is_set():
            super().set()
            os.write(self._there, b".")

    def clear(self) -> None:
        """Read again from now on."""
        if self.is_set():
            os.read(self._here, 1)
            super().clear()

    def __del__(self) -> None:
        os.close(self._here)
        os.close(self._there)


class TerminalDriver(LinuxDriver):
    """Textual's driver, with one way in and one way out; it is suspended and woken between two steps of the loop."""

    def __init__(self, app: Any, **facts: Any) -> None:
        super().__init__(app, **facts)
        loop = asyncio.get_running_loop()

        def later(number: signal.Signals, work: Callable[[], None]) -> None:
            """A handler that writes by itself could meet the very write that it interrupts, and wait forever."""
            signal.signal(number, lambda *_: loop.is_closed() or loop.call_soon_threadsafe(work))

        self.exit_event = _End()
        self._read: list[Message] = []
        self._relay = current()
        self._suspends = False
        later(signal.SIGTSTP, self._sigtstp_application)
        later(signal.SIGCONT, self._sigcont_application)

    def start_application_mode(self) -> None:
        """Take the terminal; ask for its ground and whether it marks its pastes. Nothing waits for the answers."""
        cast("Callable[[], None]", super().start_application_mode)()
        self.write(ASK)
        if os.environ.get("TERM_PROGRAM", "") != "Apple_Terminal":  # that one would print the end of it
            self.write(ASK_PASTE)
        self.flush()

    def run_input_thread(self) -> None:
        """Read until the screen is left; what came in one read reaches the screen in one step."""
        reading = Reading(Listening(self._ground, debug=self._debug))
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._deliver((Brackets(known=False),))
        while not self.exit_event.is_set() or (self._relay is not None and reading.waits):
            ends = () if self.exit_event.is_set() else (self.exit_event,)
            wait = _LOOKS if reading.waits else None
            if self.fileno in select.select((self.fileno, *ends), (), (), wait)[0]:
                data = os.read(self.fileno, _MOST_READ)
                self._deliver(reading.feed(decode(data)))
                if not data:  # nobody is there any more: do not ask again and again
                    self.exit_event.wait(_LOOKS)
            self._deliver(reading.tick())

    def send_message(self, message: Message) -> None:
        """Keep a message for the step in which all of this read reaches the screen."""
        self._read.append(message)

    def _ground(self, is_light: bool) -> None:
        """Tell the screen, on its own loop."""
        app = cast("Parting", self._app)
        self._loop.call_soon_threadsafe(partial(app.lit, is_light=is_light))

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size of the terminal itself: COLUMNS and LINES may be left over from another one."""
        try:
            size = os.get_terminal_size(self.fileno)
        except OSError:
            size = os.terminal_size((0, 0))
        return (size.columns, size.lines) if size.columns and size.lines else super()._get_terminal_size()

    def disable_input(self) -> None:
        """Read no more. What another screen follows on drops nothing of what is still to be read."""
        if self._relay is None or self._suspends:
            super().disable_input()
            return
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        self._disable_mouse_support()
        self.exit_event.set()
        if self._key_thread is not None:
            self._key_thread.join()
        self.exit_event.clear()

    def stop_application_mode(self) -> None:
        """Put the screen away. Harmless where it is."""
        if self._painting:
            if self._relay is not None:  # between two screens nothing typed is echoed, or waits for its end of line
                self.attrs_before = self._relay.flags if self._suspends else None
            self.write(LEFT_ON + cast("Parting", self._app).parting())
            super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        """Put the screen away for a while: the terminal is another's in the meantime."""
        self._suspends = True
        try:
            super().suspend_application_mode()
        finally:
            self._suspends = False

    def resume_application_mode(self) -> None:
        """Take the terminal again; who was stopped without being asked puts the screen away first."""
        if self._painting:
            self.suspend_application_mode()
            self._must_signal_resume = True
        super().resume_application_mode()

    def _deliver(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)
        read, self._read = self._read, []
        if self._relay is not None:
            for message in read:
                self._relay.came(message)
        if read and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._post, read)

    def _post(self, read: list[Message]) -> None:
        for message in read:
            self._app.post_message(message)

    @property
    def mouse(self) -> bool:
        """Whether the terminal reports the mouse; otherwise it selects text with it, as it does everywhere."""
        return self._mouse

    @mouse.setter
    def mouse(self, on: bool) -> None:
        """Take the mouse, or leave it to the terminal, at once and until it is asked for again."""
        pixels, self._mouse = self._mouse_pixels, on
        if not self._painting:
            return
        if on:
            self._enable_mouse_support()
            if pixels:
                self._enable_mouse_pixels()
        else:
            self.write(NO_MOUSE)

    @property
    def _painting(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()
