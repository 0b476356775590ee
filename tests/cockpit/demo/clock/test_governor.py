"""How fast the demo goes by what is late: a table, and what holds for any lateness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.demo.clock.governor import PATIENT, SLOWEST, Governor, Signs

TICK = 0.1
FULL = 1.0


def flown(governor, signs, seconds, now=0.0):
    """Return the governor after so many seconds of the same signs, and when that was."""
    for _ in range(round(seconds / TICK)):
        now += TICK
        governor = governor.after(signs, now)
    return governor, now


class Machine:
    """A machine on which everything takes so long: a slower demo makes it less late."""

    def __init__(self, world=0.0, watch=0.0, answers=0.0):
        self.world, self.watch, self.answers = world, watch, answers

    def signs(self, pace):
        return Signs(self.world, self.watch, self.answers * pace)


@pytest.mark.parametrize(
    ("signs", "least", "most"),
    [
        (Signs(), FULL, FULL),
        (Signs(world=0.02, watch=0.05, answers=0.4), FULL, FULL),  # room enough
        (Signs(world=0.12), 0.3, 0.6),  # twice as late as may be: half as fast
        (Signs(world=0.6), SLOWEST, 0.12),
        (Signs(watch=0.3), 0.3, 0.6),
        (Signs(watch=1.5), SLOWEST, 0.12),
        (Signs(answers=3.0), PATIENT, PATIENT),  # late however slow it goes
        (Signs(answers=30.0), PATIENT, PATIENT),
        (Signs(world=0.6, answers=30.0), SLOWEST, 0.12),
        (Signs(silent=0.5), FULL, FULL),
        (Signs(silent=2.0), SLOWEST, SLOWEST),  # the watch is stuck
        (Signs(silent=60.0), FULL, FULL),  # nobody watches
    ],
)
def test_what_is_late_says_how_fast_it_goes(signs, least, most):
    governor, _ = flown(Governor(), signs, 10)
    assert least <= governor.pace <= most


@pytest.mark.parametrize("machine", [Machine(world=0.2), Machine(watch=0.5), Machine(answers=4.0)])
def test_it_finds_a_pace_at_which_nothing_is_late(machine):
    governor, now = Governor(), 0.0
    for _ in range(300):
        now += TICK
        governor = governor.after(machine.signs(governor.pace), now)
    assert SLOWEST < governor.pace < 0.6
    assert governor.pressure(machine.signs(governor.pace)) <= 1.3


def test_a_stuck_watch_stops_it_at_once():
    governor, _ = flown(Governor(), Signs(silent=0.8), TICK)
    assert governor.pace == SLOWEST


def test_a_single_stall_slows_nothing_down():
    governor, now = flown(Governor(), Signs(), 2)
    governor = governor.after(Signs(world=0.15), now + TICK)
    governor, _ = flown(governor, Signs(), 1, now + TICK)
    assert governor.pace == FULL


def test_it_is_told_after_a_second_and_no_more_once_it_is_whole():
    governor, now = flown(Governor(), Signs(answers=3.0), 0.5)
    assert governor.pace < FULL
    assert governor.said == 0
    governor, now = flown(governor, Signs(answers=3.0), 3, now)
    assert 0 < governor.said < 0.5
    governor, _ = flown(governor, Signs(), 6, now)
    assert (governor.pace, governor.said) == (FULL, 0)


late = st.builds(
    Signs,
    st.floats(0, 5, allow_nan=False),
    st.floats(0, 5, allow_nan=False),
    st.floats(0, 20, allow_nan=False),
    st.floats(0, 40, allow_nan=False),
)


@given(st.lists(late, max_size=80))
def test_whatever_was_late_it_is_at_full_speed_within_seven_seconds_of_calm(signs):
    governor, now = Governor(), 0.0
    for each in signs:
        now += TICK
        governor = governor.after(each, now)
        assert SLOWEST <= governor.pace <= FULL
        assert governor.said <= FULL
    governor, _ = flown(governor, Signs(), 7, now)
    assert (governor.pace, governor.said) == (FULL, 0)
