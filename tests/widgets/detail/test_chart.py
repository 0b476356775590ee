"""Row: NaN never reaches plotext, which would end the process."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.screen.sample import FLIGHTS, view
from widgets.base.styled import STRONG, plain
from widgets.detail.chart import Plot, chart, segments
from widgets.detail.series import plot, subjects

Y = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
ROWS = st.lists(st.tuples(st.floats(0, 1e9), Y), max_size=40)
POINTS = ROWS.map(lambda rows: tuple(sorted(rows, key=lambda row: row[0])))


@given(POINTS)
def test_segments_hold_finite_points_only_and_all_of_them(points):
    runs = segments(points)
    assert all(math.isfinite(y) for run in runs for _, y in run)
    assert all(runs)
    finite = [(x, y) for x, y in points if y is not None and math.isfinite(y) and abs(y) < 1e15]
    assert [point for run in runs for point in run] == finite


@settings(max_examples=60, deadline=None)
@given(POINTS, st.integers(0, 60), st.integers(0, 20), st.one_of(st.none(), st.floats(allow_nan=True)))
def test_any_points_draw_within_their_room(points, width, height, bound):
    lines = chart(Plot(points, bound, span=(0.0, 1e9), ticks=((5e8, "noon"),), unit="ms"), width, height)
    assert len(lines) <= height
    assert all(cell_len(plain([line])) <= width for line in lines)


def test_too_little_room_or_nothing_finite_draws_nothing():
    points = ((0.0, 1.0), (1.0, 2.0))
    assert chart(Plot(points), 9, 10) == ()
    assert chart(Plot(points), 20, 3) == ()
    assert chart(Plot(((0.0, None), (1.0, math.nan), (2.0, math.inf))), 40, 10) == ()


def test_the_bound_is_drawn_and_named():
    lines = chart(Plot(((0.0, 300.0), (1.0, 400.0)), 500.0, span=(0.0, 1.0), unit="ms"), 60, 12)
    bound = next(line for line in lines if "500 ms" in plain([line]))
    assert any("─" in text and style == STRONG for text, style in bound)


@pytest.mark.parametrize("name", FLIGHTS)
def test_every_subject_of_every_flight_can_be_drawn(name):
    shown = view(FLIGHTS[name]())
    for criterion in ("latency", "errors", "analytics", "growth", "incidents"):
        for subject in subjects(shown, criterion):
            wanted = plot(shown, criterion, subject)
            assert wanted is not None
            assert len(chart(wanted, 80, 20)) in (0, 20)


def test_growth_draws_its_band():
    wanted = plot(view(FLIGHTS["breach"]()), "growth", "shortlists")
    low, high = wanted.band
    assert all(under[1] < over[1] for under, over in zip(low, high, strict=True))
