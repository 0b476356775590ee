"""Exposure events against answers computed here: each user once, by the newest event, from any part of the span on."""

import dataclasses
import math
import random

import pytest
from bson import Binary, ObjectId
from msgspec.structs import replace

from cockpit.settings.models.mongo import Exposures
from cockpit.sources.database.answer import AHEAD
from cockpit.sources.interface.sliding_span import starts
from cockpit.sources.mongo.topics.exposures import exposures
from sessions.values.readings import Exposure, Topic
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import BROKEN, OURS, THEIRS, Database, ago, asked, pulses, source_on

STARTS = starts(PLAN, T0)
SPECS = {
    "our names": dataclasses.replace(OURS, exposures=Exposures(collection="exposures")),
    "an owner's names": dataclasses.replace(
        THEIRS,
        exposures=Exposures(collection="ab.events", user="who.id", flag="what.key", exposed="arm", at="met.at"),
    ),
}


@pytest.fixture(params=SPECS.values(), ids=SPECS)
def database(request, base):
    return Database(base, request.param)


def met(user, age, exposed=True, flag=PLAN.flag):
    return {"userId": user, "flag": flag, "exposed": exposed, "ts": ago(age)}


async def counted(database, spans=STARTS):
    return await asked(exposures(database.place, T0, spans, PLAN.flag, database.spec.exposures))


def expected(rows, since):
    """Each user's newest event from `since` on, worked out one by one."""
    newest = {}
    for row in sorted(rows, key=lambda row: (row["ts"], row["exposed"])):
        if since <= row["ts"] <= T0 + AHEAD and row["flag"] == PLAN.flag:
            newest[row["userId"]] = row["exposed"]
    return since, len(newest), sum(newest.values())


def counts(found):
    return [(found.since, found.users, found.exposed), *found.later]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_each_user_counts_once_by_the_newest_event_from_every_moment_on(database, seed):
    rng = random.Random(seed)
    rows = [
        met(
            f"u{rng.randrange(90)}", rng.randrange(0, 5000), rng.random() < 0.3, rng.choice([PLAN.flag] * 4 + ["other"])
        )
        for _ in range(600)
    ]
    await database.insert("exposures", rows)
    found, answer = await counted(database)
    assert counts(found) == [expected(rows, since) for since in STARTS]
    inside = [row["ts"] for row in rows if row["flag"] == PLAN.flag and row["ts"] >= STARTS[0]]
    assert (found.newest, answer.newest) == (max(inside), max(inside))
    assert (answer.unreadable, answer.total) == (0, len(inside))


async def test_the_edges_of_the_span_belong_to_it(database):
    rows = [met("before", 3600.001), met("first", 3600), met("second", 3300), met("now", 0), met("ahead", -60, False)]
    await database.insert("exposures", [*rows, met("too far ahead", -61)])
    found, answer = await counted(database)
    assert counts(found)[0] == (ago(3600), 4, 3)
    assert counts(found)[1] == (ago(3300), 3, 2)
    assert counts(found)[-1] == (ago(300), 2, 1)
    assert found.newest == after(60)
    assert answer.unreadable == 1


async def test_two_events_of_one_user_in_one_moment_count_as_with_the_flag(database):
    await database.insert("exposures", [met("a", 10), met("a", 10, False), met("b", 20), met("b", 10, False)])
    found, _ = await counted(database)
    assert (found.users, found.exposed) == (2, 1)


async def test_any_plain_value_names_a_user_and_texts_may_say_yes(database):
    users = ["ann", 7, 2**40, 7.5, ObjectId(), Binary(b"0123456789abcdef", 4)]
    rows = [
        met(user, 5, answer)
        for user, answer in zip(users, ("on", "treatment", " TRUE ", "off", "OFF", "On"), strict=True)
    ]
    await database.insert("exposures", [*rows, met(7.0, 1, "Control")])
    found, answer = await counted(database)
    assert (found.users, found.exposed, answer.unreadable, answer.note) == (6, 3, 0, "")


async def test_a_text_that_says_neither_yes_nor_no_counts_nobody_and_is_told(database):
    """Nobody is taken for a user without the flag because of a word that nobody listed."""
    await database.insert(
        "exposures", [met("a", 5), met("b", 5, "Variant-B"), met("c", 6, "variant-b "), met("d", 7, "")]
    )
    found, answer = await counted(database)
    assert (found.users, found.exposed, answer.unreadable) == (1, 1, 3)
    assert answer.note == "3 users of answer variant-b are not counted"
    known = dataclasses.replace(database.spec.exposures, off=("VARIANT-b", "ohne"))
    answer = await exposures(database.place, T0, STARTS, PLAN.flag, known)
    assert (answer.readings[0].users, answer.readings[0].exposed, answer.unreadable) == (3, 1, 1)


