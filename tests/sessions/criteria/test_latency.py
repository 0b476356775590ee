import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.criteria import latency
from sessions.plan.loader import scaled
from sessions.state.reducer import State, observe
from sessions.values.readings import Grain, Pulse, Topic, Traffic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after, minute, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, NOW, alone, answered, entered, flown, part, running, told

M = Mark
NEWEST = 2


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        ({}, M.PASS),
        ({"p95_ms": 500.0}, M.PASS),
        ({"p95_ms": 500.1}, M.BREACH),
        ({"p95_ms": 0.0}, M.PASS),
        ({"p95_ms": -1.0}, M.SILENT),
        ({"p95_ms": None}, M.SILENT),
        ({"p95_ms": math.nan}, M.SILENT),
        ({"p95_ms": math.inf}, M.SILENT),
        ({"p95_ms": 5000.0, "p95_capped": True}, M.BREACH),
        ({"p95_ms": 250.0, "p95_capped": True}, M.SILENT),
        ({"p95_ms": 375.0, "bucket_ms": (250.0, 1000.0), "over": None}, M.THIN),
        ({"p95_ms": 900.0, "bucket_ms": (250.0, 1000.0), "over": None}, M.THIN),
        ({"p95_ms": 375.0, "bucket_ms": (250.0, 500.0), "over": None}, M.PASS),
        ({"p95_ms": 600.0, "bucket_ms": (500.0, 1000.0), "over": None}, M.BREACH),
        ({"p95_ms": 375.0, "bucket_ms": (250.0, 500.0), "over": 0.04}, M.PASS),
        ({"requests": 20.0}, M.PASS),
        ({"requests": 19.99}, M.THIN),
        ({"requests": 19.0, "p95_ms": 900.0}, M.THIN),
        ({"requests": 0.0, "p95_ms": None}, M.THIN),
        ({"requests": math.nan}, M.SILENT),
        ({"requests": math.inf}, M.SILENT),
        ({"requests": -5.0}, M.SILENT),
        ({"covered": 0.9}, M.PASS),
        ({"covered": 0.89}, M.SILENT),
        ({"covered": math.nan}, M.SILENT),
        ({"at": after(3 * LENGTH - 1)}, M.SILENT),
        ({"at": after(3 * LENGTH)}, M.PASS),
        ({"at": after(3 * LENGTH + 60)}, M.SILENT),
        ({"end": after(3 * LENGTH - 60)}, M.SILENT),
    ],
)
def test_the_newest_window_at_its_edges(facts, mark):
    verdict = latency.judge(alone(flown(capsules={NEWEST: facts})), NOW)
    assert verdict.mark is mark
    assert part(verdict, CAPSULES).mark is mark
    if mark is not M.PASS:
        assert verdict.subject == CAPSULES


def test_buckets_that_cannot_tell_say_which_one_is_missing():
    facts = {"p95_ms": 375.0, "bucket_ms": (250.0, 1000.0), "over": None}
    verdict = latency.judge(flown(capsules={NEWEST: facts}), NOW)
    assert verdict.text == f"the buckets cannot tell: add one at 500 ms on {CAPSULES}"


@pytest.mark.parametrize("index", range(3))
@pytest.mark.parametrize(
    ("facts", "mark"), [({"p95_ms": 501.0}, M.BREACH), ({"requests": 3.0}, M.THIN), ({"p95_ms": None}, M.SILENT)]
)
def test_each_of_the_three_newest_windows_counts(index, facts, mark):
    assert latency.judge(alone(flown(capsules={index: facts})), NOW).mark is mark


def test_a_pass_names_the_slowest_endpoint_and_counts_its_windows():
    verdict = latency.judge(flown(capsules={NEWEST: {"p95_ms": 438.0}}), NOW)
    assert (verdict.subject, verdict.value, verdict.bound, verdict.unit) == (CAPSULES, 438.0, 500.0, "ms")
    assert (verdict.text, verdict.eta) == ("438 ms  3/3 windows", None)
    assert part(verdict, CAPSULES).marks == (M.PASS,) * 3


