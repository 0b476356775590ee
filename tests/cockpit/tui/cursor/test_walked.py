"""The cursor on the deck: where the keys and clicks take it, what it stays on, and that a calm screen shows none."""

import random

import pytest
from msgspec.structs import replace

from tests.support.screen.grown_flight import ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import FLIGHTS, breach, breach_flight, calm
from widgets.base.pane import Pane

SIZES = ((160, 48), (120, 36), (200, 60), (80, 24), (100, 30))
BANDED = "on $edge"


def focused(flown) -> list[str]:
    return [pane.NAME for pane in flown.app.screen.query(Pane) if pane.has_class("-focus")]


def banded(flown) -> list[str]:
    """The lines that wear the mark of the cursor, of every pane."""
    panes = flown.app.screen_stack[0].query(Pane)
    return [
        "".join(text for text, _ in line).strip()
        for pane in panes
        for line in pane._ready
        if line and all(BANDED in style for _, style in line)
    ]


@pytest.mark.parametrize("size", SIZES)
async def test_a_screen_that_nobody_touched_shows_no_cursor_and_escape_lets_go(size):
    async with flying(breach(), size=size) as flown:
        deck = flown.app.screen
        assert (deck.under, focused(flown), banded(flown)) == (None, [], [])
        await flown.press("down")
        assert deck.under is not None
        assert len(focused(flown)) == 1
        assert len(banded(flown)) == 1
        await flown.press("escape")
        assert (deck.under, focused(flown), banded(flown)) == (None, [], [])


async def test_tab_goes_round_every_pane_in_reading_order_and_comes_back_to_its_row():
    async with flying(breach()) as flown:
        await flown.press("tab", "down", "down")
        assert focused(flown) == ["gate"]
        third = flown.app.screen.under
        seen = []
        for _ in range(20):
            await flown.press("tab")
            seen += focused(flown)
            if seen[-1] == "gate":
                break
        wanted = ["latency", "risks", "errors", "analytics", "growth", "incidents", "flag", "queue", "capsules", "log"]
        assert sorted(seen) == sorted([*wanted, "gate"])
        assert flown.app.screen.under == third
        await flown.press("shift+tab")
        assert focused(flown) == ["flag"]


async def test_arrows_walk_rows_and_go_on_into_the_pane_beside():
    async with flying(breach()) as flown:
        await flown.press("down")
        assert (focused(flown), flown.app.screen.under.id) == (["gate"], "latency")
        await flown.press("right")
        assert focused(flown) == ["latency"]
        await flown.press("left")
        assert focused(flown) == ["gate"]
        await flown.press("right", "right")
        assert focused(flown) == ["risks"]
        await flown.press("right")
        assert focused(flown) == ["risks"]
        await flown.press("left")
        assert focused(flown)[0] in ("latency", "errors", "analytics")
        for _ in range(40):
            await flown.press("down")
        assert focused(flown) == ["incidents"]
        for _ in range(60):
            await flown.press("up")
        assert focused(flown)[0] in ("gate", "latency", "risks")


async def test_the_cursor_stays_on_its_thing_when_the_lines_move():
    flight = breach_flight()
    async with flying(flight.judged()) as flown:
        for _ in range(12):
            await flown.press("shift+tab")
            if focused(flown) == ["log"]:
                break
        newest = flown.app.screen.under
        flight.wrote(ago(seconds=1), "note.written", "a line above", by="owner")
        flown.door.turn(flight.judged())
        await flown.until(lambda: "a line above" in flown.text())
        assert flown.app.screen.under.same == newest.same
        assert banded(flown)[0].count(newest.text.split()[1][:5]) == 1


async def test_what_is_gone_leaves_the_cursor_beside_where_it_was():
    judgement = calm()
    async with flying(judgement) as flown:
        await flown.press("down", "down")
        gate = judgement.gate
        fewer = replace(judgement, gate=replace(gate, conditions=(gate.conditions[0], *gate.conditions[2:])))
        flown.door.turn(fewer)
        await flown.until(lambda: flown.app.screen.under.id != gate.conditions[1].name)
        assert focused(flown) == ["gate"]
        assert flown.app.screen.under.id == gate.conditions[2].name


async def test_a_click_selects_and_two_open():
    async with flying(breach()) as flown:
        await flown.pilot.click("#growth", offset=(4, 1))
        await flown.settle()
        assert focused(flown) == ["growth"]
        assert flown.app.screen.under.kind == "growth"
        assert len(flown.app.screen_stack) == 1
        await flown.pilot.click("#growth", offset=(4, 2), times=2)
        await flown.settle()
        assert len(flown.app.screen_stack) == 2
        assert "within its expected band" in flown.text()


async def test_enter_without_a_cursor_says_what_shows_one():
    async with flying(calm()) as flown:
        await flown.press("enter")
        assert len(flown.app.screen_stack) == 1
        assert "No cursor yet" in flown.toasts()[-1]


@pytest.mark.parametrize("seed", range(12))
async def test_random_keys_at_random_sizes_never_land_on_a_hidden_pane(seed):
    dice = random.Random(seed)
    names = list(FLIGHTS)
    async with flying(FLIGHTS[dice.choice(names)](), size=dice.choice(SIZES)) as flown:
        deck = flown.app.screen
        for _ in range(40):
            match dice.randrange(8):
                case 0:
                    await flown.pilot.resize_terminal(*dice.choice([*SIZES, (58, 18)]))
                case 1:
                    flown.door.turn(FLIGHTS[dice.choice(names)]())
                    flown.app.paint()
                case _:
                    keys = ("tab", "shift+tab", "down", "up", "left", "right", "escape", "Y")
                    await flown.press(dice.choice(keys))
            await flown.settle()
            assert len(focused(flown)) == (deck.under is not None)
            for pane in deck.query(Pane):
                if pane.has_class("-focus"):
                    assert pane.display
                    assert pane.region.area
                    assert deck.under in pane.targets
                    assert pane.cursor.same == deck.under.same
