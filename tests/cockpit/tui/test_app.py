"""Stories of one key each: what is asked of the owner, and what is then asked of the Watch."""

import pytest
from msgspec.structs import replace

from cockpit.tui.keys import ACTS
from sessions.gate.judgement import Condition, Gate
from sessions.values.requests import Act, Answer, Request
from sessions.values.verdicts import Mark
from tests.support.screen.grown_flight import NOW
from tests.support.screen.pilots import flying
from tests.support.screen.sample import TOUGH, breach, burning, calm, calm_flight, hostile, paused, preflight, week
from widgets.dialogs.base import Dialog


def opened():
    judgement = calm()
    conditions = tuple(Condition(one.name, Mark.PASS, one.text) for one in judgement.gate.conditions)
    return replace(judgement, gate=Gate("50 %", 50, conditions, judgement.at))


@pytest.mark.parametrize(
    ("judgement", "key", "request_"),
    [
        (calm, "space", Request(Act.PAUSE)),
        (paused, "space", Request(Act.RESUME)),
        (calm, "o", Request(Act.OBSERVE)),
        (calm, "e", Request(Act.EXPORT)),
        (burning, "x", Request(Act.EXTEND, subject="latency_spike")),
        (breach, "l", Request(Act.STEP, subject="support_queue.sla")),
        (breach, "c", Request(Act.STEP, subject="support_queue.cap")),
    ],
    ids=["pause", "resume", "observe", "export", "extend", "step l", "step c"],
)
async def test_one_key_asks_at_once(judgement, key, request_):
    async with flying(judgement()) as flown:
        await flown.press(key)
        assert flown.door.asked == [request_]
        assert flown.toasts() == ["Done"]


async def test_advance_through_an_open_gate_shows_evidence_and_what_changes():
    async with flying(opened()) as flown:
        await flown.press("a")
        text = flown.text()
        for condition in opened().gate.conditions:
            assert condition.name.capitalize() in text
        assert "25 % -> 50 %" in text
        assert flown.door.asked == []
        await flown.press("y")
        assert flown.door.asked == [Request(Act.ADVANCE, percent=50)]


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_advance_can_be_left(key):
    async with flying(opened()) as flown:
        await flown.press("a", key)
        assert flown.door.asked == []
        assert not isinstance(flown.app.screen, Dialog)


async def test_advance_against_the_gate_asks_for_percentage_and_reason():
    async with flying(breach()) as flown:
        await flown.press("a")
        assert "The gate holds: 4 of 12 conditions do not pass." in flown.text()
        await flown.press("enter")
        assert "type 50" in flown.text()
        await flown.type("25")
        await flown.press("enter")
        assert flown.door.asked == []
        await flown.press("backspace", "backspace")
        await flown.type("50")
        await flown.press("enter", "enter")
        assert "The reason cannot be empty" in flown.text()
        await flown.type("known growth")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.ADVANCE, percent=50, reason="known growth", override=True)]


async def test_a_gate_that_closes_while_it_is_confirmed_says_so():
    async with flying(opened()) as flown:
        await flown.press("a")
        assert "Every condition passes." in flown.text()
        flown.door.turn(breach())
        await flown.settle()
        flown.app.paint()
        await flown.settle()
        assert "The gate holds again." in flown.text()


async def test_revert_is_one_key_and_a_yes():
    async with flying(burning()) as flown:
        await flown.press("r")
        assert "25 % -> 10 %" in flown.text()
        await flown.press("y")
        assert flown.door.asked == [Request(Act.REVERT, percent=10)]


async def test_freeze_chooses_a_flow_and_thaws_a_frozen_one():
    async with flying(calm()) as flown:
        await flown.press("f")
        assert "Freeze capsules" in flown.text()
        await flown.press("down", "enter")
        assert flown.door.asked == [Request(Act.FREEZE, subject="returns")]
    flight = calm_flight().wrote(NOW, "flow.frozen", "Returns frozen", flow="returns", cause="by hand")
    async with flying(flight.judged()) as flown:
        assert "FROZEN" in flown.text()
        await flown.press("f", "2")
        assert flown.door.asked == [Request(Act.THAW, subject="returns")]


async def test_a_thaw_after_a_duplication_asks_for_the_hotfix():
    """The step is said and the flow thaws, or it thaws without it and a reason is asked for."""
    flight = calm_flight().wrote(NOW, "flow.frozen", "Returns frozen", flow="returns", cause="Duplication 3 duplicates")
    async with flying(flight.judged()) as flown:
        await flown.press("f", "2")
        assert "Hotfix applied?" in flown.text()
        await flown.press("1")
        assert flown.door.asked == [
            Request(Act.STEP, subject="duplication.hotfix"),
            Request(Act.THAW, subject="returns"),
        ]
    async with flying(flight.judged()) as flown:
        await flown.press("f", "2", "2", "enter")
        assert "The reason cannot be empty" in flown.text()
        await flown.type("written by hand")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.THAW, subject="returns", reason="written by hand")]


async def test_the_key_that_turned_a_measure_on_takes_it_back_while_all_is_calm():
    facts = {"task": "error_rate.stubs", "done": True, "risk": "error_rate"}
    flight = calm_flight().wrote(NOW, "task.ticked", "Error rate: Stub fallback on", **facts)
    async with flying(flight.judged()) as flown:
        assert "▲ Stub fallback" in flown.text()
        assert "Stub fallback hides it" in flown.text()
        await flown.press("b", "l")
        assert flown.door.asked == [Request(Act.STEP, subject="error_rate.stubs")]


