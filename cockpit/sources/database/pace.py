"""When a query may be sent again: after ten times as long as it took, or as its time limit."""

from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.sources.interface.budget import RESTS

_FAST = 0.5
"""The share of its time limit within which a question must have been answered before, to be spared."""


class Pace(Struct):
    """One question's own pace. `interval` is how often it would be asked, `cap` the longest rest, `rest` the last one.

    Beyond the cap its last answer could go stale, even with one failure in between: `note` says when it bites. It
    does not hold for a question that was given up: that one has no answer, and may still be worked on.
    """

    interval: float
    cap: float
    note: str = ""
    rest: float = 0.0
    _asked: datetime | None = None
    _took: float = 0.0
    _vain: float = 0.0
    _spared: bool = False
    _doubts: int = 0
    _known: bool = False

    @property
    def took(self) -> float:
        """How many seconds its last answer took."""
        return self._took

    @property
    def in_vain(self) -> bool:
        """Whether the last one timed out."""
        return self._vain > 0

    def ready(self, now: datetime) -> bool:
        """Whether it may be put again; a clock that went back makes it so."""
        return self._asked is None or not timedelta() <= now - self._asked < timedelta(seconds=self.rest)

    def answered(self, now: datetime, took: float) -> None:
        """It was put at `now` and took `took` seconds."""
        wanted, most = RESTS * took, max(self.cap, self.interval)
        self._asked, self.rest = now, min(wanted, self.cap)
        self._took, self._vain, self._known, self._spared, self._doubts = took, 0.0, True, False, 0
        self.note = f"takes {took:.1f} s, asked every {most:g} s" if wanted > most else ""

    def abandoned(self, now: datetime, limit: float) -> None:
        """It started at `now` and timed out: it costs its whole time limit."""
        self._doubts += self._spared
        self._asked, self.rest, self._vain, self._spared = now, RESTS * limit, limit, False

    def spare(self) -> None:
        """The database is fast again: a question that was answered fast before need not rest so long.

        Where that was in vain it may be slow itself: then twice its limit, four times, eight times.
        """
        if self.in_vain and self._known and self._took <= _FAST * self._vain:
            self._spared = True
            self.rest = min(self.rest, self._vain * 2**self._doubts if self._doubts else 0.0)
