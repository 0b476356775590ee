"""When a question may be put again: a slow one rests ten times as long, one that times out longer and longer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

RESTS = 10
LONGEST_BACKOFF = 4
_EARLY = 0.25
"""Nobody asks on the second: a rest of whole intervals would often last one more."""


@dataclass(slots=True)
class Pace:
    """One question's own pace. `interval` is how often it would be asked, `cap` the longest rest; seconds.

    Beyond the cap its last answer could go stale, even with one failure in between: `note` says when it bites.
    """

    interval: float
    cap: float
    note: str = ""
    _asked: datetime | None = None
    _rest: float = 0.0
    _misses: int = field(default=0)

    def ready(self, now: datetime) -> bool:
        """Whether it may be put again; a clock that went back makes it so."""
        return self._asked is None or not timedelta() <= now - self._asked < timedelta(seconds=self._rest)

    def answered(self, now: datetime, took: float) -> None:
        """It was put at `now` and took `took` seconds."""
        wanted, most = RESTS * took, max(self.cap, self.interval)
        self._asked, self._rest, self._misses = now, min(wanted, self.cap), 0
        self.note = f"too slow: {took:.1f} s, asked every {most:g} s" if wanted > most else ""

    def timed_out(self, now: datetime) -> None:
        """It was put at `now` and there was no answer in time: its interval doubles, up to four of them."""
        self._misses += 1
        self._asked = now
        self._rest = self.interval * (min(2**self._misses, LONGEST_BACKOFF) - _EARLY)