async def test_the_key_that_froze_thaws_what_is_frozen():
    flight = calm_flight()
    for flow in ("capsules", "returns"):
        flight = flight.wrote(NOW, "flow.frozen", f"{flow} frozen", flow=flow, cause="by hand")
    async with flying(flight.judged()) as flown:
        await flown.press("y")
        assert flown.door.asked == [Request(Act.THAW, subject=flow) for flow in ("capsules", "returns")]


async def test_note_is_never_empty():
    async with flying(calm()) as flown:
        await flown.press("n", "enter")
        assert "The note cannot be empty" in flown.text()
        await flown.type("all quiet")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.NOTE, text="all quiet")]


async def test_letters_in_a_note_are_text():
    async with flying(burning()) as flown:
        await flown.press("n")
        await flown.type("are xdq")
        assert flown.door.asked == []
        await flown.press("escape")
        assert flown.door.asked == []


async def test_incident_is_opened_with_severity_and_title_and_resolved():
    async with flying(calm()) as flown:
        await flown.press("i", "2")
        await flown.type("db slow")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.OPEN_INCIDENT, subject="P1", text="db slow")]
    flight = calm_flight().wrote(NOW, "incident.opened", "db slow", by="owner", incident="i1", severity="P1")
    async with flying(flight.judged()) as flown:
        await flown.press("i")
        assert "Resolve P1 db slow" in flown.text()
        await flown.press("5")
        assert flown.door.asked == [Request(Act.RESOLVE_INCIDENT, subject="i1")]


async def test_tasks_are_ticked_one_by_one_and_the_list_stays():
    async with flying(calm()) as flown:
        await flown.press("t", "3", "1")
        assert flown.door.asked == [Request(Act.TICK, subject="p2.update"), Request(Act.UNTICK, subject="p2.flows")]
        assert isinstance(flown.app.screen, Dialog)


async def test_tasks_of_preflight_and_week():
    async with flying(preflight()) as flown:
        await flown.press("t")
        assert "Support team knows" in flown.text()
    async with flying(week()) as flown:
        await flown.press("t", "space")
        assert flown.door.asked[0].act is Act.TICK
        assert flown.door.asked[0].subject.startswith("d1.")


async def test_waive_asks_what_and_why():
    async with flying(breach()) as flown:
        await flown.press("w")
        assert "Growth breach" in flown.text()
        await flown.press("enter")
        await flown.type("seed data")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.WAIVE, subject="growth", reason="seed data")]


async def test_defuse_asks_why():
    async with flying(burning()) as flown:
        await flown.press("d")
        await flown.type("fixed")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.DEFUSE, subject="latency_spike", reason="fixed")]


async def test_keys_of_a_calm_risk_and_of_no_fuse_do_nothing():
    async with flying(calm()) as flown:
        await flown.press("l", "c", "s", "x", "d")
        assert flown.door.asked == []
        assert "Defuse" not in flown.rows()[-1]


async def test_a_refused_act_is_a_warning():
    async with flying(calm()) as flown:
        flown.door.answer = Answer(ok=False, text="already paused")
        await flown.press("space")
        assert [(said.text, said.ok) for said in flown.app.answers.said] == [("Already paused", False)]
        assert flown.rows()[-1].strip() == "▲ Already paused"


async def test_a_watch_that_raises_is_one_line(caplog):
    async with flying(calm()) as flown:
        flown.door.fault = RuntimeError("[/] gone \x1b[2J")
        await flown.press("space")
        assert flown.toasts() == ["Pause: [/] gone ^[[2J"]
        flown.door.fault = None
        await flown.press("space")
        assert flown.door.asked == [Request(Act.PAUSE)]


async def test_a_viewer_greys_every_act_and_asks_nothing():
    async with flying(burning(), viewer="another cockpit watches") as flown:
        assert "another cockpit watches" in flown.rows()[0]
        for binding in ACTS:
            await flown.press(binding.key)
        await flown.press("s")
        assert flown.door.asked == []
        assert not isinstance(flown.app.screen, Dialog)
        active = flown.app.screen.active_bindings
        assert active["a"].enabled is False
        assert active["2"].enabled is True


async def test_a_dialog_does_not_stop_the_panes_behind_it():
    async with flying(calm(), size=(200, 60)) as flown:
        await flown.press("n")
        flown.door.turn(burning())
        await flown.settle()
        flown.app.paint()
        await flown.settle()
        assert "FUSE 11:42" in flown.app.screen_stack[0].query_one("#header").render().plain


async def test_changes_are_gathered_and_the_newest_wins():
    async with flying(calm()) as flown:
        painted = []
        paint = flown.app.paint
        flown.app.paint = lambda: (painted.append(1), paint())
        for _ in range(20):
            flown.door.turn(breach())
        flown.door.turn(burning())
        await flown.until(lambda: "FUSE" in flown.rows()[0])
        assert 1 <= len(painted) <= 3


@pytest.mark.parametrize("text", TOUGH, ids=["markup", "control", "wide"])
async def test_hostile_text_is_literal_on_every_surface_and_does_nothing(text):
    """Rows 81 and 82: panes, dialogs, toasts, palette, help, log, with a mouse sweep."""
    async with flying(hostile(text), size=(120, 40)) as flown:
        flown.door.answer = Answer(ok=True, text=text)
        for key in ("f", "t", "i", "w", "r", "a", "question_mark"):
            await flown.press(key, "escape")
        flown.app.say(text)
        await flown.press("4", "enter", "escape", "2", "right", "1", "colon")
        await flown.type("s")
        await flown.press("escape")
        for y in range(0, 39, 8):
            await flown.pilot.click(offset=(60, y))
        await flown.settle()
        assert flown.app.is_running
        assert flown.door.asked == []
        assert not any(ord(char) < 32 and char != "\n" for char in flown.text())
