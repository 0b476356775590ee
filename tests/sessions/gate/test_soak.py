import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.soak import soak
from sessions.plan.model import SoakRule
from sessions.state.reducer import Pause, Span, State, apply
from sessions.text.intervals import clipped, joined, total
from sessions.values.entries import Entry
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after

HOUR, MINUTE = 3600.0, 60.0


def flying(percent=10, **facts):
    return State(PLAN, phase=percent, entered_at=T0, watching=True, **facts)


def hole(start, end, cause="traffic"):
    return Span(after(start), after(end), cause)


@pytest.mark.parametrize(
    ("elapsed", "mark", "text"),
    [
        (0, Mark.WARMING, "2h00m left of 2h00m"),
        (2 * HOUR - 1, Mark.WARMING, "1s left of 2h00m"),
        (2 * HOUR, Mark.PASS, "2h00m ≥ 2h00m"),
        (3 * HOUR, Mark.PASS, "3h00m ≥ 2h00m"),
    ],
)
def test_the_minimum_is_inclusive(elapsed, mark, text):
    told = soak(flying(), after(elapsed))
    assert (told.mark, told.text) == (mark, text)


def test_a_phase_not_entered_has_no_soak():
    told = soak(State(PLAN, phase=10), T0)
    assert told.mark is Mark.WARMING
    assert told.eta is None


def test_the_preflight_needs_none():
    assert soak(flying(0), T0).mark is Mark.PASS


def test_a_hole_lengthens_the_phase_by_itself():
    state = flying(holes=(hole(600, 660),))
    told = soak(state, after(2 * HOUR))
    assert told.done == 2 * HOUR - 60
    assert told.mark is Mark.WARMING
    assert told.eta == after(2 * HOUR + 60)
    assert soak(state, told.eta).mark is Mark.PASS


def test_holes_and_pauses_that_overlap_count_once():
    state = flying(holes=(hole(600, 1200), hole(900, 1500)), pauses=(Span(after(1000), after(2000)),))
    assert soak(state, after(2 * HOUR)).done == 2 * HOUR - 1400


def test_spans_before_the_phase_do_not_count():
    state = flying(holes=(hole(-5000, -100),), pauses=(Span(after(-300), after(60)),))
    told = soak(state, after(HOUR))
    assert told.done == HOUR - 60
    assert told.coverage == 100


@pytest.mark.parametrize(("lost", "since"), [(30 * MINUTE, 0), (30 * MINUTE + 1, 30 * MINUTE + 601)])
def test_only_a_hole_wider_than_the_bound_starts_the_count_anew(lost, since):
    state = flying(holes=(hole(600, 600 + lost),))
    assert soak(state, after(2 * HOUR)).since == after(since)


def test_two_holes_that_touch_are_one_wide_hole():
    state = flying(holes=(hole(0, 20 * MINUTE), hole(20 * MINUTE, 40 * MINUTE)))
    told = soak(state, after(HOUR))
    assert told.since == after(40 * MINUTE)
    assert told.widest_hole == 40 * MINUTE


@pytest.mark.parametrize(("lost", "enough"), [(0.05, True), (0.0501, False)])
def test_coverage_of_95_percent_is_inclusive(lost, enough):
    at = after(10 * HOUR)
    state = flying(holes=(hole(60, 60 + lost * 10 * HOUR / 2), hole(4 * HOUR, 4 * HOUR + lost * 10 * HOUR / 2)))
    assert (soak(state, at).mark is Mark.PASS) is enough


def test_thin_coverage_says_so():
    holes = tuple(hole(start * HOUR, start * HOUR + 600) for start in range(4))
    told = soak(flying(holes=holes), after(4 * HOUR))
    assert told.text == "watched 83 % < 95 %"
    assert soak(flying(holes=holes), told.eta).mark is Mark.PASS


