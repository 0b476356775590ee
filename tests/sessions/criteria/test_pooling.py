"""Windows with too few requests, judged together: what makes a pool, what ends it, what passes."""

import math
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria import errors, latency
from sessions.criteria.errors import ALL
from sessions.state.lapses import FLAG
from sessions.state.model import Span
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark, Pool
from tests.support.build import PLAN, after, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, alone, answered, entered, part, told

M = Mark
HOUR = 12
"""So many windows are an hour."""


def rare(*rows, spare=120.0, **criteria):
    """A phase with these windows of POST /capsules, oldest first, None for a lost one; the others are calm."""
    now = after(len(rows) * LENGTH + 40)
    plan = replace(PLAN, windows=replace(PLAN.windows, **criteria))
    state = replace(answered(entered(), Topic.TRAFFIC, now), plan=plan)
    for index, facts in enumerate(rows):
        for name in PLAN.endpoints:
            known = {"requests": spare} if name != CAPSULES else facts
            if known is not None:
                empty = {"p95_ms": None} if known.get("requests") == 0 else {}
                state = told(state, window(name, after(index * LENGTH), **{**empty, **known}))
    return state, now


def asked(*counts, **facts):
    return [{"requests": float(count), **facts} for count in counts]


def of(judge, state, now, subject=CAPSULES):
    return part(judge(state, now), subject)


def latency_of(*rows, **criteria):
    return of(latency.judge, *rare(*rows, **criteria))


def errors_of(*rows, **criteria):
    return of(errors.judge, *rare(*rows, **criteria))


SLOW = {"requests": 5.0, "p95_ms": 900.0}


@pytest.mark.parametrize(
    ("rows", "mark", "text"),
    [
        (asked(5, 5, 5, 5, 5, 5), M.PASS, "240 ms  3/3 windows (pooled over 20 min)"),
        (asked(5, 5, 5, 5, 5), M.THIN, "15 requests in 15 min < 20 needed"),
        (asked(4, 5, 5, 5, 5, 5), M.THIN, "19 requests in 20 min < 20 needed"),
        (asked(9.5, 10.5, 10, 10), M.PASS, "240 ms  3/3 windows (pooled over 10 min)"),
        (asked(120, 3, 3, 3), M.PASS, "240 ms  3/3 windows (pooled over 20 min)"),
        (asked(120, 0, 0, 0), M.PASS, "240 ms  3/3 windows (pooled over 20 min)"),
        (asked(120, 120, 120, 3), M.PASS, "240 ms  3/3 windows (pooled over 10 min)"),
        (asked(120, *[0] * HOUR), M.THIN, "0 requests in 60 min < 20 needed"),
        (asked(120, *[0] * (HOUR - 1)), M.PASS, "240 ms  3/3 windows (pooled over 60 min)"),
        (asked(3), M.THIN, "3 requests in 5 min < 20 needed"),
        (
            [*asked(5, 5, 5, 5, 5), {**SLOW, "over": 0.2}],
            M.PASS,
            "5.0 % over 500 ms ≤ 5 %: 1 of 20 requests  3/3 windows (pooled over 20 min)",
        ),
        (
            [*asked(5, 5, 5, 5, 5), {**SLOW, "over": 0.4}],
            M.BREACH,
            "10 % over 500 ms > 5 %: 2 of 20 requests in 20 min  2/3 windows",
        ),
        ([*asked(120, 120, 120), {**SLOW, "over": 0.4}], M.THIN, "2 of 5 requests over 500 ms: too few, 20 needed"),
        ([*asked(120, 120, 120), {**SLOW, "over": 1.0}], M.THIN, "5 of 5 requests over 500 ms: too few, 20 needed"),
        (
            [{"p95_ms": 900.0, "over": 0.1}, *asked(120, 120, 120, 3)],
            M.PASS,
            "240 ms  3/3 windows (pooled over 10 min)",
        ),
        (
            [{"p95_ms": 900.0, "over": 0.1}, *asked(3, 3, 3)],
            M.BREACH,
            "9.3 % over 500 ms > 5 %: 12 of 129 requests in 20 min  0/3 windows",
        ),
    ],
)
def test_a_pool_passes_and_breaches_by_the_letter_over_all_of_it(rows, mark, text):
    said = latency_of(*rows)
    assert (said.mark, said.text) == (mark, text)


