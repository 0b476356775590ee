"""The support queue: tickets that are open."""

import asyncio
from datetime import datetime

from cockpit.settings.models.mongo import SupportQueue
from cockpit.sources.database.answer import (
    VALUES_READ,
    Place,
    TopicAnswer,
    among,
    credible,
    latest,
    newest_of,
    shown,
    tally,
    title,
)
from cockpit.sources.database.client import Document
from sessions.values.readings import Tickets

_TITLES_SHOWN = 5


async def tickets(place: Place, now: datetime, names: SupportQueue) -> TopicAnswer:
    """Return the open support tickets."""
    queue, waiting = place.base[names.collection], {names.status: among(names.open)}
    stages: list[Document] = [{"$match": waiting}, {"$group": _group(names, now)}, {"$limit": VALUES_READ}]
    found, young, lost = await asyncio.gather(
        queue.rows(stages),
        queue.find(waiting, shown(names.title), [(names.at, -1)], limit=_TITLES_SHOWN),
        queue.count({names.status: {"$not": {"$type": "string"}}}),
    )
    count = sum(int(row["n"]) for row in found)
    reading = Tickets(
        place.source,
        now,
        count,
        min((row["oldest"] for row in found if credible(row["oldest"], now)), default=None),
        tally(found),
        sum(int(row["escalated"]) for row in found),
        tuple(title(document, names.title) for document in young),
    )
    undated = sum(int(row["undated"]) for row in found)
    return TopicAnswer((reading,), lost + undated, count + lost, latest(*(row["newest"] for row in found)))


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
