"""Screen 5 by pilot: the grid at every size, the numbers of a task, and the finding that does it."""

import contextlib
from datetime import timedelta

import pytest
from msgspec.structs import replace

from cockpit.tui.screens.sheet import SheetScreen
from sessions.gate.evaluate import judge
from sessions.plan.loader import scaled
from sessions.state.model import Tick
from sessions.values.requests import Act, Answer
from sessions.values.sheets import Exhibit, Row
from tests.support.build import PLAN
from tests.support.screen.flown_week import BERLIN, at, history, judged, state
from tests.support.screen.pilots import flying
from tests.support.screen.sample import calm, hostile
from widgets.detail.sheet_pane import SheetPane
from widgets.detail.week_cell import WeekCell
from widgets.detail.week_grid import WeekGrid
from widgets.dialogs.base import Field

NOW = at(3, 13.5)
DONE = {"d1.morning": at(1, 9.5), "d2.morning": at(2, 10), "d1.midday": at(3, 8)}
SIZES = [(160, 48), (120, 36), (80, 24)]


@contextlib.asynccontextmanager
async def week(tmp_path, size=(160, 48), now=NOW, viewer="", ticked=None, **facts):
    with contextlib.closing(history(tmp_path, now)):
        pass
    judgement = judged(now, ticked=DONE if ticked is None else ticked, **facts)
    async with flying(judgement, size=size, now=now, viewer=viewer, tz=BERLIN) as flown:
        flown.door.folder = tmp_path
        await flown.press("5")
        await collected(flown)
        flown.app.paint()
        await flown.settle()
        yield flown


async def collected(flown):
    """Wait until the screen is up and the numbers are there."""
    await flown.until(lambda: any(not cell.busy for cell in flown.app.screen.query(WeekCell)))
    await flown.settle()


def grid(flown):
    return [line.strip("│ ").rstrip() for line in flown.rows() if line.startswith("│")]


def row(flown, name):
    return next(line for line in grid(flown) if line.startswith(name))


@pytest.mark.parametrize("size", SIZES)
async def test_every_task_of_every_day_says_where_it_stands_by_glyph_and_word(tmp_path, size):
    async with week(tmp_path, size) as flown:
        assert "day 3 of 7, Wednesday" in flown.text()
        assert "▾ Day 3" in flown.text()
        assert "Wed 04 Nov" in flown.text()
        assert "✔ 09:30" in row(flown, "Morning")
        assert "▲ overdue" in row(flown, "Morning")
        assert "✔ late" in row(flown, "Midday")
        assert "✗ missed" in row(flown, "Midday")
        assert "☐ due" in row(flown, "Midday")
        assert "· later" in row(flown, "Evening")
        assert any("☐ Full WF7 rerun" in line for line in grid(flown))
        assert "…" not in "".join(grid(flown)[:10])
        for name, due in (("Morning", "10:00"), ("Midday", "13:00"), ("Evening", "18:00"), ("Retrospective", "17:00")):
            assert row(flown, name).split()[1] == due


async def test_what_is_overdue_of_today_is_open_with_its_numbers(tmp_path):
    async with week(tmp_path) as flown:
        assert flown.door.looked == ["d3.morning"]
        assert "Day 3, Wednesday morning" in flown.text()
        assert "▲ overdue  due Wed 04 Nov 10:00" in flown.text()
        assert "323 ms POST /capsules 23:00, well 75.0 % of 1d00h" in flown.text()
        assert "▲ 323 ms · Mon 223 ms · Sun 123 ms" in flown.text()


@pytest.mark.parametrize("size", SIZES)
async def test_enter_asks_for_a_finding_and_enter_does_the_task_with_the_numbers(tmp_path, size):
    async with week(tmp_path, size) as flown:
        await flown.press("down", "enter")
        await collected(flown)
        field = flown.app.screen.query_one("#finding", Field)
        assert field.has_focus
        await flown.press("enter")
        assert "Say in one line what you found" in flown.toasts()
        assert flown.door.asked == []
        await flown.type("two stuck returns, carrier called")
        await flown.press("enter")
        (asked,) = flown.door.asked
        assert (asked.act, asked.subject, asked.text) == (
            Act.TICK,
            "d3.midday",
            "two stuck returns, carrier called",
        )
        assert asked.looked
        assert any(
            one.what == "Support queue: open" and one.value == "14" and one.bound == "≤ 20" for one in asked.rows
        )
        assert field.value == "two stuck returns, carrier called"
        flown.door.turn(judged(NOW, ticked={**DONE, "d3.midday": NOW}))
        flown.app.paint()
        await flown.settle()
        assert (field.value, field.has_class("-open")) == ("", False)
        assert "✔ 13:30" in row(flown, "Midday")


async def test_a_refused_finding_stays_and_escape_leaves_it_then_the_screen(tmp_path):
    async with week(tmp_path) as flown:
        await flown.press("enter")
        await collected(flown)
        await flown.type("all well")
        flown.door.answer = Answer(False, "the log is locked")
        await flown.press("enter")
        field = flown.app.screen.query_one("#finding", Field)
        assert (field.value, field.has_focus) == ("all well", True)
        assert "The log is locked" in flown.toasts()
        await flown.press("escape")
        assert isinstance(flown.app.screen.query_one(WeekGrid), WeekGrid)
        await flown.press("escape")
        assert len(flown.app.screen_stack) == 1


