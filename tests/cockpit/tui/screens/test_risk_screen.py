"""Screen 3 by pilot: the worst card is open, the sheet of its step is looked up, who did what is told."""

import pytest

from cockpit.tui.screens.risks import Risks
from cockpit.tui.screens.sheet import SheetScreen
from sessions.values.requests import Act
from tests.support.screen.grown_flight import ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import breach_flight, burning, calm, unborn


def two_troubles():
    """The queue acted, was looked at, was calm, and acts again."""
    flight = breach_flight()
    rows = (
        (22, "task.ticked", {"task": "csat.cause", "done": True, "risk": "csat", "finding": "one endpoint"}),
        (20, "risk.turned", {"risk": "csat", "level": "watch", "was": "calm"}),
        (19, "task.ticked", {"task": "csat.cause", "done": True, "risk": "csat", "finding": "slow looks"}),
    )
    for minutes, kind, facts in rows:
        flight.wrote(ago(minutes=minutes), kind, kind, **facts)
    return flight


async def test_the_worst_card_is_open_with_its_mitigation_and_the_sheet_of_its_step():
    async with flying(breach_flight().judged()) as flown:
        await flown.press("3")
        assert isinstance(flown.app.screen, Risks)
        for words in ("Support queue", "adjust SLA messaging", "SLA message", "Cap escalations", "Newest tickets"):
            assert words in flown.text()
        assert flown.door.looked_up == ["support_queue.sla"]
        await flown.press("right")
        assert flown.door.looked_up == ["support_queue.sla", "support_queue.cap"]


async def test_every_card_and_every_step_is_reached_and_opens_its_sheet():
    async with flying(calm()) as flown:
        await flown.press("3", "down", "down", "down", "enter")
        assert isinstance(flown.app.screen, SheetScreen)
        assert "Check duplicate entries" in flown.text()
        await flown.press("escape", "right", "enter")
        assert isinstance(flown.app.screen, Risks)
        assert any("no sheet" in toast for toast in flown.toasts())


async def test_only_what_was_done_in_this_trouble_looks_done():
    flight = two_troubles()
    async with flying(flight.judged()) as flown:
        await flown.press("3")
        while "Investigate the cause" not in flown.text():
            await flown.press("down")
        assert "slow looks" in flown.text()
        flight.wrote(ago(minutes=5), "risk.turned", "calm", risk="csat", level="calm", was="watch")
        flight.wrote(ago(minutes=4), "risk.turned", "watch", risk="csat", level="watch", was="calm")
        flown.door.turn(flight.judged())
        flown.app.paint()
        await flown.settle()
        assert "slow looks" not in flown.text()


async def test_the_letters_of_the_steps_and_protection_work_here():
    async with flying(breach_flight().judged()) as flown:
        await flown.press("3", "l")
        assert (flown.door.asked[-1].act, flown.door.asked[-1].subject) == (Act.STEP, "support_queue.sla")
        await flown.press("space")
        assert flown.door.asked[-1].act is Act.PAUSE


async def test_what_happened_by_itself_and_the_fuse_are_told():
    async with flying(burning()) as flown:
        await flown.press("3")
        assert "Latency spike" in flown.text()


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24), (60, 20), (30, 8)])
@pytest.mark.parametrize("flight", [calm, burning, unborn])
async def test_it_is_drawn_at_every_size(flight, size):
    async with flying(flight(), size=size) as flown:
        await flown.press("3", "down", "right", "up")
        assert "display error" not in flown.text()
        await flown.press("escape")
        assert len(flown.app.screen_stack) == 1


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
@pytest.mark.parametrize(
    "finding",
    ["slow looks", "w" * 2000, "one word after the other " * 80, "\U0001f600" * 900],
    ids=["short", "one word", "many words", "wide"],
)
async def test_however_long_a_finding_is_the_step_keeps_its_cursor_its_key_and_its_name(size, finding):
    flight = breach_flight()
    facts = {"task": "csat.cause", "done": True, "risk": "csat", "finding": finding}
    flight.wrote(ago(minutes=19), "task.ticked", "task.ticked", **facts)
    async with flying(flight.judged(), size=size) as flown:
        await flown.press("3")
        seen = []
        for _ in flight.state.plan.risks:
            await flown.press("down")
            seen.append("▶ v Investigate the cause" in flown.text())
        assert any(seen)
