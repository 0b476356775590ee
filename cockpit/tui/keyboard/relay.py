"""One screen gives way to another in the same process: what was typed and not dealt with goes to the next one."""

import contextlib
import sys
import termios
from collections import deque
from collections.abc import Iterator
from typing import Any

from textual import events
from textual.message import Message


class Relay:
    """Keeps what was typed in order, and the terminal as the screens need it until the last of them is left.

    `flags` are those that the terminal began with, None if it is none; `ended_by` is a signal that came between two
    screens, 0 for none: the next screen ends by it.
    """

    def __init__(self) -> None:
        self.ended_by = 0
        self._came: deque[Message] = deque()
        self._terminal = sys.__stdin__.fileno() if sys.__stdin__ else 0
        self.flags: list[Any] | None = None
        with contextlib.suppress(OSError, ValueError, termios.error):
            self.flags = termios.tcgetattr(self._terminal)

    def came(self, message: Message) -> None:
        """Note what was read; a click goes only to the screen on which it was made."""
        if isinstance(message, (events.Key, events.Paste)):
            self._came.append(message)

    def dealt(self, event: Message) -> None:
        """Note that its turn has come."""
        with contextlib.suppress(ValueError):
            self._came.remove(event)

    def waiting(self) -> list[events.Event]:
        """Return what was read and has had no turn yet, in order."""
        return [one for one in self._came if isinstance(one, events.Event)]

    def forget(self) -> int:
        """Drop waiting keys, read or not: they were meant for another screen."""
        dropped = len(self._came)
        self._came.clear()
        with contextlib.suppress(OSError, ValueError, termios.error):
            termios.tcflush(self._terminal, termios.TCIFLUSH)
        return dropped

    def close(self) -> None:
        """Give the terminal back as it was."""
        self.forget()
        with contextlib.suppress(OSError, ValueError, termios.error):
            if self.flags is not None:
                termios.tcsetattr(self._terminal, termios.TCSANOW, self.flags)


_RELAYS = list[Relay]()


def current() -> Relay | None:
    """Return the relay that screens are shown under, None if there is one screen and no other."""
    return _RELAYS[-1] if _RELAYS else None


@contextlib.contextmanager
def relayed() -> Iterator[Relay]:
    """Show screens one after the other; none of them loses a key to the change."""
    relay = Relay()
    _RELAYS.append(relay)
    try:
        yield relay
    finally:
        _RELAYS.remove(relay)
        relay.close()
