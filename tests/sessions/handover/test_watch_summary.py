"""What the time away was worth: peaks at their bounds, soak, holes."""

import pytest
from msgspec.structs import replace

from sessions.handover.peaks import Peaks
from sessions.values import readings as r
from tests.support.build import T0, after, window
from tests.support.sessions.nights import CALM, LEFT, handed, pen_of, rows


@pytest.mark.parametrize(
    ("peaks", "row", "quiet"),
    [
        ({"p95": window("a", after(7200), p95_ms=500.0)}, ("p95", "500 ms ≤ 500 ms · a · 12:00"), True),
        ({"p95": window("a", after(7200), p95_ms=500.1)}, ("p95", "500 ms > 500 ms · a · 12:00"), False),
        (
            {"p95": window("a", after(7200), p95_ms=2500.0, p95_capped=True)},
            ("p95", "over 2500 ms > 500 ms · a · 12:00"),
            False,
        ),
        (
            {"p95": window("a", after(7200), p95_ms=400.0, p95_capped=True)},
            ("p95", "over 400 ms against 500 ms · a · 12:00"),
            False,
        ),
        (
            {"errors": window("a", after(7200), requests=1000.0, errors=9.0)},
            ("errors", "0.9 % < 1.0 % · a · 12:00"),
            True,
        ),
        (
            {"errors": window("a", after(7200), requests=1000.0, errors=10.0)},
            ("errors", "1.0 % ≥ 1.0 % · a · 12:00"),
            False,
        ),
        ({"tickets": replace(CALM.tickets, open=20)}, ("tickets", "20 ≤ 20 open · 12:00"), True),
        ({"tickets": replace(CALM.tickets, open=21)}, ("tickets", "21 > 20 open · 12:00"), False),
        (
            {"gap": replace(CALM.gap, newest=after(6600))},
            ("gap", "10m00s ≤ 10m00s · capsule · 11:50-12:00"),
            True,
        ),
        (
            {"gap": replace(CALM.gap, newest=after(6599))},
            ("gap", "10m01s > 10m00s · capsule · 11:49-12:00"),
            False,
        ),
    ],
)
def test_each_peak_has_its_bound_at_the_edge_and_over_it_the_night_is_not_quiet(peaks, row, quiet):
    pen = pen_of()
    assert handed(pen, replace(CALM, **peaks)).quiet is quiet
    pen.write(7200, "note.written", "so that peaks are told", by="cli")
    assert row in rows(handed(pen, replace(CALM, **peaks)), "Peaks")


@pytest.mark.parametrize(
    ("criterion", "unit", "bound", "value", "told"),
    [
        ("latency", "ms", 500.0, 1461.0, ("p95", "1461 ms > 500 ms · POST /csat · 12:00")),
        ("latency", "ms", 500.0, 501.0, ("p95", "700 ms > 500 ms · a · 11:00")),
        ("errors", "%", 5.0, 100.0, ("errors", "100 % ≥ 5.0 % · POST /csat · 12:00")),
        ("errors", "%", 5.0, 6.0, ("errors", "20 % ≥ 1.0 % · a · 11:00")),
    ],
)
def test_no_whole_window_hides_a_higher_figure_that_was_judged(criterion, unit, bound, value, told):
    """Rare traffic is judged of several windows, a spike of a minute: neither is the share of one whole window."""
    pen = pen_of()
    facts = {"criterion": criterion, "verdict": "breach", "was": "pass", "subject": "POST /csat"}
    pen.write(7200, "verdict.turned", "breach", since=after(7200), value=value, bound=bound, unit=unit, **facts)
    one = window("a", after(3600), p95_ms=700.0, requests=100.0, errors=20.0)
    assert told in rows(handed(pen, replace(CALM, p95=one, errors=one)), "Peaks")


def test_a_wider_gap_that_is_over_is_the_peak_and_none_reaches_before_the_phase():
    pen = pen_of()
    pen.see(r.Beat("mongo", after(9000), "return", T0, after(8990), 40, ((after(-900), after(4500)),)))
    assert ("gap", "1h15m > 10m00s · return · 10:00-11:15") in rows(handed(pen), "Peaks")


