"""The support queue: tickets that are open."""

import asyncio
from datetime import datetime

from cockpit.settings.models.mongo import SupportQueue
from cockpit.sources.database.answer import (
    EACH_VALUE,
    Place,
    TopicAnswer,
    among,
    credible,
    cut,
    latest,
    newest_of,
    shown,
    tally,
    title,
)
from cockpit.sources.database.client import Document
from cockpit.sources.database.spellings import spellings
from sessions.text.clean import clean
from sessions.values.readings import Tickets

_TITLES_SHOWN = 5


async def tickets(place: Place, now: datetime, names: SupportQueue) -> TopicAnswer:
    """Return the open support tickets."""
    queue = place.base[names.collection]
    words = await spellings(queue, names.status, names.open, names.done)
    waiting: Document = {names.status: among(words.meant)}
    stages: list[Document] = [{"$match": waiting}, {"$group": _group(names, now)}, EACH_VALUE]
    found, young, lost, strange = await asyncio.gather(
        queue.rows(stages),
        queue.find(waiting, shown(names.title), [(names.at, -1)], limit=_TITLES_SHOWN),
        queue.count({names.status: {"$not": {"$type": "string"}}}),
        words.strangers({}, "ticket", "status"),
    )
    count, trouble = sum(int(row["n"]) for row in found), words.trouble or cut(found, names.priority)
    reading = Tickets(
        place.source,
        now,
        count,
        min((row["oldest"] for row in found if credible(row["oldest"], now)), default=None),
        tally(found),
        sum(int(row["escalated"]) for row in found),
        tuple(title(document, names.title) for document in young),
        trouble or (clean(strange) if names.unknown == "hold" else ""),
    )
    undated = sum(int(row["undated"]) for row in found)
    dates = latest(*(row["newest"] for row in found))
    return TopicAnswer((reading,), lost + undated, count + lost, dates, trouble, strange)


def _group(names: SupportQueue, now: datetime) -> Document:
    date = f"${names.at}"
    dated = {"$eq": [{"$type": date}, "date"]}
    return {
        "_id": f"${names.priority}",
        "n": {"$sum": 1},
        "oldest": {"$min": {"$cond": [dated, date, None]}},
        "newest": newest_of(names.at, now),
        "undated": {"$sum": {"$cond": [dated, 0, 1]}},
        "escalated": {"$sum": {"$cond": [{"$eq": [f"${names.escalated}", True]}, 1, 0]}},
    }
