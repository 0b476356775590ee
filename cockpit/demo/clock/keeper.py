"""The world's clock, which it keeps for all: it tells ahead how fast time goes, in a file beside the session."""

import asyncio
import contextlib
import itertools
import os
from pathlib import Path

from cockpit.demo.clock.governor import Governor, Signs
from cockpit.runtime.pace.course import GRACE, SIZE, Course, Knot, told, values_of
from cockpit.runtime.pace.lagging_clock import LaggingClock
from cockpit.runtime.pace.paced_loop import PacedLoop, machine_seconds

AHEAD = 0.25
"""Seconds for which it is told how fast time goes: where the world is late by more, time stands and waits for it."""
NOTICE = 0.02
"""Seconds in which everybody hears of a clock that goes again."""
_KEPT = 0.3
"""Seconds for which a knot that is past is kept, for who reads the file late."""
_ENOUGH = 0.8


class Keeper(LaggingClock):
    """Keeps pace with the machine until it has a file; `speed` is that of the plan."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed
        self._file: int | None = None
        self._governor = Governor()
        self._knots: tuple[Knot, ...] = ()
        self._course = Course("", 0.0, (Knot(0.0, 0.0),), over=True)

    def course(self, _at: float) -> Course:
        """Return the course that was published last."""
        return self._course

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the world's event loop; as often as it comes by, the clock is kept."""
        return PacedLoop(self, self.beat)

    def keep(self, path: Path) -> None:
        """Tell in this file from now on."""
        with contextlib.suppress(OSError):
            self._file = os.open(path, os.O_RDWR)
            self._tell(machine_seconds())

    def beat(self, at: float, late: float) -> None:
        """Look what is late, and tell how fast time goes next."""
        if self._file is None:
            return
        self._governor = self._governor.after(self._signs(at, late), at)
        self._tell(at)

    def end(self) -> None:
        """Tell that nobody keeps the clock any more; what it fell behind stays."""
        if self._file is None:
            return
        at = machine_seconds()
        last = Knot(max(at, self._knots[-1].at), self._course.lag(max(at, self._knots[-1].at)))
        self._write(Course(self.machine(), 0.0, (*self._knots, last), over=True))
        os.close(self._file)
        self._file = None

    def _signs(self, at: float, late: float) -> Signs:
        heard = None
        with contextlib.suppress(OSError):
            heard = values_of(os.pread(self._file or 0, SIZE, SIZE))
        match heard:
            case [float() | int() as then, float() | int() as watch, float() | int() as answers]:
                return Signs(late, watch, max(answers, self.waits.worst()), at - then)
            case _:
                return Signs(late, 0.0, self.waits.worst())

    def _tell(self, at: float) -> None:
        """Add a knot in the future; if the last knot is past, the clock has stood still since then."""
        self._knots = following(self._knots, at, self._governor.pace)
        said = self._speed * self._governor.said
        self._write(Course(self.machine(), said, self._knots))

    def _write(self, course: Course) -> None:
        self._course = course
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, told(course), 0)


def following(knots: tuple[Knot, ...], at: float, pace: float) -> tuple[Knot, ...]:
    """Return the knots and the next one: from the last one on, time goes at `pace`."""
    last = knots[-1] if knots else Knot(at, 0.0)
    if last.at > at + _ENOUGH * AHEAD:
        return knots
    knots = tuple(knot for knot, after in itertools.pairwise(knots) if after.at > at - _KEPT) + knots[-1:]
    more = [] if knots else [last]
    if last.at < at:
        if at - last.at > GRACE:
            last = Knot(last.at + GRACE, last.lag + GRACE)
            more.append(last)
            last = Knot(at + NOTICE, last.lag)
        else:
            stood = min(at + NOTICE - last.at, GRACE)
            last = Knot(last.at + stood, last.lag + stood)
        more.append(last)
    until = max(at + AHEAD, last.at + NOTICE)
    return (*knots, *more, Knot(until, last.lag + (1 - pace) * (until - last.at)))
