"""The terminal as the screen drives it: whatever puts the screen away puts all of it away, also what Textual leaves."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any, Protocol, cast

from textual.drivers.linux_driver import LinuxDriver

NO_MOUSE = "".join(f"\x1b[?{mode}l" for mode in (1000, 1003, 1015, 1006, 1016))
"""Every way in which a terminal was asked to report the mouse, given up."""
LEFT_ON = f"{NO_MOUSE}\x1b[?2026l"
"""The mouse, also where it was given up meanwhile, and held-back painting, which is never switched off."""


class Parting(Protocol):
    """A program with last words to the terminal."""

    def parting(self) -> str:
        """Return what the terminal is told before the screen is put away, for a while or for good."""
        ...


class TerminalDriver(LinuxDriver):
    """Textual's driver, with one way in and one way out; it is suspended and woken between two steps of the loop."""

    def __init__(self, app: Any, **facts: Any) -> None:
        super().__init__(app, **facts)
        loop = asyncio.get_running_loop()

        def later(number: signal.Signals, work: Callable[[], None]) -> None:
            """A handler that writes by itself could meet the very write that it interrupts, and wait for ever."""
            signal.signal(number, lambda *_: loop.is_closed() or loop.call_soon_threadsafe(work))

        later(signal.SIGTSTP, self._sigtstp_application)
        later(signal.SIGCONT, self._sigcont_application)

    def stop_application_mode(self) -> None:
        """Put the screen away. Harmless where it is."""
        if self._painting:
            self.write(LEFT_ON + cast("Parting", self._app).parting())
            super().stop_application_mode()

    def resume_application_mode(self) -> None:
        """Take the terminal again; who was stopped without being asked puts the screen away first."""
        if self._painting:
            self.suspend_application_mode()
            self._must_signal_resume = True
        super().resume_application_mode()

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
