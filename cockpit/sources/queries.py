"""Every question that is put to MongoDB, each with the client's own time.

An index on (equal fields, date) answers each of them without a look at other documents.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from cockpit.sources.beats import Run, gaps
from sessions import readings as r
from sessions.clean import clean
from sessions.plan import Collection, Queue

Document = dict[str, Any]
Base = AsyncDatabase[Document]

SOURCE = "mongo"
AHEAD = timedelta(minutes=1)
"""How far a date may lie ahead of our clock before nobody believes it."""

_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)
_LAST_TEXT = "\U0010ffff"
_LINES_SHOWN = 100
_TITLES_SHOWN = 5
_EXAMPLES_SHOWN = 3
_RUNS_READ = 10_000
_VALUES_READ = 200
_DONE = ("refunded", "cancelled", "rejected", "closed")
_LOW, _BEST = 2, 5
_HELD: Document = {"status": "held"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question brought: readings, and how many of the `total` documents behind them made no sense."""

    readings: tuple[r.Reading, ...]
    unreadable: int = 0
    total: int = 0
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Which events to look at: one journey's since `since`; `known` is its last event so far, `bound` a gap in s."""

    journey: str
    since: datetime
    known: datetime | None
    bound: float


async def beat(base: Base, now: datetime, look: Look) -> Answer:
    """Return one journey's events as a Beat."""
    events, journey = base["analytics_events"], look.journey
    span = {"$gte": look.since, "$lte": now + AHEAD}
    runs, unreadable = await asyncio.gather(
        _runs(events, {"journey": journey, "ts": span}, look.bound),
        _misdated(events, {"journey": journey}, "ts", now + AHEAD),
    )
    before = look.known or await _last_before(events, journey, look.since)
    latest = max([run.last for run in runs] + ([before] if before else []), default=None)
    newest = min(latest, now) if latest else None
    count = sum(run.count for run in runs)
    total = count if not unreadable else max(count + unreadable, await events.estimated_document_count())
    found = r.Beat(SOURCE, now, journey, look.since, newest, count, gaps(runs, before, look.bound))
    return Answer((found,), unreadable, total, newest)


async def _runs(events: AsyncCollection[Document], match: Document, bound: float) -> list[Run]:
    """Group events by pieces of time shorter than the bound: a gap can then only lie between two pieces."""
    piece = max(1, round(bound * 500))
    stages: list[Document] = [
        {"$match": match},
        {
            "$group": {
                "_id": {"$floor": {"$divide": [{"$toLong": "$ts"}, piece]}},
                "first": {"$min": "$ts"},
                "last": {"$max": "$ts"},
                "count": {"$sum": 1},
            }
        },
        {"$limit": _RUNS_READ},
    ]
    return [Run(row["first"], row["last"], int(row["count"])) for row in await _rows(events, stages)]


async def _last_before(events: AsyncCollection[Document], journey: str, since: datetime) -> datetime | None:
    query = {"journey": journey, "ts": {"$lt": since}}
    found = await events.find(query, {"ts": 1}).sort("ts", -1).limit(1).to_list()
    date = found[0].get("ts") if found else None
    return date if isinstance(date, datetime) else None


async def _misdated(collection: AsyncCollection[Document], match: Document, field: str, beyond: datetime) -> int:
    """Count documents whose date is absent, a text, a number or after `beyond`: four ranges, closed on both sides.

    A range open to one side makes some servers read every document.
    """
    numbers = {"$gte": -math.inf, "$lte": math.inf}
    texts = {"$gte": "", "$lt": _LAST_TEXT}
    ranges: Sequence[object] = ({"$in": [None, math.nan]}, texts, numbers, {"$gt": beyond})
    return sum(await asyncio.gather(*(collection.count_documents({**match, field: one}) for one in ranges)))


async def size(base: Base, now: datetime, rule: Collection) -> Answer:
    """Count one collection, and its documents that share a business key with another one."""
    collection = base[rule.name]
    count, (repeated, keyless) = await asyncio.gather(collection.count_documents({}), _repeated(collection, rule))
    examples = await _examples(collection, rule) if repeated else ()
    return Answer((r.Size(SOURCE, now, rule.name, count, repeated, examples),), keyless, count)


