"""Both groups below the chart: one line or two, nothing where nobody says who had the flag."""

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.state.reducer import observe
from sessions.values.readings import Side, Split
from sessions.values.verdicts import CRITERIA
from tests.support.build import after, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, NOW, flown
from widgets.base.styled import QUIET, STRONG, plain
from widgets.base.view import View
from widgets.detail.by_flag import by_flag_lines
from widgets.detail.panes import ChartPane

SPLIT = Split(Side(1204.0, 60.0, 812.0, 0.95), Side(9880.0, 10.0, 214.0, 0.002), 37.0)
FIGURES, COUNTS = "with the flag 812 ms, without 214 ms", "(1,204 and 9,880 requests): the flag · 37 say neither"


def view(split=SPLIT, now=NOW):
    state = observe(flown(), window(CAPSULES, after(2 * LENGTH), at=after(3 * LENGTH + 41), split=split))
    return View(judge(state, now), now)


def test_one_line_where_there_is_room():
    lines = by_flag_lines(view(), "latency", CAPSULES, 112)
    assert plain(lines) == f"{FIGURES} {COUNTS}"
    assert ("the flag", STRONG) in lines[0]


@pytest.mark.parametrize("width", [10, 30, 46, 60])
def test_two_lines_where_there_is_none(width):
    lines = by_flag_lines(view(), "latency", CAPSULES, width)
    assert len(lines) == 2
    assert all(len(plain((line,))) <= width for line in lines)
    if width == 60:
        assert plain(lines) == f"{FIGURES}\n{COUNTS}"


def test_errors_are_compared_by_their_share():
    lines = by_flag_lines(view(replace(SPLIT, neither=0.0)), "errors", CAPSULES, 112)
    assert plain(lines) == "with the flag 5.0 %, without 0.1 % (1,204 and 9,880 requests): the flag"
    assert plain(by_flag_lines(view(), "errors", "all", 112)) == plain(lines) + " · 37 say neither"


@pytest.mark.parametrize("criterion", CRITERIA)
def test_nothing_is_shown_without_a_label(criterion):
    assert by_flag_lines(view(None), criterion, CAPSULES, 112) == ()


def test_what_a_dark_source_said_does_not_stand_out():
    [line] = by_flag_lines(view(now=after(3 * LENGTH + 300)), "latency", CAPSULES, 112)
    assert {style for _, style in line if _.strip()} == {QUIET}


@pytest.mark.parametrize(("width", "height"), [(112, 38), (46, 16), (20, 5)])
def test_the_chart_leaves_them_room(width, height):
    pane = ChartPane()
    pane.chosen = list(view().plan.endpoints).index(CAPSULES)
    parted, without = (pane.picture(view(split), width, height).lines for split in (SPLIT, None))
    assert len(parted) <= height
    assert plain(parted[-2:]).replace("\n", " ").strip().endswith("neither" if width > 60 else plain(parted[-1:]))
    assert "with the flag" in plain(parted)
    assert "with the flag" not in plain(without)
