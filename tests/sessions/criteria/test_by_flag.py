"""With the flag and without it: what proves that it is the flag, that it is not, and how often that is false."""

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria.by_flag import AS_BAD, Answer, Tally, answer, compared
from sessions.criteria.errors import ALL
from sessions.gate.evaluate import judge
from sessions.state.model import Span
from sessions.values.readings import Side, Split
from tests.support.build import PLAN, after, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, NOW, entered, flown, running, told

FLAG, NOT_FLAG, UNKNOWN = Answer
SURE = PLAN.confidence


def split(on, off, neither=0.0):
    """Each side is (requests, slow, errors): what is slow takes 812 ms, all else 214 ms."""
    return Split(_side(*on), _side(*off), neither)


def _side(requests, slow=0.0, errors=0.0):
    if not requests:
        return Side(0.0, 0.0)
    over = slow / requests
    return Side(requests, errors, 812.0 if over > 0.05 else 214.0, over)


def seen(*splits, state=None, endpoint=CAPSULES):
    """Windows of the phase, the newest last."""
    rows = [window(endpoint, after(index * LENGTH), split=one) for index, one in enumerate(splits)]
    return told(state or entered(), *rows)


@pytest.mark.parametrize(
    ("on", "off", "said"),
    [
        ((1204, 1150), (9880, 20), FLAG),
        ((12, 12), (12, 0), FLAG),
        ((9, 9), (9, 0), UNKNOWN),
        ((1204, 1150), (9880, 9500), NOT_FLAG),
        ((1000, 560), (9000, 4700), NOT_FLAG),
        ((1000, 900), (9000, 3000), FLAG),
        ((1000, 2), (9000, 8000), NOT_FLAG),
        ((225, 0), (0, 0), NOT_FLAG),
        ((224, 0), (0, 0), UNKNOWN),
        ((1000, 40), (9000, 9), UNKNOWN),
        ((1204, 1204), (0, 0), UNKNOWN),
        ((0, 0), (9880, 9880), UNKNOWN),
        ((0, 0), (0, 0), UNKNOWN),
        ((20, 2), (180, 4), UNKNOWN),
        ((1204, None), (9880, 20), UNKNOWN),
        ((1204, 1150), (9880, None), UNKNOWN),
        ((math.nan, 5), (20, 0), UNKNOWN),
        ((math.inf, 5), (20, 0), UNKNOWN),
    ],
)
def test_what_is_said_of_slow_requests(on, off, said):
    assert answer(Tally(*on), Tally(*off), 0.05, SURE) is said


@pytest.mark.parametrize(
    ("on", "off", "said"),
    [
        ((1200, 60), (9900, 10), FLAG),
        ((1200, 115), (9900, 1040), NOT_FLAG),
        ((1200, 0), (9900, 520), NOT_FLAG),
        ((1200, 0), (9900, 0), NOT_FLAG),
        ((1100, 0), (9900, 0), UNKNOWN),
        ((1200, 14), (9900, 90), UNKNOWN),
    ],
)
def test_what_is_said_of_errors(on, off, said):
    assert answer(Tally(*on), Tally(*off), 0.01, SURE) is said


def _likely(of, share):
    return [math.comb(of, hits) * share**hits * (1 - share) ** (of - hits) for hits in range(of + 1)]


def _how_often(sizes, shares, bound, wanted):
    """The exact chance that `wanted` is said of two groups of these sizes whose true shares are these."""
    on, off = (_likely(of, share) for of, share in zip(sizes, shares, strict=True))
    return math.fsum(
        one * other
        for hits, one in enumerate(on)
        for others, other in enumerate(off)
        if answer(Tally(sizes[0], hits), Tally(sizes[1], others), bound, 99.0) is wanted
    )


@pytest.mark.parametrize("sizes", [(20, 20), (12, 50), (50, 12), (5, 60)])
@pytest.mark.parametrize("bad", [0.01, 0.06, 0.2, 0.5, 0.95])
def test_it_is_false_no_more_often_than_the_confidence_leaves(sizes, bad):
    """Against every outcome of two groups: equally bad ones, and one that is half as bad again and over the bound."""
    for bound in (0.01, 0.05):
        assert _how_often(sizes, (bad, bad), bound, FLAG) <= 0.01
        if bound < (worse := AS_BAD * bad) <= 1:
            assert _how_often(sizes, (worse, bad), bound, NOT_FLAG) <= 0.01


COUNTS = st.tuples(st.integers(0, 5000), st.integers(0, 5000)).map(lambda pair: (max(pair), min(pair)))


@given(COUNTS, COUNTS, st.sampled_from([0.01, 0.05]))
@settings(deadline=None)
def test_more_bad_requests_with_the_flag_never_clear_it_and_fewer_never_blame_it(on, off, bound):
    before = answer(Tally(*on), Tally(*off), bound, SURE)
    if on[1] < on[0] and before is not NOT_FLAG:
        assert answer(Tally(on[0], on[1] + 1), Tally(*off), bound, SURE) is not NOT_FLAG
    if on[1] and before is not FLAG:
        fewer = answer(Tally(on[0], on[1] - 1), Tally(*off), bound, SURE)
        assert fewer is not FLAG or before is NOT_FLAG


def test_the_sentence():
    found = compared(seen(split((1204, 1150), (9880, 20))), "latency", CAPSULES, NOW)
    assert found.sentence == "with the flag 812 ms, without 214 ms (1,204 and 9,880 requests): the flag"


