"""The top line where it must not fail: a fuse in little room, a flag nobody is sure of, somebody else who watches."""

import pytest
from msgspec.structs import replace

from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.sample import burning, calm, calm_flight, view
from widgets.base.styled import content
from widgets.frame.header import Header


def said(judgement, width=160, **facts):
    picture = Header().picture(replace(view(judgement), **facts), width, 1)
    return content(picture.lines, width).plain, picture.tone


@pytest.mark.parametrize("width", [160, 120, 80, 70, 60])
def test_row_31_a_fuse_shows_its_time_in_any_width(width):
    text, tone = said(burning(), width)
    assert "FUSE 11:42" in text
    assert tone == "-bad"
    assert ("POST /capsules 812 ms" in text) is (width >= 60)
    assert ("d defuse" in text) is (width >= 100)  # the line of keys says them in any width


LIT = "Latency spike p95 1812 ms > 500 ms on POST /capsules: resolve within 15m00s, or the flag goes back"


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (200, "Latency spike p95 1812 ms > 500 ms on POST /capsules"),
        (80, "p95 1812 ms > 500 ms on POST /capsules"),
        (60, "p95 1812 ms > 500 ms"),
    ],
)
def test_what_lit_a_fuse_loses_whole_parts_and_never_its_value(width, words):
    judgement = burning()
    (name, fuse) = next(iter(judgement.state.fuses.items()))
    lit = replace(judgement, state=replace(judgement.state, fuses={name: replace(fuse, text=LIT)}))
    text, _ = said(lit, width)
    assert words in text
    assert "…" not in text


def moving(kind, percent):
    flight = calm_flight()
    flight.wrote(ago(minutes=2), "flag.intended", "i", intent="m9", percent=percent, previous=25, writer="f")
    flight.wrote(ago(minutes=1), f"flag.{kind}", "t", intent="m9", percent=percent, reason="401")
    return flight.judged()


@pytest.mark.parametrize(
    ("kind", "percent", "word"),
    [
        ("refused", 10, "◆ REVERT NOT DONE"),
        ("unknown", 10, "◆ REVERT NOT DONE"),
        ("unknown", 50, "◆ FLAG OUTCOME UNKNOWN"),
        ("refused", 50, "● RUNNING"),
    ],
)
def test_rows_70_and_74_a_flag_that_is_not_where_it_should_be_is_said_first(kind, percent, word):
    text, tone = said(moving(kind, percent))
    assert word in text
    assert tone == ("" if "RUNNING" in word else "-bad")


def test_who_watches_instead_is_named():
    text, _ = said(calm(), follows="watched by process 4711 since 2026-11-23 12:00 UTC")
    assert "watched by process 4711 · 3 of 3 sources" in text
    assert "3 of 3 sources" in said(calm())[0]
    assert NOW.strftime("%M:%S") in text


def test_a_count_that_an_open_hole_starts_anew_is_no_coverage():
    judgement = calm()
    assert "watched 100 % of the time" in said(judgement)[0]
    none = replace(judgement, soak=replace(judgement.soak, elapsed=0.0, coverage=None))
    assert "watched" not in said(none)[0]
    assert "100 %" not in said(none)[0]


@pytest.mark.parametrize(
    ("width", "words"),
    [(80, "▲ measure 2m00s"), (100, "▲ measure 2m00s"), (160, "▲ Stub fallback on for 2m00s")],
)
def test_a_measure_that_is_on_is_named_in_any_width(width, words):
    flight = calm_flight().wrote(
        ago(minutes=2), "task.ticked", "on", task="error_rate.stubs", done=True, risk="error_rate"
    )
    assert words in said(flight.judged(), width)[0]


@pytest.mark.parametrize(
    ("width", "slowed", "words"),
    [
        (160, 12.4, "demo slowed to 12x, the machine is busy"),
        (100, 12.4, "slowed to 12x"),
        (160, 3.6, "demo slowed to 3.6x"),
    ],
)
def test_a_demo_that_goes_slower_says_so(width, slowed, words):
    assert words in said(calm(), width, slowed=slowed)[0]


@pytest.mark.parametrize("width", range(50, 170, 3))
@pytest.mark.parametrize("speed", [0.0, 3.6, 52.0])
@pytest.mark.parametrize("judgement", [calm(), moving("unknown", 50)])
def test_what_does_not_fit_is_left_out_whole(width, speed, judgement):
    text, _ = said(judgement, width, slowed=speed, follows="watched by process 4711 since 2026-11-23 12:00 UTC")
    assert "…" not in text
    told = [part.strip() for part in text.split("   ") if part.strip()]
    wide = [part.strip() for part in said(judgement, 400, slowed=speed)[0].split("   ")]
    assert any(wide[1] in part for part in told)


@pytest.mark.parametrize("width", [160, 120, 90])
def test_words_get_shorter_before_a_part_yields(width):
    text, _ = said(calm(), width, slowed=52.0, follows="watched by process 4711 since 2026-11-23 12:00 UTC")
    assert "slowed to 52x" in text
    assert "sources" in text
    assert "CL7" in text


def test_a_demo_that_keeps_pace_says_nothing_of_it():
    assert "slowed" not in said(calm(), 160)[0]


@pytest.mark.parametrize("width", [160, 120, 100, 80, 60])
def test_that_nothing_can_be_asked_is_said_however_long_the_reason(width):
    reason = (
        "read-only: /srv/flights/concierge/cockpit.toml is not trusted here, or was changed: cockpit trust concierge"
    )
    text, _ = said(calm(), width, viewer=reason)
    assert "◌ read-only" in text
