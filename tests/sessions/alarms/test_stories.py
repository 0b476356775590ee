"""What a place is told of one cause: when it begins, now and then while it flaps, and when it is over."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.alarms.quiet_hours import quiet_hours
from sessions.alarms.stories import CALM, MOMENT, PAUSES, Saying, moment
from sessions.plan.loader import scaled
from tests.support.build import PLAN
from tests.support.sessions.calling import acknowledged, flown, incident, lit, turned
from tests.support.watch.paging import Pager, begin_breach, end_breach, flapped

BOUND, PAUSE, QUIET = MOMENT.total_seconds(), PAUSES[0].total_seconds(), CALM.total_seconds()
FUSE = 900.0
LONG = 18 * 60.0
HANDFUL = 6


def pager(plan=PLAN, quiet="", every=1.0):
    return Pager(flown(plan), quiet_hours(quiet, UTC), every)


def test_a_breach_that_stands_is_told_after_a_moment_then_at_5_and_15_minutes_then_its_end():
    ours = pager()
    ours.until(59)
    begin_breach(ours.pen, 60)
    ours.until(2000)
    end_breach(ours.pen, 2001)
    ours.until(4000)
    assert ours.said(Saying.STANDS) == [60 + BOUND, 60 + BOUND + PAUSE, 60 + BOUND + PAUSE + 900]
    assert ours.said(Saying.OVER) == [2001 + QUIET]


@pytest.mark.parametrize("on", [0.1, 0.9, 5.0, 9.9])
@pytest.mark.parametrize("fuse", [0.0, FUSE])
def test_what_lasts_no_longer_than_a_moment_pages_nobody(on, fuse):
    ours = pager()
    ours.until(flapped(ours, [(on, 300.0)] * 10, fuse=fuse) + 600)
    assert ours.messages == []


@pytest.mark.parametrize("fuse", [0.0, FUSE], ids=["breach", "fuse"])
@pytest.mark.parametrize(
    ("on", "off"), [(0.5, 0.5), (5, 5), (11, 4), (12, 60), (30, 30), (60, 60), (130, 20), (200, 130), (290, 10)]
)
def test_18_minutes_of_a_flapping_criterion_are_a_handful_of_messages(on, off, fuse):
    ours = pager(every=0.5)
    over = flapped(ours, [(on, off)] * int(LONG / (on + off)), fuse=fuse)
    ours.until(over + 3600)
    assert len(ours.messages) <= HANDFUL
    if on > BOUND:
        assert ours.messages[0].at <= 60 + BOUND + 1
        assert ours.messages[-1].saying is Saying.OVER, "a story has an end"
        assert len(ours.said(Saying.OVER)) <= 2, "it is told as over, and comes back, once"


SPELLS = st.lists(st.tuples(st.floats(0.3, 900), st.floats(0.3, 900)), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(SPELLS, st.sampled_from([0.0, 60.0, FUSE]))
def test_every_fuse_and_every_breach_that_stands_is_told_in_time(spells, fuse):
    """A breach before its pause is over, a fuse at half of its time at the latest; and each story has an end."""
    ours = pager()
    end = flapped(ours, spells, fuse=fuse)
    ours.until(end + 4000)
    at = 60.0
    for on, off in spells:
        patience = max(BOUND, fuse / 2) if fuse else BOUND + PAUSES[-1].total_seconds()
        if on > patience + 1:
            said = [one for one in ours.messages if at <= one.at <= at + patience + 1]
            assert [one for one in said if one.saying is Saying.STANDS], (at, on, ours.messages)
        at += on + off
    if ours.messages:
        assert ours.messages[-1].saying is Saying.OVER
    longest = max(on for on, _ in spells)
    assert bool(ours.messages) == (longest >= BOUND + 1) or BOUND - 1 <= longest <= BOUND + 1


def test_what_gets_worse_is_told_at_once_and_a_fuse_again_at_its_zero():
    ours = pager()
    ours.until(59)
    turned(ours.pen, 60, "breach")
    ours.until(89)
    lit(ours.pen, 90, burns=100.0)
    ours.until(400)
    assert [(one.at, one.id) for one in ours.messages] == [
        (60 + BOUND, "verdict.latency"),
        (90.0, "fuse.latency_spike"),
        (190.0 + BOUND, "fuse.latency_spike"),
    ]


def test_each_incident_is_told_though_another_was_just_now():
    ours = pager()
    ours.until(59)
    incident(ours.pen, 60)
    ours.until(100)
    ours.pen.write(101, "incident.opened", "P0 again", by="cli", incident="i2", severity="P0")
    ours.until(130)
    assert len(ours.messages) == 2


def test_what_is_acknowledged_is_silent_and_its_end_is_told():
    ours = pager()
    ours.until(59)
    begin_breach(ours.pen, 60)
    ours.until(100)
    acknowledged(ours.pen, 101, "verdict.latency")
    ours.until(1000)
    end_breach(ours.pen, 1001)
    ours.until(1300)
    assert [one.saying for one in ours.messages] == [Saying.STANDS, Saying.OVER]


def test_in_quiet_hours_a_breach_waits_for_the_morning_and_is_judged_then():
    """T0 is 10:00 UTC: one that is over by then is told to nobody."""
    ours = pager(quiet="09:00-11:00")
    ours.until(59)
    begin_breach(ours.pen, 60)
    ours.until(3599)
    assert ours.messages == []
    ours.until(3601)
    assert ours.said() == [3600.0]
    gone = pager(quiet="09:00-11:00")
    flapped(gone, [(60.0, 10.0)])
    gone.until(4000)
    assert gone.messages == []


@pytest.mark.parametrize(("speed", "lasts"), [(1, 10), (2, 5), (5, 2), (10, 1), (60, 1), (1000, 1)])
def test_a_rehearsal_shortens_the_moment_to_a_second_at_most(speed, lasts):
    assert moment(scaled(PLAN, speed)) == timedelta(seconds=lasts)


def test_a_clock_that_went_back_holds_nothing_up():
    ours = pager()
    """And what it dates in the future is no news each time that it is looked at."""
    ours.until(5000)
    incident(ours.pen, 5001)
    for at in range(4000, 4100):
        ours.look(at)
    assert [(one.at, one.saying) for one in ours.messages] == [(4000, Saying.STANDS)]
