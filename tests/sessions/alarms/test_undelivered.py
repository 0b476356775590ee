"""What whoever watched before told a place: whoever watches next tells the rest, and nothing twice."""

from datetime import UTC

import pytest

from sessions.alarms.alarms import standing
from sessions.alarms.quiet_hours import quiet_hours
from sessions.alarms.stories import Saying, due, followed
from sessions.alarms.undelivered import recalled
from sessions.gate.judgement import Judgement
from tests.support.build import after
from tests.support.sessions.calling import MINUTE, acknowledged, breach, flown, lit, turned


def missed(pen, at, channel="phone", quiet="", saying=Saying.STANDS):
    """The ids of what the place is to be told now, but that a place cannot be reached; T0 is 10:00 UTC."""
    judgement = Judgement(pen.state, after(at))
    stories = followed(recalled(judgement, channel), standing(judgement), (), judgement)
    found = [one.alarm.id for one in stories.values() if due(one, judgement, quiet_hours(quiet, UTC)) is saying]
    return [name for name in found if not name.startswith("notice.")]


def message(pen, at, *alarms, kind="notice.sent", channel="phone"):
    pen.write(at, kind, channel=channel, alarms=alarms, reason="")
    return pen


def breached():
    return breach("latency")(flown(), 60)


@pytest.mark.parametrize("kind", ["notice.sent", "notice.failed"])
def test_a_message_that_was_tried_is_told_and_only_to_its_place(kind):
    pen = breached()
    assert missed(pen, 71) == ["verdict.latency"]
    message(pen, 71, "verdict.latency", kind=kind)
    assert missed(pen, 72) == []
    assert missed(pen, 72, "team") == ["verdict.latency"]


def test_a_message_about_an_earlier_alarm_or_another_one_tells_nothing_of_this():
    pen = message(flown(), 30, "verdict.latency")
    breach("latency")(pen, 60)
    message(pen, 61, "verdict.growth")
    assert missed(pen, 71) == ["verdict.latency"]


def test_a_fuse_that_was_lit_after_the_message_is_told():
    pen = message(breached(), 71, "verdict.latency")
    assert missed(lit(pen, 80), 81) == ["fuse.latency_spike"]
    assert missed(message(pen, 82, "verdict.latency", "fuse.latency_spike"), 83) == []


def test_what_is_over_is_told_as_over_where_it_was_told_once():
    untold = turned(breached(), 120, "pass")
    assert missed(untold, 300) == []
    assert missed(untold, 300, saying=Saying.OVER) == []
    pen = turned(message(breached(), 71, "verdict.latency"), 120, "pass")
    assert missed(pen, 239, saying=Saying.OVER) == []
    assert missed(pen, 240, saying=Saying.OVER) == ["verdict.latency"]
    message(pen, 241, "over.verdict.latency")
    assert missed(pen, 300, saying=Saying.OVER) == []


def test_what_is_acknowledged_is_not_told():
    pen = acknowledged(breached(), 120, "verdict.latency", span=10 * MINUTE)
    assert missed(pen, 121) == []
    assert missed(pen, 120 + 10 * MINUTE) == ["verdict.latency"]


def test_in_quiet_hours_only_what_cannot_wait_is_told():
    pen = breached()
    assert missed(pen, 71, quiet="09:00-11:00") == []
    assert missed(pen, 61 + 60 * MINUTE, quiet="09:00-11:00") == ["verdict.latency"]
    assert missed(lit(pen, 70), 81, quiet="09:00-11:00") == ["fuse.latency_spike"]
