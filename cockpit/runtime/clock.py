"""The clock: passed to all code that needs the time, so that logic and tests never read it themselves."""

import contextlib
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what only reads the time loads no event loop
    import asyncio

DEMO_CLOCK = "demo.clock"
"""The file in a demo's session that says how far its clock is behind."""


class Clock:
    """Wall time in UTC, and the seconds since boot that also count a suspended machine where the system can tell."""

    def now(self) -> datetime:
        """Return the wall time, UTC."""
        return datetime.now(UTC)

    def boot(self) -> float:
        """Return seconds that never jump; on Linux they go on while the machine sleeps."""
        source = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if source is None else time.clock_gettime(source)

    def slowed(self) -> float:
        """Return how many times as fast as its plan a demo goes that the machine slows down; 0 if none is."""
        return 0.0

    def ended(self) -> bool:
        """Return whether it is the clock of a demo whose world has ended: nothing will answer there."""
        return False

    def loop(self) -> "asyncio.AbstractEventLoop":
        """Return an event loop that uses this clock."""
        import asyncio

        return asyncio.new_event_loop()

    def hasten(self) -> None:
        """Let loops of this clock run as fast as the machine, because the program ends."""

    def waiting(self, name: str, due: float, deadline: float) -> contextlib.AbstractContextManager[None]:
        """Wait for an answer of `name`, late after `due` seconds and given up after `deadline`."""
        del name, due, deadline
        return contextlib.nullcontext()

    def machine(self) -> str:
        """Name this boot of this machine, empty if unknown: times are compared only within one boot."""
        return _boot_id()


def clock_of(folder: Path) -> Clock:
    """Return the clock of a session: the demo's own, which may lag, else the machine's."""
    path = folder / DEMO_CLOCK
    if not path.is_file():
        return Clock()
    from cockpit.runtime.pace.paced_clock import paced

    return paced(path)


@cache
def _boot_id() -> str:
    with contextlib.suppress(OSError, ValueError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    return ""


_EPOCH_S, _EPOCH_MS, _EPOCH_END = 1e8, 1e11, 1e14


def moment_of(value: object) -> datetime | None:
    """Return a moment as UTC: ISO 8601 with its zone, or seconds or milliseconds since 1970; None for anything else.

    Seconds and milliseconds differ by size: both reach from 1973 to 5138.
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return found.astimezone(UTC) if found.tzinfo is not None else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not _EPOCH_S <= value < _EPOCH_END:
            return None
        return datetime.fromtimestamp(value / 1000 if value >= _EPOCH_MS else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
