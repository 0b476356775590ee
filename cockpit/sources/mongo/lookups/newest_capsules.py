"""Capsules: the freshest of each state, and those that are past their date and still held."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from cockpit.sources.database.answer import LAST_DAY, among, dig, misdated, shown
from cockpit.sources.database.client import Document
from cockpit.sources.database.spellings import spellings
from cockpit.sources.mongo.lookups.states import freshest
from cockpit.sources.mongo.lookups.telling import Desk, moment, said
from sessions.text.units import counted, duration
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "newest_capsules"
_TOLD = 10


async def newest_capsules(desk: Desk) -> Sequence[Exhibit]:
    """Return the capsules by state, and those that are stuck. Raises PyMongoError."""
    names = desk.spec.capsules
    made = names.made or desk.spec.made or "_id"
    states, stuck = await asyncio.gather(freshest(desk, names.collection, names.status, made), _stuck(desk))
    none = "" if states else f"{names.collection} is empty, or is not there: name it, capsules.collection"
    return [
        desk.told(NAME, "Freshest capsule of each state", [] if none else states, none),
        desk.told(NAME, "Capsules past their date and still held", [] if none else stuck, none),
    ]


async def _stuck(desk: Desk) -> list[Row]:
    names, now = desk.spec.capsules, desk.now
    shelf = desk.base[names.collection]
    meant = await spellings(shelf, names.status, names.held, ())
    held: Document = {names.status: among(meant.meant)}
    horizon = now + timedelta(seconds=desk.plan.queue.expiry)
    late, count, soon, undated = await asyncio.gather(
        shelf.find(
            {**held, names.expires: {"$lt": now}}, shown("_id", names.expires), [(names.expires, 1)], limit=_TOLD
        ),
        shelf.count({**held, names.expires: {"$lt": now}}),
        shelf.count({**held, names.expires: {"$gte": now, "$lt": horizon}}),
        misdated(shelf, held, names.expires, LAST_DAY),
    )
    rows = [
        Row("past their date", counted(count, "capsules"), "0", mark=Mark.BREACH if count else Mark.PASS),
        Row(f"expire within {duration(desk.plan.queue.expiry)}", counted(soon, "capsules")),
        *(Row("without a date to expire", counted(undated, "capsules"), mark=Mark.BREACH) for _ in range(undated > 0)),
    ]
    return [*rows, *(_late(desk, one) for one in late)]


def _late(desk: Desk, capsule: Document) -> Row:
    expired = dig(capsule, desk.spec.capsules.expires)
    over = duration((desk.now - expired).total_seconds())
    return Row(
        said(capsule.get("_id")),
        f"expired {over} ago",
        at=moment(capsule, desk.spec.capsules.expires),
        mark=Mark.BREACH,
    )
