"""Support tickets against answers computed here: on data, on nothing, on documents that make no sense."""

import math
import random
from dataclasses import replace

import pytest

from cockpit.sources.database.answer import VALUES_READ
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


def waiting(status, **more):
    return {"status": status, "createdAt": ago(60), **more}


@pytest.mark.parametrize("status", ["open", "Open", "OPEN", " open "])
async def test_a_status_is_compared_without_case_and_outer_blanks(database, status):
    await database.insert("tickets", [waiting(status) for _ in range(30)] + [waiting("Closed"), waiting(" SOLVED")])
    found, answer = await asked(tickets(database.place, T0, database.spec.tickets))
    assert (found.open, found.doubt, answer.note, answer.trouble) == (30, "", "", "")


async def test_spellings_beside_each_other_are_one_queue(database):
    rows = [waiting("open", priority="High"), waiting("Open", priority="high "), waiting("OPEN", priority="Low")]
    await database.insert("tickets", [*rows, waiting("open", priority="High")])
    found, _ = await asked(tickets(database.place, T0, database.spec.tickets))
    assert (found.open, found.priorities) == (4, (("High", 3), ("Low", 1)))


@pytest.mark.parametrize(
    ("statuses", "open_", "told"),
    [
        (["Waiting"] * 30, 0, "30 tickets of status Waiting are not counted"),
        (["open", "escalated to l2"], 1, "1 ticket of status escalated to l2 is not counted"),
        (["open", "closed"], 1, ""),
        ([], 0, ""),
    ],
)
async def test_a_status_that_nobody_listed_holds_or_is_told(database, statuses, open_, told):
    await database.insert("tickets", [waiting("closed"), *map(waiting, statuses)])
    found, answer = await asked(tickets(database.place, T0, database.spec.tickets))
    assert (found.open, found.doubt, answer.note) == (open_, told, told)
    found, answer = await asked(tickets(database.place, T0, replace(database.spec.tickets, unknown="tell")))
    assert (found.doubt, answer.note) == ("", told)
    names = replace(database.spec.tickets, done=("closed", "waiting", "Escalated to L2"))
    assert (await asked(tickets(database.place, T0, names)))[1].note == ""


async def test_a_queue_of_more_priorities_than_are_read_is_not_summed(database):
    await database.insert("tickets", [waiting("open", priority=number / 7) for number in range(VALUES_READ + 1)])
    _, answer = await asked(tickets(database.place, T0, database.spec.tickets))
    assert answer.trouble == f"over 200 different values in {database.spec.tickets.priority}"
