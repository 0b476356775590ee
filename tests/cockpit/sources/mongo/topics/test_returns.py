"""Returns against answers computed here: on data, on nothing, on documents that make no sense."""

import random
from dataclasses import replace

from cockpit.sources.database.answer import VALUES_READ
from cockpit.sources.mongo.topics.returns import returns
from tests.support.build import PLAN, T0
from tests.support.sources.mongo_asking import BROKEN, ago, asked, database

__all__ = ["database"]
QUEUE = PLAN.queue
HOUR = 3600


async def test_returns_by_status(database):
    rng = random.Random(7)
    rows = [
        {"status": rng.choice(["requested", "in_transit", "received", "refunded"]), "updatedAt": ago(number * HOUR)}
        for number in range(60)
    ]
    await database.insert("returns", rows)
    found, answer = await asked(returns(database.place, T0, QUEUE, database.spec.returns))
    names = [row["status"] for row in rows]
    running = [row for row in rows if row["status"] != "refunded"]
    assert dict(found.statuses) == {name: names.count(name) for name in set(names)}
    assert found.open == len(running)
    assert answer.newest == T0
    assert found.stuck == sum(row["updatedAt"] < ago(QUEUE.stuck) for row in running)
    assert answer.unreadable == 0


async def test_returns_that_make_no_sense(database):
    """Row 65."""
    odd = [{"status": "requested", "updatedAt": date} for date in BROKEN]
    await database.insert("returns", [*odd, {"status": None, "updatedAt": ago(1)}, {"status": 5, "updatedAt": ago(1)}])
    found, answer = await asked(returns(database.place, T0, QUEUE, database.spec.returns))
    assert dict(found.statuses) == {"requested": 4, "?": 2}
    assert (found.open, found.stuck, answer.unreadable) == (6, 0, 4)


async def test_no_returns(database):
    found, answer = await asked(returns(database.place, T0, QUEUE, database.spec.returns))
    assert (found.statuses, found.open, found.stuck, answer.unreadable) == ((), 0, 0, 0)


async def test_the_owner_says_what_is_done(database):
    names = replace(database.spec.returns, done=("shelved",))
    rows = [{"status": status, "updatedAt": ago(QUEUE.stuck + 9)} for status in ("shelved", "refunded", "shelved")]
    await database.insert("returns", rows)
    found, answer = await asked(returns(database.place, T0, QUEUE, names))
    assert (found.open, found.stuck, answer.newest) == (1, 1, ago(QUEUE.stuck + 9))


async def test_what_is_done_is_compared_without_case_and_outer_blanks(database):
    rows = [{"status": status, "updatedAt": ago(QUEUE.stuck + 9)} for status in ("Refunded", " CLOSED ", "requested")]
    await database.insert("returns", rows)
    found, _ = await asked(returns(database.place, T0, QUEUE, database.spec.returns))
    assert (found.open, found.stuck) == (1, 1)
    assert dict(found.statuses) == {"Refunded": 1, "CLOSED": 1, "requested": 1}


async def test_returns_of_more_statuses_than_are_read_are_not_summed(database):
    await database.insert("returns", [{"status": f"s{n}", "updatedAt": ago(1)} for n in range(VALUES_READ + 1)])
    _, answer = await asked(returns(database.place, T0, QUEUE, database.spec.returns))
    assert answer.trouble == f"over 200 different values in {database.spec.returns.status}"
