"""Requests of the log that failed: what fails together, and the newest with their ids.

Requests of one endpoint that fail with the same word on the same field form one group.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from cockpit.settings.models.mongo import RequestLog
from cockpit.sources.database.answer import AHEAD, EACH_VALUE, dig, newest_of, shown
from cockpit.sources.database.client import Document
from cockpit.sources.interface.shows import last
from cockpit.sources.mongo.lookups.telling import Desk, moment, said, words
from sessions.text.units import counted
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "failing_requests"
_REFUSED, _FAILED, _STATUSES = 400, 500, 1000
_TOLD, _GROUPS = 12, 8


async def failing_requests(desk: Desk) -> Sequence[Exhibit]:
    """Return what fails together in the last hour, and the newest that failed. Raises PyMongoError."""
    grouped, newest, total = await asyncio.gather(_grouped(desk), _newest(desk), _total(desk))
    span, log = last(desk.hour), desk.spec.requests.collection
    if not total:
        trouble = f"no request in the {span}: is {log} written, and dated in UTC (requests.at)?"
        return [desk.told(NAME, "Failing requests", (), trouble)]
    none = [Row("failed or refused", f"none of {total:,} requests", mark=Mark.PASS)]
    blind = "" if desk.spec.requests.id else "their ids are those of the log: name the requests' own, requests.id"
    return [
        desk.told(NAME, f"What fails together, {span}", grouped or none),
        desk.told(NAME, f"Newest failing requests, {span}", newest or none, blind if newest else ""),
    ]


def _failing(desk: Desk) -> Document:
    names = desk.spec.requests
    return {**_lately(desk), names.status: {"$gte": _REFUSED, "$lt": _STATUSES}}


def _lately(desk: Desk) -> Document:
    return {desk.spec.requests.at: {"$gte": desk.now - timedelta(seconds=desk.hour), "$lte": desk.now + AHEAD}}


async def _total(desk: Desk) -> int:
    return await desk.base[desk.spec.requests.collection].count(_lately(desk))


async def _grouped(desk: Desk) -> list[Row]:
    names = desk.spec.requests
    parts = {"method": names.method, "endpoint": names.endpoint, "status": names.status}
    parts |= {"error": names.error, "field": names.field}
    group: Document = {
        "_id": {part: f"${name}" for part, name in parts.items() if name},
        "n": {"$sum": 1},
        "newest": newest_of(names.at, desk.now),
    }
    stages = [{"$match": _failing(desk)}, {"$group": group}, EACH_VALUE]
    found = await desk.base[names.collection].rows(stages)
    found.sort(key=lambda row: -int(row["n"]))
    rows = [_group(row) for row in found[:_GROUPS]]
    rest = sum(int(row["n"]) for row in found[_GROUPS:])
    return [*rows, *([Row("others", counted(rest, "requests"))] if rest else [])]


def _group(row: Document) -> Row:
    key = row["_id"]
    field = f"field {said(key['field'], 40)}" if key.get("field") is not None else ""
    why = said(key["error"], 80) if key.get("error") is not None else ""
    bound = ": ".join(filter(None, (field, why)))
    status = key.get("status")
    value = f"{int(row['n']):,} with {said(status, 6)}"
    return Row(_endpoint(key.get("method"), key.get("endpoint")), value, bound, row["newest"], _mark(status))


async def _newest(desk: Desk) -> list[Row]:
    names = desk.spec.requests
    wanted = (names.id, names.method, names.endpoint, names.status, names.error, names.field, names.instance)
    fields = shown("_id", names.at, *dict.fromkeys(filter(None, wanted)))
    found = await desk.base[names.collection].find(_failing(desk), fields, [(names.at, -1)], limit=_TOLD)
    return [_request(names, one) for one in found]


def _request(names: RequestLog, one: Document) -> Row:
    """The id stands first: it is what is copied, and looked for elsewhere."""
    id_ = dig(one, names.id) if names.id else None
    method = dig(one, names.method) if names.method else ""
    status = dig(one, names.status)
    why = [words(one, names.field, 40), words(one, names.error, 80)]
    at = said(dig(one, names.instance), 40) if names.instance else ""
    value = f"{_endpoint(method, dig(one, names.endpoint))} · {said(status, 6)}" + (f" · {at}" if at else "")
    bound = ": ".join(filter(None, why))
    return Row(said(one.get("_id") if id_ is None else id_), value, bound, moment(one, names.at), _mark(status))


def _endpoint(method: object, endpoint: object) -> str:
    return " ".join(said(part, 60) for part in (method, endpoint) if part)


def _mark(status: object) -> Mark:
    return Mark.BREACH if isinstance(status, (int, float)) and status >= _FAILED else Mark.WARMING
