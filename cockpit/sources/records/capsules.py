"""Capsules that are held, and when they expire."""

import asyncio
from datetime import datetime, timedelta

from cockpit.settings.records import CapsuleShelf
from cockpit.sources.mongo_link import Document
from cockpit.sources.records.answer import LAST_DAY, Answer, Place, among
from cockpit.sources.records.base import Records
from cockpit.sources.records.dates import misdated
from sessions.plan import Queue
from sessions.readings import Capsules


async def capsules(place: Place, now: datetime, rule: Queue, names: CapsuleShelf) -> Answer:
    """Return how many capsules are held, expire within the plan's span, and are past their date."""
    shelf, horizon = place.base[names.collection], now + timedelta(seconds=rule.expiry)
    held: Document = {names.status: among(names.held)}
    count, expired, soon, lost, undated = await asyncio.gather(
        shelf.count(held),
        shelf.count({**held, names.expires: {"$lt": now}}),
        _soonest(shelf, held, names.expires, now, horizon),
        shelf.count({names.status: None}),
        misdated(shelf, held, names.expires, LAST_DAY),
    )
    expiring, first = soon
    if first is None and count:
        first = (await _soonest(shelf, held, names.expires, horizon, LAST_DAY))[1]
    reading = Capsules(place.source, now, count, expiring, expired, first)
    return Answer((reading,), lost + undated, count + lost)


async def _soonest(
    shelf: Records, held: Document, expires: str, since: datetime, until: datetime
) -> tuple[int, datetime | None]:
    match = {**held, expires: {"$gte": since, "$lt": until}}
    group = {"$group": {"_id": None, "n": {"$sum": 1}, "first": {"$min": f"${expires}"}}}
    found = await shelf.rows([{"$match": match}, group])
    return (int(found[0]["n"]), found[0]["first"]) if found else (0, None)
