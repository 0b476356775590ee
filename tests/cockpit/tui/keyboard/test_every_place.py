"""Every key at every place answers: each screen and each dialog that a key can open, in every state."""

import importlib
import os
import pkgutil
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.screen import Screen

import cockpit
import widgets
from cockpit.tui.keyboard.pasted import ask_about
from cockpit.tui.overview.app import Overview
from cockpit.tui.overview.row import row_of
from sessions.gate.evaluate import judge
from sessions.handover.absence import since_last
from sessions.handover.handover import Absence
from sessions.handover.peaks import Peaks
from sessions.history.queries import Look
from sessions.plan.loader import bundled
from tests.cockpit.session.test_replayed import on_screen
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.pilots import flying
from tests.support.screen.pressing import KEYS, Hands, event_of, explored
from tests.support.screen.standings import STANDINGS
from tests.support.sessions.scenes import flown as flown_state
from tests.tour.stops import STOPS
from widgets.base.target import Target

SHARE = 20
"""One key in so many is pressed at each place."""
BASES = {"Board", "Walked", "Pointing", "Dialog"}
"""What other screens are made of."""
UPDATE = next(
    task.id for phase in bundled().phases for task in phase.activities if bundled().sheet(task.id) == "update"
)


def ways(flown):
    """What no key opens, or only one row of many: from there on the keys find the rest."""
    app, deck, state = flown.app, flown.app.screen, flown.door.latest().state
    back = Absence(since_last(state, Look(ago(hours=7), 0), NOW), Peaks(None, None, None, None))

    def opens(kind):
        from cockpit.tui.cursor.opening import open_target

        open_target(app, Target(kind), app.look())

    return (
        (),
        (partial(app.hand_over, back),),
        (partial(opens, "capsules"),),
        (partial(opens, "flag"),),
        (partial(ask_about, app, [event_of(letter) for letter in "pasted"]),),
        (partial(app.open_sheet, UPDATE),),
        (partial(app.open_sheet, UPDATE), "m"),
        *((("down",),) if deck._places() else ()),
        *STOPS.values(),
    )


@asynccontextmanager
async def hands_on(name, folder):
    standing = STANDINGS[name]
    async with flying(standing.judged(), size=standing.size, viewer=standing.viewer) as flown:
        flown.door.folder, flown.door.follows = folder, standing.follows
        door = flown.door
        yield Hands(flown.app, lambda: (len(door.asked), len(door.looked), len(door.looked_up))), ways(flown)


def told(wrong):
    return {" ".join(place.name): rows for place, rows in wrong.items() if rows}


def screens():
    """Every screen and dialog that the code has."""
    for package in (cockpit, widgets):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found, left = set(), [Screen]
    while left:
        for kind in left.pop().__subclasses__():
            left.append(kind)
            found.add(kind)
    return {kind.__name__ for kind in found if kind.__module__.startswith(("cockpit.", "widgets."))} - BASES


def keys_of(number, turn):
    """Some of the keys, at each place and in each state others; with COCKPIT_KEYS=all every one of them."""
    share = 1 if os.environ.get("COCKPIT_KEYS") == "all" else SHARE
    return KEYS[(number + turn) % share :: share]


@pytest.mark.timeout(600)
async def test_no_screen_and_no_dialog_is_left_out(tmp_path):
    seen = set()
    async with hands_on("fuse", tmp_path) as (hands, begins):
        for way in begins:
            await hands.begin(way)
            seen |= {type(one).__name__ for one in hands.app.screen_stack}
    assert screens() - seen == set()


@pytest.mark.slow
@pytest.mark.timeout(0 if os.environ.get("COCKPIT_KEYS") == "all" else 600)
@pytest.mark.parametrize("name", STANDINGS)
async def test_keys_at_every_place_answer(name, tmp_path):
    turn = list(STANDINGS).index(name)
    async with hands_on(name, tmp_path) as (hands, begins):
        assert told(await explored(hands, begins, lambda number: keys_of(number, turn))) == {}


@pytest.mark.parametrize("count", [0, 1, 5])
async def test_every_key_on_the_screen_of_all_sessions_answers(count):
    rows = tuple(row_of(Path(f"/x/{number}"), judge(flown_state(), NOW), "") for number in range(count))
    app = Overview(lambda: rows, lambda: NOW)
    async with app.run_test(size=(80, 24)):
        assert told(await explored(Hands(app), ((),), lambda _: KEYS)) == {}


async def test_every_key_of_a_replay_answers():
    async with on_screen() as flown:
        flown.door.play()
        hands = Hands(flown.app, lambda: flown.door.latest().at)
        assert told(await explored(hands, ((),), lambda number: KEYS if number == 1 else ())) == {}
