"""Which windows of a request log are asked for, and how much of each the log vouches for."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources.mongo.request_log_queries import Agenda, covered
from tests.support.build import PLAN, T0, after

LENGTH, SETTLE = PLAN.windows.length, PLAN.windows.settle
LATE = PLAN.cadence.data_latency


def look(agenda, now, newest=None):
    """Ask for all that is due, as the source does; return the starts, newest first, and which were missed."""
    newest = newest or now
    due = agenda.due(now, newest)
    for window in due:
        agenda.looked(window, now, newest)
    return [(window.start - T0).total_seconds() / LENGTH for window in due], {w.backfilled for w in due}


def test_a_closed_window_is_asked_for_until_it_has_settled_and_never_again():
    agenda = Agenda(PLAN, None)
    assert look(agenda, after(LENGTH - 1)) == ([0], {False})
    assert look(agenda, after(LENGTH + SETTLE - 1))[0] == [1, 0]
    assert look(agenda, after(LENGTH + SETTLE))[0] == [1, 0]
    assert look(agenda, after(LENGTH + SETTLE + 1))[0] == [1]


def test_a_window_stays_due_until_the_log_goes_on_beyond_it():
    agenda = Agenda(PLAN, None)
    look(agenda, after(LENGTH - 1))
    assert look(agenda, after(2 * LENGTH), after(LENGTH - 1))[0] == [0]
    assert look(agenda, after(2 * LENGTH + 60), after(2 * LENGTH + 1))[0] == [2, 1, 0]
    assert look(agenda, after(2 * LENGTH + 61), after(2 * LENGTH + 1))[0] == [2]


def test_settling_follows_a_log_that_is_late():
    agenda = Agenda(PLAN, None)
    look(agenda, after(1))
    late = LATE + 60
    assert look(agenda, after(LENGTH + late), after(LENGTH))[0] == [0]
    assert look(agenda, after(LENGTH + late + SETTLE), after(LENGTH + SETTLE))[0] == [1, 0]
    assert look(agenda, after(LENGTH + late + SETTLE + 1), after(LENGTH + SETTLE + 1))[0] == [1]


@pytest.mark.parametrize(
    ("since", "starts"), [(None, [10]), (after(7.5 * LENGTH), [10, 9, 8, 7]), (after(99 * LENGTH), [10])]
)
def test_what_was_missed_is_asked_for_once_and_marked(since, starts):
    agenda = Agenda(PLAN, since)
    due = agenda.due(after(10.5 * LENGTH), after(10.5 * LENGTH))
    assert [(w.start - T0).total_seconds() / LENGTH for w in due] == starts
    assert [w.backfilled for w in due] == [start != 10 for start in starts]


def test_at_most_48_windows_are_caught_up():
    agenda = Agenda(PLAN, after(-900 * LENGTH))
    assert len(agenda.due(T0, T0)) == 48
    assert look(agenda, after(1))[0][-1] == -48
    assert look(agenda, after(SETTLE))[0] == [0, -1]


def test_a_long_sleep_is_caught_up_too():
    agenda = Agenda(PLAN, None)
    look(agenda, after(1))
    starts, missed = look(agenda, after(5 * LENGTH + 100))
    assert (starts, missed) == ([5, 4, 3, 2, 1, 0], {False, True})


def test_a_clock_that_goes_back_begins_anew():
    agenda = Agenda(PLAN, None)
    look(agenda, after(5 * LENGTH))
    assert look(agenda, after(2 * LENGTH + 1))[0] == [2]
    assert look(agenda, after(3 * LENGTH + 1))[0] == [3, 2]


def test_a_window_that_was_given_up_is_not_due():
    agenda = Agenda(PLAN, after(-LENGTH))
    agenda.drop(agenda.due(after(1), after(1))[1])
    assert look(agenda, after(2))[0] == [0]


@given(st.lists(st.floats(0.1, 3 * LENGTH), min_size=1, max_size=40))
def test_however_it_is_asked_each_window_is_final_once_after_it_has_settled(steps):
    agenda, now, last = Agenda(PLAN, T0), T0, {}
    for step in steps:
        now += timedelta(seconds=step)
        for window in agenda.due(now, now):
            assert last.get(window.index, window.end) < window.end + timedelta(seconds=SETTLE)
            last[window.index] = now
            agenda.looked(window, now, now)
    assert all(right - left == 1 for left, right in pairwise(sorted(last)))


@pytest.mark.parametrize(
    ("end", "newest", "share"),
    [(100, 100, 1.0), (100, 250, 1.0), (100, 90, 0.9), (100, 0, 0.0), (100, -5, 0.0), (0, 5, 0.0)],
)
def test_a_log_vouches_as_far_as_it_goes(end, newest, share):
    assert covered(T0, after(end), after(newest)) == share