def test_a_breach_lasts_as_long_as_the_pool_needs_the_slow_ones():
    """Two slow requests of twenty; four windows later twenty newer ones are there, and three seats more must pass."""
    rows = [*asked(5, 5, 5, 5), {**SLOW, "over": 0.4}, *asked(*[5] * 8)]
    marks = [latency_of(*rows[:until]).mark for until in range(5, len(rows) + 1)]
    assert marks == [M.BREACH] * 6 + [M.PASS] * 3


def test_a_window_with_enough_stands_alone_between_pooled_ones():
    said = latency_of(*asked(20, 5, 20, 5, 5))
    assert said.marks == (M.PASS,) * 5
    assert said.pools == (None, Pool(25, 600, 0), None, Pool(25, 600, 0), Pool(30, 900, 0))


@pytest.mark.parametrize(("pool", "mark"), [(0.0, M.THIN), (1199.0, M.THIN), (1200.0, M.PASS), (60.0, M.THIN)])
def test_the_plan_says_how_far_back(pool, mark):
    assert latency_of(*asked(5, 5, 5, 5, 5, 5), pool=pool).mark is mark


@pytest.mark.parametrize(
    "worse",
    [
        None,
        {"requests": 5.0, "covered": 0.5},
        {"requests": math.nan},
        {"requests": -3.0},
        {"requests": 5.0, "p95_ms": None},
        {"requests": 5.0, "p95_ms": math.nan},
        {"requests": 5.0, "p95_ms": 250.0, "p95_capped": True},
        {"requests": 0.0, "p95_ms": 900.0},
    ],
)
def test_a_window_that_cannot_be_read_ends_the_pool(worse):
    """Twenty windows of four: five of them are enough, but not over that one."""
    rows = [*asked(*[4] * 10), worse, *asked(4, 4, 4, 4)]
    said = latency_of(*rows)
    assert (said.mark, said.text) == (M.THIN, "16 requests in 20 min < 20 needed")
    assert latency_of(*rows, *asked(4, 4)).mark is M.THIN
    assert latency_of(*rows, *asked(4, 4, 4)).mark is M.PASS


def test_a_window_that_the_flag_was_elsewhere_in_ends_the_pool():
    state, now = rare(*asked(*[4] * 15))
    assert of(latency.judge, state, now).mark is M.PASS
    away = replace(state, lapses=(Span(after(10 * LENGTH + 200), after(10 * LENGTH + 210), FLAG),))
    assert of(latency.judge, away, now).text == "16 requests in 20 min < 20 needed"
    here = replace(state, lapses=(Span(after(200), after(210), FLAG),))
    assert of(latency.judge, here, now).mark is M.PASS


def test_nothing_from_before_the_phase_is_pooled():
    state, now = rare(*asked(*[4] * 15))
    late = replace(state, entered_at=after(9 * LENGTH + 1), visits=((25, after(9 * LENGTH + 1)),))
    assert of(latency.judge, late, now).text == "16 requests in 20 min < 20 needed"


@pytest.mark.parametrize(
    ("judge", "subject"), [(latency.judge, CAPSULES), (errors.judge, CAPSULES), (errors.judge, ALL)]
)
@pytest.mark.parametrize(("moved", "mark"), [(0, M.PASS), (8 * LENGTH, M.PASS), (8 * LENGTH + 1, M.THIN)])
def test_a_window_that_two_clocks_cut_ends_the_pool(judge, subject, moved, mark):
    """Its time is not its own: where the clock was put back it holds what came in more than its length."""
    state, now = rare(*asked(*[4] * 15), spare=0.0)
    assert of(judge, replace(state, moved_at=after(moved)), now, subject).mark is mark


@pytest.mark.parametrize(("moved", "clean"), [(0, True), (1, False)])
def test_a_pool_with_a_window_that_two_clocks_cut_puts_no_fuse_out(moved, clean):
    state, now = rare(*asked(10, 10))
    assert latency.pool_is_clean(replace(state, moved_at=after(moved)), CAPSULES, after(0), now) is clean


NARROW, WIDE = (250.0, 500.0), (250.0, 1000.0)


@pytest.mark.parametrize(
    ("facts", "mark", "text"),
    [
        ({"p95_ms": 400.0}, M.PASS, "400 ms  3/3 windows (pooled over 20 min)"),
        ({"p95_ms": 500.0, "bucket_ms": NARROW}, M.PASS, "500 ms  3/3 windows (pooled over 20 min)"),
        ({"p95_ms": 600.0}, M.BREACH, "at least 20 % over 500 ms > 5 %: 4 of 20 requests in 20 min  0/3 windows"),
        (
            {"p95_ms": 5000.0, "p95_capped": True},
            M.BREACH,
            "at least 20 % over 500 ms > 5 %: 4 of 20 requests in 20 min  0/3 windows",
        ),
        ({"p95_ms": 400.0, "bucket_ms": WIDE}, M.THIN, "the buckets cannot tell: add one at 500 ms"),
        ({"p95_ms": 900.0, "bucket_ms": WIDE}, M.THIN, "the buckets cannot tell: add one at 500 ms"),
    ],
)
def test_without_counts_the_p95s_decide_where_they_can(facts, mark, text):
    said = latency_of(*asked(*[5] * 6, **{"over": None, **facts}))
    assert (said.mark, said.text) == (mark, text)