def test_a_breach_is_told_by_the_window_that_breached_and_clears_three_windows_later():
    verdict = latency.judge(flown(capsules={1: {"p95_ms": 812.0}}), NOW)
    assert (verdict.value, verdict.text) == (812.0, "812 ms on POST /capsules")
    assert verdict.eta == after(5 * LENGTH + PLAN.windows.settle)
    found = part(verdict, CAPSULES)
    assert (found.value, found.text) == (240.0, "812 ms  2/3 windows")
    assert found.marks == (M.PASS, M.BREACH, M.PASS)


def test_the_worst_of_two_breaches_is_named():
    state = told(
        flown(capsules={NEWEST: {"p95_ms": 600.0}}), window("POST /csat", after(NEWEST * LENGTH), p95_ms=700.0)
    )
    assert latency.judge(state, NOW).subject == "POST /csat"


def test_a_breach_outranks_silence_and_silence_outranks_thin():
    state = told(flown(capsules={NEWEST: {"p95_ms": 600.0}}), window("POST /csat", after(0), p95_ms=None))
    assert latency.judge(state, NOW).mark is M.BREACH
    state = told(flown(capsules={NEWEST: {"requests": 1.0}}), window("POST /csat", after(0), p95_ms=None))
    assert latency.judge(state, NOW).subject == "POST /csat"


def test_a_p95_above_the_highest_bucket_says_so():
    verdict = latency.judge(flown(capsules={NEWEST: {"p95_ms": 5000.0, "p95_capped": True}}), NOW)
    assert verdict.text == "over 5000 ms on POST /capsules"


def test_row_53_few_requests_say_how_many_of_how_many():
    verdict = latency.judge(alone(flown(capsules={NEWEST: {"requests": 19.9}})), NOW)
    assert verdict.text == "19 requests in 5 min < 20 needed on POST /capsules"
    assert verdict.eta == after(6 * LENGTH + PLAN.windows.settle)


@pytest.mark.parametrize(("closed", "text"), [(0, "0 of 3 windows"), (1, "1 of 3 windows"), (2, "2 of 3 windows")])
def test_a_young_phase_warms_up(closed, text):
    now = after(closed * LENGTH + 40)
    verdict = latency.judge(flown(windows=closed, now=now), now)
    assert (verdict.mark, verdict.text) == (M.WARMING, text)
    assert verdict.eta == after(3 * LENGTH + PLAN.windows.settle)


def test_a_young_phase_breaches_by_its_first_window():
    now = after(LENGTH + 40)
    assert latency.judge(flown(windows=1, now=now, capsules={0: {"p95_ms": 501.0}}), now).mark is M.BREACH


def test_windows_that_began_before_the_phase_do_not_count():
    state = flown()
    late = State(PLAN, phase=25, entered_at=after(1), visits=((25, after(1)),), seen=state.seen)
    verdict = latency.judge(late, NOW)
    assert (verdict.mark, verdict.text) == (M.WARMING, "2 of 3 windows")
    assert verdict.eta == after(4 * LENGTH + PLAN.windows.settle)


def test_a_window_is_not_judged_before_it_has_settled():
    settled = after(3 * LENGTH + PLAN.windows.settle)
    facts = {"p95_ms": 900.0, "at": after(3 * LENGTH)}
    early = settled - timedelta(seconds=1)
    assert latency.judge(flown(now=early, capsules={NEWEST: facts}), early).mark is M.WARMING
    assert latency.judge(flown(now=settled, capsules={NEWEST: facts}), settled).mark is M.BREACH


def test_a_running_window_is_never_judged():
    state = told(flown(), running(CAPSULES, 3, p95_ms=4000.0))
    later = after(3.5 * LENGTH)
    assert latency.judge(answered(state, Topic.TRAFFIC, later), later).mark is M.PASS


def test_before_the_first_window_closed_the_running_one_shows_its_value():
    now = after(LENGTH / 2)
    state = told(flown(windows=0, now=now), running(CAPSULES, 0, p95_ms=333.0))
    assert part(latency.judge(state, now), CAPSULES).value == 333.0


