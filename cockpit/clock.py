"""The clock: handed to whatever needs the time, so that logic and tests never read it themselves."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall time in UTC, and the seconds since boot that also count a suspended machine where the system can tell."""

    def now(self) -> datetime:
        """Return the wall time, UTC."""
        return datetime.now(UTC)

    def boot(self) -> float:
        """Return seconds that never jump; on Linux they go on while the machine sleeps."""
        source = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if source is None else time.clock_gettime(source)
