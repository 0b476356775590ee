import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria import errors
from sessions.criteria.windows import stamp
from sessions.state.reducer import State
from sessions.values.readings import Grain, Topic, Traffic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, after, minute, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, NOW, alone, answered, entered, flown, part, running, told

M = Mark
NEWEST = 2


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        ({}, M.PASS),
        ({"requests": 10000.0, "errors": 99.0}, M.PASS),
        ({"requests": 10000.0, "errors": 100.0}, M.BREACH),
        ({"requests": 20.0, "errors": 0.0}, M.PASS),
        ({"requests": 20.0, "errors": 1.0}, M.BREACH),
        ({"requests": 19.0, "errors": 0.0}, M.THIN),
        ({"requests": 0.0, "errors": 0.0}, M.THIN),
        ({"requests": math.nan}, M.SILENT),
        ({"requests": math.inf}, M.SILENT),
        ({"errors": math.nan}, M.SILENT),
        ({"errors": math.inf}, M.SILENT),
        ({"errors": -1.0}, M.SILENT),
        ({"p95_ms": None}, M.PASS),
        ({"covered": 0.5}, M.SILENT),
        ({"at": after(3 * LENGTH - 1)}, M.SILENT),
    ],
)
def test_the_newest_window_at_its_edges(facts, mark):
    verdict = errors.judge(alone(flown(capsules={NEWEST: facts})), NOW)
    assert verdict.mark is mark
    assert part(verdict, CAPSULES).mark is mark


@pytest.mark.parametrize("index", range(3))
@pytest.mark.parametrize(("facts", "mark"), [({"errors": 30.0}, M.BREACH), ({"requests": 3.0}, M.THIN)])
def test_each_of_the_three_newest_windows_counts(index, facts, mark):
    assert errors.judge(alone(flown(capsules={index: facts})), NOW).mark is mark


def test_a_pass_says_the_worst_share_and_its_windows():
    verdict = errors.judge(flown(capsules={NEWEST: {"requests": 1000.0, "errors": 3.0}}), NOW)
    assert (verdict.subject, verdict.text) == (CAPSULES, "0.3 %  3/3 windows")
    assert (verdict.value, verdict.bound, verdict.unit) == (pytest.approx(0.3), 1.0, "%")


def test_a_breach_names_its_endpoint_and_clears_three_windows_later():
    verdict = errors.judge(flown(capsules={0: {"requests": 1000.0, "errors": 14.0}}), NOW)
    assert (verdict.subject, verdict.text) == (CAPSULES, "1.4 % on POST /capsules")
    assert verdict.eta == after(4 * LENGTH + PLAN.windows.settle)


def test_all_endpoints_together_are_a_part_of_their_own():
    state = flown(capsules={NEWEST: {"requests": 400.0, "errors": 3.9}})
    overall = part(errors.judge(state, NOW), errors.ALL)
    assert (overall.mark, overall.value) == (M.PASS, pytest.approx(390 / 1000))
    assert overall.marks == (M.PASS,) * 3


def test_thin_endpoints_may_breach_together():
    state = answered(entered(), Topic.TRAFFIC)
    for name in PLAN.endpoints:
        rows = (window(name, after(index * LENGTH), requests=19.0, errors=0.5) for index in range(3))
        state = told(state, *rows)
    verdict = errors.judge(alone(state), NOW)
    assert (verdict.mark, verdict.subject) == (M.BREACH, errors.ALL)
    assert part(verdict, CAPSULES).mark is M.THIN


@pytest.mark.parametrize(
    ("requests", "bad", "mark"),
    [
        (40.0, 7.0, M.BREACH),
        (100.0, 5.0, M.BREACH),
        (100.1, 5.0, M.PASS),
        (10.0, 4.0, M.PASS),
        (5.0, 5.0, M.BREACH),
        (0.0, 0.0, M.PASS),
        (math.nan, 7.0, M.PASS),
        (40.0, math.nan, M.PASS),
    ],
)
def test_a_minute_is_a_spike_from_five_errors_that_are_five_percent(requests, bad, mark):
    state = told(flown(), minute(CAPSULES, after(3 * LENGTH), requests=requests, errors=bad))
    assert errors.judge(state, NOW).mark is mark


