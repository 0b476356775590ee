"""Keys of the owner's choice on the screen: they act, they are shown, and what lost its key has another."""

import pytest

from cockpit.settings.models.settings import Settings
from sessions.values.requests import Act, Request
from tests.support.screen.pilots import flying
from tests.support.screen.sample import burning, calm, paused
from tests.tour.states import STATES


async def flown(judgement, keymap, *keys):
    async with flying(judgement, settings=Settings(keymap=keymap)) as flight:
        await flight.press(*keys)
        return flight.door.asked, flight.text()


async def test_an_act_has_the_owners_key_and_no_longer_its_own():
    assert (await flown(calm(), {"log.observe": "f2"}, "f2"))[0] == [Request(Act.OBSERVE)]
    assert (await flown(calm(), {"log.observe": "f2"}, "o"))[0] == []


@pytest.mark.parametrize("key", ["space", "f5"])
async def test_each_of_several_keys_does_the_act_and_the_line_shows_the_first(key):
    keymap = {"pause": ("space", "f5")}
    assert (await flown(calm(), keymap, key))[0] == [Request(Act.PAUSE)]
    assert (await flown(paused(), keymap, key))[0] == [Request(Act.RESUME)]
    _, text = await flown(calm(), keymap)
    assert "space Pause" in text.splitlines()[-1]
    assert "f5" not in text.splitlines()[-1]


async def test_a_key_that_screens_and_a_step_have_pauses_everywhere_and_they_have_another():
    keymap = {"pause": ("space", "p")}
    for way in ((), ("6",), ("3",), ("5",), ("2",)):
        assert (await flown(STATES["calm"]().judged(), keymap, *way, "p"))[0] == [Request(Act.PAUSE)]
    async with flying(STATES["calm"]().judged(), settings=Settings(keymap=keymap)) as flight:
        await flight.press("6")
        assert "P Preview" in flight.text()
        await flight.press("P")
        assert type(flight.app.screen).__name__ == "Preview"
    async with flying(STATES["fuse"]().judged(), settings=Settings(keymap=keymap)) as flight:
        assert flight.app.look().keys["step.analytics_outage.known"] not in ("p", "P")


async def test_a_step_that_moved_is_shown_and_done_by_its_new_letter():
    async with flying(STATES["fuse"]().judged(), settings=Settings(keymap={"pause": ("space", "l")})) as flight:
        letter = flight.app.look().keys["step.support_queue.sla"]
        assert letter != "l"
        assert f" {letter} SLA message" in flight.text()
        await flight.press(letter)
        assert flight.door.asked == [Request(Act.STEP, subject="support_queue.sla")]


@pytest.mark.parametrize("way", ["1", "2", "3", "4", "5", "6"])
async def test_letters_move_the_cursor_as_arrows_do_on_every_screen(way):
    settings = Settings(
        keymap={"down": ("down", "j"), "up": ("up", "k"), "left": ("left", "h"), "right": ("right", "l")}
    )
    seen = []
    for keys in (("down", "right", "down", "up", "left"), ("j", "l", "j", "k", "h")):
        async with flying(STATES["fuse"]().judged(), settings=settings) as flight:
            await flight.press(way)
            shown = []
            for key in keys:
                await flight.press(key)
                shown.append(flight.rows()[:-1])
            assert flight.door.asked == []
        seen.append(shown)
    assert seen[0] == seen[1]


async def test_the_line_shows_the_owners_key_of_the_cursor():
    async with flying(STATES["calm"]().judged(), settings=Settings(keymap={"cursor.open": ("f4", "enter")})) as flight:
        await flight.press("down")
        assert "f4 Open" in flight.rows()[-1]
        await flight.press("f4")
        assert len(flight.app.screen_stack) == 2


async def test_the_help_shows_every_key_of_an_act():
    _, text = await flown(calm(), {"pause": ("space", "f5")}, "question_mark")
    assert "space f5" in text


async def test_pausing_moves_and_resuming_stays():
    keymap = {"rollout.pause": "P"}
    assert (await flown(calm(), keymap, "P"))[0] == [Request(Act.PAUSE)]
    assert (await flown(calm(), keymap, "space"))[0] == []
    assert (await flown(paused(), keymap, "space"))[0] == [Request(Act.RESUME)]


async def test_the_screen_shows_the_owners_keys():
    asked, text = await flown(burning(), {"fuse.defuse": "D", "log.decide": "f6", "fuse.extend": "f3"}, "f3")
    assert asked == [Request(Act.EXTEND, subject="latency_spike")]
    assert "D defuse  f3 extend  r revert now" in text
    _, text = await flown(calm(), {"log.note": "f2"})
    assert "f2 Note" in text
