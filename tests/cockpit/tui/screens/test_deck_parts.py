"""The deck of plans that lack a part: what the plan does not use gives its place away, on every size and screen."""

import pytest
from textual.geometry import Size

from cockpit.tui.screens.deck import places
from sessions.gate.evaluate import judge
from sessions.state.reducer import State
from tests.support.part_plans import PARTS, PLANS, plan_without
from tests.support.screen.every import ON_DECK
from tests.support.screen.grown_flight import NOW, PLAN, TZ, Flight, entered, flag, mongo, started, traffic
from tests.support.screen.pilots import flying
from widgets.base.pane import Pane
from widgets.base.view import View

SCREENS = "123456"
AWAY = {
    "journeys": {"analytics"},
    "collections": {"growth"},
    "risks": {"risks"},
    "all": {"analytics", "growth", "risks", "queue", "capsules"},
}


def flown(plan):
    return flag(mongo(traffic(entered(started(Flight(plan)))))).judged()


def shown(app):
    return {pane.NAME: pane.region for pane in app.screen.query("#board > *") if pane.display}


@pytest.mark.parametrize("lacking", PLANS)
def test_what_the_plan_does_not_use_has_no_place(lacking):
    judgement = flown(plan_without(*PLANS[lacking]))
    given = places(View(judgement, NOW, TZ), Size(160, 48))
    assert set(places(View(flown(PLAN), NOW, TZ), Size(160, 48))) - set(given) == AWAY.get(lacking, set())


@pytest.mark.parametrize(
    "size", [(60, 20), (80, 24), (80, 60), (120, 36), (130, 40), (150, 40), (160, 24), (160, 48), (300, 100)]
)
@pytest.mark.parametrize("lacking", ["nothing", *AWAY])
async def test_the_panes_that_are_left_share_all_the_room(lacking, size):
    judgement = flown(plan_without(*PLANS[lacking]))
    async with flying(judgement, size=size) as on:
        given, board = shown(on.app), on.app.screen.query_one("#board").region
        assert "display error" not in on.text()
        assert sum(place.area for place in given.values()) == board.area
        assert {pane.NAME for pane in on.app.screen.query("#board > *")} == set(given)  # nothing is mounted in vain


@pytest.mark.parametrize("lacking", ["nothing", *AWAY])
async def test_in_one_column_stands_what_matters_first(lacking):
    judgement = flown(plan_without(*PLANS[lacking]))
    async with flying(judgement, size=(80, 24)) as on:
        given, board = shown(on.app), on.app.screen.query_one("#board").region
        assert sum(place.area for place in given.values()) == board.area
        assert set(given) == {"gate", "flag", "log", *(["risks"] if judgement.state.plan.risks else [])}
        for condition in judgement.gate.conditions:
            assert condition.name.capitalize() in on.text()


@pytest.mark.parametrize("lacking", [*AWAY, "week", "activities"])
async def test_every_screen_bears_it(lacking):
    async with flying(flown(plan_without(*PLANS[lacking]))) as on:
        for key in SCREENS:
            await on.press(key)
            assert "display error" not in on.text(), key
            await on.press("right", "down", "left")
        assert not [toast for toast in on.toasts() if "error" in toast.lower()]


async def test_every_screen_bears_a_plan_of_which_nothing_is_known_yet():
    async with flying(judge(State(plan_without(*PARTS)), NOW, TZ), size=(80, 24)) as on:
        for key in SCREENS:
            await on.press(key)
            assert "display error" not in on.text(), key


async def test_a_plan_that_comes_to_use_more_has_its_panes_in_their_places():
    bare, whole = flown(plan_without(*PARTS)), flown(PLAN)
    async with flying(whole) as on:
        wanted = shown(on.app)
    async with flying(bare) as on:
        assert set(shown(on.app)) == {"gate", "latency", "errors", "incidents", "flag", "log"}
        for judgement, places in ((whole, wanted), (bare, None), (whole, wanted)):
            on.door._judgement = judgement
            on.app.paint()
            await on.settle()
            assert places is None or shown(on.app) == places


def test_every_pane_says_whether_it_serves():
    assert all(isinstance(pane.serves(View(flown(PLAN), NOW, TZ)), bool) for pane in ON_DECK)
    assert Pane.serves(View(flown(PLAN), NOW, TZ))
