"""The clock: handed to whatever needs the time, so that logic and tests never read it themselves."""

import contextlib
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path


class Clock:
    """Wall time in UTC, and the seconds since boot that also count a suspended machine where the system can tell."""

    def now(self) -> datetime:
        """Return the wall time, UTC."""
        return datetime.now(UTC)

    def boot(self) -> float:
        """Return seconds that never jump; on Linux they go on while the machine sleeps."""
        source = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if source is None else time.clock_gettime(source)

    def machine(self) -> str:
        """Name this boot of this machine, nothing where the system does not: only within one boots are compared."""
        return _boot_id()


@cache
def _boot_id() -> str:
    with contextlib.suppress(OSError, ValueError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


_EPOCH_S, _EPOCH_MS, _EPOCH_END = 1e8, 1e11, 1e14


def moment_of(value: object) -> datetime | None:
    """Return a moment as UTC: ISO 8601 with its zone, or seconds or milliseconds since 1970; None for all else.

    Seconds and milliseconds are told apart by size: both reach from 1973 to 5138.
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