def test_one_uncounted_window_over_the_bound_leaves_the_pool_open():
    said = latency_of(*asked(*[5] * 5, over=None), {**SLOW, "over": None})
    assert (said.mark, said.text) == (M.THIN, "nobody counts how many are over 500 ms")


def test_many_rows_with_rounded_shares_stay_by_the_letter():
    """Two thirds of three, told as 0.666667, are two and no more: 2 of 40."""
    rows = [*asked(*[3] * 5), *asked(7, 7, 8), {"requests": 3.0, "p95_ms": 900.0, "over": 0.666667}]
    said = latency_of(*rows, min_requests=40)
    assert (said.marks[-1], said.pools[-1].requests) == (M.PASS, 40)


# Errors


@pytest.mark.parametrize(
    ("rows", "mark", "text"),
    [
        (asked(5, 5, 5, 5, 5, 5), M.PASS, "0.0 %  3/3 windows (pooled over 20 min)"),
        (asked(5, 5, 5, 5, 5), M.THIN, "15 requests in 15 min < 20 needed"),
        (
            [*asked(5, 5, 5, 5, 5), *asked(5, errors=1.0)],
            M.BREACH,
            "5.0 % failed ≥ 1.0 %: 1 of 20 requests in 20 min  2/3 windows",
        ),
        ([*asked(101, errors=1.0), *asked(0, 0, 0)], M.PASS, "1.0 %  3/3 windows (pooled over 20 min)"),
        (
            [*asked(100, errors=1.0), *asked(0, 0, 0)],
            M.BREACH,
            "1.0 % failed ≥ 1.0 %: 1 of 100 requests in 20 min  0/3 windows",
        ),
        ([*asked(1000, 1000, 1000), *asked(3, errors=1.0)], M.THIN, "1 of 3 requests failed: too few, 20 needed"),
        ([*asked(1000, errors=4.0), *asked(0, 0, 0)], M.PASS, "0.4 %  3/3 windows (pooled over 20 min)"),
        ([*asked(1000, errors=5.0), *asked(0, 0, 0)], M.THIN, "5 errors ≥ 5 may be a spike of one minute"),
        ([*asked(9, 9, errors=math.nan), *asked(9, 9)], M.THIN, "18 requests in 10 min < 20 needed"),
        ([*asked(9, 9, errors=-1.0), *asked(9, 9)], M.THIN, "18 requests in 10 min < 20 needed"),
    ],
)
def test_errors_are_pooled_by_the_same_rule(rows, mark, text):
    said = errors_of(*rows)
    assert (said.mark, said.text) == (mark, text)


def test_all_endpoints_together_are_pooled_too():
    state, now = rare(*asked(*[1] * 9), spare=1.0)
    said = of(errors.judge, state, now, ALL)
    assert (said.mark, said.text) == (M.PASS, "0.0 %  3/3 windows (pooled over 20 min)")


def test_all_endpoints_together_are_not_pooled_over_a_window_that_one_was_lost_in():
    state, now = rare(*asked(*[1] * 6), None, *asked(1, 1, 1), spare=1.0)
    said = of(errors.judge, state, now, ALL)
    assert (said.mark, said.text) == (M.THIN, "18 requests in 15 min < 20 needed")


# The verdict


def test_the_verdict_says_that_others_are_pooled():
    state, now = rare(*asked(5, 5, 5, 5, 5, 5), spare=100.0)
    state = told(state, *(window("POST /csat", after(index * LENGTH), p95_ms=438.0) for index in range(6)))
    assert latency.judge(state, now).text == "438 ms  3/3 windows (1 endpoint pooled)"


def test_a_pooled_breach_is_told_with_its_figures():
    verdict = latency.judge(*rare(*asked(5, 5, 5, 5, 5), {**SLOW, "over": 0.4}))
    assert (verdict.mark, verdict.subject, verdict.value) == (M.BREACH, CAPSULES, 900.0)
    assert verdict.text == "10 % over 500 ms > 5 %: 2 of 20 requests in 20 min on POST /capsules"


