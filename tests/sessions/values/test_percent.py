"""A percentage of the flag: exact, with up to two decimals, and read as it is written."""

import math

import pytest

from sessions.values.percent import DECIMALS, decimals_of, exact_percent, percent_said, rest_of, weights_of

ALL = [number / 100 for number in range(10_001)]


def test_each_with_two_decimals_is_itself_however_it_was_reckoned():
    for number, value in enumerate(ALL):
        found = exact_percent(value)
        assert found is not None
        assert found == exact_percent(number * 0.01) == exact_percent(100 * (number / 10_000))
        assert found == percent_said(str(found))
        assert len(str(found).partition(".")[2]) == decimals_of(found) <= DECIMALS
        assert isinstance(found, int) == (number % 100 == 0), "a whole one reads as 25, not as 25.0"
        assert rest_of(rest_of(found)) == found


def test_its_weights_are_whole_and_say_it_exactly():
    for value in ALL:
        on, off = weights_of(exact_percent(value))
        assert exact_percent(100 * on / (on + off)) == value
        assert isinstance(on, int)
        assert on + off in {100, 1000, 10_000}


@pytest.mark.parametrize("value", [-0.01, 100.01, 0.005, 33.333, math.nan, math.inf, True, None, "25", [25]])
def test_what_is_none(value):
    assert exact_percent(value) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("25", 25), ("25%", 25), (" 25 % ", 25), ("0.5", 0.5), ("0.5%", 0.5), ("12.25 %", 12.25), ("100.00", 100)],
)
def test_what_a_person_writes(text, value):
    assert percent_said(text) == value


@pytest.mark.parametrize("text", ["", "%", "0.125", "101", "1e1", "-1", "0,5", "half", "25 % 3", "٢٥"])
def test_what_no_person_means(text):
    assert percent_said(text) is None


@pytest.mark.parametrize(("decimals", "held"), [(0, [25]), (1, [25, 0.5]), (2, [25, 0.5, 12.25])])
def test_no_more_decimals_than_there_are(decimals, held):
    assert [value for value in (25, 0.5, 12.25) if exact_percent(value, decimals) is not None] == held