async def test_what_makes_no_sense_is_nobody(database):
    """Row 65."""
    odd = [met(user, 5) for user in (None, True, {"id": 1}, ["a"], ago(5))]
    odd += [met(f"x{number}", 5, value) for number, value in enumerate((None, 1, math.nan, {}, ["on"], ago(5)))]
    undated = [{**met(f"d{number}", 5), "ts": date} for number, date in enumerate(BROKEN)]
    missing = [{"flag": PLAN.flag, "exposed": True, "ts": ago(5)}, {"flag": PLAN.flag, "userId": "y", "ts": ago(5)}]
    await database.insert("exposures", [*odd, *missing, *undated, met("good", 9), met("good", 10, None)])
    found, answer = await counted(database)
    assert (found.users, found.exposed, found.newest) == (1, 1, ago(9))
    assert (answer.unreadable, answer.total) == (len(odd) + len(missing) + len(undated), 19)


async def test_a_user_whose_newest_event_says_nothing_is_not_counted_by_an_older_one(database):
    await database.insert("exposures", [met("a", 9), met("a", 8, None), met("b", 9)])
    found, answer = await counted(database)
    assert (found.users, found.exposed, answer.unreadable, answer.total) == (1, 1, 1, 3)


async def test_a_naive_date_is_read_as_utc(database):
    await database.insert("exposures", [{**met("a", 0), "ts": ago(30).replace(tzinfo=None)}])
    found, _ = await counted(database)
    assert (found.users, found.newest) == (1, ago(30))


async def test_nobody_was_met(database):
    found, answer = await counted(database)
    assert counts(found) == [(since, 0, 0) for since in STARTS]
    assert (found.newest, answer.unreadable, answer.total) == (None, 0, 0)


async def test_a_flag_whose_events_stand_alone_needs_no_field(base):
    alone = Database(base, dataclasses.replace(OURS, exposures=Exposures(collection="exposures", flag="")))
    await alone.insert("exposures", [{"userId": "a", "exposed": False, "ts": ago(5)}, met("b", 5, flag="whatever")])
    found, _ = await counted(alone)
    assert (found.users, found.exposed) == (2, 1)


async def test_a_span_of_the_owners_reaches_further_back(database):
    spans = starts(PLAN, T0, 6 * 3600)
    assert (spans[0], spans[-1], len(spans)) == (ago(6 * 3600), ago(1800), 12)
    await database.insert("exposures", [met("old", 5 * 3600), met("young", 60)])
    found, _ = await counted(database, spans)
    assert (found.since, found.users) == (ago(6 * 3600), 2)
    assert found.later[-1] == (ago(1800), 1, 1)


async def test_starts_are_whole_milliseconds_at_any_speed():
    quick = replace(PLAN, windows=replace(PLAN.windows, length=300 / 173))
    for now in (T0, after(0.123456), after(0.999999)):
        assert all(not since.microsecond % 1000 for since in starts(quick, now))
        assert len(set(starts(quick, now))) == 12


async def test_a_moment_finer_than_the_databases_finds_everybody(database):
    now = after(0.047113)
    await database.insert("exposures", [met("a", 10), met("b", 2000, False)])
    answer = await exposures(database.place, now, starts(PLAN, now), PLAN.flag, database.spec.exposures)
    (found,) = answer.readings
    assert (found.users, found.exposed, found.later[-1][1:]) == (2, 1, (1, 1))


async def test_the_source_answers_for_it_where_a_collection_is_named(mongo, base, mongo_base):
    await base["exposures"].insert_many([met("a", 5), met("b", 5, False)])
    source = source_on(mongo, mongo_base, topics=("csat",), exposures=Exposures(collection="exposures"))
    assert source.topics == (Topic.CSAT, Topic.EXPOSURE)
    readings = await source.read(T0)
    (found,) = [one for one in readings if isinstance(one, Exposure)]
    assert (found.users, found.exposed, found.source) == (2, 1, "mongo")
    told = pulses(readings)[Topic.EXPOSURE]
    assert (told.ok, told.newest) == (True, ago(5))
    assert source_on(mongo, mongo_base).topics.count(Topic.EXPOSURE) == 0
