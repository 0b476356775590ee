"""The Mongo source: topics that fail on their own, each at its own pace, under the owner's names."""

import asyncio
from dataclasses import replace

import pytest
from pymongo import errors as e

from cockpit.sources.database.answer import TopicAnswer
from cockpit.sources.mongo.duplicates import collections as growth
from cockpit.sources.mongo.duplicates import full_scan as through
from cockpit.sources.mongo.duplicates.copies import all_copies
from cockpit.sources.mongo.source import MongoSource
from sessions.values.readings import Beat, Capsules, Csat, Returns, Size, Tickets, Topic, Triage
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import JOURNEYS, THEIRS, Database, ago, beats, event, pulses, sizes, source_on

TOPICS = set(Topic) - {Topic.TRAFFIC, Topic.ALERTS, Topic.FLAG, Topic.EXPOSURE}
FIRST = JOURNEYS[0]


@pytest.fixture
async def source(mongo, mongo_base):
    one = source_on(mongo, mongo_base)
    yield one
    await one._collections.aclose()


def asks(source, topic, answer):
    """Put another answer in a topic's place."""
    source._asks[topic] = answer


async def test_every_topic_is_answered(source, base):
    await base.analytics_events.insert_many([event(age, name) for age in (5, 200) for name in JOURNEYS])
    await base.capsules.insert_one({"shopperId": 1, "lookId": 2, "status": "held", "expiresAt": after(60)})
    readings = await source.read(T0)
    found = pulses(readings)
    assert set(found) == set(source.topics) == TOPICS
    assert all(one.ok and one.at == T0 and one.source == "mongo" and one.took_ms > 0 for one in found.values())
    assert found[Topic.JOURNEYS].newest == ago(5)
    kinds = [type(one) for one in readings if one not in found.values()]
    assert kinds.count(Beat) == len(JOURNEYS)
    assert kinds.count(Size) == len(PLAN.collections)
    assert {Triage, Tickets, Capsules, Returns, Csat} <= set(kinds)


async def test_the_owner_says_where_what_is_and_what_is_asked_for(mongo, base):
    """Everything under other names; only the topics that are wanted."""
    spec = replace(THEIRS, database=base.name, topics=("queue", "csat", "journeys", "returns"))
    database = Database(base, spec)
    await database.insert("tickets", [{"status": "open", "createdAt": ago(60)}])
    await database.insert("csat", [{"score": 1, "ts": ago(50)}])
    await database.insert("events", [event(40)])
    await database.insert("returns", [{"status": "requested", "updatedAt": ago(30)}])
    found = pulses(readings := await MongoSource(mongo, spec, PLAN, name="shop-db").read(T0))
    assert {topic: one.newest for topic, one in found.items()} == {
        Topic.QUEUE: ago(60),
        Topic.CSAT: ago(50),
        Topic.JOURNEYS: ago(40),
        Topic.RETURNS: ago(30),
    }
    assert {one.source for one in readings} == {"shop-db"}


async def test_an_empty_database_is_an_answer(source):
    readings = await source.read(T0)
    assert all(one.ok and not one.note for one in pulses(readings).values())
    assert all(one.newest is None for one in beats(readings).values())
    assert {one.duplicates for one in sizes(readings).values()} == {0}


async def test_a_gap_between_two_looks_is_found(source, base):
    await base.analytics_events.insert_one(event(10))
    assert beats(await source.read(T0))[FIRST].gaps == ((ago(1200), ago(10)),)  # there never was one before
    later = after(1200)
    await base.analytics_events.insert_one(event(30, since=later))
    beat = beats(await source.read(later))[FIRST]
    assert beat.gaps == ((ago(10), ago(30, later)),)
    assert beat.newest == ago(30, later)
    assert beats(await source.read(after(60, later)))[FIRST].newest == ago(30, later)


async def test_events_that_come_late_are_still_read(source, base):
    await base.analytics_events.insert_one(event(400))
    await source.read(T0)
    await base.analytics_events.insert_one(event(120))
    beat = beats(await source.read(after(60)))[FIRST]
    assert (beat.newest, beat.count) == (ago(120), 1)


async def test_the_first_look_reaches_back_as_told(mongo, mongo_base, base):
    await base.analytics_events.insert_many([event(age) for age in (9000, 5000, 4900, 300)])
    beat = beats(await source_on(mongo, mongo_base, since=ago(5500)).read(T0))[FIRST]
    assert (beat.since, beat.count) == (ago(5500), 3)
    assert beat.gaps == ((ago(9000), ago(5000)), (ago(4900), ago(300)))


