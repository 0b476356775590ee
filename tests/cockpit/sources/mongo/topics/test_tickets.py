"""Support tickets against answers computed here: on data, on nothing, on documents that make no sense."""

import math
import random
from dataclasses import replace

from cockpit.sources.mongo.topics.tickets import tickets
from tests.support.build import T0
from tests.support.sources.mongo_asking import ago, asked, database

__all__ = ["database"]


async def test_tickets_that_are_open(database):
    rng = random.Random(5)
    rows = [
        {
            "title": f"ticket {number}",
            "status": rng.choice(["open", "closed"]),
            "priority": rng.choice(["P1", "P2", "P3"]),
            "escalated": rng.random() < 0.3,
            "createdAt": ago(number * 60),
        }
        for number in range(80)
    ]
    await database.insert("tickets", rows)
    found, answer = await asked(tickets(database.place, T0, database.spec.tickets))
    waiting = [row for row in rows if row["status"] == "open"]
    priorities = [row["priority"] for row in waiting]
    assert found.open == len(waiting)
    assert found.oldest == min(row["createdAt"] for row in waiting)
    assert dict(found.priorities) == {name: priorities.count(name) for name in set(priorities)}
    assert found.escalated == sum(row["escalated"] for row in waiting)
    assert answer.newest == max(row["createdAt"] for row in waiting)
    assert found.titles == tuple(row["title"] for row in waiting[:5])
    assert answer.unreadable == 0


async def test_tickets_that_make_no_sense_still_count_as_open(database):
    """Rows 65, 81 and 82."""
    rows = [{"status": "open", "priority": value, "createdAt": value, "title": value} for value in (None, 3, math.nan)]
    hostile = {
        "status": "open",
        "priority": "[/]",
        "createdAt": ago(60),
        "title": "[@click=app.quit]\x1bx",
        "escalated": 1,
    }
    await database.insert("tickets", [*rows, hostile, {"title": "no status"}, {"status": 4}])
    found, answer = await asked(tickets(database.place, T0, database.spec.tickets))
    assert (found.open, found.oldest, found.escalated) == (4, ago(60), 0)
    assert found.priorities == (("?", 3), ("[/]", 1))
    assert found.titles[0] == "[@click=app.quit]^[x"
    assert (answer.unreadable, answer.total) == (5, 6)


async def test_no_tickets(database):
    found, answer = await asked(tickets(database.place, T0, database.spec.tickets))
    assert (found.open, found.oldest, found.priorities, found.titles) == (0, None, (), ())
    assert answer.unreadable == 0


async def test_several_statuses_may_be_open(database):
    names = replace(database.spec.tickets, open=("new", "waiting"))
    rows = [{"status": status, "createdAt": ago(5)} for status in ("new", "waiting", "open", "new")]
    await database.insert("tickets", rows)
    found, _ = await asked(tickets(database.place, T0, names))
    assert found.open == 3


async def test_a_ticket_of_tomorrow_is_neither_oldest_nor_newest(database):
    """Row 66."""
    await database.insert("tickets", [{"status": "open", "createdAt": ago(age)} for age in (-86400, 60)])
    found, answer = await asked(tickets(database.place, T0, database.spec.tickets))
    assert (found.open, found.oldest, answer.newest) == (2, ago(60), ago(60))
