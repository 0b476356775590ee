import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria import growth
from sessions.plan.loader import scaled
from sessions.state.reducer import Span, State
from sessions.values.readings import Size, Topic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after, pulse
from tests.support.sessions.scenes import answered, part, told

M = Mark
HOUR = 3600
CAPSULES, SHORTLISTS, RETURNS = PLAN.collections
BASE = {"capsules": 600, "shortlists": 500, "returns": 200}


def flying(visits=((0, -10), (100, 0)), **facts) -> State:
    """The baseline is captured at T0; `visits` are (percent, hours since T0)."""
    phases = tuple((percent, after(hours * HOUR)) for percent, hours in visits)
    row = {"baseline": BASE, "baseline_at": T0, "visits": phases, "phase": phases[-1][0], "entered_at": phases[-1][1]}
    return State(PLAN, **{**row, **facts})


def size(collection: str, at, count: int, duplicates: int = 0) -> Size:
    return Size("mongo", at, collection, count, duplicates)


def counted(state: State, hours: float, duplicates: int = 0, **extra: float) -> State:
    """Every collection at its expected count after `hours`, but for the documents in `extra`."""
    at = after(hours * HOUR)
    for collection in PLAN.collections:
        expected = growth.band(state, collection, at)
        middle = expected[1] if expected else BASE[collection.name]
        count = round(middle + extra.get(collection.name, 0))
        state = told(state, size(collection.name, at, count, duplicates if collection is CAPSULES else 0))
    return answered(state, Topic.COLLECTIONS, at)


def judged(state: State, hours: float):
    return growth.judge(state, after(hours * HOUR))


@pytest.mark.parametrize(
    ("visits", "hours", "expected"),
    [
        (((0, -1), (100, 0)), 3, 3.0),
        (((0, -1), (10, 0)), 2, 0.2),
        (((0, -1), (10, 0), (25, 2)), 6, 1.2),
        (((0, -1), (10, 0), (25, 2), (10, 3)), 4, 0.55),
        (((0, -1), (10, 1)), 2, 0.1),
        (((0, -1), (10, -0.5)), 2, 0.2),
        (((0, -1), (10, 1), (100, 5)), 2, 0.1),
        (((0, -1),), 9, 0.0),
        (((0, -1), (100, 0)), 0, 0.0),
        (((0, -1), (100, 0)), -1, 0.0),
        ((), 2, 0.0),
    ],
)
def test_exposure_is_hours_at_share(visits, hours, expected):
    state = State(PLAN, visits=tuple((p, after(h * HOUR)) for p, h in visits), baseline=BASE, baseline_at=T0)
    assert growth.exposure(state, CAPSULES, after(hours * HOUR)) == pytest.approx(expected)


def test_a_frozen_flows_time_is_no_exposure():
    spans = (("capsules", Span(after(HOUR), after(2 * HOUR))), ("returns", Span(after(0), after(HOUR))))
    state = flying(freezes=spans, frozen={"capsules": after(3 * HOUR)})
    at = after(4 * HOUR)
    assert growth.exposure(state, CAPSULES, at) == pytest.approx(2.0)
    assert growth.exposure(state, RETURNS, at) == pytest.approx(3.0)
    assert growth.exposure(state, SHORTLISTS, at) == pytest.approx(4.0)


def test_overlapping_freezes_count_once():
    spans = (("capsules", Span(after(0), after(2 * HOUR))), ("capsules", Span(after(HOUR), after(3 * HOUR))))
    assert growth.exposure(flying(freezes=spans), CAPSULES, after(4 * HOUR)) == pytest.approx(1.0)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=5), st.floats(0, 20), st.floats(0, 20))
def test_exposure_never_shrinks_and_never_outruns_the_clock(percents, early, later):
    state = flying(tuple((percent, hour * 2.0) for hour, percent in enumerate(percents)))
    first, second = sorted((early, later))
    one, two = (growth.exposure(state, CAPSULES, after(hours * HOUR)) for hours in (first, second))
    assert 0 <= one <= two + 1e-9
    assert two - one <= second - first + 1e-6


def test_a_faster_plan_grows_as_much_in_less_time():
    fast = replace(flying(), plan=scaled(PLAN, 240))
    low, middle, high = growth.band(fast, fast.plan.collections[0], after(10 * HOUR / 240))
    assert (low, middle, high) == pytest.approx((760, 840, 920))


