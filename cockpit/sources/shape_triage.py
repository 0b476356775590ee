"""Critical lines out of rows: a line counts, and counts as open, whatever is wrong with it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from cockpit.sources.shape_parts import Finder, Parts, UnreadableError
from cockpit.sources.shape_rows import Asking
from sessions.readings import Triage, TriageLine

T = TypeVar("T")

_LINES_KEPT = 100


def triage(rows: Sequence[object], finder: Finder, asking: Asking) -> tuple[Triage, tuple[str, ...]]:
    """Return the lines that are open or young, newest first, and why some of the rows were not wholly readable."""
    read = [_line(place, Parts(finder, item, asking.now), asking.now) for place, item in enumerate(rows, 1)]
    young = asking.now - timedelta(seconds=asking.plan.week.days * asking.plan.week.day)
    kept = {line.id: line for line, _ in read if line.open or line.at >= young}
    newest = sorted(kept.values(), key=lambda line: (line.open, line.at), reverse=True)[:_LINES_KEPT]
    lines = tuple(sorted(newest, key=lambda line: line.at, reverse=True))
    return Triage(asking.source, asking.now, lines, len(rows)), tuple(why for _, why in read if why)


def _line(place: int, parts: Parts, now: datetime) -> tuple[TriageLine, str]:
    wrong: list[str] = []

    def tried(read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except UnreadableError as error:
            wrong.append(str(error))
            return default

    found = TriageLine(
        tried(lambda: parts.text("id", 60), f"row {place}"),
        tried(lambda: parts.past("at"), now),
        tried(lambda: parts.text("title"), "(no title)"),
        tried(lambda: parts.flag("open", default=True), default=True),
    )
    return found, wrong[0] if wrong else ""
