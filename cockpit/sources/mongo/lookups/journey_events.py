"""Analytics events by journey: how many lately and in the hour before, and the newest three."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cockpit.sources.database.answer import AHEAD, dig, shown
from cockpit.sources.database.client import Document
from cockpit.sources.interface.shows import last
from cockpit.sources.mongo.lookups.telling import Desk, moment, said
from sessions.values.sheets import Count, Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "journey_events"
NEWEST = 3
_ENOUGH = 20
"""So many events in the hour before make half of them a difference."""


class Counts(Struct, frozen=True):
    """Events of one journey: in the last sixth of an hour, in the last hour, in the hour before that."""

    brief: int = 0
    hour: int = 0
    before: int = 0


async def journey_events(desk: Desk) -> Sequence[Exhibit]:
    """Return one exhibit per journey of the plan. Raises PyMongoError."""
    journeys = [journey.id for journey in desk.plan.journeys]
    counts, newest = await asyncio.gather(
        _counted(desk, journeys), asyncio.gather(*(_newest(desk, one) for one in journeys))
    )
    if not counts and not any(newest) and not await desk.base[desk.spec.events.collection].estimate():
        trouble = f"{desk.spec.events.collection} is empty, or is not there: name it, events.collection"
        return [desk.told(NAME, "Events", (), trouble)]
    return [_told(desk, name, counts.get(name, Counts()), found) for name, found in zip(journeys, newest, strict=True)]


def _told(desk: Desk, journey: str, counts: Counts, newest: Sequence[Document]) -> Exhibit:
    told = desk.told(NAME, f"Events of {journey}", [*_rows(desk, counts), *_youngest(desk, newest)])
    spans = ((desk.hour / 6, counts.brief), (desk.hour, counts.hour))
    return replace(told, counts=tuple(Count(journey, span, number) for span, number in spans))


async def _counted(desk: Desk, journeys: Sequence[str]) -> Mapping[str, Counts]:
    names, since = desk.spec.events, desk.now - timedelta(seconds=2 * desk.hour)
    match = {names.journey: {"$in": [*journeys]}, names.at: {"$gte": since, "$lte": desk.now + AHEAD}}
    brief, whole = (desk.now - timedelta(seconds=span) for span in (desk.hour / 6, desk.hour))
    group: Document = {
        "_id": f"${names.journey}",
        "n": {"$sum": 1},
        "brief": _since(names.at, brief),
        "hour": _since(names.at, whole),
    }
    found = await desk.base[names.collection].rows([{"$match": match}, {"$group": group}])
    ours = [row for row in found if isinstance(row["_id"], str)]
    return {row["_id"]: Counts(int(row["brief"]), int(row["hour"]), int(row["n"] - row["hour"])) for row in ours}


def _since(at: str, moment: datetime) -> Document:
    return {"$sum": {"$cond": [{"$gte": [f"${at}", moment]}, 1, 0]}}


async def _newest(desk: Desk, journey: str) -> list[Document]:
    names = desk.spec.events
    ours = {names.journey: journey, names.at: {"$lte": desk.now + AHEAD}}
    return await desk.base[names.collection].find(ours, shown("_id", names.at), [(names.at, -1)], limit=NEWEST)


def _rows(desk: Desk, counts: Counts) -> Sequence[Row]:
    """What fell to less than half of the hour before is worth a look; so is a short silence after it."""
    earlier = counts.before >= _ENOUGH
    fell, still = earlier and counts.hour * 2 < counts.before, earlier and not counts.brief
    before = f"before that {counts.before:,}" if counts.before else "before that none"
    share = f"before that {counts.before / 6:.1f}" if counts.before else ""
    return [
        Row(last(desk.hour / 6), f"{counts.brief:,} events", share, mark=_mark(still, counts.hour)),
        Row(last(desk.hour), f"{counts.hour:,} events", before, mark=_mark(fell, counts.hour)),
    ]


def _mark(odd: bool, events: int) -> Mark | None:
    return Mark.WARMING if odd and events else Mark.BREACH if odd else None


def _youngest(desk: Desk, found: Sequence[Mapping[str, Any]]) -> list[Row]:
    at = desk.spec.events.at
    rows = [Row(said(one.get("_id")), desk.age(dig(one, at)), at=moment(one, at)) for one in found]
    return rows or [Row("newest event", "none ever", mark=Mark.BREACH)]
