"""The keys of the screen: each once, each named, none by a paste; the palette, and how to leave."""

import pytest
from msgspec.structs import replace
from textual import events

from cockpit.tui.keyboard.listed import commands
from cockpit.tui.keys import ALL, KeyClashError, step_bindings
from sessions.values.requests import Act, Answer, Request
from tests.cockpit.tui.screens.test_week_screen import week
from tests.support.screen.grown_flight import PLAN
from tests.support.screen.pilots import flying
from tests.support.screen.sample import breach, burning, calm
from widgets.base.styled import plain
from widgets.dialogs.base import Dialog
from widgets.dialogs.help import help_lines


async def test_digits_change_the_screen_and_no_dead_key_is_bound():
    async with flying(breach()) as flown:
        await flown.press("2")
        assert "bound 500 ms" in flown.text()
        await flown.press("4")
        assert "Filter" in flown.rows()[-1]
        await flown.press("1")
        assert "Gate to 50 %" in flown.text()
        assert len(flown.app.screen_stack) == 1
        bound = set(flown.app.screen.active_bindings)
        assert {*"123456"} <= bound
        assert not {*"7890"} & bound


async def test_every_act_can_be_asked_from_every_screen():
    async with flying(calm()) as flown:
        for digit in ("2", "4"):
            await flown.press(digit, "space")
        assert flown.door.asked == [Request(Act.PAUSE)] * 2


async def test_help_names_every_binding():
    async with flying(breach()) as flown:
        await flown.press("question_mark")
        assert "Keys" in flown.text()
        await flown.press("escape")
        assert not isinstance(flown.app.screen, Dialog)
    said = plain(help_lines([(one.key, one) for one in (*ALL, *step_bindings(PLAN))], 100))
    for binding in (*ALL, *step_bindings(PLAN)):
        assert binding.description in said
        assert binding.tooltip[:40] in said


def test_every_binding_has_id_description_and_tooltip_and_none_has_priority():
    ids = [binding.id for binding in ALL]
    assert len(set(ids)) == len(ids)
    for binding in ALL:
        assert binding.id
        assert binding.description
        assert binding.tooltip
        assert not binding.priority


@pytest.mark.parametrize("key", ["a", "q", "space", "F", "1", "", "ctrl+x"])
def test_a_step_that_wants_a_taken_key_is_refused_at_once(key):
    risk = PLAN.risks[0]
    bad = replace(PLAN, risks=(replace(risk, steps=(replace(risk.steps[0], key=key),)), *PLAN.risks[1:]))
    with pytest.raises(KeyClashError, match=r"step latency_spike\.inspect"):
        step_bindings(bad)


def test_two_steps_with_one_key_are_refused():
    risk = PLAN.risks[0]
    bad = replace(PLAN, risks=(replace(risk, steps=(replace(risk.steps[0], key="h"),)), *PLAN.risks[1:]))
    with pytest.raises(KeyClashError, match="taken by step latency_spike"):
        step_bindings(bad)


async def test_the_palette_offers_what_works_now():
    async with flying(breach()) as flown:
        titles = {command.title for command in commands(flown.app, flown.app.screen, flown.app.listed)}
        assert {"Pause", "Advance", "Detail", "SLA message", "Quit"} <= titles
        assert not {"Resume", "Defuse", "Check request ids"} & titles
        await flown.press("colon")
        await flown.type("observe")
        await flown.pilot.pause(0.3)
        await flown.press("enter")
        await flown.settle()
        assert flown.door.asked == [Request(Act.OBSERVE)]


async def test_ctrl_c_says_how_to_leave_and_q_leaves():
    async with flying(calm()) as flown:
        await flown.press("ctrl+c")
        assert flown.toasts() == ["Press q to leave; the session is safe on disk"]
        await flown.press("q")
        assert flown.app.return_code == 0
        assert not flown.app.is_running


async def test_a_bracketed_paste_asks_nothing():
    async with flying(burning()) as flown:
        flown.app.post_message(events.Paste("r\ny\nspace a x d"))
        await flown.settle()
        assert flown.door.asked == []
        assert not isinstance(flown.app.screen, Dialog)
        await flown.press("n")
        flown.app.post_message(events.Paste("two\nlines \x1b[2J\n"))
        await flown.settle()
        assert flown.door.asked == []
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.NOTE, text="two lines ^[[2J")]


async def test_in_the_week_the_key_that_advances_asks_for_nothing_and_has_its_answer(tmp_path):
    async with week(tmp_path) as flown:
        flown.door.answer = Answer(False, "there is no next phase: the 7-day plan runs")
        await flown.press("a")
        assert "To overrule it" not in flown.text()
        assert flown.door.asked == [Request(Act.ADVANCE)]
        assert "There is no next phase: the 7-day plan runs" in flown.toasts()
