"""A sheet by pilot: opened from tasks and runbook steps, looked up, ticked with a finding, never by chance."""

import contextlib
from datetime import timedelta

import pytest
from msgspec.structs import replace

from cockpit.tui.screens.sheet import SheetScreen
from sessions.history.history import History
from sessions.storage.folders import HISTORY
from sessions.values import readings as r
from sessions.values.requests import Act, Answer
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark
from tests.support.screen.grown_flight import ENTERED, NOW, PLAN
from tests.support.screen.pilots import flying
from tests.support.screen.sample import TOUGH, breach, burning, calm, calm_flight
from widgets.dialogs.base import Field

EVENTS = Exhibit("mongo", NOW, "duplicate_documents", "Duplicate documents", (Row("c1 and c2", "7 s apart", at=NOW),))


def open_tasks(**facts):
    flight = calm_flight()
    flight.state = replace(flight.state, ticked={}, **facts)
    return flight.judged()


async def test_enter_on_a_task_opens_its_sheet_and_a_finding_ticks_it_with_what_was_seen():
    async with flying(open_tasks()) as flown:
        flown.door.exhibits = (EVENTS,)
        await flown.press("t", "down", "enter")
        assert isinstance(flown.app.screen, SheetScreen)
        assert flown.door.looked_up == ["p2.growth"]
        for words in ("Mongo growth checks", "capsules", "documents", "Duplicate documents", "7 s apart"):
            assert words in flown.text()
        await flown.press("enter")
        await flown.type("all inside the band")
        await flown.press("enter")
        request = flown.door.asked[-1]
        assert (request.act, request.subject, request.text) == (Act.TICK, "p2.growth", "all inside the band")
        assert request.looked
        assert "Duplicate documents: c1 and c2" in [row.what for row in request.rows]
        assert not isinstance(flown.app.screen, SheetScreen)


async def test_a_tick_that_is_refused_leaves_the_sheet_and_the_finding_where_they_are():
    async with flying(open_tasks()) as flown:
        flown.door.answer = Answer(False, "the journal is not healthy")
        await flown.press("t", "down", "enter", "enter")
        await flown.type("fine")
        await flown.press("enter")
        assert isinstance(flown.app.screen, SheetScreen)
        assert flown.app.screen.query_one("#finding", Field).value == "fine"
        await flown.press("escape", "escape")
        assert len(flown.app.screen_stack) == 1
        assert [request.act for request in flown.door.asked] == [Act.TICK]


async def test_space_in_the_list_ticks_unseen_and_escape_ticks_nothing():
    async with flying(open_tasks()) as flown:
        await flown.press("t", "down", "space")
        assert not flown.door.asked[-1].looked
        await flown.press("enter", "escape")
        assert [request.act for request in flown.door.asked] == [Act.TICK]
        assert len(flown.app.screen_stack) == 1


async def test_a_runbook_step_that_is_a_look_opens_its_sheet_and_is_done_there():
    async with flying(burning()) as flown:
        await flown.press("s")
        assert isinstance(flown.app.screen, SheetScreen)
        assert "p95 by endpoint" in flown.text()
        assert flown.door.asked == []
        await flown.press("enter")
        await flown.type("no index")
        await flown.press("enter")
        assert (flown.door.asked[-1].act, flown.door.asked[-1].subject) == (Act.STEP, "latency_spike.inspect")


async def test_a_task_whose_check_did_not_pass_asks_why():
    async with flying(open_tasks(runnable=("p2.flows",))) as flown:
        await flown.press("t", "enter", "enter")
        await flown.type("seen by hand")
        await flown.press("enter")
        assert flown.door.asked == []
        assert "Its check did not pass" in flown.text()
        await flown.type("staging is down")
        await flown.press("enter")
        assert (flown.door.asked[-1].text, flown.door.asked[-1].reason) == ("seen by hand", "staging is down")


async def test_the_end_of_day_decision_is_asked_for_and_kept_with_the_sheet():
    async with flying(open_tasks(phase=50)) as flown:
        flown.app.open_sheet("p3.decision")
        await flown.settle()
        assert "Gate to" in flown.text()
        await flown.press("enter", "down", "enter")
        await flown.type("errors twice")
        await flown.press("enter")
        request = flown.door.asked[-1]
        assert (request.act, request.subject, request.text, request.reason) == (
            Act.DECIDE,
            "p3.decision",
            "hold",
            "errors twice",
        )
        assert request.rows


