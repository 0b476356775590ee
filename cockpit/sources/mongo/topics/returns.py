"""Returns, and those that do not move."""

import asyncio
from datetime import datetime, timedelta

from cockpit.settings.models.mongo import ReturnShelf
from cockpit.sources.database.answer import AHEAD, EACH_VALUE, Place, TopicAnswer, cut, latest, newest_of, tally
from sessions.plan.model import Queue
from sessions.text.words import compared, listed
from sessions.values.readings import Returns


async def returns(place: Place, now: datetime, rule: Queue, names: ReturnShelf) -> TopicAnswer:
    """Return the returns by status, and how many open ones have not moved for longer than the plan allows."""
    shelf, limit = place.base[names.collection], now - timedelta(seconds=rule.stuck)
    group = {"_id": f"${names.status}", "n": {"$sum": 1}, "newest": newest_of(names.moved, now)}
    found = await shelf.rows([{"$group": group}, EACH_VALUE])
    done = compared(names.done)
    over = [row["_id"] for row in found if listed(row["_id"], done)]
    under_way = {names.status: {"$nin": [*dict.fromkeys((*names.done, *over))]}}
    stuck, moving = await asyncio.gather(
        shelf.count({**under_way, names.moved: {"$lt": limit}}),
        shelf.count({**under_way, names.moved: {"$gte": limit, "$lte": now + AHEAD}}),
    )
    total = sum(int(row["n"]) for row in found)
    running = sum(int(row["n"]) for row in found if not listed(row["_id"], done))
    unread = sum(int(row["n"]) for row in found if not isinstance(row["_id"], str))
    reading = Returns(place.source, now, tally(found), running, stuck)
    unreadable = max(unread, running - stuck - moving)
    newest = latest(*(row["newest"] for row in found))
    return TopicAnswer((reading,), unreadable, total, newest, cut(found, names.status))
