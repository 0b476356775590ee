"""The hours in which a phase may be entered: over days, closed dates and both days on which the clock is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.plan.calendar import calendar_from
from sessions.plan.loader import bundled, plan_from
from sessions.plan.strict_table import Table, TableError

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = {"hours": "09:00-17:00", "days": ["mon", "tue", "wed", "thu", "fri"], "fri": "09:00-16:00"}
NIGHT = {"hours": "22:00-04:00"}


def read(values):
    table = Table(values, "advance")
    found = calendar_from(table)
    assert table.problems == []
    return found


def local(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("values", "now", "opens"),
    [
        (OFFICE, "2026-11-23 08:59", "2026-11-23 09:00"),
        (OFFICE, "2026-11-23 09:00", "2026-11-23 09:00"),
        (OFFICE, "2026-11-23 17:00", "2026-11-24 09:00"),
        (OFFICE, "2026-11-27 15:59", "2026-11-27 15:59"),
        (OFFICE, "2026-11-27 16:00", "2026-11-30 09:00"),
        (OFFICE | {"closed": ["2026-11-30..2026-12-01"]}, "2026-11-27 16:00", "2026-12-02 09:00"),
        (OFFICE | {"closed": ["2026-11-27"]}, "2026-11-27 10:00", "2026-11-30 09:00"),
        (OFFICE | {"sun": "10:00-12:00"}, "2026-11-28 10:00", "2026-11-29 10:00"),
        (NIGHT, "2026-11-28 03:59", "2026-11-28 03:59"),
        (NIGHT, "2026-11-28 04:00", "2026-11-28 22:00"),
        (NIGHT | {"closed": ["2026-11-27"]}, "2026-11-28 03:00", "2026-11-28 22:00"),
        ({"hours": "02:30-03:30"}, "2026-03-29 00:00", "2026-03-29 02:30"),
        ({"hours": "09:00-24:00"}, "2026-10-25 08:00", "2026-10-25 09:00"),
        ({}, "2026-11-28 10:00", "2026-11-28 10:00"),
    ],
)
def test_it_opens_when_the_plan_says_on_the_clock_of_the_place(values, now, opens):
    assert read(values).opening(local(now), BERLIN) == local(opens)


@pytest.mark.parametrize(
    ("values", "now", "closes"),
    [
        (OFFICE, "2026-11-27 10:00", "2026-11-27 16:00"),
        (OFFICE, "2026-11-27 18:00", None),
        ({"closed": ["2026-12-24"]}, "2026-11-27 18:00", "2026-12-24 00:00"),
        ({}, "2026-11-27 18:00", None),
    ],
)
def test_it_closes_when_hours_end_and_nothing_follows_at_once(values, now, closes):
    assert read(values).closing(local(now), BERLIN) == (local(closes) if closes else None)


def test_what_never_opens_says_so():
    assert read({"closed": ["2026-01-01..2029-01-01"]}).opening(local("2026-11-27 10:00"), BERLIN) is None


@given(st.integers(0, 366 * 24 * 60), st.sampled_from([OFFICE, NIGHT, OFFICE | {"closed": ["2026-03-20..2026-04-02"]}]))
def test_at_its_opening_it_is_open_and_just_before_it_is_not(minutes, values):
    found, now = read(values), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = found.opening(now, BERLIN)
    assert opens >= now
    assert found.opening(opens, BERLIN) == opens
    if opens > now:
        before = opens - timedelta(seconds=1)
        assert found.opening(before, BERLIN) == opens
        assert found.closing(before, BERLIN) is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"hours": "9-17"}, 'advance.hours: is "9-17"'),
        ({"hours": "09:00-09:00"}, "advance.hours: is"),
        ({"hours": "09:00-25:00"}, "advance.hours: is"),
        ({"fri": "late"}, "advance.fri: is"),
        ({"days": ["monday"]}, 'advance.days: has "monday"'),
        ({"days": []}, "advance.days: leaves no day open"),
        ({"closed": ["2026-02-30"]}, 'advance.closed: has "2026-02-30"'),
        ({"closed": ["2026-12-24..2026-12-01"]}, "advance.closed: has"),
        ({"hour": "09:00-17:00"}, "advance.hour: unknown key"),
        ("always", "advance: is no table"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(values, told):
    with pytest.raises(TableError) as caught:
        plan_from({**bundled().table, "advance": values})
    assert [problem for problem in map(str, caught.value.problems) if problem.startswith(told)]
