"""How many documents are in each state, and the freshest one of each."""

import asyncio
from datetime import datetime
from typing import Any

from bson import ObjectId

from cockpit.sources.database.answer import EACH_VALUE, VALUES_READ, dig, shown, title
from cockpit.sources.database.client import Document
from cockpit.sources.mongo.lookups.telling import Desk, said
from sessions.values.sheets import Row
from sessions.values.verdicts import Mark

_STATES = 8


async def freshest(desk: Desk, collection: str, state: str, made: str, named: str = "") -> list[Row]:
    """Return one row per state, the most frequent first; `named` is the field of a document's title, if any.

    Raises PyMongoError.
    """
    records = desk.base[collection]
    found = await records.rows([{"$group": {"_id": f"${state}", "n": {"$sum": 1}}}, EACH_VALUE])
    found.sort(key=lambda row: -int(row["n"]))
    plain = [row for row in found if isinstance(row["_id"], str)]
    rows = list(await asyncio.gather(*(_newest(desk, collection, state, made, named, row) for row in plain[:_STATES])))
    odd = sum(int(row["n"]) for row in found if not isinstance(row["_id"], str))
    rows += [Row("without a readable state", f"{odd:,}", mark=Mark.BREACH)] * (odd > 0)
    if len(plain) > _STATES:
        more = f"over {VALUES_READ:,}" if len(found) > VALUES_READ else f"{len(plain) - _STATES:,} more"
        rows.append(Row("other states", more, mark=Mark.BLIND if len(found) > VALUES_READ else None))
    return rows


async def _newest(  # noqa: PLR0913, PLR0917 (a state of a collection, and what is shown of its newest document)
    desk: Desk, collection: str, state: str, made: str, named: str, row: Document
) -> Row:
    fields = shown("_id", made, *filter(None, [named]))
    found = await desk.base[collection].find({state: {"$eq": row["_id"]}}, fields, [(made, -1)], limit=1)
    newest = found[0] if found else {}
    date = made_at(newest, made)
    words = f" · {title(newest, named)}" if named and newest else ""
    value = f"{said(newest.get('_id'))}, {desk.age(date)}{words}" if newest else "gone meanwhile"
    return Row(f"{said(row['_id'], 30)} ({int(row['n']):,})", value, at=date)


def made_at(document: Document, made: str) -> datetime | None:
    """Return when a document was made: by its date, else by an _id that tells."""
    value: Any = dig(document, made)
    if isinstance(value, ObjectId):
        return value.generation_time
    name = document.get("_id")
    return value if isinstance(value, datetime) else name.generation_time if isinstance(name, ObjectId) else None
