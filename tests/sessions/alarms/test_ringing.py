"""When an alarm rings: at its edge, twice more, and then no more; quiet hours; a budget for what flaps."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.alarms.alarms import Alarm, Call, Heard, rings, silent_until
from sessions.alarms.quiet_hours import QuietHours, quiet_hours
from sessions.plan.loader import scaled
from sessions.values.readings import Topic
from tests.support.build import PLAN, T0, after, minute, pulse
from tests.support.sessions.acting import seeing
from tests.support.sessions.calling import (
    HOUR,
    MINUTE,
    Ear,
    acknowledged,
    act,
    acts,
    at_moment,
    breach,
    everything_blind,
    flown,
    incident,
    lit,
    turned,
)
from tests.support.sessions.rounds import LIT, calm, fly

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("span", "rung"),
    [(4 * MINUTE, [60]), (6 * MINUTE, [60, 360]), (HOUR, [60, 360, 960]), (24 * HOUR, [60, 360, 960])],
)
def test_an_alarm_rings_at_its_edge_and_five_and_fifteen_minutes_later_and_never_again(span, rung):
    pen = flown()
    ear = Ear(pen, every=30.0).listen(30)
    turned(pen, 60, "breach")
    assert ear.listen(60 + span).rung == rung


def test_what_stands_at_the_first_look_rings_only_when_it_repeats():
    pen = turned(flown(), 0, "breach")
    assert Ear(pen).listen(20 * MINUTE).rung == [5 * MINUTE, 15 * MINUTE]


def test_an_alarm_that_is_over_rings_no_more():
    pen = flown()
    ear = Ear(pen).listen(59)
    ear_again = turned(pen, 60, "breach")
    ear.listen(100)
    turned(ear_again, 101, "pass")
    assert ear.listen(HOUR).rung == [60]


def test_an_edge_that_is_heard_of_late_rings_all_the_same():
    pen = flown()
    ear = Ear(pen).listen(100)
    turned(pen, 98.5, "breach")
    assert ear.listen(4 * MINUTE).rung == [101]


def test_a_fast_plan_rings_as_fast():
    pen = flown(scaled(PLAN, 60.0))
    ear = Ear(pen).listen(9)
    turned(pen, 10, "breach")
    assert ear.listen(60).rung == [10, 15, 25]


def test_acknowledged_it_is_silent_until_that_ends_and_then_rings_once():
    pen = flown()
    ear = Ear(pen).listen(59)
    turned(pen, 60, "breach")
    ear.listen(90)
    acknowledged(pen, 91, "verdict.latency")
    (alarm,) = at_moment(pen.state, after(92))
    assert silent_until(alarm, pen.state.quieted, after(92)) == after(91 + 30 * MINUTE)
    assert silent_until(alarm, pen.state.quieted, after(91 + 30 * MINUTE)) is None
    assert ear.listen(3 * HOUR).rung == [60, 91 + 30 * MINUTE]


def test_what_is_acknowledged_rings_again_where_it_grows_worse():
    pen = flown()
    ear = Ear(pen).listen(59)
    turned(pen, 60, "breach")
    ear.listen(90)
    acknowledged(pen, 91, "verdict.latency")
    ear.listen(100)
    lit(acts(pen, 101, "latency_spike"), 101)
    assert ear.listen(102).rung == [60, 101]
    pen = flown()
    ear = Ear(pen).listen(59)
    turned(pen, 60, "breach", "errors")
    acknowledged(pen, 61, "verdict.errors")
    ear.listen(8 * MINUTE)
    acts(pen, 8 * MINUTE, "error_rate")
    assert ear.listen(9 * MINUTE).rung[-1] == 8 * MINUTE + 1


def test_the_criterion_behind_a_risk_joins_its_alarm_in_silence():
    pen = flown()
    ear = Ear(pen).listen(59)
    acts(pen, 60, "error_rate")
    ear.listen(200)
    turned(pen, 201, "breach", "errors")
    assert ear.listen(250).rung == [60]


def test_a_newer_edge_of_one_cause_takes_over_the_repeats():
    pen = flown()
    ear = Ear(pen).listen(59)
    turned(pen, 60, "breach")
    ear.listen(199)
    lit(pen, 200, burns=2 * HOUR)
    assert ear.listen(HOUR).rung == [60, 200, 200 + 5 * MINUTE, 200 + 15 * MINUTE]


def test_a_fuse_rings_again_when_its_time_is_over():
    pen = flown()
    ear = Ear(pen).listen(59)
    lit(pen, 60, burns=1200)
    ear.listen(100)
    acknowledged(pen, 101, "fuse.latency_spike", span=600)
    assert ear.listen(2 * HOUR).rung == [60, 701, 960, 1260, 1260 + 5 * MINUTE, 1260 + 15 * MINUTE]


NIGHT = QuietHours(time(23), time(7), UTC)
LATE, MORNING = 13 * HOUR, 21 * HOUR
"""T0 is 10:00: 23:00 comes 13 hours later, 07:00 21 hours later."""


@pytest.mark.parametrize(
    ("step", "rung"),
    [
        (breach("latency"), [MORNING]),
        (act("support_queue"), [MORNING]),
        (everything_blind, [MORNING]),
        (lambda pen, at: incident(pen, at, "P1"), [MORNING]),
        (incident, [LATE + 60, LATE + 360, LATE + 960]),
        (lambda pen, at: lit(pen, at, burns=10 * HOUR), [LATE + 60, LATE + 360, LATE + 960]),
    ],
)
def test_in_quiet_hours_only_what_cannot_wait_rings_and_the_rest_in_the_morning(step, rung):
    pen = flown()
    ear = Ear(pen, NIGHT, every=30.0).listen(LATE + 30)
    step(pen, LATE + 60)
    assert ear.listen(MORNING + HOUR).rung == rung


def test_what_was_over_or_acknowledged_by_the_morning_does_not_ring_then():
    for end in (
        lambda pen: turned(pen, MORNING - 10, "pass"),
        lambda pen: acknowledged(pen, MORNING - 10, "verdict.latency"),
    ):
        pen = flown()
        ear = Ear(pen, NIGHT, every=30.0).listen(LATE)
        turned(pen, LATE + 60, "breach")
        ear.listen(MORNING - 30)
        end(pen)
        assert ear.listen(MORNING + 10 * MINUTE).rung == []


def flapping(pen, ear, spans):
    at = 60.0
    for on, off in spans:
        ear.listen(at - ear.every)
        turned(pen, at, "breach")
        ear.listen(at + on - ear.every)
        turned(pen, at + on, "pass")
        at += on + off
    return ear.listen(at).rung


def test_t23_a_day_with_fifty_flaps_rings_six_times_at_most():
    pen = flown()
    every = 24 * 60 / 50
    rung = flapping(pen, Ear(pen, every=30.0), [(every * MINUTE / 2, every * MINUTE / 2)] * 50)
    assert 1 <= len(rung) <= 6


REST = st.one_of(st.integers(1, 90), st.sampled_from([359, 361, 1439, 1441]))


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(1, 29), REST), min_size=1, max_size=50))
def test_t23_however_an_alarm_flaps_it_rings_six_times_a_day_at_most(spans):
    pen, at = flown(), 60.0
    ear = Ear(pen)
    ear.once(0)
    for on, off in spans:
        turned(pen, at, "breach")
        for minutes in sorted({0, 5, 15, on}):
            if minutes <= on:
                ear.once(at + minutes * MINUTE)
        turned(pen, at + on * MINUTE, "pass")
        at += (on + off) * MINUTE
    assert ear.rung[0] == 60
    assert all(sum(start <= one < start + 24 * HOUR for one in ear.rung) <= 6 for start in ear.rung)


def test_a_flap_that_lasts_is_no_flap_and_rings():
    pen = flown()
    ear = Ear(pen)
    rung = flapping(pen, ear, [(60, 60)] * 5)
    turned(pen, 660, "breach")
    assert rung == [60]
    assert ear.listen(3 * HOUR).rung == [60, 960, 660 + 30 * MINUTE]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5000), st.integers(0, 3)), min_size=1, max_size=9),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 9000)),
    st.booleans(),
    st.tuples(*[st.integers(0, 10000)] * 3).map(sorted),
)
def test_what_rings_in_two_spans_rings_in_both_together(calls, quieted, urgent, moments):
    alarm = Alarm("a", T0, "", ("a", "b", "c"), tuple(Call(after(at), part, seq) for part, at, seq in calls), urgent)
    until = {part: after(at) for part, at in quieted.items()}
    first, middle, last = map(after, moments)
    night = QuietHours(time(10, 30), time(11), UTC)
    heard, later = Heard(first, 9), Heard(middle, 9)
    early, late = rings(alarm, until, heard, middle, night), rings(alarm, until, later, last, night)
    assert rings(alarm, until, heard, last, night) == early + late
    assert rings(alarm, until, heard, last, night) <= rings(alarm, until, Heard(first, 0), last, night)


@pytest.mark.parametrize(
    ("at", "over"),
    [
        (datetime(2026, 11, 23, 21, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), datetime(2026, 11, 24, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 5, 59, tzinfo=UTC), datetime(2026, 11, 24, 6, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), None),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 6, 0, tzinfo=UTC)),
        (datetime(2027, 3, 27, 23, 0, tzinfo=UTC), datetime(2027, 3, 28, 5, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_at_the_local_time_whatever_the_clocks_do(at, over):
    assert QuietHours(time(23), time(7), BERLIN).over(at) == (over or at)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), st.times(), st.times())  # noqa: DTZ001
def test_quiet_hours_end_within_a_day_and_what_is_over_is_not_quiet(at, begins, ends):
    over = QuietHours(begins, ends, BERLIN).over(at)
    assert at <= over <= at + timedelta(hours=25)


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("23:00-07:00", time(23), time(7)),
        ("00:00-23:59", time(0), time(23, 59)),
        ("12:30-13:15", time(12, 30), time(13, 15)),
    ],
)
def test_quiet_hours_as_they_are_written(text, begins, ends):
    assert quiet_hours(text, BERLIN) == QuietHours(begins, ends, BERLIN)


@pytest.mark.parametrize(
    "text", ["23-7", "23:00", "24:00-07:00", "23:00-07:60", "07:00-07:00", " 23:00-07:00", "２3:00-07:00"]
)
def test_what_are_no_quiet_hours(text):
    with pytest.raises(ValueError, match=r"span of the day|same time"):
        quiet_hours(text)


def broken(pen, at):
    """The service answers every request with an error since LIT, or slowly: what a scrape sees of it."""
    share = min(1.0, (at - LIT) / 60)
    rows = [minute(endpoint, after(at), errors=30 * share) for endpoint in PLAN.endpoints]
    pen.state = seeing(pen.state, *rows, pulse(Topic.TRAFFIC, after(at)))


def dead(_pen, _at):
    """Nothing is measured any more."""


@pytest.mark.parametrize("outage", [broken, dead])
def test_t23_a_real_outage_rings_within_two_minutes(outage):
    pen = calm()
    ear = Ear(pen)
    for at in range(LIT, LIT + 121, 5):
        if at % 15 == 0:
            outage(pen, at)
        fly(pen, at)
        ear.once(at)
    assert len(ear.rung) == 1
