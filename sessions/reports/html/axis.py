"""Where moments lie along a page, and how they are said there."""

import math
from datetime import datetime, timedelta, tzinfo

from sessions.reports.html.course import Course
from sessions.reports.html.markup import Html, tag

_STEPS = (10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 345600)
_MOST_TICKS = 6


def ticks(over: Course, tz: tzinfo | None) -> tuple[Html, ...]:
    """Return labels at round times of the local day; every second one yields to a narrow page."""
    whole = (over.until - over.since).total_seconds()
    step = next((step for step in _STEPS if whole / step <= _MOST_TICKS), _STEPS[-1])
    midnight = over.since.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    first = math.ceil((over.since - midnight).total_seconds() / step)
    count = min(int((over.until - midnight).total_seconds() // step) - first + 1, 2 * _MOST_TICKS)
    moments = [midnight + timedelta(seconds=step * (first + number)) for number in range(max(0, count))]
    form = "%d %b" if step >= 86400 else "%H:%M" if step >= 60 else "%H:%M:%S"
    return tuple(
        tag("span", f"{at.astimezone(tz):{form}}", class_="x" if number % 2 == 0 else "x wide", style=left(over, at))
        for number, at in enumerate(moments)
    )


def left(over: Course, at: datetime) -> str:
    """Return the style that puts something at a moment."""
    return f"left:{over.share(at) * 100:.2f}%"


def time(at: datetime, tz: tzinfo | None) -> str:
    """Say a moment with its date, to the second."""
    return f"{at.astimezone(tz):%d %b %H:%M:%S}"