def test_a_spike_is_told_by_its_minute():
    state = told(flown(), minute(CAPSULES, after(2 * LENGTH), requests=40.0, errors=7.0))
    verdict = errors.judge(state, NOW)
    when = stamp(state, after(2 * LENGTH - 60))
    assert verdict.text == f"spike at {when}: 18 % ≥ 5.0 % failed, 7 of 40 requests on POST /capsules"
    assert (verdict.value, verdict.bound) == (17.5, 5.0)
    assert verdict.eta == after(5 * LENGTH + PLAN.windows.settle)
    assert part(verdict, CAPSULES).text == f"spike at {when}: 18 % ≥ 5.0 % failed, 7 of 40 requests"


def test_a_spike_spread_over_endpoints_is_found_overall():
    end = after(3 * LENGTH)
    spread = [minute(name, end, requests=10.0, errors=1.0) for name in PLAN.endpoints]
    verdict = errors.judge(told(flown(), *spread), NOW)
    assert (verdict.mark, verdict.subject) == (M.BREACH, errors.ALL)


def test_of_several_spikes_the_newest_is_told():
    ends = after(2 * LENGTH), after(2 * LENGTH + 60)
    state = told(flown(), *(minute(CAPSULES, end, requests=40.0, errors=7.0 + n) for n, end in enumerate(ends)))
    verdict = errors.judge(state, NOW)
    text = f"spike at {stamp(state, ends[0])}: 20 % ≥ 5.0 % failed, 8 of 40 requests"
    assert (part(verdict, CAPSULES).text, part(verdict, errors.ALL).text) == (text, text)


def test_a_minute_dated_ahead_is_no_spike_and_no_part_of_one():
    end = after(3 * LENGTH)
    ahead = replace(minute(CAPSULES, end, requests=40.0, errors=7.0), at=after(3, NOW))
    assert errors.judge(told(flown(), ahead), NOW).mark is M.PASS
    quiet = replace(minute("POST /csat", end, requests=100.0), at=after(3, NOW))
    verdict = errors.judge(told(flown(), replace(ahead, at=end), quiet), NOW)
    assert part(verdict, errors.ALL).text.endswith(", 7 of 40 requests")


@pytest.mark.parametrize(("end", "mark"), [(LENGTH, M.PASS), (LENGTH + 15, M.BREACH), (4 * LENGTH + 40, M.BREACH)])
def test_a_spike_counts_from_the_oldest_judged_window_to_now(end, mark):
    now = after(4 * LENGTH + 40)
    state = told(flown(windows=4, now=now), minute(CAPSULES, after(end), requests=40.0, errors=7.0))
    assert errors.judge(state, now).mark is mark