def _grouped(rule: Collection) -> tuple[Document, list[Document]]:
    """Return the stage that groups by business key, and what says of a group that its key is incomplete."""
    names = [f"k{place}" for place, _ in enumerate(rule.key)]
    key = {name: f"${field}" for name, field in zip(names, rule.key, strict=True)}
    return {"$group": {"_id": key, "n": {"$sum": 1}}}, [{f"_id.{name}": None} for name in names]


async def _repeated(collection: AsyncCollection[Document], rule: Collection) -> tuple[int, int]:
    group, keyless = _grouped(rule)
    absent: list[Document] = [
        {"$eq": [{"$ifNull": [f"$_id.k{place}", None]}, None]} for place, _ in enumerate(rule.key)
    ]
    spare: Document = {"$subtract": ["$n", 1]}
    stages: list[Document] = [
        group,
        {"$match": {"$or": [{"n": {"$gt": 1}}, *keyless]}},
        {
            "$group": {
                "_id": None,
                "repeated": {"$sum": {"$cond": [{"$or": absent}, 0, spare]}},
                "keyless": {"$sum": {"$cond": [{"$or": absent}, "$n", 0]}},
            }
        },
    ]
    rows = await _rows(collection, stages)
    return (int(rows[0]["repeated"]), int(rows[0]["keyless"])) if rows else (0, 0)


async def _examples(collection: AsyncCollection[Document], rule: Collection) -> tuple[str, ...]:
    group, keyless = _grouped(rule)
    stages = [group, {"$match": {"n": {"$gt": 1}, "$nor": keyless}}, {"$limit": _EXAMPLES_SHOWN}]
    rows = await _rows(collection, stages)
    return tuple(clean(f"{' '.join(map(str, row['_id'].values()))} ×{row['n']}", 80) for row in rows)


async def triage(base: Base, now: datetime, young: float) -> Answer:
    """Return the critical lines that are not resolved, or not older than `young` seconds, newest first."""
    log = base["triage_log"]
    recent = {"$gte": now - timedelta(seconds=young)}
    grave = {"level": {"$regex": "^critical$", "$options": "i"}, "$or": [{"resolved": {"$ne": True}}, {"ts": recent}]}
    fields = {"title": 1, "ts": 1, "resolved": 1}
    lines, total, lost = await asyncio.gather(
        log.find(grave, fields).sort("ts", -1).limit(_LINES_SHOWN).to_list(),
        log.count_documents({}),
        log.count_documents({"level": {"$not": {"$type": "string"}}}),
    )
    found = sorted((_line(document, now) for document in lines), key=lambda line: line.at, reverse=True)
    odd = lost + sum(not _credible(document.get("ts"), now) for document in lines)
    return Answer((r.Triage(SOURCE, now, tuple(found), total),), odd, total)


def _line(document: Document, now: datetime) -> r.TriageLine:
    """A critical line counts whatever else is wrong with it; one without a date is dated by its id, else now."""
    name, date = document.get("_id"), document.get("ts")
    if not isinstance(date, datetime) or not _credible(date, now):
        date = name.generation_time if isinstance(name, ObjectId) else now
    return r.TriageLine(clean(name, 60), min(date, now), _title(document), document.get("resolved") is not True)


def _title(document: Document) -> str:
    title = document.get("title")
    return clean(title, 120) if isinstance(title, str) and title.strip() else "(no title)"


def _credible(date: object, now: datetime) -> bool:
    return isinstance(date, datetime) and date <= now + AHEAD


async def tickets(base: Base, now: datetime) -> Answer:
    """Return the open support tickets."""
    queue = base["stylistTickets"]
    dated = {"$eq": [{"$type": "$createdAt"}, "date"]}
    stages: list[Document] = [
        {"$match": {"status": "open"}},
        {
            "$group": {
                "_id": "$priority",
                "n": {"$sum": 1},
                "oldest": {"$min": {"$cond": [dated, "$createdAt", None]}},
                "undated": {"$sum": {"$cond": [dated, 0, 1]}},
                "escalated": {"$sum": {"$cond": [{"$eq": ["$escalated", True]}, 1, 0]}},
            }
        },
        {"$limit": _VALUES_READ},
    ]
    rows, newest, lost = await asyncio.gather(
        _rows(queue, stages),
        queue.find({"status": "open"}, {"title": 1}).sort("createdAt", -1).limit(_TITLES_SHOWN).to_list(),
        queue.count_documents({"status": {"$not": {"$type": "string"}}}),
    )
    dates = [row["oldest"] for row in rows if _credible(row["oldest"], now)]
    count = sum(int(row["n"]) for row in rows)
    reading = r.Tickets(
        SOURCE,
        now,
        count,
        min(dates, default=None),
        _tally(rows),
        sum(int(row["escalated"]) for row in rows),
        tuple(_title(document) for document in newest),
    )
    return Answer((reading,), lost + sum(int(row["undated"]) for row in rows), count + lost)


