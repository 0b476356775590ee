"""A replay as a door, and the deck over it: back and forth, and no act."""

from contextlib import asynccontextmanager

import pytest

from cockpit.session import replayed
from cockpit.session.replayed import REFUSAL, Course, Replayed
from cockpit.settings.models.settings import Settings
from cockpit.tui.replay import SCRUB, ReplayScreen
from sessions.replay.flight import Replay
from sessions.values.requests import Act, Request
from tests.support.screen.pilots import Flown
from tests.support.sessions.kept import record_of
from tests.support.worlds.plan import PLAN


def fly():
    return Replay(PLAN, PLAN, record_of(12)).moments()


MOMENTS = list(fly())


def test_moments_are_the_same_back_and_forth_however_few_are_kept(monkeypatch):
    monkeypatch.setattr(replayed, "KEPT", 3)
    course = Course(fly)
    for number in (0, 9, 2, 3, 8, 0, len(MOMENTS) - 1, 1):
        assert course.at(number) == MOMENTS[number]
    assert course.at(len(MOMENTS)) is None
    assert course.at(4) == MOMENTS[4]


def test_entries_are_found_back_and_forth():
    course, seqs = Course(fly), [moment.judgement.state.seq for moment in MOMENTS]
    turns = [number for number in range(1, len(seqs)) if seqs[number] != seqs[number - 1]]
    assert len(turns) > 3
    found, here = [], 0
    while (here := course.entered(here, 1)) is not None:
        found.append(here)
    assert found == turns
    back, here = [], len(seqs) - 1
    while (here := course.entered(here, -1)) is not None:
        back.append(here)
    assert [number for number in back if number] == [number for number in reversed(turns) if number < len(seqs) - 1]


def test_without_a_moment_there_is_no_course():
    with pytest.raises(ValueError, match="no moment of it can be judged"):
        Course(lambda: iter(()))


@pytest.mark.parametrize("act", list(Act))
def test_every_act_is_refused(act):
    answer = Replayed(Course(fly), 60).ask(Request(act)).result(1)
    assert not answer.ok
    assert answer.text == REFUSAL


@asynccontextmanager
async def on_screen(speed=5000.0):
    door = Replayed(Course(fly), speed)
    app = ReplayScreen(door, on_ready=door.start, settings=Settings())
    try:
        async with app.run_test(size=(160, 48), notifications=True) as pilot:
            flown = Flown(app, door, pilot)
            await flown.settle()
            yield flown
    finally:
        door.stop("over")


async def test_keys_step_back_and_forth():
    async with on_screen() as flown:
        assert flown.door.latest() == MOMENTS[0].judgement
        for key, number in (("full_stop", 1), ("full_stop", 2), ("comma", 1), ("comma", 0), ("comma", 0)):
            await flown.press(key)
            await flown.until(lambda number=number: flown.door.latest() == MOMENTS[number].judgement)
        first = Course(fly).entered(0, 1)
        await flown.press("right_square_bracket")
        await flown.until(lambda: flown.door.latest() == MOMENTS[first].judgement)
        await flown.press("left_square_bracket")
        await flown.until(lambda: flown.door.latest().at < MOMENTS[first].at)
        assert flown.toasts() == ["No further this way"]


async def test_a_key_that_shows_another_moment_is_not_said_to_change_nothing():
    async with on_screen() as flown:
        for _ in range(12):
            await flown.press("full_stop")
        await flown.until(lambda: flown.door.latest() == MOMENTS[12].judgement)
        assert flown.toasts() == []
        await flown.press("space", "space")
        await flown.until(lambda: not flown.door.playing)
        assert flown.toasts()[:1] == ["Plays on"]


async def test_a_key_that_is_held_down_goes_on_stepping():
    async with on_screen() as flown:
        await flown.press(*["full_stop"] * 7, "comma", "comma")
        await flown.until(lambda: flown.door.latest() == MOMENTS[5].judgement)
        assert flown.toasts() == []


async def test_space_plays_to_the_end_and_stops():
    async with on_screen() as flown:
        await flown.press("space")
        await flown.until(lambda: flown.door.latest() == MOMENTS[-1].judgement and not flown.door.playing)
        await flown.press("space")
        await flown.until(lambda: flown.toasts()[-1] == "No further this way")
        await flown.press("comma")
        await flown.until(lambda: flown.door.latest() == MOMENTS[-2].judgement)


async def test_space_stops_what_plays():
    async with on_screen(speed=60.0) as flown:
        await flown.press("space")
        await flown.until(lambda: flown.door.latest().at > MOMENTS[0].at)
        await flown.press("space")
        await flown.until(lambda: not flown.door.playing)


async def test_every_key_that_acts_says_that_nothing_here_does():
    async with on_screen() as flown:
        steering = {"space", "full_stop"}
        keys = {
            row.key for row in (*flown.app._acts_bound, *flown.app._steps) if row.action.startswith(("act", "step"))
        }
        assert len(keys - steering) > 15
        for key in sorted(keys - steering):
            flown.app.answers.said.clear()
            await flown.press(key)
            assert flown.toasts() == [REFUSAL.capitalize()], key
        assert len(flown.app.screen_stack) == 1
        assert flown.door.latest() == MOMENTS[0].judgement


async def test_the_deck_stands_at_the_time_of_the_flight():
    async with on_screen() as flown:
        assert f"{MOMENTS[0].at.astimezone():%H:%M:%S}" in flown.text()
        assert all(row.description in flown.text() for row in SCRUB)
        assert "Advance" not in flown.rows()[-1]


async def test_other_screens_work_and_no_palette_holds_an_act():
    async with on_screen() as flown:
        await flown.press("2")
        assert len(flown.app.screen_stack) == 2
        await flown.press("1", "4")
        assert len(flown.app.screen_stack) == 2
        commands = [command.title for command in flown.app.get_system_commands(flown.app.screen)]
        assert not {"Pause", "Advance", "Revert", "Note"} & set(commands)
