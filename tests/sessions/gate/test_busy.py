"""How much of a soak was busy: windows in which somebody came, of those that were told of and count."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.busy import busy_share
from sessions.gate.soak import soak
from sessions.state.reducer import observe_all
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.flight import in_phase

LENGTH = PLAN.windows.length
HOT, COLD = PLAN.endpoints[:2]
TWO_HOURS = 24


def flown(busy, windows=TWO_HOURS, endpoints=PLAN.endpoints):
    """Fly 10 %; `busy` are the numbers of the windows in which the first endpoint had requests."""
    rows = [
        window(name, after(LENGTH * number), requests=20.0 if name == HOT and number in busy else 0.0, p95_ms=None)
        for number in range(windows)
        for name in endpoints
    ]
    return observe_all(in_phase(10).state, rows)


def at_end(windows=TWO_HOURS):
    return after(LENGTH * windows + 60)


def test_an_empty_night_with_three_busy_windows_at_its_end_holds():
    told = soak(flown(range(21, 24)), at_end())
    assert (told.mark, told.text, told.eta) == (Mark.WARMING, "with traffic 12 % < 25 %", None)


@pytest.mark.parametrize(("busy", "mark"), [(6, Mark.PASS), (5, Mark.WARMING), (0, Mark.WARMING), (24, Mark.PASS)])
def test_a_quarter_of_the_windows_is_enough(busy, mark):
    assert soak(flown(range(busy)), at_end()).mark is mark


def test_the_gate_says_how_busy_it_was():
    assert soak(flown(range(12)), at_end()).text == "2h01m ≥ 2h00m (50 % of it with traffic)"


def test_a_plan_may_ask_for_less():
    plan = replace(PLAN, soak=replace(PLAN.soak, busy=0.0))
    assert soak(replace(flown(()), plan=plan), at_end()).mark is Mark.PASS


def test_one_endpoint_is_enough_and_what_nobody_told_of_is_neither():
    state = flown(range(6), windows=12)
    assert busy_share(state, T0, (), at_end()) == 50
    assert busy_share(in_phase(10).state, T0, (), at_end()) is None


def test_what_does_not_count_is_not_asked_for_shoppers():
    state = flown(range(12))
    lost = [(after(LENGTH * 12), after(LENGTH * 18))]
    assert busy_share(state, T0, lost, at_end()) == pytest.approx(100 * 12 / 18)


@settings(deadline=None)
@given(
    st.sets(st.integers(0, 11)),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted), max_size=3),
    st.integers(0, 12),
)
def test_it_is_the_share_of_whole_windows_that_are_left(busy, holes, begun):
    state = flown(busy, windows=12, endpoints=(HOT, COLD))
    left = [number for number in range(begun, 12) if not any(start <= number < end for start, end in holes)]
    lost = [(after(LENGTH * start), after(LENGTH * end)) for start, end in holes]
    told = busy_share(state, after(LENGTH * begun), lost, at_end(12))
    assert told == (pytest.approx(100 * len(busy & set(left)) / len(left)) if left else None)
