"""Every row of every pane: what it is about is known, enter opens something that names it, y copies exactly it."""

from functools import partial

import pytest
from msgspec.structs import replace

from cockpit.tui.cursor.opening import OPENS
from sessions.gate.evaluate import judge
from sessions.text.clean import clean
from sessions.values import readings as r
from tests.support.screen.every import ON_DECK
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.grown_flight import NOW, PLAN, TZ, ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import FLIGHTS, TOUGH, breach_flight, hostile, view
from widgets.base.pane import Pane
from widgets.base.target import Target, rows_of, target_of, targets_of

DECK: tuple[type[Pane], ...] = ON_DECK


def full():
    """A flight with a row of every kind: an incident, a critical line, a spike, duplicates, a frozen flow, a run."""
    flight = breach_flight()
    at = ago(seconds=20)
    flight.wrote(ago(minutes=4), "incident.opened", "checkout is slow", by="ann", incident="i7", severity="P1")
    flight.wrote(ago(minutes=3), "flow.frozen", "returns frozen", flow="returns", cause="by hand")
    flight.saw(
        r.Triage("mongo", at, (r.TriageLine("T-44", at, "carts are lost", True),), 3),
        r.Size("mongo", at, "capsules", 140, 1, ("shopper-7 look-9",)),
        r.Run("walk", at, "walk", "r1", at, ("GET / 200", "bought one"), done=True, ok=True),
    )
    return flight.judged()


NAMED = {
    "latency": lambda target: target.id,
    "errors": lambda target: target.id,
    "spike": lambda target: target.id,
    "analytics": lambda target: target.id,
    "growth": lambda target: target.id,
    "condition": lambda target: f"{target.id.capitalize()}: a condition of the gate",
    "soak": lambda _: "proved",
    "ahead": lambda _: "What the next phase will bring",
    "flag": lambda _: "confirmed",
    "flows": lambda _: "frozen since",
    "incidents": lambda _: "Opened by hand",
    "incident": lambda target: f"Incident {target.id}",
    "line": lambda target: f"Critical line {target.id}",
    "run": lambda _: "bought one",
    "task": lambda target: target.text[:30],
    "measure": lambda target: target.text[:8],
    "risk": lambda target: PLAN.risk(target.id).title,
    "step": lambda target: target.text[:20],
    "entry": lambda target: f"Entry {target.id}",
    "tickets": lambda _: "Support queue",
    "ticket": lambda target: target.text[:30],
    "duplicates": lambda target: target.text[:20],
    "capsules": lambda target: target.text[:20],
    "returns": lambda target: target.text[:20],
    "csat": lambda target: target.text[:12],
}


def rows(judgement, width=66, height=40):
    """Every row of the deck's panes that is about something, by pane."""
    looked = view(judgement)
    drawn = ((pane.NAME, pane().picture(looked, width, height)) for pane in DECK if pane.serves(looked))
    return {name: rows_of(targets_of(picture.lines)) for name, picture in drawn}


def test_every_kind_that_a_pane_names_opens_something_and_nothing_else_is_known():
    told = [FLIGHTS[name]() for name in FLIGHTS] + [full()]
    kinds = {target.kind for judgement in told for known in rows(judgement).values() for _, target in known}
    assert kinds <= set(OPENS)
    assert set(OPENS) == set(NAMED)
    assert len(kinds) >= 20


@pytest.mark.parametrize("pane", DECK, ids=lambda pane: pane.__name__)
def test_every_pane_of_the_deck_names_what_its_rows_are_about(pane):
    known = rows(full())[pane.NAME]
    assert known
    same = [target.same for _, target in known]
    assert len(set(same)) == len(same)
    assert all(target.text for _, target in known)


