"""The clock of a demo's session, in any process: it reads how far the demo fell behind."""

import asyncio
import contextlib
import os
from pathlib import Path

from cockpit.runtime.clock import Clock
from cockpit.runtime.pace.course import SIZE, Course, Knot, heard, line_of
from cockpit.runtime.pace.lagging_clock import LaggingClock
from cockpit.runtime.pace.paced_loop import PacedLoop, machine_seconds

AHEAD = 0.1
"""Seconds before the last knot from which on a newer one is looked for."""
_AGAIN = 0.005
_NONE = Course("", 0.0, (Knot(0.0, 0.0),), over=True)


class PacedClock(LaggingClock):
    """Reads what the world of the demo tells; while it cannot be read the clock goes as it last went."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = os.open(path, os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY)
        self._course = _NONE
        self._looked = -1.0
        self._loop: PacedLoop | None = None

    def __del__(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(OSError, AttributeError):
            os.close(self._file)

    def course(self, at: float) -> Course:
        """Return what is known; a knot is never changed, so it is read again only where it ends."""
        if (self._course.over or at > self._course.knots[-1].at - AHEAD) and at > self._looked + _AGAIN:
            self._looked = at
            with contextlib.suppress(OSError):
                if (course := heard(os.pread(self._file, SIZE, 0))) is not None:
                    self._course = course if course.machine == self.machine() else course.elsewhere()
        return self._course

    def ended(self) -> bool:
        """Return whether a world kept it and does so no more; one that has not begun yet has not ended."""
        at = machine_seconds()
        course = self.course(at)
        return course is not _NONE and course.ended(at)

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return an event loop that uses this clock and reports how well it keeps pace."""
        self._loop = PacedLoop(self, self._beat)
        return self._loop

    def hasten(self) -> None:
        """Let its loop go as fast as the machine."""
        if self._loop is not None:
            self._loop.hasten()

    def _beat(self, at: float, late: float) -> None:
        """Tell the world that this process lives, how late its loop was, and how late the latest answer is."""
        with contextlib.suppress(OSError):
            os.pwrite(self._file, line_of([round(at, 3), round(late, 4), round(self.waits.worst(), 3)]), SIZE)


def paced(path: Path) -> Clock:
    """Return the clock of the file; the machine's clock if it cannot be read."""
    try:
        return PacedClock(path)
    except OSError:
        return Clock()
