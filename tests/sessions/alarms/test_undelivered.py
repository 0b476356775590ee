"""What stands and a place was never told of."""

from datetime import UTC

import pytest

from sessions.alarms.quiet_hours import quiet_hours
from sessions.alarms.undelivered import untold
from sessions.gate.judgement import Judgement
from tests.support.build import after
from tests.support.sessions.calling import MINUTE, acknowledged, breach, flown, lit, turned


def missed(pen, at, channel="phone", quiet=""):
    """The ids of what the place was not told, but that a place cannot be reached; T0 is 10:00 UTC."""
    found = untold(Judgement(pen.state, after(at)), channel, quiet_hours(quiet, UTC))
    return [alarm.id for alarm in found if not alarm.id.startswith("notice.")]


def message(pen, at, *alarms, kind="notice.sent", channel="phone"):
    pen.write(at, kind, channel=channel, alarms=alarms, reason="")
    return pen


def breached():
    return breach("latency")(flown(), 60)


@pytest.mark.parametrize("kind", ["notice.sent", "notice.failed"])
def test_a_message_that_was_tried_is_told_and_only_to_its_place(kind):
    pen = breached()
    assert missed(pen, 61) == ["verdict.latency"]
    message(pen, 61, "verdict.latency", kind=kind)
    assert missed(pen, 62) == []
    assert missed(pen, 62, "team") == ["verdict.latency"]


def test_a_message_about_an_earlier_alarm_or_another_one_tells_nothing_of_this():
    pen = message(flown(), 30, "verdict.latency")
    breach("latency")(pen, 60)
    message(pen, 61, "verdict.growth")
    assert missed(pen, 62) == ["verdict.latency"]


def test_what_is_over_or_acknowledged_is_not_told():
    assert missed(turned(breached(), 120, "pass"), 121) == []
    pen = acknowledged(breached(), 120, "verdict.latency", span=10 * MINUTE)
    assert missed(pen, 121) == []
    assert missed(pen, 120 + 10 * MINUTE) == ["verdict.latency"]


def test_in_quiet_hours_only_what_cannot_wait_is_told():
    pen = breached()
    assert missed(pen, 61, quiet="09:00-11:00") == []
    assert missed(pen, 61 + 60 * MINUTE, quiet="09:00-11:00") == ["verdict.latency"]
    assert missed(lit(pen, 70), 71, quiet="09:00-11:00") == ["fuse.latency_spike"]
