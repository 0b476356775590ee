"""Analytics events against answers computed here: on data, on nothing, on documents that make no sense."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources.mongo.topics.journeys import Journeys, Look, Run, beat, gaps
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import BROKEN, ago, asked, database

__all__ = ["database"]


def look(since, known=None, **more):
    return Look("capsule_created", ago(since), known, PLAN.gap, **more)


def events(*ages, journey="capsule_created"):
    return [{"journey": journey, "ts": ago(age), "shopperId": "s1"} for age in ages]


async def beat_of(database, what):
    return await asked(beat(database.place, T0, what, database.spec.events))


async def test_a_beat_counts_and_dates(database):
    rng = random.Random(3)
    ages = [rng.uniform(-30, 7200) for _ in range(300)]
    other = [rng.uniform(0, 7200) for _ in range(50)]
    await database.insert("events", events(*ages) + events(*other, journey="csat_answered"))
    found, answer = await beat_of(database, look(3600))
    assert found.count == sum(age <= 3600 for age in ages) == answer.total
    assert found.newest == T0
    assert (found.journey, found.since, answer.unreadable, found.gaps) == ("capsule_created", ago(3600), 0, ())


@pytest.mark.parametrize(
    ("ages", "known", "found"),
    [
        ((100, 700), None, []),
        ((100, 700.001), None, [(700.001, 100)]),
        ((3000, 2900, 2000, 1500, 100), None, [(2900, 2000), (1500, 100)]),
        ((100,), 3700, [(3700, 100)]),
        ((100,), 650, []),
        ((), 3700, []),
        ((5000, 100), None, [(5000, 100)]),
    ],
)
async def test_gaps_are_found_to_the_millisecond(database, ages, known, found):
    await database.insert("events", [*events(*ages), *events(50, journey="csat_answered")])
    seen, _ = await beat_of(database, look(3600, ago(known) if known else None))
    assert seen.gaps == tuple((ago(last), ago(first)) for last, first in found)
    assert seen.newest == ago(min([*ages, *([known] if known else [])]))


async def test_events_that_make_no_sense_are_counted_and_never_newest(database):
    """Rows 65 and 66."""
    bad = [{"journey": "capsule_created", "ts": date} for date in BROKEN]
    ahead = [{"journey": "capsule_created", "ts": after(61)}, {"journey": "capsule_created"}]
    await database.insert("events", events(30, 90) + bad + ahead)
    found, answer = await beat_of(database, look(3600))
    assert (found.count, found.newest) == (2, ago(30))
    assert (answer.unreadable, answer.total) == (6, 8)


async def test_a_beat_of_nothing(database):
    found, answer = await beat_of(database, look(3600))
    assert (found.newest, found.count, found.gaps, answer.unreadable, answer.newest) == (None, 0, (), 0, None)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60), st.integers(1, 600), st.booleans())
def test_gaps_out_of_runs_are_the_gaps_between_events(seconds, bound, known):
    """Any cut into pieces no longer than half the bound gives the gaps that the single events have."""
    ordered = sorted(seconds)
    piece = max(1, bound // 2)
    pieces: dict[int, list[int]] = {}
    for second in ordered:
        pieces.setdefault(second // piece, []).append(second)
    runs = [Run(after(min(one)), after(max(one)), len(one)) for one in pieces.values()]
    before = after(-700) if known else None
    chain = ([-700] if known else []) + ordered
    naive = [(a, b) for a, b in pairwise(chain) if b - a > bound]
    assert gaps(runs[::-1], before, bound) == tuple((after(a), after(b)) for a, b in naive)


async def test_events_that_come_late_fill_the_gaps_that_were_told(database):
    told = ((ago(9000), ago(7000)), (ago(7000), ago(5000)), (ago(4000), ago(3000)))
    await database.insert("events", events(9000, 8000, 7000, 6999.5, 6000, 5500, 5000, 4000, 3000, 30))
    found, _ = await beat_of(database, look(300, ago(3000), told=told))
    assert found.looked == told[:2]
    assert found.gaps == (
        *((ago(9000), ago(8000)), (ago(8000), ago(7000)), (ago(6999.5), ago(6000)), (ago(3000), ago(30))),
    )
    again, _ = await beat_of(database, look(300, ago(30), told=(told[2],)))
    assert (again.looked, again.gaps) == ((), ())


async def test_a_first_look_tells_all_of_its_time(database):
    await database.insert("events", events(3000, 100))
    found, _ = await beat_of(database, look(3600, whole=True))
    assert (found.looked, found.gaps) == (((ago(3600), T0),), ((ago(3000), ago(100)),))


async def test_a_late_event_is_found_at_the_next_look(database):
    rare = Journeys(database.place, PLAN, database.spec.events, ago(4100), {})
    await database.insert("events", events(4000, 100))

    async def gaps_now():
        return next(one for one in (await rare.ask(T0)).readings if one.journey == "capsule_created")

    assert (await gaps_now()).gaps == ((ago(4000), ago(100)),)
    assert ((await gaps_now()).gaps, (await gaps_now()).looked) == ((), ())
    await database.insert("events", events(3500, 3000, 2500, 2000, 1500, 1000, 600))
    filled = await gaps_now()
    assert (filled.gaps, filled.looked) == ((), ((ago(4000), ago(100)),))
    assert (await gaps_now()).looked == ()


async def test_a_journey_with_a_rhythm_is_still_for_as_long_as_it_usually_is(database):
    await database.insert("events", events(*range(900, 30_000, 900), 17_950 + 20_000))
    found, _ = await beat_of(database, look(26_000, rhythm=True))
    assert found.gaps == ()
    assert found.usual == pytest.approx(900 * 20 * (0.01 ** (-1 / 20) - 1), abs=1)
    letter, _ = await beat_of(database, look(26_000))
    assert (len(letter.gaps) > 20, letter.usual) == (True, 0.0)
    await database.insert("events", events(*range(40_000, 60_000, 60)))
    outage, _ = await beat_of(database, look(40_000, rhythm=True))
    assert ago(37_950) in dict(outage.gaps)
