"""The deck on real screen sizes: what stands where, folded and unfolded, and that no size breaks it."""

import random
import re
from datetime import timedelta

import pyte
import pytest
from textual._compositor import CompositorUpdate

from cockpit.tui.screens.deck import Deck
from tests.support.screen.grown_flight import NOW
from tests.support.screen.pilots import flying
from tests.support.screen.sample import FLIGHTS, blind, breach, burning, calm
from widgets.panes.log import LogPane

FIXED = (
    "POST /csat",
    "capsule_created",
    " duplicates   ",
    "triage log",
    "escalated",
    "Known gap",
    "Ops log",
    "│ Soak ",
)
"""A condition moves: the one above it goes on below itself where it is long."""


async def test_the_whole_deck_at_160x48():
    async with flying(breach()) as flown:
        text = flown.text()
        for title in (
            "Gate to 50 %  ◆ HOLD",
            "Latency p95 ≤ 500 ms",
            "Errors < 1",
            "Analytics gap ≤ 10 min",
            "Growth ± 25 %",
            "Incidents",
            "Support queue ≤ 20 open",
            "Capsules · returns · CSAT",
            "Risks",
            "Ops log",
        ):
            assert title in text
        assert "CL7 concierge · Phase 2 · 25 %" in flown.rows()[0]
        assert "14:03:22 +01:00" in flown.rows()[0]
        assert "◆ BREACH" in text
        assert "◆ 23 OPEN" in text
        assert flown.rows()[-1].startswith(" . Acknowledge  space Pause  a Advance  r Revert  f Freeze  t Tasks")


async def test_every_row_fills_the_screen_exactly():
    async with flying(blind()) as flown:
        assert {len(row) for row in flown.rows()} == {160}


async def test_nothing_moves_when_a_value_changes():
    places = []
    for name in ("calm", "breach", "burning", "blind"):
        async with flying(FLIGHTS[name]()) as flown:
            rows = flown.rows()
            places.append([(word, y, row.index(word)) for word in FIXED for y, row in enumerate(rows) if word in row])
    assert len(places[0]) >= 8
    assert places == [places[0]] * 4


async def test_folded_at_80x24_keeps_gate_risks_log_and_keys():
    async with flying(burning(), size=(80, 24)) as flown:
        rows = flown.rows()
        assert "FUSE 11:42" in rows[0]
        assert "25 % ▲ 3h09m/4h" in rows[1]
        text = flown.text()
        for condition in burning().gate.conditions:
            assert condition.name.capitalize() in text
        assert "◆ Latency spike " in text
        assert "812 ms > 500 ms   ACT" in text
        assert re.search(r"\+\d more calm · 3 opens all", text)
        assert "14:00:22 fuse " in rows[-2]
        assert rows[-1].rstrip().endswith("? Help  q Quit")
        assert {len(row) for row in rows} == {80}


@pytest.mark.parametrize("size", [(59, 24), (80, 19), (40, 10), (20, 5)])
async def test_small_screens_keep_the_worst_the_phase_and_the_percentage(size):
    """Row 31."""
    async with flying(breach(), size=size) as flown:
        text = flown.text()
        assert "◆ ACT support que" in text
        assert "25 %" in text
        assert "Enlarge" in text


async def test_any_size_at_any_time_breaks_nothing():
    """Row 31: a storm of sizes."""
    dice = random.Random(31)
    async with flying(breach(), size=(160, 48)) as flown:
        for _ in range(40):
            width, height = dice.randint(1, 220), dice.randint(1, 70)
            await flown.pilot.resize_terminal(width, height)
            flown.app.paint()
        await flown.pilot.resize_terminal(160, 48)
        await flown.settle()
        assert "Latency p95 ≤ 500 ms" in flown.text()
        assert isinstance(flown.app.screen, Deck)


async def test_a_broken_pane_leaves_the_others_and_the_keys(monkeypatch, caplog):
    """Row 36."""

    def fail(*_):
        raise KeyError("windows")

    monkeypatch.setattr("widgets.panes.latency.LatencyPane.picture", fail)
    async with flying(calm()) as flown:
        text = flown.text()
        assert "display error" in text
        assert "Analytics gap" in text
        await flown.press("space")
        assert len(flown.door.asked) == 1


async def test_clicking_a_key_presses_it():
    async with flying(calm()) as flown:
        x = flown.rows()[-1].index("o Observe")
        await flown.pilot.click(offset=(x + 1, 47))
        await flown.settle()
        assert [one.act.value for one in flown.door.asked] == ["observe"]


async def test_no_colour_at_all_still_says_everything(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with flying(breach()) as flown:
        assert flown.app.no_color
        text = flown.text()
        for word in ("◆ BREACH", "◆ HOLD", "● PASS", "ACT", "WATCH", "calm"):
            assert word in text


async def test_an_idle_second_repaints_the_clock_and_not_the_panes():
    async with flying(calm()) as flown:
        log = flown.app.screen.query_one(LogPane)
        before = log._ready
        flown.app.paint()
        await flown.settle()
        assert log._ready is before


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
async def test_what_is_painted_bit_by_bit_is_what_is_painted_at_once(size):
    """Only the lines that changed are written; none of them is left as it was, and a second alone writes little."""
    dice, terminal = random.Random(35), pyte.Screen(*size)
    stream = pyte.Stream(terminal)
    async with flying(calm(), size=size) as flown:
        app, wrote = flown.app, list[int]()

        def display(_screen, update):
            if isinstance(update, CompositorUpdate):
                told = update.render_segments(app.console).replace("\n", "\r\n")
                wrote.append(len(told))
                stream.feed(told)

        app._display = display
        app.screen.refresh()
        await flown.until(lambda: same(terminal.display, flown.rows()))
        whole = max(wrote)
        for name in (*FLIGHTS, *dice.choices(sorted(FLIGHTS), k=8), "calm"):
            flown.door.turn(FLIGHTS[name]())
            app.paint()
            await flown.settle()
            async with flying(FLIGHTS[name](), size=size) as anew:
                assert flown.rows() == anew.rows()
            await flown.until(lambda: same(terminal.display, flown.rows()))
        wrote.clear()
        app._clock = lambda: NOW + timedelta(seconds=1)
        app.paint()
        await flown.until(lambda: wrote and same(terminal.display, flown.rows()))
        assert sum(wrote) < whole / 2


def same(painted, wanted):
    return [row.rstrip() for row in painted] == [row.rstrip() for row in wanted]
