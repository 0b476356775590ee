"""Row 64: a slow question rests ten times as long as it took, one that is given up as it was waited for."""

import pytest

from cockpit.sources.database.pace import Pace
from tests.support.build import T0, after


def due(pace):
    """Return the seconds after T0 at which it may be asked again, to a quarter."""
    return next(quarter / 4 for quarter in range(10_000) if pace.ready(after(quarter / 4)))


@pytest.mark.parametrize(
    ("took", "rest", "note"),
    [
        (0.0, 0.0, ""),
        (0.1, 1.0, ""),
        (5.0, 50.0, ""),
        (6.0, 57.5, ""),
        (6.1, 57.5, "takes 6.1 s, asked every 60 s"),
        (90.0, 57.5, "takes 90.0 s, asked every 60 s"),
    ],
)
def test_ten_times_as_long_but_never_stale(took, rest, note):
    pace = Pace(60.0, 57.5)
    pace.answered(T0, took)
    assert (due(pace), pace.note) == (rest, note)


def test_a_wider_cap_is_told_as_it_is():
    pace = Pace(10.0, 45.0)
    pace.answered(T0, 5.0)
    assert (due(pace), pace.note) == (45.0, "takes 5.0 s, asked every 45 s")


def test_what_is_given_up_costs_its_whole_limit_whatever_goes_stale():
    pace = Pace(60.0, 57.5)
    for limit in (4.5, 4.5, 30.0):
        pace.abandoned(T0, limit)
        assert (pace.in_vain, due(pace)) == (True, 10 * limit)
    pace.answered(T0, 0.1)
    assert (pace.in_vain, due(pace)) == (False, 1.0)


def test_once_the_database_is_fast_again_what_was_fast_is_spared():
    pace = Pace(60.0, 57.5)
    pace.spare()
    pace.abandoned(T0, 4.5)
    pace.spare()
    assert due(pace) == 45.0, "nobody knows that it ever was fast"
    pace.answered(T0, 2.0)
    pace.spare()
    assert due(pace) == 20.0, "it was not given up"
    pace.abandoned(T0, 4.5)
    pace.abandoned(T0, 4.5)
    rests = []
    for _ in range(6):
        pace.abandoned(T0, 4.5)
        assert due(pace) == 45.0
        pace.spare()
        rests.append(due(pace))
    assert rests == [0.0, 9.0, 18.0, 36.0, 45.0, 45.0], "it may be slow itself"


def test_what_was_slow_before_is_not_spared():
    pace = Pace(60.0, 57.5)
    pace.answered(T0, 2.5)
    pace.abandoned(T0, 4.5)
    pace.spare()
    assert due(pace) == 45.0


def test_a_clock_that_went_back_holds_nothing_up():
    pace = Pace(60.0, 57.5)
    assert pace.ready(T0)
    pace.answered(T0, 5.0)
    assert not pace.ready(after(49))
    assert pace.ready(after(-3600))
