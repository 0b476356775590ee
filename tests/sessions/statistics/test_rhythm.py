"""How long a journey may be still: against the chance itself, drawn many times."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.statistics.rhythm import CHANCE, NEWEST, strange_gaps, usual
from tests.support.build import after


def times(gaps, since=0.0):
    found = [since]
    for gap in gaps:
        found.append(found[-1] + gap)
    return [after(at) for at in found]


@pytest.mark.parametrize("count", [3, 5, 10, 20])
def test_the_next_gap_is_longer_by_a_chance_of_one_in_a_hundred(count):
    """Row by row a pace is known only by `count` gaps; the bound must hold for the one that follows."""
    rng, beyond, tries = random.Random(7), 0, 20_000
    for _ in range(tries):
        gaps = [rng.expovariate(1 / 300) for _ in range(count)]
        beyond += rng.expovariate(1 / 300) > usual(times(gaps), 0.001)
    assert abs(beyond / tries - CHANCE) < 0.003


@given(st.lists(st.floats(0.0, 5000.0), max_size=40), st.floats(1.0, 900.0))
def test_it_is_never_less_than_the_least_and_hangs_on_the_newest_gaps_alone(gaps, least):
    found = usual(times(gaps), least)
    assert found >= least
    if len(gaps) < 3:
        assert found == least
    assert usual(times(gaps)[-NEWEST - 1 :], least) == found


def test_an_outage_is_told_by_the_pace_before_it_and_a_busy_morning_makes_no_outage_of_the_night():
    night, morning = [1500.0] * 20, [20.0] * 40
    assert len(strange_gaps(times([*night, *morning]), 600.0)) == 3  # the first three: no pace is known yet
    outage = times([*morning, 2400.0, *morning])
    assert strange_gaps(outage, 600.0) == ((outage[40], outage[41]),)


@pytest.mark.parametrize(("pace", "found"), [(20, 600.0), (60, 600.0), (150, 776.8), (300, 1553.6)])
def test_a_busy_journey_has_the_plans_bound(pace, found):
    assert usual(times([pace] * 20), 600.0) == pytest.approx(found, abs=0.1)