def test_the_band_is_tolerance_and_slack_around_the_expected():
    assert growth.band(flying(), CAPSULES, after(10 * HOUR)) == pytest.approx((760, 840, 920))
    assert growth.band(flying(), CAPSULES, T0) == (580, 600, 620)
    assert growth.band(flying(baseline={}), CAPSULES, T0) is None
    assert growth.band(flying(baseline_at=None), CAPSULES, T0) is None


@pytest.mark.parametrize(
    ("off", "mark", "text"),
    [
        (0, M.PASS, "0 % off"),
        (80, M.PASS, "33 % high"),
        (81, M.BREACH, "34 % high, runaway"),
        (-80, M.PASS, "33 % low"),
        (-81, M.BREACH, "34 % low, stall"),
        (-240, M.BREACH, "100 % low, stall"),
    ],
)
def test_the_band_is_inclusive_at_both_edges(off, mark, text):
    found = part(judged(counted(flying(), 10, capsules=off), 10), "capsules")
    assert (found.mark, found.text, found.unit) == (mark, text, "%")


def test_value_and_bound_agree_with_the_mark():
    found = judged(counted(flying(), 10, capsules=100), 10)
    assert (found.subject, found.text) == ("capsules", "capsules 42 % high, runaway")
    assert (found.value, found.bound) == (pytest.approx(41.67, abs=0.01), pytest.approx(33.33, abs=0.01))
    stalled = judged(counted(flying(), 10, capsules=-100), 10)
    assert (stalled.value, stalled.bound) == (pytest.approx(-41.67, abs=0.01), pytest.approx(-33.33, abs=0.01))


@pytest.mark.parametrize(
    ("off", "mark", "text"),
    [
        (3, M.PASS, "3 docs high"),
        (20, M.PASS, "20 docs high"),
        (21, M.BREACH, "21 docs high, runaway"),
        (-21, M.BREACH, "21 docs low, stall"),
    ],
)
def test_little_growth_is_told_in_documents(off, mark, text):
    found = part(judged(counted(flying(((0, -1),)), 1, returns=off), 1), "returns")
    assert (found.mark, found.text, found.unit) == (mark, text, "docs")


@pytest.mark.parametrize(("hours", "unit", "bound"), [(3.3, "docs", 39.8), (3.4, "%", 49.5), (100, "%", 25.8)])
def test_it_is_told_in_percent_once_the_tolerance_is_the_larger_part_of_the_room(hours, unit, bound):
    found = part(judged(counted(flying(), hours), hours), "capsules")
    assert (found.unit, abs(found.bound)) == (unit, pytest.approx(bound, abs=0.1))


@pytest.mark.parametrize(("duplicates", "text"), [(1, "capsules 1 duplicate > 0"), (2, "capsules 2 duplicates > 0")])
def test_duplicates_breach_whatever_the_band(duplicates, text):
    verdict = judged(counted(flying(), 10, duplicates), 10)
    assert (verdict.mark, verdict.text) == (M.BREACH, text)
    assert (verdict.value, verdict.bound) == (duplicates, 0.0)


def test_duplicates_outrank_a_runaway():
    verdict = judged(counted(flying(), 10, 1, shortlists=400), 10)
    assert verdict.subject == "capsules"


def test_the_collection_that_uses_most_of_its_room_speaks():
    verdict = judged(counted(flying(), 10, shortlists=40), 10)
    assert (verdict.mark, verdict.subject, verdict.text) == (M.PASS, "shortlists", "shortlists 11 % high")


def test_no_baseline_warms():
    verdict = judged(counted(flying(baseline={}, baseline_at=None), 1), 1)
    assert (verdict.mark, verdict.text, verdict.eta) == (M.WARMING, "no baseline yet", None)


def test_a_collection_missing_from_the_baseline_warms():
    state = counted(flying(), 1)
    state = replace(state, baseline={name: count for name, count in BASE.items() if name != "returns"})
    assert part(judged(state, 1), "returns").mark is M.WARMING
    assert judged(state, 1).mark is M.WARMING


def test_a_count_from_before_the_baseline_warms():
    at = after(-1)
    state = told(flying(), *(size(c.name, at, BASE[c.name]) for c in PLAN.collections), pulse(Topic.COLLECTIONS, T0))
    assert growth.judge(state, T0).mark is M.WARMING


