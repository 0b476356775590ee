"""Support tickets: the freshest of each state, the open ones by age and priority, and how many come and go."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from cockpit.sources.database.answer import AHEAD, EACH_VALUE, among, credible, dig, newest_of, shown, title
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from cockpit.sources.database.spellings import spellings
from cockpit.sources.interface.shows import last
from cockpit.sources.mongo.lookups.states import freshest
from cockpit.sources.mongo.lookups.telling import Desk, moment, said, unnamed
from sessions.text.units import counted, duration
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "newest_tickets"
NEWEST = 10


async def newest_tickets(desk: Desk) -> Sequence[Exhibit]:
    """Return the queue from four sides. Raises PyMongoError."""
    names = desk.spec.tickets
    queue = desk.base[names.collection]
    written = await spellings(queue, names.status, names.open, names.done)
    waiting: Document = {names.status: among(written.meant)}
    states, ages, newest, pace = await asyncio.gather(
        freshest(desk, names.collection, names.status, names.at, names.title),
        _open(desk, queue, waiting),
        _newest(desk, queue, waiting),
        _pace(desk, queue),
    )
    if not states:
        return [
            desk.told(NAME, "Tickets", (), f"{names.collection} is empty, or is not there: name it, tickets.collection")
        ]
    return [
        desk.told(NAME, "Open tickets by age and priority", ages, written.trouble),
        desk.told(NAME, "Newest open tickets", newest, written.trouble),
        desk.told(NAME, "Tickets in and out", pace),
        desk.told(NAME, "Freshest ticket of each state", states),
    ]


async def _open(desk: Desk, queue: Records, waiting: Document) -> list[Row]:
    """Return how many wait, how many too long, the oldest, and all of them by priority."""
    names, limit = desk.spec.tickets, desk.now - timedelta(seconds=desk.plan.queue.sla)
    date = f"${names.at}"
    dated = {"$eq": [{"$type": date}, "date"]}
    group: Document = {
        "_id": f"${names.priority}",
        "n": {"$sum": 1},
        "late": {"$sum": {"$cond": [{"$and": [dated, {"$lt": [date, limit]}]}, 1, 0]}},
        "oldest": {"$min": {"$cond": [dated, date, None]}},
    }
    oldest = queue.find(waiting, shown("_id", names.at, names.title), [(names.at, 1)], limit=1)
    found, first = await asyncio.gather(queue.rows([{"$match": waiting}, {"$group": group}, EACH_VALUE]), oldest)
    found.sort(key=lambda row: said(row["_id"]))
    count, late = (sum(int(row[name]) for row in found) for name in ("n", "late"))
    sla = duration(desk.plan.queue.sla)
    rows = [
        Row("open", counted(count, "tickets")),
        Row(f"wait longer than {sla}", counted(late, "tickets"), "0", mark=Mark.WARMING if late else Mark.PASS),
        *(_ticket(desk, one, "oldest: ") for one in first),
    ]
    return [*rows, *(_priority(desk, row) for row in found[:NEWEST])]


def _priority(desk: Desk, row: Document) -> Row:
    oldest = row["oldest"] if credible(row["oldest"], desk.now) else None
    late = f", {int(row['late']):,} of them too long" if row["late"] else ""
    name = said(row["_id"], 24) if isinstance(row["_id"], str) else "?"
    return Row(f"priority {name}", counted(int(row["n"]), "tickets") + late, f"oldest {desk.age(oldest)}", oldest)


async def _newest(desk: Desk, queue: Records, waiting: Document) -> list[Row]:
    names = desk.spec.tickets
    fields = shown("_id", names.at, names.title, names.priority)
    found = await queue.find(waiting, fields, [(names.at, -1)], limit=NEWEST)
    return [_ticket(desk, one) for one in found] or [Row("open tickets", "none")]


def _ticket(desk: Desk, ticket: Document, before: str = "") -> Row:
    names = desk.spec.tickets
    priority = dig(ticket, names.priority)
    known = f", {said(priority, 24)}" if isinstance(priority, str) else ""
    value = f"{said(ticket.get('_id'))}{known}, {desk.age(dig(ticket, names.at))}"
    return Row(f"{before}{title(ticket, names.title)}", value, at=moment(ticket, names.at))


async def _pace(desk: Desk, queue: Records) -> list[Row]:
    names = desk.spec.tickets
    span = {"$gte": desk.now - timedelta(seconds=desk.hour), "$lte": desk.now + AHEAD}
    came = await queue.count({names.at: span})
    rows = [Row(f"came in, {last(desk.hour)}", counted(came, "tickets"))]
    if not names.closed:
        return [*rows, unnamed(f"went out, {last(desk.hour)}", "tickets.closed")]
    went = await queue.rows(
        [
            {"$match": {names.closed: span}},
            {"$group": {"_id": None, "n": {"$sum": 1}, "newest": newest_of(names.closed, desk.now)}},
        ]
    )
    count, at = (int(went[0]["n"]), went[0]["newest"]) if went else (0, None)
    grows = came > count
    bound = "fewer than came in" if grows else ""
    return [
        *rows,
        Row(f"went out, {last(desk.hour)}", counted(count, "tickets"), bound, at, Mark.WARMING if grows else Mark.PASS),
    ]