def test_row_50_a_series_that_vanished_is_silent_with_its_time():
    now = after(4 * LENGTH + 40)
    state = flown(windows=4, now=now, capsules={3: None})
    state = told(state, running(CAPSULES, 3, covered=1.0))
    verdict = latency.judge(state, now)
    assert (verdict.mark, verdict.subject, verdict.eta) == (M.SILENT, CAPSULES, None)
    assert verdict.text.startswith("vanished ")
    assert verdict.since == after(3 * LENGTH)


def test_an_endpoint_never_seen_is_silent():
    verdict = latency.judge(flown(capsules=dict.fromkeys(range(3))), NOW)
    assert (verdict.mark, verdict.text) == (M.SILENT, "no requests seen on POST /capsules")


@pytest.mark.parametrize("glimpse", [running(CAPSULES, 3, at=T0), minute(CAPSULES, after(3 * LENGTH + 61))])
def test_a_series_that_came_back_warms_up_anew(glimpse):
    now = after(3 * LENGTH + 160)
    state = told(flown(now=now, capsules={NEWEST: None}), glimpse)
    verdict = latency.judge(state, now)
    assert (verdict.mark, verdict.text) == (M.WARMING, "0 of 3 windows")
    assert verdict.eta == after(6 * LENGTH + PLAN.windows.settle)


def test_a_hole_in_the_middle_is_no_pass_and_starts_the_count_anew():
    verdict = latency.judge(flown(capsules={1: None}), NOW)
    assert verdict.mark is M.WARMING
    assert verdict.eta == after(5 * LENGTH + PLAN.windows.settle)
    assert part(verdict, CAPSULES).marks == (M.PASS, M.SILENT, M.PASS)


def test_a_window_that_nobody_could_have_read_yet_waits():
    state = answered(flown(windows=2), Topic.TRAFFIC, after(3 * LENGTH - 5))
    state = told(entered(), *(row for rows in state.seen.windows.values() for row in rows))
    state = answered(state, Topic.TRAFFIC, after(3 * LENGTH - 5))
    verdict = latency.judge(state, NOW)
    assert (verdict.mark, verdict.text, verdict.eta) == (M.WARMING, "2 of 3 windows", NOW)


def test_a_blind_source_blinds_every_endpoint_and_keeps_its_value():
    late = NOW + timedelta(seconds=PLAN.cadence.traffic_stale + 1)
    state = answered(flown(capsules={NEWEST: {"p95_ms": 900.0}}), Topic.TRAFFIC, late, ok=False, reason="503")
    verdict = latency.judge(state, late)
    assert (verdict.mark, verdict.text, verdict.since) == (M.BLIND, "no answer for 1m01s: 503", NOW)
    assert {item.mark for item in verdict.parts} == {M.BLIND}
    assert part(verdict, CAPSULES).value == 900.0


def test_nothing_at_all_is_no_pass():
    assert latency.judge(State(PLAN), NOW).mark is M.WARMING
    assert latency.judge(answered(entered(), Topic.TRAFFIC), NOW).mark is M.SILENT


def test_order_and_repetition_do_not_matter():
    state = flown(capsules={1: {"p95_ms": 700.0}})
    rows = [row for line in state.seen.windows.values() for row in line]
    shuffled = told(answered(entered(), Topic.TRAFFIC), *reversed(rows), *rows[::2])
    assert latency.judge(shuffled, NOW) == latency.judge(state, NOW)


def test_a_strip_shows_six_windows_and_judges_three():
    now = after(8 * LENGTH + 40)
    verdict = latency.judge(flown(windows=8, now=now, capsules={4: {"p95_ms": 900.0}}), now)
    assert verdict.mark is M.PASS
    assert part(verdict, CAPSULES).marks == (M.PASS, M.PASS, M.BREACH, M.PASS, M.PASS, M.PASS)