def test_the_sentence_of_errors():
    found = compared(seen(split((1204, 0, 60), (9880, 0, 10))), "errors", CAPSULES, NOW)
    assert found.sentence == "with the flag 5.0 %, without 0.1 % (1,204 and 9,880 requests): the flag"


def test_few_requests_add_up_window_by_window_and_no_further_than_needed():
    few = split((4, 4), (4, 0))
    found = compared(seen(split((500, 0), (500, 0)), few, few, few), "latency", CAPSULES, after(5 * LENGTH))
    assert (found.answer, found.windows, found.on.requests) == (FLAG, 3, 12)
    assert found.counts == "12 and 12 requests in 15 min"


def test_figures_of_several_windows_are_told_from_the_least_to_the_highest():
    first, second = split((5, 0), (5, 0)), split((5, 5), (5, 0))
    found = compared(seen(first, second), "latency", CAPSULES, NOW)
    assert (found.figures, found.answer) == ("with the flag 214–812 ms, without 214 ms", UNKNOWN)


def test_what_cannot_be_told_is_shown_by_the_newest_windows_with_enough_requests():
    early, late = split((30, 1), (200, 0)), split((15, 0), (100, 0))
    found = compared(seen(early, early, late, late), "latency", CAPSULES, after(5 * LENGTH))
    assert found.sentence == "with the flag 214 ms, without 214 ms (30 and 200 requests in 10 min): cannot tell"


def test_the_running_window_counts_as_far_as_it_ran():
    row = running(CAPSULES, 1, split=split((40, 40), (60, 0)))
    found = compared(told(seen(split((40, 0), (60, 0))), row), "latency", CAPSULES, row.at)
    assert (found.answer, found.windows) == (FLAG, 1)


def test_a_side_that_cannot_count_its_slow_requests_cannot_tell():
    blunt = Split(Side(1204.0, 0.0, 812.0), Side(9880.0, 0.0, 214.0, 0.0))
    found = compared(seen(blunt), "latency", CAPSULES, NOW)
    assert found.sentence == "with the flag 812 ms, without 214 ms (1,204 and 9,880 requests): cannot tell"


@pytest.mark.parametrize(
    ("side", "said"),
    [
        (Side(40.0, 0.0, 5000.0, 1.0, p95_capped=True), "over 5000 ms"),
        (Side(40.0, 0.0), "–"),
        (Side(0.0, 0.0), "–"),
    ],
)
def test_a_figure_that_is_not_known_is_no_figure(side, said):
    found = compared(seen(Split(side, _side(60))), "latency", CAPSULES, NOW)
    assert found.figures == f"with the flag {said}, without 214 ms"


def test_unknown_errors_are_no_zero():
    found = compared(seen(Split(Side(1204.0, None), _side(9880))), "errors", CAPSULES, NOW)
    assert (found.figures, found.answer) == ("with the flag –, without 0.0 %", UNKNOWN)


BAD = split((1204, 1150), (9880, 20))


@pytest.mark.parametrize(
    "facts",
    [{"split": None}, {"covered": 0.89}, {"at": after(7200)}, {"start": after(-1)}],
    ids=["no label", "not whole", "of the future", "before the phase"],
)
def test_what_does_not_count_is_not_compared(facts):
    row = window(CAPSULES, facts.pop("start", after(0)), **{"split": BAD, **facts})
    assert compared(told(entered(), row), "latency", CAPSULES, NOW) is None


def test_an_hour_is_looked_back_on():
    state = seen(BAD)
    assert compared(state, "latency", CAPSULES, after(12 * LENGTH)) is not None
    assert compared(state, "latency", CAPSULES, after(12 * LENGTH + 1)) is None


def test_a_window_that_the_flag_was_elsewhere_in_is_not_compared():
    away = replace(entered(), lapses=(Span(after(10), after(20), "flag"),))
    assert compared(seen(BAD, state=away), "latency", CAPSULES, NOW) is None
    assert compared(seen(BAD, BAD, state=away), "latency", CAPSULES, NOW).windows == 1


def test_a_window_that_two_clocks_cut_is_not_compared():
    assert compared(replace(seen(BAD), moved_at=after(0)), "latency", CAPSULES, NOW) is not None
    assert compared(replace(seen(BAD), moved_at=after(1)), "latency", CAPSULES, NOW) is None


def test_before_the_session_started_nothing_is_compared():
    assert compared(replace(seen(BAD), entered_at=None), "latency", CAPSULES, NOW) is None


def test_all_endpoints_together():
    half = split((602, 0, 30), (4940, 0, 5), neither=3)
    state = seen(half, state=seen(half), endpoint="POST /csat")
    found = compared(state, "errors", ALL, NOW)
    assert found.sentence == "with the flag 5.0 %, without 0.1 % (1,204 and 9,880 requests): the flag"
    assert (found.windows, found.neither) == (1, 6)


def test_it_judges_nothing():
    """Whoever had the flag: the same totals are judged alike."""
    plain = flown()
    rows = list(plain.seen.windows[CAPSULES])
    parted = told(plain, *(replace(row, at=row.at + timedelta(seconds=1), split=BAD) for row in rows))
    assert parted.seen.windows != plain.seen.windows
    one, other = judge(plain, NOW), judge(parted, NOW)
    assert (one.verdicts, one.risks, one.gate) == (other.verdicts, other.risks, other.gate)
