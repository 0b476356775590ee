"""Row 64: a slow question rests ten times as long, one that times out is asked half as often."""

import pytest

from cockpit.sources.records.pace import Pace
from tests.build import T0, after


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
        (6.1, 57.5, "too slow: 6.1 s, asked every 60 s"),
        (90.0, 57.5, "too slow: 90.0 s, asked every 60 s"),
    ],
)
def test_ten_times_as_long_but_never_stale(took, rest, note):
    pace = Pace(60.0, 57.5)
    pace.answered(T0, took)
    assert (due(pace), pace.note) == (rest, note)


def test_a_wider_cap_is_told_as_it_is():
    pace = Pace(10.0, 45.0)
    pace.answered(T0, 5.0)
    assert (due(pace), pace.note) == (45.0, "too slow: 5.0 s, asked every 45 s")


def test_each_time_out_doubles_up_to_four_turns_and_an_answer_forgets_them():
    pace, waits = Pace(60.0, 57.5), []
    for _ in range(4):
        pace.timed_out(T0)
        waits.append(due(pace))
    assert waits == [105.0, 225.0, 225.0, 225.0], "a quarter of a turn early: nobody asks on the second"
    pace.answered(T0, 0.1)
    assert due(pace) == 1.0
    pace.timed_out(T0)
    assert due(pace) == 105.0


def test_a_clock_that_went_back_holds_nothing_up():
    pace = Pace(60.0, 57.5)
    assert pace.ready(T0)
    pace.answered(T0, 5.0)
    assert not pace.ready(after(49))
    assert pace.ready(after(-3600))
