"""CSAT answers against answers computed here: on data, on nothing, on documents that make no sense."""

import math
import random

from cockpit.sources.database.answer import VALUES_READ
from cockpit.sources.mongo.topics.csat import csat
from tests.support.build import PLAN, T0
from tests.support.sources.mongo_asking import BROKEN, ago, asked, database

__all__ = ["database"]
QUEUE = PLAN.queue


async def test_csat_in_the_span(database):
    rng = random.Random(9)
    rows = [{"score": rng.choice([1, 2, 3, 4, 5, 4.5]), "ts": ago(number * 60)} for number in range(100)]
    await database.insert("csat", rows)
    found, answer = await asked(csat(database.place, T0, QUEUE, database.spec.csat))
    assert answer.newest == T0
    inside = [row["score"] for row in rows if row["ts"] >= ago(QUEUE.csat)]
    assert (found.answers, found.low) == (len(inside), sum(score <= 2 for score in inside))
    assert answer.unreadable == 0


async def test_scores_that_make_no_sense_are_no_answers(database):
    """Row 65."""
    odd = [{"score": score, "ts": ago(5)} for score in (0, 6, -1, "5", None, math.nan, math.inf, True, [5])]
    await database.insert("csat", [*odd, {"score": 1, "ts": ago(5)}, *({"score": 5, "ts": date} for date in BROKEN)])
    found, answer = await asked(csat(database.place, T0, QUEUE, database.spec.csat))
    assert (found.answers, found.low) == (1, 1)
    assert (answer.unreadable, answer.total) == (13, 14)


async def test_no_csat(database):
    found, answer = await asked(csat(database.place, T0, QUEUE, database.spec.csat))
    assert (found.answers, found.low, answer.unreadable) == (0, 0, 0)


async def test_answers_of_more_scores_than_are_read_are_not_summed(database):
    await database.insert("csat", [{"score": 1 + n / 999, "ts": ago(5)} for n in range(VALUES_READ + 1)])
    _, answer = await asked(csat(database.place, T0, QUEUE, database.spec.csat))
    assert answer.trouble == f"over 200 different values in {database.spec.csat.score}"