def _tally(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    """Sum groups by their value as text; what is no text is counted under `?`."""
    tally: dict[str, int] = {}
    for row in rows:
        name = clean(row["_id"], 24) if isinstance(row["_id"], str) else "?"
        tally[name] = tally.get(name, 0) + int(row["n"])
    return tuple(sorted(tally.items()))


async def capsules(base: Base, now: datetime, rule: Queue) -> Answer:
    """Return how many capsules are held, expire within the plan's span, and are past their date."""
    shelf, horizon = base["capsules"], now + timedelta(seconds=rule.expiry)
    count, expired, soon, lost, misdated = await asyncio.gather(
        shelf.count_documents(_HELD),
        shelf.count_documents({**_HELD, "expiresAt": {"$lt": now}}),
        _soonest(shelf, {**_HELD, "expiresAt": {"$gte": now, "$lt": horizon}}),
        shelf.count_documents({"status": None}),
        _misdated(shelf, _HELD, "expiresAt", _LAST_DAY),
    )
    expiring, first = soon
    if first is None and count:
        first = (await _soonest(shelf, {**_HELD, "expiresAt": {"$gte": horizon, "$lt": _LAST_DAY}}))[1]
    return Answer((r.Capsules(SOURCE, now, count, expiring, expired, first),), lost + misdated, count + lost)


async def _soonest(shelf: AsyncCollection[Document], match: Document) -> tuple[int, datetime | None]:
    group = {"$group": {"_id": None, "n": {"$sum": 1}, "first": {"$min": "$expiresAt"}}}
    rows = await _rows(shelf, [{"$match": match}, group])
    return (int(rows[0]["n"]), rows[0]["first"]) if rows else (0, None)


async def returns(base: Base, now: datetime, rule: Queue) -> Answer:
    """Return the returns by status, and how many open ones have not moved for longer than the plan allows."""
    shelf, limit = base["returns"], now - timedelta(seconds=rule.stuck)
    under_way = {"status": {"$nin": [*_DONE]}}
    rows, stuck, moving = await asyncio.gather(
        _rows(shelf, [{"$group": {"_id": "$status", "n": {"$sum": 1}}}, {"$limit": _VALUES_READ}]),
        shelf.count_documents({**under_way, "updatedAt": {"$lt": limit}}),
        shelf.count_documents({**under_way, "updatedAt": {"$gte": limit, "$lte": now + AHEAD}}),
    )
    total = sum(int(row["n"]) for row in rows)
    running = sum(int(row["n"]) for row in rows if row["_id"] not in _DONE)
    unreadable = max(sum(int(row["n"]) for row in rows if not isinstance(row["_id"], str)), running - stuck - moving)
    return Answer((r.Returns(SOURCE, now, _tally(rows), running, stuck),), unreadable, total)


async def csat(base: Base, now: datetime, rule: Queue) -> Answer:
    """Return the CSAT answers of the plan's span, and how many of them are low."""
    answers = base["csat"]
    span = {"$gte": now - timedelta(seconds=rule.csat), "$lte": now + AHEAD}
    stages: list[Document] = [
        {"$match": {"ts": span}},
        {"$group": {"_id": "$score", "n": {"$sum": 1}}},
        {"$limit": _VALUES_READ},
    ]
    rows, misdated = await asyncio.gather(_rows(answers, stages), _misdated(answers, {}, "ts", now + AHEAD))
    scores = [(float(row["_id"]), int(row["n"])) for row in rows if _is_score(row["_id"])]
    count, asked = sum(n for _, n in scores), sum(int(row["n"]) for row in rows)
    low = sum(n for score, n in scores if score <= _LOW)
    total = asked if not misdated else max(asked, await answers.estimated_document_count())
    return Answer((r.Csat(SOURCE, now, count, low),), asked - count + misdated, total)


def _is_score(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 1 <= value <= _BEST


async def _rows(collection: AsyncCollection[Document], stages: Sequence[Document]) -> list[Document]:
    return await (await collection.aggregate(stages)).to_list()
