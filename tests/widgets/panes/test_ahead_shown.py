"""What the next phase will bring too little of: a line at the gate where there is room, words on the detail screen."""

import pytest
from msgspec.structs import replace

from sessions.expected.remarks import Remark
from tests.support.screen.sample import HOSTILE, calm, view
from widgets.base.styled import plain
from widgets.detail.panes import ChartPane
from widgets.panes.gate import GatePane

THIN = Remark(
    "POST /capsules", "about 0.5 requests a window at 50 %: it will stay thin even pooled over 1h", "probe it"
)
RARE = Remark("capsule_created", "an event about every 25m at 50 %", "walk it every 4m", rare=True)
POOLED = Remark("POST /csat", "about 4 requests a window at 50 %: judged pooled over about 25m", thin=False)


def shown(*remarks):
    return view(replace(calm(), ahead=remarks))


def gate(*remarks, height=40, width=44):
    return plain(GatePane().picture(shown(*remarks), width, height).lines)


@pytest.mark.parametrize(
    ("remarks", "line"),
    [
        ((THIN,), "~ 50 %: 1 endpoint thin"),
        ((RARE,), "~ 50 %: 1 journey rare"),
        ((THIN, THIN, POOLED, RARE, RARE), "~ 50 %: 2 endpoints thin, 2 journeys rare"),
    ],
)
def test_the_gate_counts_them(remarks, line):
    assert gate(*remarks).splitlines()[-1].rstrip() == line


def test_where_the_gate_is_narrow_they_are_counted_together():
    assert gate(THIN, RARE, RARE, width=34).splitlines()[-1].rstrip() == "~ 50 %: 3 thin or rare"


@pytest.mark.parametrize("remarks", [(), (POOLED,)])
def test_the_gate_is_silent_where_all_will_be_judged(remarks):
    assert gate(*remarks) == gate()
    assert "~" not in gate(*remarks)


def test_where_room_is_short_the_conditions_stay():
    judgement = calm()
    rows = len(judgement.gate.conditions)
    assert gate(THIN, height=rows) == gate(height=rows)


def chart(criterion, subject, *remarks, width=100, height=20):
    looked = shown(*remarks)
    pane = ChartPane()
    pane.criterion = criterion
    names = looked.plan.endpoints if criterion == "latency" else ("all", *looked.plan.endpoints)
    pane.chosen = list(names if criterion != "analytics" else [one.id for one in looked.plan.journeys]).index(subject)
    lines = pane.picture(looked, width, height).lines
    assert len(lines) <= height
    return lines


@pytest.mark.parametrize(
    ("criterion", "remark"), [("latency", THIN), ("errors", THIN), ("analytics", RARE), ("latency", POOLED)]
)
def test_below_a_chart_stands_what_is_ahead_of_its_subject(criterion, remark):
    lines = plain(chart(criterion, remark.subject, THIN, RARE, POOLED)).splitlines()
    assert lines[-1].endswith(remark.said[-20:])
    assert len(lines) == 20


def test_a_chart_of_another_subject_is_as_it_was():
    assert chart("latency", "GET /concierge", THIN, RARE) == chart("latency", "GET /concierge")
    assert chart("errors", "all", THIN) == chart("errors", "all")


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_it_says_it_leaves_room_for_the_chart(text):
    remark = Remark("POST /capsules", f"{text} {text}" * 30, text)
    for width in (1, 20, 46):
        assert len(chart("latency", "POST /capsules", remark, width=width, height=12)) <= 12