def test_a_pool_that_passes_over_a_slow_request_claims_no_p95_of_its_own():
    said = latency_of(*asked(5, 5, 5, 5, 5), {**SLOW, "over": 0.2})
    assert said.value == 240
    assert latency_of(*[{**SLOW, "over": 0.05}] * 6).value is None


# Laws


@st.composite
def histories(draw):
    """Windows of requests, each bad or not, None for one that nobody saw; and which ones the flag was elsewhere in."""
    sizes = st.one_of(st.integers(0, 8), st.integers(0, 8), st.just(0), st.integers(15, 45))
    slow = draw(st.sampled_from([0.0, 0.02, 0.05, 0.3]))
    lot = st.floats(0, 1, exclude_max=True).map(lambda one: one < slow)
    windows = st.one_of(*[sizes.flatmap(lambda count: st.lists(lot, min_size=count, max_size=count))] * 9, st.none())
    return draw(st.lists(windows, min_size=3, max_size=18)), draw(st.sets(st.integers(0, 17), max_size=1))


def flown(history, away, facts):
    state, now = rare(*(None if row is None else facts(row) for row in history))
    lapses = tuple(Span(after(index * LENGTH + 9), after(index * LENGTH + 10), FLAG) for index in sorted(away))
    return replace(state, lapses=lapses), now


def timed(counted):
    """A source that says how many were slow, or only the p95: by nearest rank, of latencies that are 100 or 900 ms."""

    def facts(row):
        over = sum(row) > 0.05 * len(row)
        shares = {"over": sum(row) / len(row) if row else None} if counted else {"over": None}
        return {"requests": float(len(row)), "p95_ms": None if not row else 900.0 if over else 100.0, **shares}

    return facts


def failed(row):
    return {"requests": float(len(row)), "errors": float(sum(row))}


def pools(history, away):
    """The brute-force oracle: for each of the three newest windows the requests that judge it, None for none."""
    for newest in range(len(history) - 3, len(history)):
        rows = []
        for index in range(newest, max(-1, newest - HOUR), -1):
            if history[index] is None or index in away:
                break
            rows.append(history[index])
            if sum(map(len, rows)) >= PLAN.windows.min_requests:
                break
        pooled = [one for row in rows for one in row]
        yield pooled if len(pooled) >= PLAN.windows.min_requests else None


def bad(pool):
    return 100 * sum(pool) / len(pool)


@example(([[False] * 20, [True] * 2, [], []], set()), True)
@example(([[True] + [False] * 9, [True] + [False] * 9, [], []], set()), True)
@given(histories(), st.booleans())
def test_no_pool_passes_with_more_than_five_percent_slow(drawn, counted):
    history, away = drawn
    mark = of(latency.judge, *flown(history, away, timed(counted))).mark
    judged = list(pools(history, away))
    if mark is M.PASS:
        assert all(pool is not None and bad(pool) <= 5 for pool in judged)
    if mark is M.BREACH and not away:
        assert any(pool is not None and bad(pool) > 5 for pool in judged)
    if counted and all(pool is not None and not any(pool) for pool in judged):
        assert mark is M.PASS


@given(histories())
def test_no_pool_passes_with_one_percent_of_errors(drawn):
    history, away = drawn
    mark = of(errors.judge, *flown(history, away, failed)).mark
    judged = list(pools(history, away))
    if mark is M.PASS:
        assert all(pool is not None and bad(pool) < 1 for pool in judged)
    if all(pool is not None and not any(pool) for pool in judged):
        assert mark is M.PASS


@given(histories(), st.booleans())
def test_older_windows_make_up_for_nothing(drawn, counted):
    """What passes pooled has no more slow ones in its newer windows than twenty requests may have."""
    history, away = drawn
    if of(latency.judge, *flown(history, away, timed(counted))).mark is not M.PASS:
        return
    newest = history[::-1]
    totals = list(accumulate(len(row or ()) for row in newest))
    newer = newest[: next(index for index, total in enumerate(totals) if total >= PLAN.windows.min_requests)]
    assert sum(map(sum, newer)) <= 1


@given(st.lists(st.lists(st.booleans(), min_size=20, max_size=60), min_size=3, max_size=8), st.booleans())
def test_with_enough_requests_everything_is_as_without_pools(history, counted):
    state, now = flown(history, set(), timed(counted))
    assert latency.judge(state, now) == latency.judge(alone(state), now)
    state, now = flown(history, set(), failed)
    assert errors.judge(state, now) == errors.judge(alone(state), now)
