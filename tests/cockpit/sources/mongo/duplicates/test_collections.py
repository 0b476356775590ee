"""Duplicates: found by looking through everything, then at the cost of what is new."""

from collections import Counter
from datetime import timedelta

from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.build import T0, after
from tests.support.sources.growth_watching import HOUR, Watcher, keys, watcher
from tests.support.sources.mongo_asking import ago

__all__ = ["watcher"]


async def test_everything_is_looked_through_first(watcher):
    await watcher.insert(*[(f"s{number % 40}", number % 7) for number in range(300)], at=ago(9000))
    found = await watcher.look()
    assert (found.at, found.count, found.duplicates, found.keyless) == (T0, 300, 300 - 40 * 7, 0)
    assert len(found.examples) == 3
    assert watcher.passes == 1


async def test_nothing_and_no_collection_hold_no_duplicates(watcher, base):
    assert (await watcher.look()).duplicates == 0
    absent = Watcher(base.nothing)
    found = await absent.look()
    assert (found.count, found.duplicates, found.examples, found.newest) == (0, 0, (), None)


async def test_a_new_duplicate_is_found_and_a_mended_one_forgotten_without_another_pass(watcher):
    await watcher.insert(*keys("a", "b", "c"), at=ago(9000))
    assert (await watcher.look()).duplicates == 0
    await watcher.insert(*keys("b", "d", "e", "e"), at=after(30))
    found = await watcher.look(60)
    assert (found.duplicates, found.count, set(found.examples)) == (2, 7, {"b 1 ×2", "e 1 ×2"})
    assert found.newest == after(30)
    await watcher.collection.delete_one({"shopperId": "e"})
    assert (await watcher.look(120)).examples == ("b 1 ×2",)
    await watcher.collection.delete_one({"shopperId": "b"})
    assert (await watcher.look(180)).duplicates == 0
    assert watcher.passes == 1


async def test_what_is_known_from_the_pass_is_looked_up_again(watcher):
    await watcher.insert(*keys("a", "a", "a", "b"), at=ago(9000))
    assert (await watcher.look()).duplicates == 2
    await watcher.collection.delete_one({"shopperId": "a"})
    assert (await watcher.look(60)).duplicates == 1
    assert watcher.passes == 1


async def test_a_writer_whose_clock_lags_is_still_seen(watcher):
    await watcher.insert(*keys("a"), at=ago(5))
    await watcher.look()
    await watcher.insert(*keys("a"), at=ago(100))
    assert (await watcher.look(60)).duplicates == 1
    assert watcher.passes == 1


async def test_a_document_that_is_dated_long_ago_is_missed_by_nobody(watcher):
    """An import keeps old ids: the count says that something came which was not seen, and all is looked through."""
    await watcher.insert(*keys("a", "b"), at=ago(5))
    await watcher.look()
    await watcher.insert(*keys("a"), at=ago(90000))
    await watcher.look(60)
    assert (await watcher.look(120)).duplicates == 1
    assert watcher.passes == 2


async def test_nobody_vouches_while_something_was_not_seen(watcher):
    await watcher.insert(*keys("a"), at=ago(5))
    await watcher.look()
    await watcher.insert(*keys("a"), at=ago(90000))
    await watcher.look(60)
    watcher.scan._took = 9.0  # the pass rests: ninety seconds at most
    watcher.scan._begun = after(60)
    assert await watcher.look(120) is None
    assert "1 documents not seen yet" in watcher.scan.note(after(120))


async def test_ids_that_tell_no_date_are_looked_through_each_time(watcher):
    await watcher.collection.insert_many([{"_id": f"twin-{n}", "shopperId": "a", "lookId": n % 2} for n in range(3)])
    assert (await watcher.look()).duplicates == 1
    await watcher.collection.insert_one({"_id": "twin-3", "shopperId": "a", "lookId": 1})
    found = await watcher.look(60)
    assert (found.duplicates, found.count) == (2, 4)
    assert watcher.passes == 2


async def test_a_date_field_tells_where_ids_do_not(base):
    watcher = Watcher(base.capsules, made="meta.made")
    await watcher.index()
    await base.capsules.insert_many(
        [{"_id": f"n{n}", "shopperId": "a", "lookId": n, "meta": {"made": ago(9000 - n)}} for n in range(5)]
    )
    assert (await watcher.look()).duplicates == 0
    await base.capsules.insert_one({"_id": "new", "shopperId": "a", "lookId": 3, "meta": {"made": after(30)}})
    found = await watcher.look(60)
    assert (found.duplicates, found.newest) == (1, after(30))
    assert watcher.passes == 1


async def test_without_an_index_all_is_looked_through_as_often_as_it_may_be(base):
    watcher = Watcher(base.capsules)
    await watcher.insert(*keys("a", "b"), at=ago(9000))
    await watcher.look()
    await watcher.insert(*keys("a"), at=after(10))
    assert (await watcher.look(60)).duplicates == 1
    assert watcher.passes == 2
    watcher.scan._took = watcher.scan._known.took = 3.0
    resting = await watcher.look(70)
    assert (resting.at, resting.count) == (after(60), 3), "as of the last look through everything"
    assert watcher.passes == 2
    assert watcher.scan.note(after(70)) == "no index on shopperId, lookId: looked through in 3.0 s"


async def test_every_hour_all_is_looked_through_and_corrected(watcher):
    await watcher.insert(*keys("a", "b"), at=ago(9000))
    await watcher.insert(*keys("c"), at=ago(10))
    await watcher.look()
    await watcher.collection.update_one({"shopperId": "b"}, {"$set": {"shopperId": "a"}})
    assert (await watcher.look(HOUR - 1)).duplicates == 0, "a key that was changed afterwards waits for the next pass"
    assert (await watcher.look(HOUR)).duplicates == 1
    assert watcher.passes == 2


async def test_a_document_of_next_year_does_not_hide_what_comes_before_it(watcher):
    """Row 66."""
    await watcher.insert(*keys("a"), at=T0 + timedelta(days=400))
    await watcher.insert(*keys("b"), at=ago(30))
    await watcher.look()
    await watcher.insert(*keys("b"), at=after(30))
    assert (await watcher.look(60)).duplicates == 1


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "drop", "twin"]), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=8
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, STEPS)
async def test_whatever_comes_and_goes_the_number_is_that_of_all_documents(base, before, later):
    """The incremental number equals a count of everything, for any order of inserts and deletes."""
    watcher = Watcher(base[f"c{ObjectId()}"])
    await watcher.index()
    seconds, there = 0, Counter()
    for steps in (before, later):
        for deed, shopper, look in steps:
            if deed == "drop":
                gone = await watcher.collection.delete_one({"shopperId": shopper, "lookId": look})
                there[shopper, look] -= gone.deleted_count
            else:
                copies = 2 if deed == "twin" else 1
                await watcher.insert(*[(shopper, look)] * copies, at=after(seconds))
                there[shopper, look] += copies
        seconds += 60
        found = await watcher.look(seconds)
        assert found.duplicates == sum(max(0, n - 1) for n in there.values())
    assert watcher.passes == 1
    await watcher.collection.drop()
