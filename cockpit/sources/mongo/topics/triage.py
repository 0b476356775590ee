"""The triage log: its critical lines."""

import asyncio
import re
from datetime import datetime, timedelta

from bson import ObjectId

from cockpit.settings.models.mongo import TriageLog
from cockpit.sources.database.answer import AHEAD, Place, TopicAnswer, credible, dig, latest, shown, title
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from sessions.text.clean import clean
from sessions.values.readings import Triage, TriageLine

_LINES_SHOWN = 100


async def triage(place: Place, now: datetime, young: float, names: TriageLog) -> TopicAnswer:
    """Return the critical lines that are not resolved, or not older than `young` seconds, newest first."""
    log = place.base[names.collection]
    # The owner's words are taken literally, in any case.
    level = {"$regex": f"^(?:{'|'.join(map(re.escape, names.critical))})$", "$options": "i"}
    either = [{names.resolved: {"$ne": True}}, {names.at: {"$gte": now - timedelta(seconds=young)}}]
    fields = shown(names.title, names.at, names.resolved)
    lines, total, lost, newest = await asyncio.gather(
        log.find({names.level: level, "$or": either}, fields, [(names.at, -1)], limit=_LINES_SHOWN),
        log.count({}),
        log.count({names.level: {"$not": {"$type": "string"}}}),
        _newest(log, names.at, now),
    )
    found = sorted((line(document, now, names) for document in lines), key=lambda one: one.at, reverse=True)
    odd = lost + sum(not credible(dig(document, names.at), now) for document in lines)
    return TopicAnswer((Triage(place.source, now, tuple(found), total),), odd, total, newest)


async def _newest(log: Records, at: str, now: datetime) -> datetime | None:
    found = await log.find({at: {"$lte": now + AHEAD}}, shown(at), [(at, -1)], limit=1)
    return latest(dig(found[0], at)) if found else None


def line(document: Document, now: datetime, names: TriageLog) -> TriageLine:
    """A critical line counts whatever else is wrong with it; one without a date is dated by its id, else now."""
    name, date = document.get("_id"), dig(document, names.at)
    if not isinstance(date, datetime) or not credible(date, now):
        date = name.generation_time if isinstance(name, ObjectId) else now
    still = dig(document, names.resolved) is not True
    return TriageLine(clean(name, 60), min(date, now), title(document, names.title), still)
