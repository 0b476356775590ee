"""Asking a MongoDB once what it holds: read only, each question bounded at the server, few documents of each kind."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import bson
from bson import ObjectId
from bson.errors import BSONError
from msgspec import Struct
from pymongo.errors import PyMongoError

from cockpit.settings.models.mongo import why_no_database, why_no_name
from cockpit.settings.schema.secrets import Secret, SecretError, Secrets
from cockpit.setup.found import Doubt, Endpoint, Growing, Records
from cockpit.setup.look.records import events_by_shape, parts_of
from cockpit.setup.look.request_log import Log, request_log
from cockpit.setup.look.shelf import Shelf
from cockpit.setup.look.traffic import is_noise
from cockpit.sources.database.client import FORBIDDEN, mongo_client, reason
from cockpit.sources.database.database import Base
from cockpit.sources.interface.budget import Budget
from cockpit.sources.interface.source import SourceError
from sessions.text.clean import clean

PATIENCE = 30.0
"""Seconds that all questions together may take."""
_LIMIT = 2.0
_MOST = 40
_FEW, _MANY = 20, 500
_LARGE = 200_000
_DAY = timedelta(hours=24)
_SHORTEST = 0.05
_TOLD = ("requests", "events", "triage", "tickets", "csat")
"""Collections that are watched by another measure than their growth."""
_OURS = ("admin", "config", "local")
_FAILURES = (PyMongoError, BSONError, TimeoutError)


class Asked(Struct, frozen=True):
    """What a database holds, None if it did not answer; `others` are databases to choose from; `notes` are lines."""

    records: Records | None = None
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


async def ask_database(uri: Secret, database: str, secrets: Secrets, now: datetime) -> Asked:
    """Look into `database`, without a name into the one of the address, or the only one there is. Raises nothing."""
    name = next(iter(uri.names), "the address")
    try:
        address = secrets.reveal(uri)
        client = mongo_client(address)
    except SecretError as error:
        return Asked(notes=(f"mongo: {error}: export {name} with the address, mongodb://host:port",))
    except SourceError as error:
        return Asked(notes=(f"mongo: {error}",))
    base = Base(client["admin"], Budget(), _LIMIT)
    try:
        async with asyncio.timeout(PATIENCE):
            there = [database] if database else _named(address) or await _databases(base)
            if len(there) != 1:
                return Asked(others=tuple(there), notes=(_which(there),))
            return await _looked(base.kind(database=there[0]), there[0], now)
    except _FAILURES as error:
        why = secrets.scrub(reason(error, _LIMIT))
        todo = "name one with --database" if why == FORBIDDEN else f"check ${name}, and that it can be reached"
        return Asked(notes=(clean(f"mongo: {why}: {todo}", 300),))
    finally:
        await base.aclose()
        await client.close()


def _named(address: str) -> list[str]:
    try:
        name = urlsplit(address).path.lstrip("/")
    except ValueError:
        return []
    return [name] if name and not why_no_database(name) else []


def _which(there: Sequence[str]) -> str:
    if not there:
        return "mongo: no database is there: name one with --database"
    return clean(f"mongo: which database? There are {', '.join(there[:10])}: name one with --database", 300)


async def _databases(base: Base) -> list[str]:
    answer = await base.command("listDatabases", nameOnly=True)
    names = [row.get("name", "") for row in answer.get("databases", ())]
    return [name for name in names if name not in _OURS and not why_no_database(name)]


async def _looked(base: Base, database: str, now: datetime) -> Asked:
    names = sorted(name for name in await base.names() if not name.startswith("system."))
    fit = [name for name in names if not why_no_name(name) and clean(name, 120) == name]
    notes = (
        [f"mongo: {len(names) - len(fit)} collections have names that no plan can hold"]
        if len(fit) < len(names)
        else []
    )
    if len(fit) > _MOST:
        notes.append(f"mongo: {len(fit)} collections, the first {_MOST} by name are looked at: name others by hand")
    shelves: list[Shelf] = []
    for name in fit[:_MOST]:
        try:
            shelf = await _shelf(base, name)
        except _FAILURES as error:
            notes.append(clean(f"mongo: {name}: {reason(error, _LIMIT)}: name it by hand if you need it", 300))
            continue
        if shelf.documents:
            shelves.append(shelf)
    parts = parts_of(shelves)
    log = next((request_log(one) for one in shelves if one.name == _collection(parts, "requests")), Log())
    notes += _refused(shelves) if "requests" not in parts else []
    more = await _more(base, shelves, parts, now)
    return Asked(
        Records(database, parts, *more, _doubts(shelves, parts, log), log.variants, log.user), notes=tuple(notes)
    )


def _collection(parts: dict[str, Any], part: str) -> object:
    return parts.get(part, {}).get("collection")


def _doubts(shelves: Sequence[Shelf], parts: dict[str, Any], log: Log) -> dict[str, tuple[Doubt, ...]]:
    """Tell by part what was guessed, and which other collections look like it."""
    own = {keys["collection"] for keys in parts.values()}
    logs = [shelf.name for shelf in shelves if shelf.name not in own and request_log(shelf).keys]
    events = [shelf.name for shelf in shelves if events_by_shape(shelf)]
    lines = {"requests": [*log.remarks, *_also(logs)]} if "requests" in parts else {}
    if (taken := _collection(parts, "events")) in events:
        others = [name for name in events if name not in own]
        lines["events"] = [Doubt(f"{taken} is taken by its shape, few words and a date"), *_also(others)]
    return {part: tuple(each) for part, each in lines.items() if each}


def _also(names: Sequence[str]) -> list[Doubt]:
    offers = tuple(("collection", name) for name in names[:4])
    return [Doubt(f"collection: {', '.join(names[:4])} would fit too", offers)] if names else []


def _refused(shelves: Sequence[Shelf]) -> list[str]:
    """Say of each collection that is nearly a log of requests why it is not taken."""
    whys = ((shelf.name, request_log(shelf).why) for shelf in shelves)
    return [clean(f"mongo: {name} looks like a log of requests, but {why}", 300) for name, why in whys if why]


async def _shelf(base: Base, name: str) -> Shelf:
    """Read a few of the newest documents, by the index that every collection has; one where they are large."""
    newest = await base[name].find({}, {}, [("_id", -1)], limit=1)
    if not newest or len(bson.encode(newest[0])) > _LARGE:
        return Shelf(name, tuple(newest))
    return Shelf(name, tuple(await base[name].find({}, {}, [("_id", -1)], limit=_FEW)))


async def _more(
    base: Base, shelves: Sequence[Shelf], parts: dict[str, Any], now: datetime
) -> tuple[tuple[Growing, ...], tuple[str, ...], tuple[Endpoint, ...]]:
    """Return what grows, the journeys that events name, and the endpoints of a request log."""
    own = {keys["collection"] for part, keys in parts.items() if part in _TOLD}
    rows = [await _growing(base, shelf, now) for shelf in shelves if shelf.name not in own]
    journeys: tuple[str, ...] = ()
    if events := parts.get("events"):
        shelf = await _many(base, events["collection"], [events["journey"]])
        journeys = shelf.words(events["journey"])[:12]
    requests: tuple[Endpoint, ...] = ()
    if log := parts.get("requests"):
        fields = [log["endpoint"], *([log["method"]] if log["method"] else [])]
        requests = _endpoints(await _many(base, log["collection"], fields), log)
    return _of_one_date([row for row in rows if row is not None]), journeys, requests


async def _many(base: Base, name: str, fields: Sequence[str]) -> Shelf:
    wanted = dict.fromkeys(fields, 1)
    return Shelf(name, tuple(await base[name].find({}, wanted, [("_id", -1)], limit=_MANY))).flat


def _endpoints(shelf: Shelf, log: dict[str, str]) -> tuple[Endpoint, ...]:
    counted = Counter[str]()
    for one in shelf.documents:
        words = [one.get(log[key]) for key in ("method", "endpoint") if log[key]]
        name = " ".join(map(str, words))
        if all(isinstance(word, str) and word for word in words) and clean(name, 200) == name and not is_noise(name):
            counted[name] += 1
    return tuple(Endpoint(name, count) for name, count in counted.most_common())


async def _growing(base: Base, shelf: Shelf, now: datetime) -> Growing | None:
    """Return how fast a collection grew in the last day, or since it was begun; None if that is unknown."""
    made = "" if shelf.dated_by_id else shelf.date()
    if not (made or shelf.dated_by_id):
        return None
    records, since = base[shelf.name], now - _DAY
    key, bound = (made, since) if made else ("_id", ObjectId.from_datetime(since))
    try:
        count = await records.estimate()
        lately = await records.count({key: {"$gte": bound}})
        first = await records.find({key: {"$gte": bound}}, {key: 1}, [(key, 1)], limit=1)
    except _FAILURES:
        return None
    begun = _made(first[0], made) if first else None
    hours = (now - max(begun, since)).total_seconds() / 3600 if begun else 0.0
    if not lately or hours < _SHORTEST:
        return None
    return Growing(shelf.name, float(f"{lately / hours:.3g}"), made, count)


def _made(document: dict[str, Any], made: str) -> datetime | None:
    value = document.get(made) if made else document["_id"].generation_time
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _of_one_date(rows: Sequence[Growing]) -> tuple[Growing, ...]:
    """The settings name one field of the date for all: what the most have is taken, the others are left out."""
    dates = Counter(row.made for row in rows)
    best = max(dates, key=lambda name: (dates[name], not name), default="")
    return tuple(sorted((row for row in rows if row.made == best), key=lambda row: -row.per_hour))