@pytest.mark.parametrize(("ended", "whole"), [(30 * MINUTE, True), (30 * MINUTE - 1, False)])
def test_the_tail_must_be_whole(ended, whole):
    now = 3 * HOUR
    state = flying(holes=(hole(now - ended - 60, now - ended),))
    told = soak(state, after(now))
    assert told.tail_whole is whole
    assert (told.mark is Mark.PASS) is whole
    if not whole:
        assert told.text == "not all of the last 30m00s was watched"
        assert told.eta == after(now + 1)


def test_the_tail_is_no_longer_than_the_soak():
    plan = replace(PLAN, phases=(PLAN.phases[0], replace(PLAN.phases[1], soak=60.0)))
    state = replace(flying(holes=(hole(0, 60),)), plan=plan)
    assert soak(state, after(1300)).mark is Mark.PASS


def test_an_open_pause_forecasts_nothing():
    state = flying(paused=Pause(after(HOUR), "owner", "lunch"))
    told = soak(state, after(1.5 * HOUR))
    assert (told.done, told.mark, told.eta) == (HOUR, Mark.WARMING, None)
    assert told.text == "paused, 1h00m left of 2h00m"
    assert told.coverage == 100


def test_an_open_hole_is_blind_and_names_the_criterion():
    told = soak(flying(unwatched={"latency": after(HOUR)}), after(HOUR + 60))
    assert (told.mark, told.eta, told.text) == (Mark.BLIND, None, "not watched: latency")
    assert told.done == HOUR


def test_an_open_hole_too_wide_counts_nothing():
    told = soak(flying(unwatched={"latency": after(HOUR)}), after(2 * HOUR))
    assert (told.done, told.since, told.coverage) == (0, after(2 * HOUR), None)


def test_row_30_without_a_watch_time_stands_still_since_its_last_sign_of_life():
    seen = Entry(3, after(600), "watch.started", "watch", 10, "")
    note = Entry(4, after(5000), "note.written", "cli", 10, "hello")
    state = replace(apply(apply(flying(), seen), note), watching=False)
    assert soak(state, after(1000)).done == 600
    assert soak(state, after(1000), alive_at=after(900)).done == 900
    assert soak(state, after(9 * HOUR)).mark is Mark.BLIND


def test_full_coverage_that_was_lost_is_never_forecast():
    plan = replace(PLAN, soak=SoakRule(100.0, 1800.0, 1800.0))
    told = soak(replace(flying(holes=(hole(60, 120),)), plan=plan), after(3 * HOUR))
    assert (told.mark, told.eta) == (Mark.WARMING, None)


moments = st.integers(-1800, 4 * 3600)
spans = st.lists(st.tuples(moments, moments), max_size=6)


@given(holes=spans, pauses=spans, now=st.integers(0, 4 * 3600))
def test_the_forecast_comes_true_and_not_a_second_earlier(holes, pauses, now):
    state = flying(
        holes=tuple(hole(start, end) for start, end in holes if end <= now),
        pauses=tuple(hole(start, end) for start, end in pauses if end <= now),
    )
    told = soak(state, after(now))
    assert 0 <= told.done <= told.elapsed
    assert (told.coverage is None) == (told.elapsed == 0)
    assert 0 <= (told.coverage or 0.0) <= 100
    if told.eta is not None:
        assert soak(state, told.eta).mark is Mark.PASS
        if told.mark is not Mark.PASS:
            assert soak(state, told.eta - timedelta(seconds=1)).mark is not Mark.PASS


@given(holes=spans, now=st.integers(0, 4 * 3600))
def test_no_hole_ever_shortens_the_soak(holes, now):
    kept = tuple(hole(start, end) for start, end in holes if end <= now)
    assert soak(flying(holes=kept), after(now)).done <= soak(flying(), after(now)).done


@given(pairs=spans)
def test_the_union_is_as_long_as_its_seconds(pairs):
    stretches = clipped([(after(start), after(end)) for start, end in pairs], after(-1800), after(4 * 3600))
    seconds = {second for start, end in pairs for second in range(start, end)}
    assert total(stretches) == len(seconds)
    union = joined(stretches)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(union))
