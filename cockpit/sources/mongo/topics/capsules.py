"""Capsules that are held, and when they expire."""

import asyncio
from datetime import datetime, timedelta

from cockpit.settings.models.mongo import CapsuleShelf
from cockpit.sources.database.answer import LAST_DAY, Place, TopicAnswer, among
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from cockpit.sources.database.spellings import spellings
from sessions.plan.model import Queue
from sessions.values.readings import Capsules


async def capsules(place: Place, now: datetime, rule: Queue, names: CapsuleShelf) -> TopicAnswer:
    """Return how many capsules are held, expire within the plan's span, and are past their date."""
    shelf, horizon = place.base[names.collection], now + timedelta(seconds=rule.expiry)
    words = await spellings(shelf, names.status, names.held, ())
    held: Document = {names.status: among(words.meant)}
    count, expired, soon, lost, undated = await asyncio.gather(
        shelf.count(held),
        shelf.count({**held, names.expires: {"$lt": now}}),
        _soonest(shelf, held, names.expires, now, horizon),
        shelf.count({names.status: None}),
        place.dates.misdated(shelf, held, names.expires, (now, LAST_DAY)),
    )
    expiring, first = soon
    if first is None and count:
        first = (await _soonest(shelf, held, names.expires, horizon, LAST_DAY))[1]
    reading = Capsules(place.source, now, count, expiring, expired, first)
    strange = "" if count else await words.strangers({}, "capsule", "status")
    note = f"none is held, {strange}" if strange else ""
    return TopicAnswer((reading,), lost + undated, count + lost, trouble=words.trouble, note=note)


async def _soonest(
    shelf: Records, held: Document, expires: str, since: datetime, until: datetime
) -> tuple[int, datetime | None]:
    match = {**held, expires: {"$gte": since, "$lt": until}}
    group = {"$group": {"_id": None, "n": {"$sum": 1}, "first": {"$min": f"${expires}"}}}
    found = await shelf.rows([{"$match": match}, group])
    return (int(found[0]["n"]), found[0]["first"]) if found else (0, None)