@pytest.mark.parametrize("speed", [7, 72, 240, 600])
def test_windows_of_a_faster_plan_are_found_by_the_same_clock(speed):
    plan = scaled(PLAN, speed)
    length, epoch = plan.windows.length, T0.timestamp()
    first = math.ceil(epoch / length) + 1
    at = T0 + timedelta(seconds=(first + 3) * length - epoch + plan.windows.settle + 0.001)
    state = answered(State(plan, phase=25, entered_at=T0, visits=((25, T0),)), Topic.TRAFFIC, at)
    for endpoint in plan.endpoints:
        for index in range(first - 1, first + 3):
            start = T0 + timedelta(seconds=index * length - epoch)
            end = T0 + timedelta(seconds=(index + 1) * length - epoch)
            state = observe(state, window(endpoint, start, end=end, at=end))
    assert latency.judge(state, at).mark is M.PASS


def test_a_late_source_is_given_its_latency_to_settle():
    lag = PLAN.cadence.data_latency + 60
    state = flown()
    assert latency.judge(state, NOW).mark is M.PASS
    at = state.seen.health[Topic.TRAFFIC].good_at
    slow = observe(state, Pulse("scrape", at, Topic.TRAFFIC, ok=True, newest=at - timedelta(seconds=lag)))
    assert latency.judge(slow, NOW).text == "1 of 3 windows"


numbers = st.sampled_from([None, math.nan, math.inf, -1.0, 0.0, 240.0, 500.0, 500.1, 9000.0])
counts = st.sampled_from([math.nan, -1.0, 0.0, 19.0, 20.0, 120.0])


@st.composite
def traffic(draw):
    start = after(draw(st.integers(-2, 5)) * LENGTH + draw(st.sampled_from([0, 0, 0, 0, 0, 7])))
    return Traffic(
        "scrape",
        after(LENGTH + draw(st.sampled_from([-200, 0, 10, 40, 4000])), start),
        draw(st.sampled_from(PLAN.endpoints)),
        Grain.WINDOW,
        start,
        after(LENGTH, start),
        draw(counts),
        0.0,
        draw(numbers),
        covered=draw(st.sampled_from([0.0, 0.5, 1.0, math.nan])),
        p95_capped=draw(st.sampled_from([False, False, False, True])),
    )


def proved(rows, pulses, now) -> bool:
    """The naive oracle: what the raw readings must hold for a pass, however they arrived."""
    if not any(ok and -2 <= (now - at).total_seconds() <= 60 for at, ok in pulses):
        return False
    closed = [index for index in range(-5, 9) if after((index + 1) * LENGTH + 30) <= now and index >= 0][-3:]
    return len(closed) == 3 and all(_clean(rows, name, index, now) for name in PLAN.endpoints for index in closed)


def _clean(rows, name, index, now) -> bool:
    start, end = after(index * LENGTH), after((index + 1) * LENGTH)
    return any(
        row.endpoint == name
        and (row.start, row.end) == (start, end)
        and end <= row.at <= after(2, now)
        and row.covered >= 0.9
        and row.requests >= 20
        and row.p95_ms is not None
        and 0 <= row.p95_ms <= 500
        and not row.p95_capped
        for row in rows
    )


@pytest.mark.slow
@given(
    st.lists(traffic(), max_size=12),
    st.lists(st.tuples(st.integers(-100, 40), st.booleans()), max_size=3),
    st.sampled_from([2.0, 3.0, 3.5, 4.2]),
)
def test_no_sequence_of_readings_passes_without_proof(extra, polls, moment):
    now = after(moment * LENGTH + 40)
    calm = [window(name, after(index * LENGTH)) for name in PLAN.endpoints for index in range(5)]
    rows, pulses = [*calm, *extra], [(after(offset, now), ok) for offset, ok in polls]
    state = told(entered(), *rows)
    for at, ok in pulses:
        state = answered(state, Topic.TRAFFIC, at, ok=ok)
    if latency.judge(alone(state), now).mark is M.PASS:
        assert proved(rows, pulses, now)
