"""Every row that is in sight, in every state and size: keys and clicks reach it, enter opens it, y copies it."""

import pytest

from sessions.text.clean import clean
from tests.cockpit.tui.cursor.test_targets import NAMED, full
from tests.support.screen.pilots import flying
from tests.support.screen.pressing import Hands
from tests.support.screen.standings import STANDINGS, Standing
from widgets.base.pane import Pane

CASES = {**STANDINGS, "all kinds": Standing(full)}
SMALL = {"too small"}
"""No row is in sight there."""


def rows(deck):
    """Every row in sight, by the pane that has it."""
    return [(place, line, target) for place in deck._places() for line, target in place.rows]


async def reached(hands, deck):
    """Walk over every pane by tab, over its rows by down; return what was under the cursor."""
    seen = []
    for _ in deck._places():
        await hands.press("tab")
        here = next(place for place in deck._places() if place.name == deck._name)
        assert deck.under.same == here.rows[0][1].same
        for number, (_, target) in enumerate(here.rows):
            assert deck.under.same == target.same
            seen.append(target.same)
            if number + 1 < len(here.rows):
                await hands.press("down")
    return seen


async def clicked(hands, pane, line, *, twice=False):
    """A click as the pane tells of it: how it comes to tell it is another test's."""
    pane.post_message(Pane.Picked(pane, line, 3, twice=twice))
    await hands.settle()


def names(hands, target):
    """Whether what was opened says what it is about."""
    if target.kind == "flows":
        return "Flows" in shown(hands)
    return all(word in shown(hands) for word in NAMED[target.kind](target).split())


def shown(hands):
    strips = hands.app.screen._compositor.render_strips()
    return "\n".join("".join(bit.text for bit in strip) for strip in strips)


async def opened(hands, target):
    """Return what enter opens, and leave it."""
    await hands.press("enter")
    found = hands.name
    assert len(hands.app.screen_stack) == 2, target
    assert names(hands, target), (target, shown(hands))
    await hands.press("escape")
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("size", [(160, 48), (80, 24), (60, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("case", [name for name in CASES if name not in SMALL])
async def test_every_row_is_reached_opened_and_copied(case, size, tmp_path):
    standing = CASES[case]
    async with flying(standing.judged(), size=size, viewer=standing.viewer) as flown:
        flown.door.folder, flown.door.follows = tmp_path, standing.follows
        hands, deck = Hands(flown.app), flown.app.screen
        known = rows(deck)
        assert sorted(await reached(hands, deck)) == sorted(target.same for _, _, target in known)
        for place, line, target in known:
            pane = deck.query_one(f"#{place.name}", Pane)
            await clicked(hands, pane, line)
            assert deck.under.same == target.same
            await hands.press("Y")
            assert flown.app.clipboard == deck.under.text
            assert clean(deck.under.text, 80) in flown.app.told
            by_enter = await opened(hands, deck.under)
            assert deck.under.same == target.same
            await clicked(hands, pane, line, twice=True)
            assert hands.name == by_enter
            await hands.press("escape")
            assert flown.app.screen is deck