@pytest.mark.parametrize("pane", [pane.NAME for pane in DECK])
async def test_enter_opens_what_names_it_and_y_copies_exactly_it(pane):
    async with flying(full(), size=(120, 36) if pane in ("criteria", "facts") else (200, 60)) as flown:
        deck = flown.app.screen
        shown = deck.query_one(f"#{pane}")
        known = rows_of(shown.targets)
        assert known
        for line, target in known:
            await flown.pilot.click(f"#{pane}", offset=(3, line + 1))
            await flown.settle()
            assert deck.under.same == target.same
            copies = deck.under.text
            await flown.press("Y")
            assert flown.app.clipboard == copies
            assert clean(copies, 80) in flown.toasts()[-1]
            flown.app.clear_notifications()
            await flown.press("enter")
            assert len(flown.app.screen_stack) > 1, target
            told = NAMED[target.kind](target)
            await flown.until(partial(lambda told: told in flown.text(), told))
            while flown.app.screen is not deck:
                await flown.press("escape")
            assert deck.under.same == target.same


@pytest.mark.parametrize("text", TOUGH, ids=range(len(TOUGH)))
async def test_foreign_text_under_the_cursor_is_harmless(text):
    async with flying(hostile(text)) as flown:
        deck = flown.app.screen
        for pane in ("queue", "incidents", "log", "risks", "gate"):
            for line, _target in rows_of(deck.query_one(f"#{pane}").targets)[:4]:
                await flown.pilot.click(f"#{pane}", offset=(3, line + 1))
                await flown.settle()
                await flown.press("Y")
                assert all(32 <= ord(char) < 127 or ord(char) > 159 for char in flown.app.clipboard)
                await flown.press("enter")
                said = flown.text()
                assert "\u202e" not in said
                assert "\x1b" not in said
                for _ in range(9):
                    if flown.app.screen is deck:
                        break
                    await flown.press("escape")
                assert flown.app.screen is deck


def test_what_is_copied_is_one_clean_line_with_an_end():
    assert Target("x", "a\x1b]52;c;aGk=\x07b\nc" + "z" * 5000).text.isprintable()
    assert len(Target("x", "z" * 5000).text) <= 400
    assert target_of((("only told", ""),)) is None


async def test_a_step_that_wears_y_waits_while_a_cursor_is_shown_and_is_named():
    risk = PLAN.risk("support_queue")
    worn = replace(risk, steps=(replace(risk.steps[0], key="y"), *risk.steps[1:]))
    others = (replace(one, steps=tuple(step for step in one.steps if step.key != "y")) for one in PLAN.risks)
    risks = tuple(worn if one.id == risk.id else one for one in others)
    flight = breach_flight()
    flight.state = replace(flight.state, plan=replace(PLAN, risks=risks))
    async with flying(judge(flight.state, NOW, TZ)) as flown:
        await flown.press("down", "y")
        assert flown.door.asked == []
        assert f"({worn.steps[0].text}: esc, then y)" in flown.toasts()[-1]
        assert flown.app.clipboard
        await flown.press("escape", "y")
        assert [one.subject for one in flown.door.asked] == [f"support_queue.{worn.steps[0].id}"]
        await flown.press("3", "Y")
        assert len(flown.door.asked) == 1
        await flown.press("y")
        assert len(flown.door.asked) == 2


@pytest.mark.parametrize("digit", ["2", "3", "4", "5", "6"])
async def test_every_other_screen_copies_what_its_cursor_is_on_and_a_click_goes_there(digit):
    async with flying(FLIGHTS["week"]()) as flown:
        await flown.press(digit)
        screen = flown.app.screen
        first = screen.pointed
        await flown.press("y")
        if first is not None:
            assert flown.app.clipboard == first.text
        await flown.press("down")
        await flown.press("Y")
        assert flown.app.clipboard == screen.pointed.text


def test_a_look_is_asked_by_itself_and_masked_as_for_a_sheet():
    from cockpit.session.sheet_looks import names_of

    assert names_of(PLAN, "@newest_tickets") == ("newest_tickets",)
    assert FakeDoor(full()).look_up("@newest_tickets").result() == ()
