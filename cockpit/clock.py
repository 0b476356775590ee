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
