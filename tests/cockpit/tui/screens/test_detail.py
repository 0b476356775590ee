"""Screen 2: every criterion and subject has its chart, its bound and its verdict."""

import pytest

from tests.support.screen.pilots import flying
from tests.support.screen.sample import breach, burning, hostile, unborn
from widgets.detail.chart import chart


async def test_the_chart_of_each_criterion_is_reached_with_arrows():
    async with flying(breach()) as flown:
        await flown.press("2")
        assert "GET /concierge  bound 500 ms" in flown.text()
        assert "──────────" in flown.text()
        for said in ("all  bound 1 %", "capsule_created  bound 10 min", "capsules  within its expected band"):
            await flown.press("right")
            assert said in flown.text()
        await flown.press("right")
        assert "Critical lines of the triage log" in flown.text()
        await flown.press("right")
        assert "GET /concierge  bound 500 ms" in flown.text()


async def test_up_and_down_choose_the_subject():
    async with flying(burning()) as flown:
        await flown.press("2", "down", "down")
        assert "POST /capsules  bound 500 ms" in flown.text()
        assert "◆ BREACH" in flown.text()
        await flown.press("up", "up", "up")
        assert "POST /csat  bound 500 ms" in flown.text()


async def test_without_data_it_says_so():
    async with flying(unborn()) as flown:
        await flown.press("2")
        assert "No data to draw yet" in flown.text()
        await flown.press("left")
        assert "not read yet" in flown.text()


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (30, 8)])
async def test_small_sizes_work(size):
    async with flying(burning(), size=size) as flown:
        await flown.press("2", "down", "right", "right", "right", "right")
        assert flown.app.is_running
        await flown.press("escape")
        assert len(flown.app.screen_stack) == 1


async def test_hostile_incidents_are_literal():
    async with flying(hostile("[@click=app.quit]x[/]")) as flown:
        await flown.press("2", "left")
        assert "[@click=app.quit]x[/]" in flown.text()


async def test_a_chart_that_was_shown_is_not_drawn_again(monkeypatch):
    drawn = []
    monkeypatch.setattr("widgets.detail.panes.chart", lambda plot, *size: drawn.append(plot) or chart(plot, *size))
    async with flying(breach()) as flown:
        await flown.press("2", *["right"] * 5)
        first = flown.text()
        count = len(drawn)
        assert count
        await flown.press(*["right"] * 5)
        assert flown.text() == first
        assert len(drawn) == count
