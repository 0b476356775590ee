"""What a hand-over is made of: sections of rows, and how it says moments and stretches."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum

from msgspec import Struct

from sessions.text.clean import clean
from sessions.text.units import clock
from sessions.values.entries import Entry

MOST = 6
"""Rows of one section; what is older is counted."""
WHAT = 20
"""Characters that say what a row is about."""


class Tone(StrEnum):
    """How a row stands out."""

    PLAIN = "plain"
    GOOD = "good"
    HOLD = "hold"
    BAD = "bad"
    BLIND = "blind"


class Row(Struct, frozen=True):
    """One line: what it is about, what is said of it, how it stands out."""

    what: str
    text: str
    tone: Tone = Tone.PLAIN


class Section(Struct, frozen=True):
    """Rows under one title."""

    title: str
    rows: tuple[Row, ...]


class Wording(Struct, frozen=True):
    """Says moments as they are read at `now` in a time zone (`tz` None is the system's), with seconds where `fine`.

    Another day is a weekday; `dated`: a date, for who reads it weeks later.
    """

    now: datetime
    tz: tzinfo | None
    fine: bool = False
    dated: bool = False

    def at(self, at: datetime) -> str:
        """Say a moment: `03:10`, on another day `Mon 23:41` or `22 Nov 23:41`."""
        local, time = at.astimezone(self.tz), clock(at, self.tz, fine=self.fine)
        if local.date() == self.now.astimezone(self.tz).date():
            return time
        return f"{local.day} {local:%b} {time}" if self.dated else f"{local:%a} {time}"

    def span(self, since: datetime, until: datetime) -> str:
        """Say a time span with its day once: `03:10-03:25`; a span that begins and ends in one minute is one time."""
        start, end = self.at(since), self.at(until)
        if start == end:
            return start
        same_day = since.astimezone(self.tz).date() == until.astimezone(self.tz).date()
        return f"{start}-{end.rpartition(' ')[2] if same_day else end}"


def row(what: object, text: object, tone: Tone = Tone.PLAIN) -> Row:
    """Return a row of foreign words, cleaned."""
    return Row(clean(what, WHAT), clean(text, 300), tone)


def few(rows: Sequence[Row], most: int = MOST) -> tuple[Row, ...]:
    """Return the newest rows, oldest first; the others are counted."""
    if len(rows) <= most:
        return tuple(rows)
    left = len(rows) - most + 1
    return (Row("earlier", f"{left} more, all of them in the ops log"), *rows[left:])


def by(entry: Entry) -> str:
    """Say who did it, where it was not the watch."""
    return "" if entry.by == "watch" else f" ({clean(entry.by, 20)})"


def section(title: str, rows: Iterable[Row]) -> tuple[Section, ...]:
    """Return the section, none where it has no rows."""
    kept = tuple(rows)
    return (Section(title, kept),) if kept else ()