async def test_a_first_look_that_takes_too_long_reaches_less_far(mongo, mongo_base, monkeypatch):
    """Row 64."""

    async def slow(*args):
        raise e.NetworkTimeout("slow")

    source = source_on(mongo, mongo_base, since=ago(8000), topics=("journeys",))
    with monkeypatch.context() as patch:
        patch.setattr("cockpit.sources.mongo.topics.journeys.beat", slow)
        assert pulses(await source.read(T0))[Topic.JOURNEYS].reason == "no answer in 4.5 s"
    assert await source.read(after(44)) == [], "what is given up costs its whole time limit"
    beat = beats(await source.read(after(45)))[FIRST]
    assert beat.since == after(45) - (after(45) - ago(4000))


async def test_a_topic_that_takes_long_rests_ten_times_as_long(source):
    """Row 64."""

    async def slow(now, until):
        source._paces[Topic.QUEUE].answered(now, 3.0)
        return TopicAnswer(())

    asks(source, Topic.QUEUE, slow)
    await source.read(T0)
    source._paces[Topic.QUEUE].answered(T0, 3.0)
    found = pulses(await source.read(after(29)))
    assert Topic.QUEUE not in found
    assert set(found) == TOPICS - {Topic.QUEUE}
    assert Topic.QUEUE in pulses(await source.read(after(30)))


async def test_one_bad_document_is_forgiven_and_many_are_not(source, base):
    """Row 65."""
    good = [{"status": "held", "expiresAt": after(60), "shopperId": number, "lookId": 1} for number in range(150)]
    await base.capsules.insert_many([*good, {"status": "held", "expiresAt": "soon", "shopperId": "x", "lookId": 1}])
    pulse = pulses(await source.read(T0))[Topic.CAPSULES]
    assert (pulse.ok, pulse.unreadable, pulse.total) == (True, 1, 151)
    await base.capsules.insert_one({"status": "held", "shopperId": "y", "lookId": 1})
    pulse = pulses(await source.read(after(600)))[Topic.CAPSULES]
    assert (pulse.ok, pulse.reason) == (False, "2 of 152 unreadable")


async def test_when_all_there_is_is_unreadable_nothing_is_proved(source, base):
    """Row 65."""
    await base.csat.insert_one({"score": "5", "ts": ago(5)})
    pulse = pulses(await source.read(T0))[Topic.CSAT]
    assert (pulse.ok, pulse.reason) == (False, "1 of 1 unreadable")


async def test_a_failing_question_blinds_its_topic_only(source):
    async def broken(now, until):
        raise e.OperationFailure("no", 2, {"errmsg": "bad \x1b[2J thing"})

    asks(source, Topic.QUEUE, broken)
    found = pulses(await source.read(T0))
    assert (found[Topic.QUEUE].ok, found[Topic.QUEUE].reason) == (False, "refused, code 2: bad ^[[2J thing")
    assert [topic for topic, one in found.items() if not one.ok] == [Topic.QUEUE]


async def test_even_an_unforeseen_error_blinds_its_topic_only(source):
    async def odd(now, until):
        raise AttributeError("secret")

    asks(source, Topic.CSAT, odd)
    found = pulses(await source.read(T0))
    assert found[Topic.CSAT].reason == "unreadable answer, AttributeError"
    assert sum(one.ok for one in found.values()) == 6


async def test_one_collection_that_fails_is_named_and_hides_no_other(source, monkeypatch):
    (slow, *_) = source._collections._counted

    async def late(_records):
        raise e.NetworkTimeout("late")

    with monkeypatch.context() as patch:
        patch.setattr(slow, "_count", late)
        readings = await source.read(T0)
    pulse = pulses(readings)[Topic.COLLECTIONS]
    assert (pulse.ok, pulse.reason) == (False, "capsules: no answer in 4.5 s")
    assert set(sizes(readings)) == {"shortlists", "returns"}
    again = await source.read(after(44))
    assert "capsules" not in sizes(again), "it costs its whole time limit"
    assert not pulses(again)[Topic.COLLECTIONS].ok, "what failed is not forgotten while it rests"
    assert pulses(last := await source.read(after(60)))[Topic.COLLECTIONS].ok
    assert "capsules" in sizes(last)


async def test_no_number_of_duplicates_before_the_first_look_is_through(source, base, monkeypatch):
    await base.shortlists.insert_many([{"shopperId": 1, "listNo": 1}] * 1)
    gate, real = asyncio.Event(), all_copies

    async def slow(shelf):
        await gate.wait()
        return await real(shelf)

    monkeypatch.setattr(through, "all_copies", slow)
    monkeypatch.setattr(growth, "_WAITS", 0.0)
    readings = await source.read(T0)
    pulse = pulses(readings)[Topic.COLLECTIONS]
    assert sizes(readings) == {}
    assert pulse.ok
    assert "first look for duplicates: running" in pulse.note
    assert len(pulses(readings)) == 7, "nobody else waits for it"
    gate.set()
    monkeypatch.undo()
    assert len(sizes(await source.read(after(60)))) == 3