def test_where_nothing_was_measured_that_is_said_and_nothing_is_quiet():
    told = handed(pen_of(), Peaks())
    assert not told.quiet
    assert rows(told, "Peaks") == [("", "nothing was measured")]


def test_rows_28_and_30_time_that_nobody_watched_is_told_from_when_to_when_and_why():
    pen = pen_of()
    pen.write(9000, "gap.found", "asleep", since=after(7200), until=after(9000), cause="asleep or stopped")
    for name in ("growth", "analytics"):
        pen.write(9600, "verdict.turned", criterion=name, verdict="blind", was="pass", since=after(9600))
    told = handed(pen)
    assert rows(told, "Watched")[-2:] == [
        ("12:00-12:30", "30m00s · asleep or stopped"),
        ("12:40-14:00", "1h20m · no data for analytics, growth"),
    ]
    assert ("covered", "38.9 % < 95 % · 1h50m of 3h00m not watched") in rows(told, "Watched")


def test_row_28_sources_that_were_dark_because_nobody_watched_are_no_hole_of_their_own():
    pen = pen_of()
    pen.write(9000, "gap.found", "asleep", since=after(7200), until=after(9000), cause="asleep or stopped")
    facts = {"criterion": "growth", "was": "pass"}
    pen.write(9001, "verdict.turned", verdict="blind", since=after(7150), **facts)
    pen.write(9020, "verdict.turned", verdict="pass", since=after(9020), **{**facts, "was": "blind"})
    pen.write(9500, "verdict.turned", verdict="silent", since=after(9400), **facts)
    pen.write(9600, "verdict.turned", verdict="pass", since=after(9600), **{**facts, "was": "silent"})
    assert rows(handed(pen), "Watched")[2:] == [
        ("12:00-12:30", "30m00s · asleep or stopped"),
        ("12:36-12:40", "3m20s · no data for growth"),
    ]


def test_row_30_a_session_that_nobody_watches_says_so():
    pen = pen_of()
    pen.write(7200, "watch.stopped", "stopped", reason="left")
    assert ("12:00-14:00", "2h00m · nobody watches") in rows(handed(pen), "Watched")


def test_a_hole_from_before_is_none_of_this_absence_and_one_across_it_is_cut():
    pen = pen_of()
    pen.write(LEFT - 1, "gap.found", "gone", since=after(600), until=after(1200), cause="gone")
    pen.write(LEFT + 60, "gap.found", "gone", since=after(3000), until=after(3660), cause="gone")
    assert rows(handed(pen), "Watched")[2:] == [("11:00-11:01", "1m00s · gone")]


def test_coverage_is_never_rounded_up_to_a_whole():
    pen = pen_of()
    pen.write(9000, "gap.found", "gone", since=after(8998), until=after(9000), cause="gone")
    assert ("covered", "99.9 % ≥ 95 % · 2s of 3h00m not watched") in rows(handed(pen), "Watched")


def test_soak_is_gained_counted_anew_or_begun_with_a_phase():
    pen = pen_of()
    pen.write(7200, "gap.found", "gone", since=after(7000), until=after(7200), cause="gone")
    assert rows(handed(pen), "Watched")[0] == ("soak", "gained 2h56m, 3h56m of 2h00m")
    pen.write(10_800, "gap.found", "gone", since=after(8000), until=after(10_800), cause="gone")
    assert rows(handed(pen), "Watched")[0] == ("soak", "1h00m of 2h00m, counted anew since 13:00: a hole > 30m00s")
    pen.write(12_600, "flag.confirmed", intent="m", percent=25)
    pen.write(12_600, "phase.entered", "25 %", phase=25, previous=10, evidence=())
    assert rows(handed(pen), "Watched")[0] == ("soak", "30m00s of 4h00m, 25 % entered 13:30")
