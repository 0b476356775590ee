"""The triage log: its critical lines, those that are open before all others."""

import asyncio
from datetime import datetime, timedelta

from bson import ObjectId

from cockpit.settings.models.mongo import TriageLog
from cockpit.sources.database.answer import AHEAD, Place, TopicAnswer, among, credible, dig, latest, shown, title
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from cockpit.sources.database.spellings import spellings
from sessions.text.clean import clean
from sessions.text.words import uncounted
from sessions.values.readings import Triage, TriageLine

SHOWN = 100
"""The most open lines, and the most closed ones, that are shown."""

_TEXT: Document = {"$not": {"$type": "string"}}


async def triage(place: Place, now: datetime, young: float, names: TriageLog) -> TopicAnswer:
    """Return the critical lines that are not resolved, and those not older than `young` seconds, newest first."""
    log, still = place.base[names.collection], {names.resolved: {"$ne": True}}
    words = await spellings(log, names.level, names.critical, names.harmless, counts=True)
    level = {names.level: among(words.meant)}
    over = {names.resolved: True, names.at: {"$gte": now - timedelta(seconds=young)}}
    waiting, done, total, lost, newest, strange = await asyncio.gather(
        _lines(log, {**level, **still}, names),
        _lines(log, {**level, **over}, names),
        _known_or(words.total, log, {}),
        _known_or(words.mute, log, {names.level: _TEXT}),
        _newest(log, names.at, now),
        words.strangers(still, "open line", "level"),
    )
    mute = uncounted({"": await log.count({names.level: _TEXT, **still})} if lost else {}, "open line", "level")
    unlisted = "; ".join(filter(None, (strange, mute)))
    lines = [*waiting[:SHOWN], *done[:SHOWN]]
    found = sorted((line(document, now, names) for document in lines), key=lambda one: one.at, reverse=True)
    more = f"over {SHOWN} critical lines are open, the newest are told" if len(waiting) > SHOWN else ""
    odd = lost + sum(not credible(dig(document, names.at), now) for document in lines)
    doubt = words.trouble or (clean(unlisted) if names.unknown == "hold" else "")
    note = "; ".join(filter(None, (unlisted, more)))
    reading = Triage(place.source, now, tuple(found), total, doubt)
    return TopicAnswer((reading,), odd, total, newest, words.trouble, note)


async def _lines(log: Records, match: Document, names: TriageLog) -> list[Document]:
    """Return the newest matching lines; one more than is shown means that there are more."""
    return await log.find(match, shown(names.title, names.at, names.resolved), [(names.at, -1)], limit=SHOWN + 1)


async def _known_or(count: int | None, log: Records, match: Document) -> int:
    return await log.count(match) if count is None else count


async def _newest(log: Records, at: str, now: datetime) -> datetime | None:
    found = await log.find({at: {"$lte": now + AHEAD}}, shown(at), [(at, -1)], limit=1)
    return latest(dig(found[0], at)) if found else None


def line(document: Document, now: datetime, names: TriageLog) -> TriageLine:
    """A critical line counts even if the rest of it is wrong; one without a date is dated by its id, else now."""
    name, date = document.get("_id"), dig(document, names.at)
    if not isinstance(date, datetime) or not credible(date, now):
        date = name.generation_time if isinstance(name, ObjectId) else now
    still = dig(document, names.resolved) is not True
    return TriageLine(clean(name, 60), min(date, now), title(document, names.title), still)
