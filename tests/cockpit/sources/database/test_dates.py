"""Dates that nobody can read are looked for as often as an answer may be old, and at each look once there are some."""

from datetime import timedelta

import pytest

from cockpit.sources.database.answer import Dates
from tests.support.build import after

AHEAD = timedelta(minutes=1)


class Shelf:
    """Counts what it is asked; `bad` documents have a text for a date."""

    def __init__(self, name="csat", bad=0):
        self.name = name
        self.bad = bad
        self.asked = 0
        self.fails = False

    async def count(self, match):
        self.asked += 1
        if self.fails:
            raise TimeoutError
        return self.bad if match["ts"] == {"$gte": "", "$lt": "\U0010ffff"} else 0


async def look(dates, shelf, at, match=None):
    now = after(at)
    return await dates.misdated(shelf, match or {}, "ts", (now, now + AHEAD))


async def test_where_there_were_none_they_are_looked_for_again_after_a_rest():
    dates, shelf = Dates(115.0), Shelf()
    looks = [(at, await look(dates, shelf, at), shelf.asked) for at in (0, 60, 114, 120, 180, 240)]
    assert looks == [(0, 0, 4), (60, 0, 4), (114, 0, 4), (120, 0, 8), (180, 0, 8), (240, 0, 12)]


async def test_where_there_are_some_each_look_counts_them_and_sees_them_go():
    dates, shelf = Dates(115.0), Shelf(bad=3)
    assert [await look(dates, shelf, at) for at in (0, 10, 20)] == [3, 3, 3]
    shelf.bad = 0
    assert await look(dates, shelf, 30) == 0
    assert shelf.asked == 16
    shelf.bad = 5
    assert await look(dates, shelf, 30 + 115) == 5


@pytest.mark.parametrize("rest", [0.0, 115.0])
async def test_each_field_of_each_collection_and_match_rests_by_itself(rest):
    dates, one, other = Dates(rest), Shelf(), Shelf("exposures", bad=1)
    assert await look(dates, one, 0) == 0
    assert await look(dates, other, 1) == 1
    assert await look(dates, one, 2, {"journey": "x"}) == 0
    assert one.asked == 8


async def test_without_a_rest_and_after_a_clock_that_was_put_back_each_look_counts():
    dates, shelf = Dates(), Shelf()
    for at in (0, 1):
        await look(dates, shelf, at)
    assert shelf.asked == 8
    dates, shelf = Dates(115.0), Shelf()
    await look(dates, shelf, 0)
    shelf.bad = 2
    assert await look(dates, shelf, -3600) == 2


async def test_a_look_that_failed_proves_nothing():
    dates, shelf = Dates(115.0), Shelf()
    shelf.fails = True
    with pytest.raises(TimeoutError):
        await look(dates, shelf, 0)
    shelf.fails, shelf.bad = False, 1
    assert await look(dates, shelf, 1) == 1
