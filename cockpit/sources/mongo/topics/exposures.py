"""Exposure events: how many users were met lately, and how many of them had the flag."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from cockpit.settings.models.mongo import Exposures
from cockpit.sources.database.answer import AHEAD, Place, TopicAnswer, latest
from cockpit.sources.database.client import Document
from cockpit.sources.interface.sliding_span import exposure
from sessions.text.words import alike, uncounted
from sessions.values.readings import Exposure

_USERS = ("string", "int", "long", "double", "objectId", "binData")


async def exposures(
    place: Place, now: datetime, starts: Sequence[datetime], flag: str, names: Exposures
) -> TopicAnswer:
    """Return how many users had the flag, counted from each of `starts` on; a user counts once, by the newest event.

    `starts` are evenly apart, in whole milliseconds.
    """
    events, of_flag = place.base[names.collection], ({names.flag: flag} if names.flag else {})
    match: Document = {**of_flag, names.at: {"$gte": starts[0], "$lte": now + AHEAD}}
    found, undated = await asyncio.gather(
        events.rows([{"$match": match}, {"$group": _by_user(names)}, {"$group": _by_part(starts, names)}]),
        place.dates.misdated(events, of_flag, names.at, (now, now + AHEAD)),
    )
    met = [row for row in found if _is_user(row) and row["_id"]["known"]]
    words = {str(row["word"]): int(row["users"]) for row in found if _is_user(row) and isinstance(row["word"], str)}
    nobody = sum(int(row["events"]) for row in found if not _is_user(row))
    odd = sum(int(row["users"]) for row in found if _is_user(row)) - sum(int(row["users"]) for row in met)
    asked = sum(int(row["events"]) for row in found)
    total = asked if not undated else max(asked, await events.estimate())
    reading = _reading(place.source, now, starts, met)
    note = uncounted(words, "user", "answer")
    return TopicAnswer((reading,), nobody + odd + undated, total, reading.newest, note=note)


def _is_user(row: Mapping[str, Any]) -> bool:
    return row["_id"]["user"] in _USERS


def _reading(source: str, now: datetime, starts: Sequence[datetime], met: Sequence[Mapping[str, Any]]) -> Exposure:
    """Users of one part of the span, and of all that are newer, were met since it began."""
    parts = [(0, 0)] * len(starts)
    for row in met:
        place = min(max(1, int(row["_id"]["part"])), len(starts)) - 1
        count = int(row["users"])
        users, exposed = parts[place]
        parts[place] = users + count, exposed + (count if row["_id"]["on"] else 0)
    sums = list(accumulate(parts, lambda newer, part: (newer[0] + part[0], newer[1] + part[1])))
    counts = tuple((since, *count) for since, count in zip(starts, reversed(sums), strict=True))
    return exposure(source, now, counts, latest(*(row["newest"] for row in met)))


def _by_user(names: Exposures) -> Document:
    """The newest event of each user: two events are compared by their dates first."""
    event = {"at": f"${names.at}", "answer": f"${names.exposed}"}
    return {"_id": f"${names.user}", "newest": {"$max": event}, "events": {"$sum": 1}}


def _word(answer: str) -> Document:
    """The answer, a text as it is compared: without case (where that is plain ASCII) and outer blanks."""
    text = {"$toLower": {"$trim": {"input": answer}}}
    return {"$cond": [{"$eq": [{"$type": answer}, "string"]}, text, answer]}


def _by_part(starts: Sequence[datetime], names: Exposures) -> Document:
    """Users by the part of the span that holds their newest event (the newest part is 1), and by what it says."""
    part = (starts[1] - starts[0]).total_seconds() * 1000
    end, word = starts[-1] + (starts[1] - starts[0]), _word("$newest.answer")
    yes, no = (
        [told, *dict.fromkeys((*words, *map(alike, words)))] for told, words in ((True, names.on), (False, names.off))
    )
    known = {"$in": [word, [*yes, *no]]}
    return {
        "_id": {
            "part": {"$ceil": {"$divide": [{"$subtract": [end, "$newest.at"]}, part]}},
            "on": {"$in": [word, yes]},
            "known": known,
            "user": {"$type": "$_id"},
        },
        "word": {"$max": {"$cond": [known, None, word]}},
        "users": {"$sum": 1},
        "events": {"$sum": "$events"},
        "newest": {"$max": "$newest.at"},
    }
