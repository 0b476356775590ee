"""Returns by state, and those that have not moved for longer than the plan allows."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from cockpit.sources.database.answer import AHEAD, EACH_VALUE, dig, shown
from cockpit.sources.database.client import Document
from cockpit.sources.mongo.lookups.states import freshest
from cockpit.sources.mongo.lookups.telling import Desk, moment, said
from sessions.text.units import counted, duration
from sessions.text.words import compared, listed
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "returns_stuck"
_TOLD = 10


async def returns_stuck(desk: Desk) -> Sequence[Exhibit]:
    """Return the returns by state, and those that are stuck. Raises PyMongoError."""
    names = desk.spec.returns
    states, stuck = await asyncio.gather(freshest(desk, names.collection, names.status, names.moved), _stuck(desk))
    none = "" if states else f"{names.collection} is empty, or is not there: name it, returns.collection"
    return [
        desk.told(NAME, "Returns by state, with what moved last", [] if none else states, none),
        desk.told(NAME, "Returns that do not move", [] if none else stuck, none),
    ]


async def _stuck(desk: Desk) -> list[Row]:
    names, limit = desk.spec.returns, desk.now - timedelta(seconds=desk.plan.queue.stuck)
    shelf, done = desk.base[names.collection], compared(names.done)
    found = await shelf.rows([{"$group": {"_id": f"${names.status}"}}, EACH_VALUE])
    over = [row["_id"] for row in found if listed(row["_id"], done)]
    under_way: Document = {names.status: {"$nin": [*dict.fromkeys((*names.done, *over))]}}
    late = {**under_way, names.moved: {"$lt": limit}}
    moving = {**under_way, names.moved: {"$gte": limit, "$lte": desk.now + AHEAD}}
    running, count, moves, oldest = await asyncio.gather(
        shelf.count(under_way),
        shelf.count(late),
        shelf.count(moving),
        shelf.find(late, shown("_id", names.status, names.moved), [(names.moved, 1)], limit=_TOLD),
    )
    allowed = duration(desk.plan.queue.stuck)
    first = Row(f"unmoved for over {allowed}", counted(count, "returns"), "0", mark=Mark.BREACH if count else Mark.PASS)
    undated = running - count - moves
    odd = [Row("without a readable date", counted(undated, "returns"), mark=Mark.BREACH)] if undated > 0 else []
    return [first, *odd, *(_late(desk, one) for one in oldest)]


def _late(desk: Desk, item: Document) -> Row:
    names = desk.spec.returns
    moved = moment(item, names.moved)
    still = duration((desk.now - moved).total_seconds()) if moved else "?"
    return Row(
        said(item.get("_id")), f"{said(dig(item, names.status), 30)}, unmoved for {still}", at=moved, mark=Mark.BREACH
    )
