"""What one question brings, and what every question does.

Names and values of the owner are data here: names were checked when the settings were read, values are plain texts.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, field

from cockpit.runtime.finding import Finding, Sight
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Base, Records
from sessions.text.clean import clean
from sessions.text.units import counted, duration
from sessions.text.words import alike
from sessions.values.readings import Pulse, Reading

AHEAD = timedelta(minutes=1)
"""How far a date may lie ahead of our clock before nobody believes it."""

LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)
PAGE = "see docs/sources-mongo.md"
VALUES_READ = 200
"""How many different values of one field are read: a status or a score has a handful."""

EACH_VALUE: Document = {"$limit": VALUES_READ + 1}
"""The stage that ends a look at the different values of a field; one more than are read tells that there are more."""


class TopicAnswer(Struct, frozen=True):
    """What one question brought: readings, and how many of the `total` documents behind them made no sense.

    `newest` is the date of the newest document. `trouble` says what of it failed, `note` what is weak about it.
    """

    readings: tuple[Reading, ...]
    unreadable: int = 0
    total: int = 0
    newest: datetime | None = None
    trouble: str = ""
    note: str = ""


def together(answers: Sequence[TopicAnswer]) -> TopicAnswer:
    """Return several answers as one."""
    return TopicAnswer(
        tuple(reading for answer in answers for reading in answer.readings),
        sum(answer.unreadable for answer in answers),
        sum(answer.total for answer in answers),
        latest(*(answer.newest for answer in answers)),
        "; ".join(answer.trouble for answer in answers if answer.trouble),
        "; ".join(answer.note for answer in answers if answer.note),
    )


def shown(*names: str) -> Document:
    """Return the projection of these fields; one inside another needs no place of its own."""
    return {name: 1 for name in names if not any(name.startswith(f"{other}.") for other in names)}


def among(values: Sequence[str]) -> object:
    """Return the condition of a field that is one of these texts; with one alone every server takes its index."""
    return values[0] if len(values) == 1 else {"$in": [*values]}


def dig(document: Mapping[str, Any], name: str) -> Any:
    """Return a field by its dotted name, None if there is none; behind a list, the list."""
    value: Any = document
    for part in name.split("."):
        if isinstance(value, list):
            return value
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def credible(date: object, now: datetime) -> bool:
    """Whether something is a date that may have been written by now."""
    return isinstance(date, datetime) and date <= now + AHEAD


def latest(*dates: object) -> datetime | None:
    """Return the newest of what are dates."""
    return max((date for date in dates if isinstance(date, datetime)), default=None)


def newest_of(field: str, now: datetime) -> Document:
    """Return the accumulator of the newest credible date of a group."""
    date = f"${field}"
    # Dates are compared with dates only: of other types some sort after every date.
    believed = {"$and": [{"$eq": [{"$type": date}, "date"]}, {"$lte": [date, now + AHEAD]}]}
    return {"$max": {"$cond": [believed, date, None]}}


def title(document: Document, name: str) -> str:
    """Return a document's title, cleaned."""
    value = dig(document, name)
    return clean(value) if isinstance(value, str) and value.strip() else "(no title)"


def tally(found: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    """Sum groups by their value as text, in any case; what is no text is counted under `?`."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for row in sorted(found, key=lambda row: (-int(row["n"]), str(row["_id"]))):
        name = clean(row["_id"].strip(), 24) if isinstance(row["_id"], str) else "?"
        shown = names.setdefault(alike(name), name)
        counts[shown] = counts.get(shown, 0) + int(row["n"])
    return tuple(sorted(counts.items()))


def cut(found: Sequence[object], field: str) -> str:
    """Say that there are more different values than were read, so that there is no sum; empty if these are all."""
    return f"over {VALUES_READ:,} different values in {clean(field, 40)}" if len(found) > VALUES_READ else ""


_LAST_TEXT = "\U0010ffff"


async def misdated(collection: Records, match: Document, field: str, beyond: datetime) -> int:
    """Count documents whose date is absent, a text, a number or after `beyond`."""
    ahead = collection.count({**match, field: {"$gt": beyond}})
    return sum(await asyncio.gather(undated(collection, match, field), ahead))


async def undated(collection: Records, match: Document, field: str) -> int:
    """Count documents whose date is absent, a text or a number: three ranges, closed on both sides.

    A range open to one side makes some servers read every document.
    """
    numbers = {"$gte": -math.inf, "$lte": math.inf}
    texts = {"$gte": "", "$lt": _LAST_TEXT}
    ranges: Sequence[object] = ({"$in": [None, math.nan]}, texts, numbers)
    return sum(await asyncio.gather(*(collection.count({**match, field: one}) for one in ranges)))


class Dates:
    """Bad dates in fields: where there were none, these are counted again after `rest` seconds and not at each look.

    That is less than the time after which an answer is stale. Where there were some, each look counts them.
    """

    def __init__(self, rest: float = 0.0) -> None:
        self._rest = timedelta(seconds=rest)
        self._again: dict[str, datetime] = {}

    async def misdated(self, collection: Records, match: Document, field: str, span: tuple[datetime, datetime]) -> int:
        """Count documents as `misdated`; `span` is from now to when nobody believes a date any more."""
        now, beyond = span
        known = f"{collection.name} {field} {sorted(match.items())}"
        due = self._again.get(known)
        if due is not None and due - self._rest <= now < due:
            return 0
        count = await misdated(collection, match, field, beyond)
        self._again.pop(known, None)
        if not count:
            self._again[known] = now + self._rest
        return count


class Place(Struct, frozen=True):
    """The database that is asked, what the source is called, and what it remembers of dates."""

    base: Base
    source: str
    dates: Dates = field(default_factory=Dates)


def doubt(bad: int, total: int) -> str:
    """Say why an answer proves nothing: over 1 % unreadable. A single bad document is forgiven, unless it is all."""
    if bad and (bad > max(1, total // 100) or bad >= total):
        return f"{bad:,} of {total:,} unreadable"
    return ""


def unanswered(seconds: float) -> str:
    """Say why nothing is asked: the server owes an answer, and may still be working on it."""
    return f"last question still open, {duration(seconds)}"


def documents(count: int) -> str:
    """Say how many documents."""
    return f"{count:,} document{'' if count == 1 else 's'}"


def found(what: str, pulse: Pulse, doubt: str = "") -> Finding:
    """Say what one question saw, how fast, how old its newest document is, and why that may not be all."""
    seen = f"{counted(pulse.total, 'documents')} in {pulse.took_ms:.0f} ms"
    if pulse.newest is not None:
        seen += f", newest {duration(max(0.0, (pulse.at - pulse.newest).total_seconds()))} old"
    if not pulse.ok:
        fix = "correct these documents, or the field's name" if "unreadable" in pulse.reason else PAGE
        return Finding(Sight.PROBLEM, what, f"{seen}: {pulse.reason}", fix)
    if doubt:
        return Finding(Sight.PROBLEM, what, f"{seen}: {doubt}", "list these words in cockpit.toml, or the right field")
    if pulse.note:
        return Finding(Sight.WARNING, what, f"{seen}: {pulse.note}", PAGE)
    if pulse.unreadable:
        return Finding(Sight.WARNING, what, f"{seen}, {pulse.unreadable:,} unreadable", "correct these documents")
    return Finding(Sight.GOOD, what, seen)
