"""Quantiles and shares out of histograms: by the classic rules, and true whatever was observed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources.scrape.quantile import bucket_around, edge_at, over, quantile

BOUNDS = (0.1, 0.25, 0.5, 1.0, 5.0, math.inf)
SAMPLES = st.lists(st.floats(0.001, 9), min_size=1, max_size=300)


def counted(samples):
    return {bound: sum(value <= bound for value in samples) for bound in BOUNDS}


@given(SAMPLES, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_quantile_lies_in_the_true_bucket(samples, share):
    exact = sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]
    found = quantile(share, counted(samples))
    assert found.low == max((bound for bound in BOUNDS if bound < exact), default=0)
    assert found.high == min(bound for bound in BOUNDS if bound >= exact)
    assert found.capped == (exact > 5)
    assert found.low <= found.value <= found.high


@given(SAMPLES, st.sampled_from(BOUNDS[:-1]))
def test_the_share_over_an_edge_is_exact(samples, bound):
    assert over(bound, counted(samples)) == pytest.approx(sum(value > bound for value in samples) / len(samples))


@pytest.mark.parametrize(
    ("buckets", "answer"),
    [
        ({}, None),
        ({math.inf: 10}, None),
        ({0.5: 10, 1.0: 10}, None),
        ({0.5: 0, math.inf: 0}, None),
        ({0.5: math.nan, math.inf: math.nan}, None),
        ({0.5: 100, math.inf: 100}, (0.475, 0, 0.5)),
        ({0.5: 90, math.inf: 100}, (0.5, 0.5, math.inf)),
        ({0.5: 0, 1.0: 100, math.inf: 100}, (0.975, 0.5, 1)),
        ({1.0: 100, 0.5: 0, math.inf: 100}, (0.975, 0.5, 1)),
        ({0.5: 50, 1.0: 40, math.inf: 100}, (1.0, 1, math.inf)),
        ({0.0: 100, 1.0: 100, math.inf: 100}, (0, 0, 0)),
    ],
)
def test_quantile_by_the_classic_rules(buckets, answer):
    """Row 45."""
    found = quantile(0.95, buckets)
    assert (found and (pytest.approx(found.value), found.low, found.high)) == answer


@pytest.mark.parametrize(
    ("bound", "buckets", "share"),
    [
        (0.5, {float("5e-1"): 90, math.inf: 100}, 0.1),
        (500 / 1000, {float("0.50"): 100, math.inf: 100}, 0),
        (0.1 + 0.2, {0.3: 75, math.inf: 100}, 0.25),
        (0.5, {0.4: 80, 0.6: 90, math.inf: 100}, None),
        (0.5, {0.5: 0, math.inf: 0}, None),
        (0.5, {0.5: 10}, None),
        (0.5, {}, None),
        (math.nan, {0.5: 90, math.inf: 100}, None),
        (math.inf, {0.5: 90, math.inf: 100}, 0),
    ],
)
def test_the_share_over_a_bound(bound, buckets, share):
    found = over(bound, buckets)
    assert found == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    ("bound", "around"),
    [(0.5, None), (0.05, (0, 0.1)), (0.4, (0.25, 0.5)), (7, (5, math.inf))],
)
def test_the_bucket_around_a_bound(bound, around):
    assert bucket_around(bound, BOUNDS) == around
    assert edge_at(bound, BOUNDS) == (bound if around is None else None)
