"""Synthetic runs on their interval, as the analytics pane shows them."""

import pytest

from sessions.values.readings import Run
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.sample import calm_flight, view
from widgets.base.styled import GOOD, HOLD, length, plain
from widgets.panes.analytics import AnalyticsPane


def run(name="wf7", source="wf7", *, done=True, ok=True, lines=("2 steps in 0.1 s",)):
    return Run(source, NOW, name, "20261123T130313-4f9a1c", ago(seconds=9), lines, done=done, ok=ok)


def rows(*runs, height=8, width=60):
    picture = AnalyticsPane().picture(view(calm_flight().saw(*runs).judged()), width, height)
    return picture.lines[4:]


def test_the_newest_run_of_each_source_stands_below_the_journeys():
    lines = rows(run(), run("night", "night", ok=False, lines=("a", "step 1 look: 503, wanted 200")))
    assert [line.rstrip() for line in plain(lines).splitlines()] == [
        "▲ night run failed 14:03: step 1 look: 503, wanted 200",
        "✔ wf7 run 14:03  2 steps in 0.1 s",
    ]
    assert [line[0][1] for line in lines] == [HOLD, GOOD]


def test_a_failed_run_is_told_at_the_foot_where_there_is_no_room():
    def foot(*runs):
        return plain([AnalyticsPane().picture(view(calm_flight().saw(*runs).judged()), 31, 4).foot])

    assert foot(run()) == foot()
    assert foot(run(ok=False)) == f"▲ wf7 failed  {foot()}"


@pytest.mark.parametrize("shown", [run("p1.wf7"), run(done=False)], ids=["of a task", "running"])
def test_a_run_of_a_task_and_one_that_goes_on_are_not_shown(shown):
    assert rows(shown) == ()


@pytest.mark.parametrize(("height", "count"), [(3, 0), (4, 0), (5, 1), (9, 2)])
def test_runs_take_only_the_room_that_is_left(height, count):
    lines = rows(run(), run("night", "night", lines=("x" * 300,)), height=height, width=30)
    assert len(lines) == count
    assert all(length(line) <= 30 for line in lines)
