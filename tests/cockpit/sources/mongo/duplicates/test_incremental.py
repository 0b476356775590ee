"""Duplicates: what is slow, odd, failing or too much is never claimed to be fine."""

import asyncio

import bson
import pytest
from pymongo.errors import NetworkTimeout, OperationFailure

from cockpit.sources.mongo.duplicates import full_scan as through
from cockpit.sources.mongo.duplicates import index as known
from cockpit.sources.mongo.duplicates.business_keys import plain, token
from cockpit.sources.mongo.duplicates.copies import KNOWN, all_copies
from sessions.criteria.freshness import LONGEST
from tests.support.build import after
from tests.support.sources.growth_watching import HOUR, STALE, Watcher, keys, watcher
from tests.support.sources.mongo_asking import ago

__all__ = ["watcher"]


async def test_an_answer_that_was_looked_through_too_long_ago_is_none(base):
    watcher = Watcher(base.capsules)
    await watcher.insert(*keys("a"), at=ago(9000))
    await watcher.look()
    watcher.scan._took = 100.0  # cannot stay fresh, so it rests ten times as long
    assert await watcher.look(LONGEST * STALE) is not None
    assert await watcher.look(LONGEST * STALE + 1) is None
    assert watcher.passes == 1


@pytest.mark.parametrize(("took", "rest"), [(1.0, 10.0), (10.0, 100.0), (11.0, 98.0), (59.0, 2.0), (60.0, 600.0)])
async def test_a_long_look_rests_ten_times_as_long_unless_its_answer_goes_stale(base, took, rest):
    """Row 64."""
    watcher = Watcher(base.capsules)
    watcher.scan._took = took
    assert watcher.scan._rest() == rest


async def test_until_the_first_look_is_through_nobody_claims_anything(watcher, monkeypatch):
    """The read does not wait for it, and it goes on when the read is over."""
    await watcher.insert(*keys("a", "a"), at=ago(9000))
    gate, reached, held = asyncio.Event(), asyncio.Event(), all_copies

    async def slow(shelf):
        reached.set()
        await gate.wait()
        return await held(shelf)

    monkeypatch.setattr(through, "all_copies", slow)
    assert await watcher.look(0, patience=0.01) is None
    assert await watcher.look(60, patience=0.01) is None
    assert watcher.scan.note(after(60)) == "first look for duplicates: running for 1m00s"
    await asyncio.wait_for(reached.wait(), 60)
    assert watcher.passes == 1, "never two of the same question at once"
    gate.set()
    assert (await watcher.look(120)).duplicates == 1


async def test_a_look_under_way_is_given_up_on_closing(watcher, monkeypatch):
    async def endless(shelf):
        await asyncio.Event().wait()

    monkeypatch.setattr(through, "all_copies", endless)
    await watcher.look(0, patience=0.01)
    task = watcher.scan._running
    await watcher.scan.aclose()
    assert task.cancelled()


@pytest.mark.parametrize(
    ("error", "told"),
    [(OperationFailure("no", 13), "not allowed"), (NetworkTimeout("slow"), "no answer in 900 s")],
)
async def test_a_look_that_fails_is_told_and_tried_again(watcher, monkeypatch, error, told):
    async def broken(shelf):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(through, "all_copies", broken)
        assert await watcher.look() is None
    assert watcher.scan.failed == told
    assert (await watcher.look(60)).duplicates == 0
    assert watcher.scan.failed == ""


async def test_a_later_look_that_fails_leaves_what_is_known_with_a_note(watcher, monkeypatch):
    async def broken(shelf):
        raise NetworkTimeout("slow")

    await watcher.insert(*keys("a", "a"), at=ago(9000))
    await watcher.look()
    monkeypatch.setattr(through, "all_copies", broken)
    found = await watcher.look(HOUR)
    assert found.duplicates == 1
    assert watcher.scan.note(after(HOUR)) == "looking through failed: no answer in 900 s"


async def test_documents_without_their_key_are_no_duplicates(watcher):
    """Row 65."""
    await watcher.insert((..., ...), (..., ...), ("a", ...), (None, 1), ("a", 1), ("a", 2), at=ago(9000))
    found = await watcher.look()
    assert (found.duplicates, found.keyless, found.examples) == (0, 4, ())
    await watcher.insert((None, 1), (None, 1), at=after(30))
    found = await watcher.look(60)
    assert (found.duplicates, found.keyless) == (0, 6)
    assert (await watcher.look(90)).keyless == 6, "each is counted once"


@pytest.mark.parametrize("odd", [{"$gt": ""}, {"$where": "1"}, [1, 2], bson.Regex(".*"), {"a": 1}, bson.Code("x")])
async def test_keys_that_could_be_an_operator_never_reach_a_filter(watcher, odd):
    """Row 67: what a document holds is data; where it is no plain value all is looked through instead."""
    await watcher.insert(*keys("a", "b"), at=ago(9000))
    await watcher.look()
    await watcher.insert(("a", odd), ("a", odd), at=after(30))
    assert not plain(("a", odd))
    found = await watcher.look(60)
    assert found.duplicates == 1
    assert watcher.passes == 2


async def test_a_value_inside_a_list_is_no_duplicate_of_it(watcher):
    await watcher.insert(("a", [1, 2]), ("b", 1), at=ago(9000))
    await watcher.look()
    await watcher.insert(("a", 1), at=after(30))
    assert (await watcher.look(60)).duplicates == 0


async def test_examples_are_clean(watcher):
    """Row 82."""
    await watcher.insert(*[("\x1b]0;x\x07", "[/]")] * 3, at=ago(9000))
    assert (await watcher.look()).examples == ("^[]0;x^G [/] ×3",)


async def test_more_keys_than_are_kept_still_count(watcher, monkeypatch):
    assert KNOWN == 1000
    monkeypatch.setattr("cockpit.sources.mongo.duplicates.copies.KNOWN", 3)
    await watcher.insert(*keys(*"abcdefabcdef"), at=ago(9000))
    assert (await watcher.look()).duplicates == 6
    await watcher.collection.delete_many({"_id": {"$in": [d["_id"] async for d in watcher.collection.find().skip(6)]}})
    assert (await watcher.look(60)).duplicates == 0, "what is not kept is looked through again"
    assert watcher.passes == 2


async def test_an_import_that_is_the_newest_is_not_read_again_each_time(watcher, monkeypatch):
    monkeypatch.setattr(known, "MOST_NEW", 20)
    monkeypatch.setattr(through, "MOST_NEW", 20)
    await watcher.insert(*keys(*range(40)), at=ago(30))
    await watcher.look()
    await watcher.insert(*keys(7), at=after(30))
    assert (await watcher.look(60)).duplicates == 1
    await watcher.insert(*keys(8), at=after(90))
    assert (await watcher.look(120)).duplicates == 2
    assert watcher.passes == 1


async def test_too_many_new_documents_are_looked_through(watcher, monkeypatch):
    monkeypatch.setattr(known, "MOST_NEW", 5)
    await watcher.insert(*keys("a"), at=ago(9000))
    await watcher.look()
    await watcher.insert(*keys(*"bcdefga"), at=after(30))
    assert (await watcher.look(60)).duplicates == 1
    assert watcher.passes == 2


async def test_a_clock_that_goes_back_looks_through_again(watcher):
    await watcher.look()
    assert (await watcher.look(-7200)) is not None
    assert watcher.passes == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(1, 1.0, True), (1, True, False), (0, False, False), ("1", 1, False), (float("nan"), float("nan"), True)],
)
def test_keys_are_told_apart_as_the_server_does(one, other, same):
    assert (token((one,)) == token((other,))) is same
