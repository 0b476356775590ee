from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.statistics.chance import proved, proved_worse
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


def test_a_share_beyond_doubt_of_ever_so_many_is_proved_without_counting_them_all():
    assert proved(5 * 10**11, 10**12, 0.05, 99.999)
    assert proved_worse((5 * 10**11, 10**12), (10**9, 10**12), 99.999)


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


def drawn(low, hits, size, both):
    """The exact chance that `size` drawn of `both` hold `low` of all `hits` or more."""
    ways = sum(comb(hits, found) * comb(both - hits, size - found) for found in range(low, min(hits, size) + 1))
    return Fraction(ways, comb(both, size))


GROUP = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (pair[0], sum(pair)))


@settings(deadline=None)
@given(GROUP, GROUP, st.sampled_from([90.0, 95.0, 99.999]))
def test_of_two_groups_it_is_fisher_s_exact_tail(one, other, confidence):
    hits, both = one[0] + other[0], one[1] + other[1]
    exact = drawn(one[0], hits, one[1], both) if both else Fraction(1)
    left = 1 - confidence / 100
    if abs(float(exact) - left) > 1e-9:
        assert proved_worse(one, other, confidence) is (exact <= left)


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ((9, 9), (0, 9), False),
        ((10, 10), (0, 10), True),
        ((9.9, 10), (0, 10), False),
        ((10, 10), (0.1, 10), False),
        ((10, 10), (0, 9.9), False),
        ((10, 10.1), (0, 10), False),
        ((0, 10), (0, 10), False),
        ((10, 10), (0, 0), False),
        ((11, 10), (0, 10), False),
        ((10, 10), (11, 10), False),
        ((-1, 10), (0, 10), False),
        ((float("nan"), 10), (0, 10), False),
        ((10, float("inf")), (0, 10), False),
        ((10**6, 10**6), (0, 10**7), True),
    ],
)
def test_parts_of_requests_speak_against_it_and_what_is_no_count_proves_nothing(one, other, says):
    assert proved_worse(one, other, PLAN.confidence) is says
