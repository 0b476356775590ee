import math
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.text.units import clock, countdown, counted, duration, exact, figure, minutes, moment, seconds, signed
from tests.support.build import T0, after

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("1.25s", 1.25),
        ("7d", 604800),
        ("0s", 0),
    ],
)
def test_durations_are_read(text, read):
    assert seconds(text) == read


@pytest.mark.parametrize("text", ["", "5", "m5", "5 m", "-5m", "5m ", "1e3s", "nans", "５m", "5.m", "h", "5M"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)


@given(st.floats(0, 1e8))
def test_an_exact_duration_reads_back(span):
    assert seconds(exact(span)) == pytest.approx(span, abs=1e-6)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (0, "0s"),
        (0.25, "0.2s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (42, "42s"),
        (59.6, "1m00s"),
        (130, "2m10s"),
        (3599.7, "1h00m"),
        (11520, "3h12m"),
        (187200, "2d04h"),
        (-130, "-2m10s"),
        (math.nan, "?"),
        (math.inf, "?"),
    ],
)
def test_durations_are_said_shortly(span, said):
    assert duration(span) == said


@pytest.mark.parametrize(
    ("left", "said"), [(702, "11:42"), (701.2, "11:42"), (3723, "1:02:03"), (0, "0:00"), (-5, "0:00"), (0.1, "0:01")]
)
def test_a_countdown_ends_at_nothing(left, said):
    assert countdown(left) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (438.2, "ms", "438 ms"),
        (-0.3, "docs", "0 docs"),
        (-0.04, "%", "0.0 %"),
        (0.3, "%", "0.3 %"),
        (9.96, "%", "10 %"),
        (41.0, "%", "41 %"),
        (130.0, "s", "2m10s"),
        (23, "", "23"),
        (0, "ms", "0 ms"),
        (None, "ms", "–"),
        (math.nan, "ms", "–"),
        (math.inf, "%", "–"),
    ],
)
def test_figures_carry_their_unit(value, unit, said):
    assert figure(value, unit) == said


@pytest.mark.parametrize(
    ("value", "said"), [(41.0, "+41 %"), (-3.2, "-3 %"), (-0.3, "+0 %"), (0.0, "+0 %"), (None, "–"), (math.nan, "–")]
)
def test_deviations_carry_their_sign(value, said):
    assert signed(value, "%") == said


def test_clocks_are_local():
    assert clock(T0, BERLIN) == "11:00:00"
    assert clock(T0, BERLIN, fine=False) == "11:00"


@pytest.mark.parametrize(
    ("later", "said"), [(60, "11:01:00"), (599, "11:09:59"), (600, "11:10"), (-3600, "10:00"), (86400, "Tue 11:00")]
)
def test_moments_are_as_fine_as_they_are_near(later, said):
    assert moment(after(later), T0, BERLIN) == said
    assert moment(T0, T0 - timedelta(seconds=later), BERLIN).startswith(("11:00", "Mon"))


@pytest.mark.parametrize(
    ("span", "said"), [(60, "1 min"), (2400, "40 min"), (3600, "60 min"), (90, "1m30s"), (30, "30s"), (2.5, "2.5s")]
)
def test_whole_minutes_are_said_as_minutes(span, said):
    assert minutes(span) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 tickets"), (1, "1 ticket"), (1.2, "1 ticket"), (2, "2 tickets"), (12345, "12,345 tickets")],
)
def test_one_thing_is_told_in_the_singular(number, said):
    assert counted(number, "tickets") == said


@pytest.mark.parametrize(("number", "said"), [(1, "1 entry"), (2, "2 entries")])
def test_a_plural_in_ies_has_its_singular(number, said):
    assert counted(number, "entries") == said
