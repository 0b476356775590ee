"""What is said of the alarms that stand, beside the log."""

from datetime import timedelta

import pytest

from sessions.values.requests import Act, Request
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import HOSTILE, breach, breach_flight, burning, calm, calm_flight, hostile, view
from widgets.base.styled import plain
from widgets.frame.alarms import alarm_mark
from widgets.panes.log import LogPane


def quieted(*alarms, minutes=20):
    flight = breach_flight()
    until = NOW + timedelta(minutes=minutes)
    return flight.wrote(ago(minutes=1), "alarm.acknowledged", "acknowledged", alarms=alarms, until=until).judged()


def blind():
    facts = {"criterion": "growth", "verdict": "blind", "was": "pass", "since": ago(minutes=5)}
    return calm_flight().wrote(ago(minutes=2), "verdict.turned", "growth no answer for 3m00s", **facts).judged()


BOTH = ("risk.support_queue", "verdict.growth")


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        (calm, ""),
        (breach, "◆ 2 alarms · . acknowledge"),
        (burning, "◆ 1 alarm · . acknowledge"),
        (blind, "◌ 1 alarm · . acknowledge"),
        (lambda: quieted(*BOTH), "◆ 2 alarms acknowledged until 14:23"),
        (lambda: quieted(BOTH[0]), "◆ 2 alarms, 1 acknowledged until 14:23 · . acknowledge"),
        (lambda: quieted(*BOTH, minutes=0), "◆ 2 alarms · . acknowledge"),
    ],
)
def test_the_mark_counts_what_stands_and_says_until_when_it_is_silent(judgement, said):
    assert plain([alarm_mark(view(judgement()))]) == said


def test_who_only_looks_is_shown_no_key():
    assert plain([alarm_mark(view(breach(), viewer="read only"))]) == "◆ 2 alarms"


def test_acknowledged_is_never_green():
    assert not any("good" in style for _, style in alarm_mark(view(quieted(*BOTH))))


@pytest.mark.parametrize("text", HOSTILE)
def test_the_log_pane_keeps_its_title_whatever_was_said(text):
    title = plain([LogPane().picture(view(hostile(text)), 76, 5).title])
    assert title.startswith("Ops log · ◆ ")
    assert title.isprintable()


async def test_the_key_acknowledges_where_something_rings_and_nowhere_else():
    async with flying(breach()) as flown:
        assert "Ops log · ◆ 2 alarms · . acknowledge" in flown.text()
        await flown.press("full_stop")
        assert flown.door.asked == [Request(Act.ACKNOWLEDGE)]
    for judgement in (calm(), quieted(*BOTH)):
        async with flying(judgement) as flown:
            await flown.press("full_stop")
            assert flown.door.asked == []


async def test_the_mark_is_readable_in_a_small_terminal():
    async with flying(breach(), size=(80, 24)) as flown:
        assert "◆ 2 alarms · . acknowledge · 14:" in flown.text()