def test_a_spike_is_remembered_as_long_as_its_window_is_judged():
    now = after(4 * LENGTH + 29)
    state = told(flown(windows=4, now=now), minute(CAPSULES, after(65), requests=40.0, errors=7.0))
    polls = int((now - after(65)).total_seconds() // PLAN.cadence.traffic)
    state = told(state, *(minute(CAPSULES, after(65 + 15 * (poll + 1))) for poll in range(polls)))
    assert errors.judge(state, now).mark is M.BREACH


def test_a_spike_from_before_the_phase_does_not_count():
    now = after(40)
    state = told(flown(windows=0, now=now), minute(CAPSULES, after(30), requests=40.0, errors=7.0))
    assert errors.judge(state, now).mark is M.WARMING


def test_a_running_window_is_never_judged_but_shown_while_there_is_no_other():
    now = after(LENGTH / 2)
    state = told(flown(windows=0, now=now), running(CAPSULES, 0, errors=60.0))
    verdict = errors.judge(state, now)
    assert verdict.mark is M.WARMING
    assert part(verdict, CAPSULES).value == 50.0


def test_a_hole_in_the_middle_is_no_pass():
    assert errors.judge(flown(capsules={1: None}), NOW).mark is M.WARMING


def test_row_50_a_vanished_series_is_silent_although_the_others_go_on():
    verdict = errors.judge(flown(capsules={NEWEST: None}), NOW)
    assert (verdict.mark, verdict.subject) == (M.SILENT, CAPSULES)
    assert part(verdict, errors.ALL).mark is M.PASS


def test_row_53_no_traffic_at_all_is_thin():
    state = answered(entered(), Topic.TRAFFIC)
    for name in PLAN.endpoints:
        state = told(state, *(window(name, after(index * LENGTH), requests=0.0, p95_ms=None) for index in range(3)))
    verdict = errors.judge(state, NOW)
    assert verdict.mark is M.THIN
    assert verdict.text.startswith("0 requests in 15 min < 20 needed")


def test_stale_and_absent_sources_are_no_pass():
    late = NOW + timedelta(seconds=PLAN.cadence.traffic_stale + 1)
    assert errors.judge(flown(), late).mark is M.BLIND
    assert errors.judge(State(PLAN), NOW).mark is M.WARMING
    assert errors.judge(answered(entered(), Topic.TRAFFIC), NOW).mark is M.SILENT


def test_windows_that_began_before_the_phase_do_not_count():
    late = State(PLAN, phase=25, entered_at=after(1), visits=((25, after(1)),), seen=flown().seen)
    assert errors.judge(late, NOW).text == "2 of 3 windows"


@st.composite
def traffic(draw):
    start = after(draw(st.integers(-1, 4)) * LENGTH)
    return Traffic(
        "scrape",
        after(LENGTH + draw(st.sampled_from([-200, 0, 10, 4000])), start),
        draw(st.sampled_from(PLAN.endpoints)),
        Grain.WINDOW,
        start,
        after(LENGTH, start),
        draw(st.sampled_from([math.nan, -1.0, 0.0, 19.0, 20.0, 1000.0])),
        draw(st.sampled_from([math.nan, -1.0, 0.0, 1.0, 9.9, 10.0])),
        None,
        covered=draw(st.sampled_from([0.5, 1.0, 1.0, 1.0])),
    )


@st.composite
def minutes(draw):
    end = after(draw(st.integers(0, 85)) * 15)
    bad = draw(st.sampled_from([0.0, 4.0, 5.0, 9.0]))
    return minute(
        draw(st.sampled_from(PLAN.endpoints)), end, requests=draw(st.sampled_from([9.0, 100.0, 900.0])), errors=bad
    )


def proved(rows, spans, now) -> bool:
    """The naive oracle over the raw readings: three clean windows everywhere, no bad minute within them."""
    closed = [index for index in range(9) if after((index + 1) * LENGTH + 30) <= now][-3:]
    clean = len(closed) == 3 and all(_clean(rows, name, index, now) for name in PLAN.endpoints for index in closed)
    since = after(closed[0] * LENGTH) if closed else now
    newest = {(row.endpoint, row.start): row for row in spans}
    return clean and not any(
        row.end > since and row.errors >= 5 and row.errors >= row.requests * 0.05 for row in newest.values()
    )


def _clean(rows, name, index, now) -> bool:
    return any(
        row.endpoint == name
        and row.start == after(index * LENGTH)
        and row.end <= row.at <= after(2, now)
        and row.covered >= 0.9
        and row.requests >= 20
        and 0 <= row.errors < row.requests / 100
        for row in rows
    )


@pytest.mark.slow
@given(
    st.lists(traffic(), max_size=10),
    st.lists(minutes(), max_size=5),
    st.integers(-30, 90),
    st.sampled_from([2.0, 3.0, 3.5, 4.2]),
)
def test_no_sequence_of_readings_passes_without_proof(extra, spans, age, moment):
    now = after(moment * LENGTH + 40)
    calm = [window(name, after(index * LENGTH)) for name in PLAN.endpoints for index in range(5)]
    past = [row for row in spans if row.end <= now and row.start >= after(0)]
    state = answered(told(entered(), *calm, *extra, *past), Topic.TRAFFIC, after(-age, now))
    if errors.judge(alone(state), now).mark is M.PASS:
        assert -2 <= age <= 60
        assert proved([*calm, *extra], past, now)
