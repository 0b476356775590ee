"""How likely enough traffic is: the laws, and the plan's edges."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.expected.chances import (
    MANY,
    RARE,
    SURE,
    Supply,
    at_least,
    in_span,
    longer,
    supply,
    walk_every,
)
from sessions.plan.loader import scaled
from tests.support.build import PLAN

MEANS = st.floats(0, 3000)
RATES = st.floats(0, 1e5)
ORDER = list(reversed(Supply))


@pytest.mark.parametrize(
    ("count", "mean", "chance"),
    [
        (0, 0.0, 1.0),
        (1, 0.0, 0.0),
        (1, 1.0, 1 - math.exp(-1)),
        (2, 1.0, 1 - 2 * math.exp(-1)),
        (1, math.nan, 0.0),
        (1, -3.0, 0.0),
        (3, 2.0, 1 - 5 * math.exp(-2)),
        (20, 20.0, 0.5297),
        (20, 28.0, 0.9513),
        (600, 600.0, 0.508),
        (10**9, 20.0, 0.0),
    ],
)
def test_the_chance_of_so_many(count, mean, chance):
    assert at_least(count, mean) == pytest.approx(chance, abs=2e-3)


@given(st.integers(0, 2000), MEANS, st.floats(0, 50))
def test_more_that_is_expected_is_never_less_likely(count, mean, more):
    assert 0 <= at_least(count, mean) <= 1
    assert at_least(count, mean + more) >= at_least(count, mean) - 2e-2 * (mean <= MANY < mean + more) - 1e-9
    assert at_least(count + 1, mean) <= at_least(count, mean) + 2e-2 * (count <= MANY < count + 1)


@given(RATES, RATES)
def test_more_traffic_is_never_thinner_and_no_gap_likelier(few, many):
    few, many = sorted((few, many))
    assert ORDER.index(supply(PLAN, few)) <= ORDER.index(supply(PLAN, many))
    assert longer(PLAN, few) >= longer(PLAN, many)


@pytest.mark.parametrize(
    ("per_hour", "found"),
    [
        (0, Supply.THIN),
        (2.4, Supply.THIN),
        (19.9, Supply.THIN),
        (20, Supply.AT_TIMES),
        (24, Supply.AT_TIMES),
        (28, Supply.POOLED),
        (240, Supply.POOLED),
        (330, Supply.POOLED),
        (340, Supply.ENOUGH),
        (1e6, Supply.ENOUGH),
    ],
)
def test_so_many_an_hour_are_enough_or_not(per_hour, found):
    assert supply(PLAN, per_hour) is found


@given(RATES, st.integers(1, 400), st.sampled_from((1, 12, 60, 480)))
def test_what_is_enough_is_so_at_any_speed(per_hour, needed, speed):
    plan = replace(PLAN, windows=replace(PLAN.windows, min_requests=needed))
    faster = scaled(replace(plan), speed)
    faster = replace(faster, windows=replace(faster.windows, min_requests=needed))
    wanted, found = supply(plan, per_hour), supply(faster, per_hour * speed)
    edges = [at_least(needed, in_span(per_hour, span)) for span in (plan.windows.length, plan.windows.pool)]
    near = any(abs(edge - SURE) < 1e-6 for edge in edges) or abs(in_span(per_hour, plan.windows.pool) - needed) < 1e-6
    assert near or found is wanted


@pytest.mark.parametrize(("per_hour", "rare"), [(0, False), (24, False), (27.6, False), (27.7, True), (1000, True)])
def test_a_gap_is_rare_from_so_many_events_on(per_hour, rare):
    assert (longer(PLAN, per_hour) < RARE) is rare


@pytest.mark.parametrize(
    ("gap", "mongo", "every"),
    [
        (600, 60, 240),
        (900, 60, 420),
        (301, 60, 120),
        (299, 60, 119),
        (10, 0.5, 4),
        (4.5, 0.5, 2),
        (4.4, 0.5, None),
        (60, 60, None),
        (1, 60, None),
    ],
)
def test_two_walks_and_one_asking_fit_into_the_bound(gap, mongo, every):
    plan = replace(PLAN, gap=float(gap), cadence=replace(PLAN.cadence, mongo=float(mongo)))
    assert walk_every(plan) == every


@given(st.floats(0.001, 86_400), st.floats(0.001, 3600))
def test_a_walk_that_is_offered_always_keeps_the_bound_though_one_fails(gap, mongo):
    plan = replace(PLAN, gap=gap, cadence=replace(PLAN.cadence, mongo=mongo))
    every = walk_every(plan)
    assert every is None or (every >= 2 and 2 * every + mongo <= gap)
    assert every is not None or gap - mongo < 4