async def test_arrows_walk_the_grid_and_a_later_day_says_when_it_is_due(tmp_path):
    async with week(tmp_path) as flown:
        await flown.press("right", "enter")
        assert "· later  due Thu 05 Nov 10:00: not before its day" in flown.text()
        assert not flown.app.screen.query_one("#finding", Field).has_class("-open")
        await flown.press("left", "left", "left", "left", "left", "down", "enter")
        await collected(flown)
        assert "Day 1, Monday midday" in flown.text()
        await flown.press("down", "down", "enter")
        await collected(flown)
        assert "Day 1, Monday evening" in flown.text()
        assert flown.app.screen.query_one("#finding", Field).has_class("-open")


async def test_what_was_missed_can_still_be_done_late(tmp_path):
    async with week(tmp_path) as flown:
        await flown.press("left", "down", "enter")
        await collected(flown)
        assert "✗ missed  due Tue 03 Nov 13:00: it can still be done, late" in flown.text()
        await flown.type("late")
        await flown.press("enter")
        assert flown.door.asked[0].subject == "d2.midday"


async def test_an_activity_of_the_phase_is_reached_from_here_and_has_its_own_sheet(tmp_path):
    async with week(tmp_path) as flown:
        await flown.press("down", "down", "down", "down", "enter")
        assert isinstance(flown.app.screen, SheetScreen)
        assert flown.app.screen.subject == "p4.wf7"
        await flown.press("escape")
        assert "▶ ☐ Full WF7 rerun" in flown.text()


async def test_what_was_found_stands_beside_the_rows_that_were_looked_at(tmp_path):
    tick = Tick(at(3, 12), "owner", "calls done", (Row("Support queue: open", "11", "≤ 20"),))
    ticked = {"d3.morning": at(3, 12)}
    async with week(tmp_path, ticked=ticked, ticks={"d3.morning": tick}) as flown:
        await flown.press("up", "enter")
        assert "✔ done Wed 04 Nov 12:00 by owner" in flown.text()
        assert "finding  calls done" in flown.text()
        assert "Support queue: open" in flown.text()
        assert not flown.app.screen.query_one("#finding", Field).has_class("-open")


async def test_a_screen_that_only_looks_writes_nothing(tmp_path):
    async with week(tmp_path, viewer="watched by process 7") as flown:
        await flown.press("enter")
        assert "This screen is read-only: watched by process 7" in flown.toasts()
        assert "323 ms POST /capsules" in flown.text()
        assert flown.door.asked == []


async def test_what_the_sources_look_up_stands_below_and_what_fails_is_one_line(tmp_path):
    async with week(tmp_path) as flown:
        flown.door.exhibits = (
            Exhibit("mongo", NOW, "returns_stuck", "Stuck returns", (Row("r-17", "[red]3d[/red]"),)),
        )
        await flown.press("down", "enter")
        await collected(flown)
        assert flown.door.looked_up[-1] == "d3.midday"
        assert "[red]3d[/red]" in flown.text()

        def broken(_task):
            raise RuntimeError("gone")

        flown.door.past = broken
        await flown.press("escape", "up", "enter")
        await collected(flown)
        assert "cannot be looked up: RuntimeError: gone" in flown.text()


async def test_a_task_of_the_week_has_the_same_sheet_wherever_it_is_opened(tmp_path):
    async with week(tmp_path) as flown:
        await flown.press("down", "enter")
        await collected(flown)
        here = flown.app.screen.query_one(WeekCell).sheet
        await flown.press("escape", "escape")
        flown.app.open_sheet("d3.midday")
        await flown.until(lambda: here in [pane.sheet for pane in flown.app.screen.query(SheetPane)])
        assert here.rows


async def test_on_a_small_screen_the_numbers_roll(tmp_path):
    async with week(tmp_path, (80, 24)) as flown:
        assert "lines below, page down" in flown.text()
        assert "returns that day" not in flown.text()
        for _ in range(4):
            await flown.press("pagedown")
        assert "returns that day" in flown.text()
        await flown.press("pageup")
        assert "lines below" in flown.text()


@pytest.mark.parametrize("size", SIZES)
async def test_before_the_week_it_says_when_it_starts_and_what_it_holds(size):
    async with flying(calm(), size=size) as flown:
        await flown.press("5")
        assert "It starts after Phase 4, 100 %: now the rollout is at 25 %." in flown.text()
        assert "Retrospective notes per WF10 plan" in flown.text()
        assert "day 7" in flown.text()
        await flown.press("enter")
        assert "The week has not started" in flown.toasts()


async def test_on_the_last_phase_it_waits_for_the_gate():
    before = replace(state(watching=True), week_at=None)
    async with flying(judge(before, at(1, 10), BERLIN), now=at(1, 10)) as flown:
        await flown.press("5")
        assert "Press a when its gate opens" in flown.text()


@pytest.mark.parametrize("size", [(60, 20), (59, 19), (30, 8)])
async def test_small_and_hostile_sizes_and_texts_work(tmp_path, size):
    async with week(tmp_path, size) as flown:
        await flown.press("right", "down", "enter", "escape", "left")
        assert flown.app.is_running
    async with flying(hostile("[@click=app.quit]x[/]"), size=size) as flown:
        await flown.press("5", "down", "enter")
        assert flown.app.is_running


async def test_when_the_week_is_over_the_last_day_stays_in_sight(tmp_path):
    async with week(tmp_path, (80, 24), now=at(9, 12)) as flown:
        assert "Day 7" in flown.text()
        assert "19 missed" in flown.text()


async def test_on_a_faster_clock_days_have_no_dates(tmp_path):
    began = at(1, 8)
    facts = {"plan": scaled(PLAN, 240), "week_at": began, "visits": ((100, began),)}
    async with week(tmp_path, now=began + timedelta(seconds=160), ticked={}, **facts) as flown:
        assert "Day 2" in flown.text()
        assert "Nov" not in "".join(grid(flown)[:2])
        assert "☐ due" in row(flown, "Morning")
