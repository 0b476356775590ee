"""CSAT answers and how many are low."""

import asyncio
from datetime import datetime, timedelta

from cockpit.settings.models.mongo import CsatAnswers
from cockpit.sources.database.answer import AHEAD, EACH_VALUE, Place, TopicAnswer, cut, latest, newest_of
from cockpit.sources.database.client import Document
from sessions.plan.model import Queue
from sessions.values.readings import Csat

_LOW, _BEST = 2, 5


async def csat(place: Place, now: datetime, rule: Queue, names: CsatAnswers) -> TopicAnswer:
    """Return the CSAT answers of the plan's span, and how many of them are low."""
    answers = place.base[names.collection]
    span = {"$gte": now - timedelta(seconds=rule.csat), "$lte": now + AHEAD}
    stages: list[Document] = [
        {"$match": {names.at: span}},
        {"$group": {"_id": f"${names.score}", "n": {"$sum": 1}, "newest": newest_of(names.at, now)}},
        EACH_VALUE,
    ]
    found, undated = await asyncio.gather(
        answers.rows(stages), place.dates.misdated(answers, {}, names.at, (now, now + AHEAD))
    )
    scores = [(float(row["_id"]), int(row["n"])) for row in found if _is_score(row["_id"])]
    count, asked = sum(n for _, n in scores), sum(int(row["n"]) for row in found)
    low = sum(n for score, n in scores if score <= _LOW)
    total = asked if not undated else max(asked, await answers.estimate())
    newest = latest(*(row["newest"] for row in found))
    return TopicAnswer(
        (Csat(place.source, now, count, low),), asked - count + undated, total, newest, cut(found, names.score)
    )


def _is_score(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 1 <= value <= _BEST
