from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.statistics.chance import proved
from tests.support.build import PLAN


def tail(hits, of, share):
    """The exact chance of `hits` or more, in whole numbers."""
    part = Fraction(share).limit_denominator(10_000)
    return sum(comb(of, k) * part**k * (1 - part) ** (of - k) for k in range(hits, of + 1))


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.01, 0.02, 0.05]), st.sampled_from([95.0, 99.999]))
def test_it_is_the_exact_binomial_tail(hits, more, share, confidence):
    of = hits + more
    exact = tail(hits, of, share)
    left = 1 - confidence / 100
    if abs(float(exact) - left) > 1e-9:
        assert proved(hits, of, share, confidence) is (hits > 0 and hits > share * of and exact <= left)


@given(st.integers(1, 10**7), st.floats(0, 1), st.sampled_from([0.01, 0.05]))
@settings(deadline=None)
def test_more_hits_prove_no_less(of, part, share):
    hits = round(of * part)
    if proved(hits, of, share, 99.999):
        assert proved(min(of, hits + 1), of, share, 99.999)
        assert proved(hits, max(hits, of - 1), share, 99.999)


@pytest.mark.parametrize(
    ("hits", "of"), [(0, 0), (0, 20), (-1, 20), (21, 20), (float("nan"), 20), (5, float("inf")), (0.999, 1)]
)
def test_what_is_no_count_proves_nothing(hits, of):
    assert not proved(hits, of, 0.05, PLAN.confidence)


@pytest.mark.parametrize(
    ("hits", "of", "says"), [(7.9, 20, False), (8.0, 20, True), (8.0, 20.5, True), (8, 24.2, False)]
)
def test_a_part_of_a_request_is_none(hits, of, says):
    assert proved(hits, of, 0.05, PLAN.confidence) is says


def test_a_share_of_nothing_is_proved_by_one():
    assert proved(1, 10, 0.0, 99.999)
