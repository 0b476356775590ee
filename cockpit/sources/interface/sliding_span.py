"""The sliding span that users are counted over, and its later parts: a judge takes what began late enough."""

from datetime import datetime, timedelta

from sessions.plan.model import Plan
from sessions.values.readings import Exposure

PARTS = 12
"""How many parts the span has. Without a length of the owner's each is a window of the plan: 1 h in all."""

Count = tuple[datetime, int, int]
"""Since when, how many users, how many of them with the flag."""


def starts(plan: Plan, now: datetime, span: float = 0.0) -> tuple[datetime, ...]:
    """Return where the parts of the last `span` seconds (0: twelve windows) begin, the earliest first, evenly apart."""
    # Whole milliseconds: a database knows no finer ones.
    part = timedelta(milliseconds=max(1, round(1000 * (span / PARTS or plan.windows.length))))
    end = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return tuple(end - part * number for number in range(PARTS, 0, -1))


def exposure(source: str, now: datetime, counts: tuple[Count, ...], newest: datetime | None) -> Exposure:
    """Return the reading of some counts, the one from the earliest moment on first."""
    (since, users, exposed), *later = counts
    return Exposure(source, now, since, users, exposed, newest, tuple(later))
