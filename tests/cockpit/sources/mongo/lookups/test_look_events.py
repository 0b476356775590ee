"""Events by journey, counted and newest, against answers computed here."""

from datetime import timedelta

from msgspec.structs import replace

from cockpit.sources.mongo.lookups.journey_events import journey_events
from sessions.plan.loader import scaled
from sessions.values.sheets import Count
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0
from tests.support.sources.looking import looked, only, row, told
from tests.support.sources.mongo_asking import JOURNEYS, ago, event

__all__ = ["looked"]


async def test_events_are_counted_by_span_and_the_newest_three_are_named(looked):
    ages = [30, 90, 500, 700, 3000, 3700, 7100, 7300]
    await looked.insert("events", [{**event(age), "_id": f"e{age}"} for age in ages])
    await looked.insert("events", [event(10, JOURNEYS[1])])
    found = await journey_events(looked.desk())
    assert [one.name for one in found] == ["journey_events"] * len(JOURNEYS)
    first = only(found, JOURNEYS[0])
    assert told(first)[:2] == [
        ("last 10 min", "3 events", "before that 0.3"),
        ("last 60 min", "5 events", "before that 2"),
    ]
    assert [(one.what, one.value, one.at) for one in first.rows[2:]] == [
        ("e30", "30s old", ago(30)),
        ("e90", "1m30s old", ago(90)),
        ("e500", "8m20s old", ago(500)),
    ]
    assert told(only(found, JOURNEYS[1]))[0] == ("last 10 min", "1 events", "")
    assert first.counts == (Count(JOURNEYS[0], 600, 3), Count(JOURNEYS[0], 3600, 5))
    assert only(found, JOURNEYS[2]).counts == (Count(JOURNEYS[2], 600, 0), Count(JOURNEYS[2], 3600, 0))


async def test_what_fell_or_fell_silent_is_marked_and_what_never_came_is_odd(looked):
    busy = [event(3700 + 60 * number) for number in range(40)]
    await looked.insert("events", [*busy, *(event(700 + number) for number in range(10))])
    await looked.insert("events", [event(3700 + 60 * number, JOURNEYS[1]) for number in range(40)])
    found = await journey_events(looked.desk())
    assert [one.mark for one in only(found, JOURNEYS[0]).rows[:2]] == [Mark.WARMING, Mark.WARMING]
    assert [one.mark for one in only(found, JOURNEYS[1]).rows[:2]] == [Mark.BREACH, Mark.BREACH]
    never = only(found, JOURNEYS[2])
    assert row(never, "newest event").mark is Mark.BREACH
    assert [one.mark for one in never.rows[:2]] == [None, None]


async def test_dates_that_make_no_sense_count_nowhere(looked):
    odd = [{"journey": JOURNEYS[0], "ts": value} for value in (None, "now", 7, T0 + timedelta(days=9))]
    await looked.insert("events", [*odd, event(5), {"journey": {"a": 1}, "ts": ago(4)}])
    first = only(await journey_events(looked.desk()), JOURNEYS[0])
    assert told(first)[0][1] == "1 events"
    assert len(first.rows) == 3


async def test_an_id_is_shown_as_text_and_never_as_markup(looked):
    await looked.insert("events", [{**event(5), "_id": "[@click=app.quit]x[/]\x1b[31m\u202e"}])
    newest = only(await journey_events(looked.desk()), JOURNEYS[0]).rows[2]
    assert newest.what == "[@click=app.quit]x[/]^[[31m<U+202E>"


async def test_a_collection_that_is_not_there_is_a_trouble_and_no_zero(looked):
    (found,) = await journey_events(looked.desk())
    assert found.rows == ()
    assert found.counts == ()
    assert found.trouble.startswith(f"{looked.spec.events.collection} is empty, or is not there")


async def test_spans_are_those_of_the_plan(looked):
    fast = scaled(PLAN, 60)
    await looked.insert("events", [event(5), event(50), event(70)])
    first = only(await journey_events(looked.desk(plan=replace(fast))), JOURNEYS[0])
    assert [(one.what, one.value) for one in first.rows[:2]] == [("last 10s", "1 events"), ("last 1 min", "2 events")]
    assert first.counts == (Count(JOURNEYS[0], 10, 1), Count(JOURNEYS[0], 60, 2))
