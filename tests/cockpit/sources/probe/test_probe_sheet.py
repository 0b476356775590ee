"""Windows of single requests: exact figures, what is vouched for, and whose fault a lost request is. Pure."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.sources.probe.blame import Reach
from cockpit.sources.probe.tally import WINDOWS_KEPT, Attempt, Outcome, Sheet
from sessions.values.readings import Grain
from tests.support.build import PLAN, T0, after

EPOCH = T0.timestamp()
GOOD, BAD, LOST = Outcome


def shot(at, seconds=0.1, outcome=GOOD, endpoint="GET /x", **facts):
    """Return a request that ended `at` s after T0."""
    return Attempt(endpoint, EPOCH + at - (seconds or 0), EPOCH + at, outcome, seconds, answered=True, **facts)


def filled(*attempts, period=2.5):
    sheet = Sheet(PLAN.windows, period, "probe", PLAN.latency.p95_ms)
    for attempt in attempts:
        sheet.take(attempt)
    return sheet


def windows(sheet, at):
    return [item for item in sheet.readings(after(at)) if item.grain is Grain.WINDOW]


def steady(since, until, period=2.5, **facts):
    return [shot(since + step * period, **facts) for step in range(1, int((until - since) / period) + 1)]


def test_a_window_asked_on_schedule_is_whole():
    (window,) = windows(filled(*steady(0, 300)[:-1]), 301)
    assert (window.start, window.end, window.requests, window.errors) == (T0, after(300), 119, 0)
    assert window.covered > 0.98
    assert (window.p95_ms, window.p95_capped) == (100, False)


def test_a_request_counts_where_it_ended():
    found = windows(filled(shot(299.9), shot(300.1, 4)), 301)
    assert [(item.start, item.requests) for item in found] == [(T0, 1), (after(300), 1)]


def test_errors_are_counted_and_what_was_not_timed_has_no_p95():
    (window,) = windows(filled(shot(1, None, BAD), shot(2, 0.2, BAD), shot(3, None, BAD)), 4)
    assert (window.requests, window.errors, window.p95_ms) == (3, 3, 200)
    (window,) = windows(filled(shot(1, None, BAD)), 4)
    assert window.p95_ms is None


def test_the_share_over_the_bound_is_counted_and_unknown_where_one_was_given_up_before_it():
    timed = [shot(place + 1, seconds) for place, seconds in enumerate((0.5, 0.501, 0.2, 5.0))]
    (window,) = windows(filled(*timed), 100)
    assert window.over == 0.5
    (window,) = windows(filled(*timed, shot(6, 5.0, BAD, late=True)), 100)
    assert window.over == 0.6
    (window,) = windows(filled(*timed, shot(6, 0.4, BAD, late=True)), 100)
    assert window.over is None


def test_a_p95_that_was_given_up_is_only_known_to_be_larger():
    given_up = [shot(place + 1, 5.0, BAD, late=True) for place in range(2)]
    (window,) = windows(filled(*steady(20, 120), *given_up), 121)
    assert (window.p95_ms, window.p95_capped) == (100, False)
    (window,) = windows(filled(*steady(20, 40), *given_up), 71)
    assert (window.p95_ms, window.p95_capped) == (5000, True)


@given(st.lists(st.floats(0.001, 5), min_size=1, max_size=200))
def test_the_p95_is_the_smallest_time_that_95_of_100_did_not_exceed(times):
    (window,) = windows(filled(*(shot(5 + place / 100, seconds) for place, seconds in enumerate(times))), 30)
    within = sum(round(seconds * 1000, 3) <= window.p95_ms for seconds in times)
    below = sum(round(seconds * 1000, 3) < window.p95_ms for seconds in times)
    assert within >= 0.95 * len(times) - 1e-9 > below - 1e-6


def test_row_55_time_in_which_nobody_was_reached_is_not_covered():
    (window,) = windows(filled(*steady(0, 100), *steady(200, 300)[:-1]), 300)
    assert window.covered == pytest.approx(200 / 300, abs=0.02)


def test_a_window_that_began_before_the_first_request_is_not_whole():
    assert windows(filled(*steady(150, 299)), 300)[0].covered == pytest.approx(0.5, abs=0.02)


def test_a_running_window_is_covered_as_far_as_it_went_and_is_told_each_time():
    sheet = filled(*steady(0, 60))
    first, again = windows(sheet, 60), windows(sheet, 61)
    assert first[0].covered > 0.95
    assert first[0].at < first[0].end
    assert len(again) == 1


def test_a_closed_window_is_told_once_and_again_when_a_late_verdict_changes_it():
    sheet = filled(*steady(0, 299))
    assert [len(windows(sheet, at)) for at in (299, 300, 315)] == [1, 1, 0]
    sheet.take(shot(290, None, BAD))
    (window,) = windows(sheet, 330)
    assert window.errors == 1


def test_the_last_minute_holds_what_ended_in_it():
    sheet = filled(*steady(0, 200), shot(199, 0.3, BAD))
    (minute,) = [item for item in sheet.readings(after(200)) if item.grain is Grain.MINUTE]
    assert (minute.start, minute.end) == (after(140), after(200))
    assert (minute.requests, minute.errors) == (25, 1)
    assert minute.covered > 0.98
    assert [item for item in sheet.readings(after(400)) if item.grain is Grain.MINUTE] == []


def test_old_windows_are_forgotten_and_so_is_a_future_when_the_clock_goes_back():
    sheet = filled(shot(1), shot(300 * (WINDOWS_KEPT + 1) + 1))
    assert [item.start for item in windows(sheet, 300 * (WINDOWS_KEPT + 1) + 2)] == [after(300 * (WINDOWS_KEPT + 1))]
    assert sheet.readings(after(10)) == []


@given(st.lists(st.tuples(st.floats(0, 900), st.floats(0.01, 5)), max_size=60), st.floats(0, 900))
def test_no_share_is_ever_over_one_and_every_request_is_counted_once(rows, at):
    sheet = filled(*(shot(end, seconds) for end, seconds in rows))
    found = windows(sheet, 900)
    assert sum(item.requests for item in found) == len(rows)
    assert all(0 <= item.covered <= 1 and math.isfinite(item.covered) for item in found)
    assert 0 <= sheet.covered("GET /x", EPOCH, EPOCH + at) <= 1


TURN, PATIENCE = 3.0, 5.0


def lost(begun, ended):
    return Attempt("GET /x", begun, ended, LOST, why="refused")


def heard(begun, ended):
    return Attempt("GET /y", begun, ended, GOOD, 0.1, answered=True)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([(9, 9.1), (11, 11.1)], "failed"),
        ([(9, 12)], "failed"),
        ([(7.5, 7.9), (12.9, 20)], "failed"),
        ([], "nothing"),
        ([(9, 9.1)], "nothing"),
        ([(11, 11.1)], "nothing"),
        ([(1, 6.9), (11, 11.1)], "nothing"),
        ([(9, 9.1), (13.2, 13.3)], "nothing"),
    ],
)
def test_row_55_whose_fault_it_is_shows_by_answers_around_it(answers, verdict):
    reach = Reach(TURN, PATIENCE)
    reach.take(lost(10, 10.1))
    for begun, ended in answers:
        reach.take(heard(begun, ended))
    early = reach.decided(10.2)
    if verdict == "nothing":
        assert early == ([], [])
        assert [item.why for item in reach.decided(18.2)[1]] == ["refused"]
    else:
        assert [item.outcome for item in early[0]] == [BAD]
    assert reach.decided(30) == ([], [])


def test_a_failed_request_that_was_no_answer_is_no_evidence():
    reach = Reach(TURN, PATIENCE)
    reach.take(lost(10, 10.1))
    reach.take(replace(heard(9, 12), answered=False))
    assert reach.decided(30)[0] == []
