"""How far a slowed clock lies behind the machine's: straight lines between knots that are agreed on ahead.

A knot never changes, and lies in everybody's future when it is published. So all who know some of the knots agree on
the time, it never goes back, and it makes no step.
"""

import json
import math
import zlib
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct, ValidationError, convert

GRACE = 10.0
"""Seconds that the clock waits for the next knot; after that its keeper is gone, and the clock runs on."""

SIZE = 1024
"""Bytes of a line in the file."""
_WHOLE = 0.999
_LONGEST = 366 * 86400.0
"""Seconds that a demo can fall behind at most: what says more was not written by its world."""
_Told = tuple[str, float, bool, tuple[tuple[float, float], ...]]


class Knot(Struct, frozen=True):
    """At `at` (seconds since boot) the clock lies `lag` seconds behind."""

    at: float
    lag: float


class Course(Struct, frozen=True):
    """The newest knots, oldest first, of one boot of the `machine`.

    `said` is the speed that the screen tells of, 0 if the clock keeps pace; `over` says that no knot will follow.
    """

    machine: str
    said: float
    knots: tuple[Knot, ...]
    over: bool = False

    def lag(self, at: float) -> float:
        """Return how far the clock is behind at a moment, in s."""
        for before, after in pairwise(self.knots):
            if at <= after.at:
                share = (at - before.at) / (after.at - before.at)
                return before.lag + (after.lag - before.lag) * min(1.0, max(0.0, share))
        return self.knots[-1].lag + min(max(0.0, at - self.knots[-1].at), self._grace)

    def pace(self, at: float) -> float:
        """Return how fast the clock goes: 1 is as fast as the machine's, 0 is a stop."""
        for before, after in pairwise(self.knots):
            if at < after.at:
                pace = 1 - (after.lag - before.lag) / (after.at - before.at)
                return 1.0 if pace > _WHOLE else pace
        return 0.0 if at < self.knots[-1].at + self._grace else 1.0

    def ended(self, at: float) -> bool:
        """Whether nobody keeps the clock any more: it goes on as fast as the machine's."""
        return at >= self.knots[-1].at + self._grace

    def elsewhere(self) -> "Course":
        """Return the course after another boot: seconds since boot say nothing there, what was lost stays lost."""
        return Course("", 0.0, (Knot(0.0, self.knots[-1].lag + self._grace),), over=True)

    @property
    def _grace(self) -> float:
        return 0.0 if self.over else GRACE


def line_of(values: Sequence[object]) -> bytes:
    """Return one line of the file, of fixed size, that proves itself."""
    text = json.dumps(values, separators=(", ", ": ")).encode()
    return (text + b" # %08x" % zlib.crc32(text)).ljust(SIZE - 1) + b"\n"


def values_of(line: bytes) -> list[object] | None:
    """Return what a line says, None if it is torn or none; a right checksum proves no sense."""
    text, _, crc = line.rstrip().rpartition(b" # ")
    if not text or crc != b"%08x" % zlib.crc32(text):
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, list) else None


def told(course: Course) -> bytes:
    """Write a course as the line that others read."""
    knots = [[knot.at, knot.lag] for knot in course.knots]
    return line_of([course.machine, course.said, course.over, knots])


def heard(line: bytes) -> Course | None:
    """Read a course; None if there is none, or one that no world can have written."""
    try:
        machine, said, over, knots = convert(values_of(line), _Told)
    except ValidationError:
        return None
    course = Course(machine, said, tuple(Knot(at, lag) for at, lag in knots), over)
    return course if _possible(course) else None


def _possible(course: Course) -> bool:
    """Whether a world can have told it: finite, in order, and never ahead of the machine."""
    numbers = [course.said, *(number for knot in course.knots for number in (knot.at, knot.lag))]
    return (
        bool(course.knots)
        and all(math.isfinite(number) and number >= 0 for number in numbers)
        and all(before.at <= after.at and before.lag <= after.lag for before, after in pairwise(course.knots))
        and course.knots[-1].lag <= _LONGEST
    )