async def test_a_row_that_nothing_judges_is_well_or_odd_by_hand_and_kept_so():
    links = Exhibit("cockpit.toml", NOW, "dashboards", "Dashboards", (Row("Latency", "https://example.org/d/1"),))
    async with flying(open_tasks(phase=50)) as flown:
        flown.door.exhibits = (links,)
        flown.app.open_sheet("p3.dashboards")
        await flown.settle()
        await flown.press("O")
        assert "ok" in flown.text()
        await flown.press("O")
        await flown.press("enter", "enter")
        row = next(row for row in flown.door.asked[-1].rows if row.what == "Dashboards: Latency")
        assert (row.bound, row.mark) == ("look into it", Mark.THIN)


async def test_a_retest_stands_beside_what_was_before_the_phase(tmp_path):
    at = ENTERED - timedelta(minutes=2)
    with contextlib.closing(History(tmp_path / HISTORY)) as held:
        held.add([r.Returns("mongo", at, (("requested", 7),), 7, 0), r.Csat("mongo", at, 30, 6)])
    async with flying(open_tasks()) as flown:
        flown.door.folder = tmp_path
        flown.door.exhibits = (Exhibit("mongo", NOW, "low_answers", "Low answers", (Row("2 of 5", "late"),)),)
        flown.app.open_sheet("p3.retest")
        await flown.settle()
        for words in ("31 · before 7", "3, 7.3 % · before 6, 20 %", "measured 2m00s before 25 % was entered", "late"):
            assert words in flown.text()

        def refuses(_sheet):
            raise LookupError("no history here")

        flown.door.past = refuses
        await flown.press("L")
        for words in ("no history here", "what was before this phase is not known", "late"):
            assert words in flown.text()


async def test_what_a_sheet_lacks_it_says_and_a_look_that_dies_is_a_line():
    async with flying(open_tasks()) as flown:
        flown.door.exhibits = (replace(EVENTS, rows=(), trouble="not allowed to read capsules"),)
        flown.app.open_sheet("p2.growth")
        await flown.settle()
        assert "not allowed to read capsules" in flown.text()

        def dies(_task):
            raise OSError("gone")

        flown.door.look_up = dies
        await flown.press("L")
        assert "cannot be looked up: OSError: gone" in flown.text()
        assert flown.app.is_running


@pytest.mark.parametrize("text", TOUGH)
async def test_foreign_words_are_literal(text):
    async with flying(open_tasks()) as flown:
        flown.door.exhibits = (Exhibit("mongo", NOW, "duplicate_documents", text, (Row(text, text, text),), text),)
        flown.app.open_sheet("p2.growth")
        await flown.settle()
        assert flown.app.is_running
        assert "display error" not in flown.text()
        await flown.press(*["down"] * 20, "Y")
        assert flown.app.is_running


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24), (60, 20), (30, 8)])
@pytest.mark.parametrize(
    "task", [task.id for phase in PLAN.phases for task in phase.activities] + ["latency_spike.inspect"]
)
async def test_every_sheet_is_drawn_at_every_size(task, size):
    async with flying(open_tasks(), size=size) as flown:
        flown.app.open_sheet(task)
        await flown.settle()
        await flown.press("down", "pagedown", "up")
        assert "display error" not in flown.text()
        await flown.press("escape")
        assert len(flown.app.screen_stack) == 1


async def test_a_viewer_looks_and_ticks_nothing():
    async with flying(calm(), viewer="another cockpit has it") as flown:
        flown.app.open_sheet("p2.growth")
        await flown.settle()
        await flown.press("enter")
        assert flown.door.looked_up == ["p2.growth"]
        assert any("read-only" in toast for toast in flown.toasts())
        assert flown.door.asked == []


async def test_protection_works_from_a_sheet():
    async with flying(burning()) as flown:
        flown.app.open_sheet("latency_spike.inspect")
        await flown.settle()
        await flown.press("r")
        assert "Revert to" in flown.text()


async def test_the_message_to_stakeholders_is_edited_and_kept_copied_or_sent():
    async with flying(open_tasks()) as flown:
        flown.app.open_sheet("p2.update")
        await flown.settle()
        assert "What comes next" in flown.text()
        await flown.press("m")
        assert "25 % of shoppers have the feature" in flown.text()
        await flown.type("Dear all ")
        await flown.press("ctrl+o")
        assert flown.app.clipboard.startswith("Dear all CL7")
        await flown.press("ctrl+t")
        request = flown.door.asked[-1]
        assert (request.act, request.subject, request.text) == (Act.MESSAGE, "p2.update", "send")
        assert request.lines[0].startswith("Dear all CL7 concierge")
        await flown.press("m", "escape")
        assert len(flown.door.asked) == 1


async def test_a_key_that_a_sheet_has_not_means_what_it_means_elsewhere():
    async with flying(breach()) as flown:
        flown.app.open_sheet("support_queue.sla")
        await flown.settle()
        await flown.press("l")
        assert (flown.door.asked[-1].act, flown.door.asked[-1].subject) == (Act.STEP, "support_queue.sla")
