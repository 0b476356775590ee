"""The machine's clock, less what a course says that it fell behind."""

from abc import abstractmethod
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from cockpit.runtime.clock import Clock
from cockpit.runtime.pace.course import Course
from cockpit.runtime.pace.waits import Waits

_JITTER = timedelta(milliseconds=5)


class LaggingClock(Clock):
    """Its wall time and its seconds fall behind alike; where the machine's clock is set, so is this one."""

    def __init__(self) -> None:
        self._newest: datetime | None = None
        self.waits = Waits(self.boot, super().boot)

    @abstractmethod
    def course(self, at: float) -> Course:
        """Return the course as it is known `at` a moment since boot."""
        ...

    def now(self) -> datetime:
        """Return the demo's time of day. Two readings of the machine are never quite the same moment."""
        at = super().boot()
        now = super().now() - timedelta(seconds=self.course(at).lag(at))
        if self._newest is not None and now < self._newest <= now + _JITTER:
            return self._newest
        self._newest = now
        return now

    def boot(self) -> float:
        """Return seconds that never jump, as the demo goes."""
        at = super().boot()
        return at - self.course(at).lag(at)

    def pace(self) -> float:
        """Return how fast it goes, 1 where it keeps the machine's pace."""
        at = super().boot()
        return self.course(at).pace(at)

    def slowed(self) -> float:
        """Return the speed of a demo that the machine slows down, 0 if it keeps pace or is over."""
        at = super().boot()
        course = self.course(at)
        return 0.0 if course.ended(at) else course.said

    def waiting(self, name: str, due: float, deadline: float) -> AbstractContextManager[None]:
        """Count an answer that is waited for."""
        return self.waits.waiting(name, due, deadline)
