"""Exposure events: how many users were met lately, and how many of them had the flag."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from cockpit.settings.records import Exposures
from cockpit.sources.mongo_link import Document
from cockpit.sources.records.answer import AHEAD, Answer, Place, latest, rows
from cockpit.sources.records.dates import misdated
from cockpit.sources.sliding import exposure

_USERS = ["string", "int", "long", "double", "objectId", "binData"]
_NOBODY = "nobody"


async def exposures(place: Place, now: datetime, starts: Sequence[datetime], flag: str, names: Exposures) -> Answer:
    """Return how many users had the flag, counted from each of `starts` on; a user counts once, by the newest event."""
    events, of_flag = place.base[names.collection], ({names.flag: flag} if names.flag else {})
    match: Document = {**of_flag, names.at: {"$gte": starts[0], "$lte": now + AHEAD}}
    found, undated = await asyncio.gather(
        rows(events, [{"$match": match}, {"$group": _by_user(names)}, {"$bucket": _by_start(starts, now)}]),
        misdated(events, of_flag, names.at, now + AHEAD),
    )
    parts = {row["_id"]: row for row in found}
    met = [(int(parts[at]["users"]), int(parts[at]["exposed"])) if at in parts else (0, 0) for at in starts]
    sums = accumulate(reversed(met), lambda sofar, part: (sofar[0] + part[0], sofar[1] + part[1]))
    counts = tuple((at, *count) for at, count in zip(starts, reversed(list(sums)), strict=True))
    newest = latest(*(row["newest"] for row in found))
    asked, odd = sum(int(row["events"]) for row in found), sum(int(row["odd"]) for row in found)
    total = asked if not undated else max(asked, await events.estimated_document_count())
    return Answer((exposure(place.source, now, counts, newest),), odd + undated, total, newest)


def _by_user(names: Exposures) -> Document:
    """The newest event that can be read of each user: two events are compared by their dates first."""
    seen = f"${names.exposed}"
    on = {"$or": [{"$eq": [seen, True]}, {"$in": [seen, [*names.on]]}]}
    readable = {
        "$and": [{"$in": [{"$type": f"${names.user}"}, _USERS]}, {"$in": [{"$type": seen}, ["bool", "string"]]}]
    }
    event = {"at": f"${names.at}", "on": on}
    return {
        "_id": f"${names.user}",
        "newest": {"$max": {"$cond": [readable, event, None]}},
        "events": {"$sum": 1},
        "odd": {"$sum": {"$cond": [readable, 0, 1]}},
    }


def _by_start(starts: Sequence[datetime], now: datetime) -> Document:
    """Users by the part of the span that their newest event lies in: since then were met those, and all later ones."""
    return {
        "groupBy": "$newest.at",
        "boundaries": [*starts, now + AHEAD + timedelta(milliseconds=1)],
        "default": _NOBODY,
        "output": {
            "users": {"$sum": 1},
            "exposed": {"$sum": {"$cond": ["$newest.on", 1, 0]}},
            "newest": {"$max": "$newest.at"},
            "events": {"$sum": "$events"},
            "odd": {"$sum": "$odd"},
        },
    }
