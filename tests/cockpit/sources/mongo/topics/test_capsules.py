"""Capsules against answers computed here: on data, on nothing, on documents that make no sense."""

from dataclasses import replace

import pytest

from cockpit.sources.mongo.topics.capsules import capsules
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import BROKEN, ago, asked, database

__all__ = ["database"]
QUEUE = PLAN.queue
HOUR = 3600


def held(expires, status="held"):
    return {"status": status, "expiresAt": expires}


async def test_capsules_by_expiry(database):
    dates = [ago(1), T0, after(HOUR), after(QUEUE.expiry - 1), after(QUEUE.expiry), after(QUEUE.expiry * 9)]
    await database.insert("capsules", [held(date) for date in dates] + [held(ago(5), "given back")])
    found, answer = await asked(capsules(database.place, T0, QUEUE, database.spec.capsules))
    assert (found.held, found.expired, found.expiring, found.next_expiry) == (6, 1, 3, T0)
    assert answer.unreadable == 0


async def test_the_next_expiry_may_lie_far_ahead(database):
    await database.insert("capsules", [held(after(QUEUE.expiry * 3)), held(after(QUEUE.expiry * 2))])
    found, _ = await asked(capsules(database.place, T0, QUEUE, database.spec.capsules))
    assert (found.expiring, found.next_expiry) == (0, after(QUEUE.expiry * 2))


async def test_capsules_that_make_no_sense(database):
    """Row 65."""
    await database.insert("capsules", [held(date) for date in BROKEN] + [held(after(60)), {"expiresAt": after(60)}])
    found, answer = await asked(capsules(database.place, T0, QUEUE, database.spec.capsules))
    assert (found.held, found.expiring, found.expired) == (5, 1, 0)
    assert (answer.unreadable, answer.total) == (5, 6)


async def test_no_capsules(database):
    found, answer = await asked(capsules(database.place, T0, QUEUE, database.spec.capsules))
    assert (found.held, found.next_expiry, answer.unreadable) == (0, None, 0)


async def test_several_statuses_may_be_held(database):
    names = replace(database.spec.capsules, held=("held", "reserved"))
    await database.insert("capsules", [held(after(60), status) for status in ("held", "reserved", "released")])
    found, _ = await asked(capsules(database.place, T0, QUEUE, names))
    assert (found.held, found.expiring) == (2, 2)


@pytest.mark.parametrize("status", ["held", "Held", " HELD "])
async def test_a_status_is_compared_without_case_and_outer_blanks(database, status):
    await database.insert("capsules", [held(after(60), status), held(after(60), "released")])
    found, answer = await asked(capsules(database.place, T0, QUEUE, database.spec.capsules))
    assert (found.held, found.expiring, answer.note) == (1, 1, "")


async def test_where_none_is_held_the_words_that_are_there_are_told(database):
    await database.insert("capsules", [held(after(60), "Reserviert"), held(after(60), "Reserviert")])
    found, answer = await asked(capsules(database.place, T0, QUEUE, database.spec.capsules))
    assert (found.held, answer.note) == (0, "none is held, 2 capsules of status Reserviert are not counted")
