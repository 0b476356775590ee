"""Charts of the HTML report: every point where it belongs, gaps left open, peaks told in words with their bound."""

import re
from datetime import UTC
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.gate.evaluate import judge
from sessions.reports.episodes import episodes
from sessions.reports.html.axis import ticks
from sessions.reports.html.chart import HIGH, WIDE, Chart, chart
from sessions.reports.html.course import Course, course
from sessions.reports.html.curves import MOST_POINTS
from sessions.reports.html.strip import strip
from sessions.reports.periods import of_flight
from tests.support.build import T0, after
from tests.support.sessions.any_log import LOGS, written
from tests.support.worlds.reported import LASTED, LENGTH, entries, report

OVER = Course(T0, after(1000), (), (), (), (), (), (), ())


def parsed(markup):
    return ET.fromstring(markup)


def paths(markup, kind="line"):
    found = [one.get("d") for one in parsed(markup).iter("path") if one.get("class").split()[0] == kind]
    return [[tuple(map(float, pair.split())) for pair in re.split("[MLZ]", one.split("h")[0]) if pair] for one in found]


def test_points_lie_where_their_moment_and_value_are_and_a_gap_parts_the_line():
    points = ((T0, 0.0), (after(100), 100.0), (after(500), 50.0), (after(1000), 0.0))
    first, *rest = paths(chart(Chart("p", "ms", points, 200.0, bound=100.0), OVER, UTC))
    assert first == [(0.0, 100.0), (100.0, 7.4)]
    assert rest == [[(500.0, 53.7)], [(1000.0, 100.0)]]


@given(st.lists(st.tuples(st.integers(0, 1000), st.floats(allow_nan=True, allow_infinity=True)), max_size=30))
def test_whatever_was_measured_stays_within_the_chart(rows):
    points = tuple((after(at), value) for at, value in sorted(rows, key=lambda row: row[0]))
    drawn = chart(Chart("p", "ms", points, 1e9, bound=500.0), OVER, UTC)
    if drawn:
        assert all(0 <= x <= WIDE and 0 <= y <= HIGH for path in paths(drawn) for x, y in path)
        assert "nan" not in drawn
        assert "inf" not in drawn


def test_nothing_measured_is_no_chart():
    assert chart(Chart("p", "ms", (), 9.0), OVER, UTC) == ""
    assert chart(Chart("p", "ms", ((T0, float("nan")),), 9.0), OVER, UTC) == ""


@pytest.mark.parametrize("seconds", [1, 40, 600, 4 * 3600, 86_400, 7 * 86_400, 40 * 86_400])
def test_labels_of_any_period_are_few_and_in_order(seconds):
    found = ticks(Course(T0, after(seconds), (), (), (), (), (), (), ()), UTC)
    lefts = [float(re.search(r"left:([\d.]+)%", one)[1]) for one in found]
    assert len(found) <= 12
    assert lefts == sorted(set(lefts))
    assert all(0 <= left <= 100 for left in lefts)


def captions(told):
    found = parsed(told.removeprefix("<!DOCTYPE html>\n")).iter("figcaption")
    return [" ".join("".join(one.itertext()).replace("\u00a0", " ").split()) for one in found]


def test_each_chart_says_its_peak_and_its_bound(tmp_path):
    found = captions(report(tmp_path, tz=UTC))
    assert "POST /capsules ◆ over its bound: up to 893 ms at 12:00, bound ≤ 500 ms" in found
    assert "Open tickets ◆ over its bound: up to 23 open at 11:40, bound ≤ 20 open" in found
    assert any(one.startswith("GET /concierge ● whole windows within: up to 270 ms") for one in found)
    assert any(one.startswith("capsules ◆ outside its band at") for one in found)


def test_a_line_has_a_point_for_each_window_and_no_more_than_are_asked_for(tmp_path):
    drawn = paths(report(tmp_path, tz=UTC).removeprefix("<!DOCTYPE html>\n"))
    assert len(drawn[0]) == LASTED // LENGTH - 1
    assert max(map(len, drawn)) <= MOST_POINTS + 1


def over(pen, at):
    judgement = judge(pen.state, after(at), UTC)
    period = of_flight(judgement)
    found = tuple(one for one in episodes(pen.state.plan, pen.state.entries, judgement.at) if period.holds(one))
    return course(judgement, period, found)


def test_the_course_has_the_pause_the_fuse_and_every_move():
    found = over(entries(), LASTED)
    assert [(one.since, one.until) for one in found.paused] == [(after(7300), after(9000))]
    assert [(one.since, one.until) for one in found.fuses] == [(after(7300), after(8100))]
    assert [(one.at, one.percent, one.back) for one in found.moves] == [
        (after(60), 10, False),
        (after(10_000), 25, False),
        (after(14_000), 10, True),
    ]
    assert [one.words for one in found.phases] == ["0 %", "10 %", "25 %", "10 %"]
    text = "".join(parsed(strip(found, UTC)).itertext()).replace("\u00a0", " ")
    assert "▸ 25 %" in text
    assert "◂ 10 %" in text


@given(LOGS)
def test_of_any_flight_nothing_is_drawn_outside_its_period(events):
    pen, last = written(events)
    found = over(pen, last + 60)
    for stays in (found.phases, found.paused, found.fuses, found.frozen, found.troubles, found.unseen):
        assert all(found.since <= one.since <= one.until <= found.until for one in stays)
        assert len(stays) <= 402
    assert all(found.since <= one.at <= found.until for one in found.moves)