@pytest.mark.parametrize("missing", sorted(BASE))
def test_a_collection_that_is_not_counted_is_silent(missing):
    state = counted(flying(), 1)
    state = replace(state, seen=replace(state.seen, sizes={k: v for k, v in state.seen.sizes.items() if k != missing}))
    verdict = judged(state, 1)
    assert (verdict.mark, verdict.text) == (M.SILENT, f"{missing} not counted")


@pytest.mark.parametrize(("count", "duplicates"), [(-1, 0), (700, -1)])
def test_an_impossible_count_is_silent(count, duplicates):
    state = told(counted(flying(), 10), size("capsules", after(10 * HOUR), count, duplicates))
    assert judged(state, 10).mark is M.SILENT


def test_an_old_count_on_a_fresh_topic_is_silent_since_it_was_taken():
    state = answered(counted(flying(), 1), Topic.COLLECTIONS, after(2 * HOUR))
    verdict = judged(state, 2)
    assert (verdict.mark, verdict.since) == (M.SILENT, after(HOUR))


def test_a_count_from_the_future_is_not_used():
    state = told(counted(flying(), 10), size("capsules", after(11 * HOUR), 9999))
    assert judged(state, 10).mark is M.PASS


def test_a_stale_source_is_blind_and_keeps_its_last_value():
    verdict = judged(counted(flying(), 10, capsules=24), 11)
    assert (verdict.mark, verdict.since) == (M.BLIND, after(10 * HOUR))
    found = part(verdict, "capsules")
    assert (found.mark, found.value) == (M.BLIND, pytest.approx(10.0))


def test_the_newest_count_speaks_in_whatever_order_they_came():
    calm, wild = counted(flying(), 10), [size("capsules", after(9 * HOUR), 5000), size("capsules", after(8 * HOUR), 0)]
    assert judged(told(calm, *wild, *wild), 10).mark is M.PASS


def test_nothing_at_all_is_no_pass():
    assert growth.judge(State(PLAN), T0).mark is M.WARMING


def by_hour(*, percent=100, days=3.0, wave=0.8, start=9, speed=1, drop=()):
    """Documents of a shop that sleeps at night, a size each ten minutes; `drop` are hours in which nobody looked."""
    plan = scaled(PLAN, speed) if speed != 1 else PLAN
    state = flying(((0, -10), (percent, 0)))
    state = replace(state, plan=plan)
    grown, rows = 0.0, []
    for step in range(int(days * 144) + 1):
        hours = step / 6
        if int(hours) not in drop:
            count = BASE["capsules"] + round(grown)
            rows.append(size("capsules", after(hours * HOUR / speed), count))
        rate = CAPSULES.per_hour * percent / 100 * (1 + wave * math.sin((hours + start) / 24 * 2 * math.pi))
        grown += rate / 6
    return state, rows


def marks(state, rows, since_hours, speed=1):
    found = []
    for row in rows:
        state = told(state, row)
        if row.at >= after(since_hours * HOUR / speed):
            now = answered(state, Topic.COLLECTIONS, row.at)
            found.append(part(growth.judge(now, row.at), "capsules").mark)
    return found


@pytest.mark.parametrize("start", [0, 6, 9, 15, 21])
@pytest.mark.parametrize("percent", [50, 100])
def test_once_a_day_was_seen_the_band_knows_its_hours(start, percent):
    state, rows = by_hour(percent=percent, start=start)
    assert set(marks(state, rows, 25)) == {M.PASS}


def test_without_a_day_the_band_is_flat():
    state, rows = by_hour(days=0.9, start=0)
    assert M.BREACH in marks(state, rows, 1)
    hole, seen = by_hour(drop=range(40, 42))
    assert M.PASS in marks(hole, seen, 25)
    same, flat = by_hour(wave=0.0)
    assert set(marks(same, flat, 1)) == {M.PASS}


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_day_that_is_all_too_much_or_too_little_is_no_shape(factor):
    state, rows = by_hour(wave=0.0)
    wrong = [replace(row, count=BASE["capsules"] + round((row.count - BASE["capsules"]) * factor)) for row in rows]
    assert set(marks(state, wrong, 30)) == {M.BREACH}


def test_a_stall_on_the_second_day_is_seen():
    state, rows = by_hour(days=2.5)
    held = rows[200].count
    stalled = [row if row.at <= rows[200].at else replace(row, count=held) for row in rows]
    assert marks(state, stalled, 30)[-1] is M.BREACH


def test_the_day_shrinks_with_a_faster_plan():
    state, rows = by_hour(speed=60, start=0)
    assert set(marks(state, rows, 25, speed=60)) == {M.PASS}
