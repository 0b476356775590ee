"""The keys of the screen: each once, each named, none by a paste; the palette, and how to leave."""

import pytest
from msgspec.structs import replace
from textual import events

from cockpit.tui.app import Cockpit
from cockpit.tui.keys import ALL, Hold, KeyClashError, Stroke, step_bindings
from sessions.values.requests import Act, Answer, Request
from tests.cockpit.tui.screens.test_week_screen import week
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.grown_flight import NOW, PLAN, TZ
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
        titles = {command.title for command in flown.app.get_system_commands(flown.app.screen)}
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


class TestHold:
    """Row 79: a paste never acts, a held key acts once."""

    def test_a_lone_key_is_held_then_taken_once(self):
        hold, stroke = Hold(0.02, 0.35), Stroke("r", 1.0)
        assert hold.press(stroke) == "held"
        assert hold.take(stroke)
        assert not hold.take(stroke)

    def test_a_burst_takes_the_first_key_back(self):
        hold, first = Hold(0.02, 0.35), Stroke("r", 1.0)
        assert hold.press(first) == "held"
        assert hold.press(Stroke("y", 1.001)) == "burst"
        assert not hold.take(first)
        assert hold.press(Stroke("enter", 1.002)) == "burst"

    def test_a_held_key_counts_once_until_it_rests(self):
        hold = Hold(0.02, 0.35)
        strokes = [Stroke("space", 1 + number * 0.03) for number in range(20)]
        assert [hold.press(stroke) for stroke in strokes] == ["held"] + ["repeat"] * 19
        assert hold.press(Stroke("space", strokes[-1].at + 0.4)) == "held"

    def test_different_keys_typed_by_hand_all_count(self):
        hold = Hold(0.02, 0.35)
        assert [hold.press(Stroke(key, at)) for key, at in (("r", 1.0), ("y", 1.06), ("n", 1.12))] == ["held"] * 3


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


async def test_a_burst_of_keys_asks_nothing():
    door = FakeDoor(burning())
    app = Cockpit(door, tz=TZ, clock=lambda: NOW)
    app.hold.gap = 0.2
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        for char in "ry xd":
            app.post_message(events.Key("space" if char == " " else char, char))
        await pilot.pause(0.5)
        assert door.asked == []
        assert not isinstance(app.screen, Dialog)
        assert any("paste" in toast.message for toast in app._notifications)
        app.post_message(events.Key("o", "o"))
        await pilot.pause(0.5)
        assert door.asked == [Request(Act.OBSERVE)]


async def test_in_the_week_the_key_that_advances_asks_for_nothing_and_has_its_answer(tmp_path):
    async with week(tmp_path) as flown:
        flown.door.answer = Answer(False, "there is no next phase: the 7-day plan runs")
        await flown.press("a")
        assert "To overrule it" not in flown.text()
        assert flown.door.asked == [Request(Act.ADVANCE)]
        assert "There is no next phase: the 7-day plan runs" in flown.toasts()
