"""No key is lost or reordered: one after the other, held keys once, pastes and bursts told apart."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from cockpit.tui.keyboard.reading import Brackets, Reading
from sessions.values.requests import Act, Request
from tests.support.screen.pilots import flying
from tests.support.screen.sample import breach, calm
from widgets.dialogs.base import Dialog
from widgets.dialogs.burst import Burst


def key(name: str) -> events.Key:
    named = {"space": " ", "enter": "\r", "full_stop": "."}
    return events.Key(name, named.get(name, name if len(name) == 1 else None))


async def at_once(flown, *names: str) -> None:
    """Send keys as one read of the terminal brings them."""
    for name in names:
        flown.app.post_message(key(name))
    await flown.settle()


async def place(flown) -> tuple[object, ...]:
    screen = flown.app.screen
    lines = tuple(field.value for field in screen.query("Field"))
    return [request.act for request in flown.door.asked], type(screen).__name__, lines, getattr(screen, "_at", None)


async def test_a_tick_and_a_move_in_one_write_tick_the_line_under_the_cursor():
    async with flying(calm()) as flown:
        await flown.press("t")
        first = flown.app.screen._choices(flown.app.look())[0]
        await at_once(flown, "space", "down")
        assert [request.subject for request in flown.door.asked] == [first.id]
        assert flown.app.screen._at == 1


async def test_a_question_and_its_answer_in_one_packet_are_both_heard():
    async with flying(calm()) as flown:
        await at_once(flown, "r", "y")
        assert [request.act for request in flown.door.asked] == [Act.REVERT]


async def test_a_dialog_that_is_still_opening_gets_the_keys_that_follow():
    async with flying(calm()) as flown:
        await at_once(flown, "i", "enter", *"checkout", "enter")
        assert flown.door.asked == [Request(Act.OPEN_INCIDENT, subject="P0", text="checkout")]


async def test_a_second_press_acts_and_a_key_that_is_held_acts_once():
    async with flying(calm()) as flown:
        await at_once(flown, "o", "o")
        assert [request.act for request in flown.door.asked] == [Act.OBSERVE] * 2
        flown.door.asked.clear()
        await at_once(flown, *["n"], "escape", *["o"] * 20)
        assert [request.act for request in flown.door.asked] == [Act.OBSERVE]
        assert "O is held down: it counts once" in flown.toasts()


async def test_a_held_key_writes_text_and_moves_in_lists():
    async with flying(calm()) as flown:
        await at_once(flown, "n", *"oooo", "enter")
        assert flown.door.asked == [Request(Act.NOTE, text="oooo")]
        await at_once(flown, "i", *"jjj")
        assert flown.app.screen._at == 3


@pytest.mark.parametrize(("taken", "acts"), [("enter", []), ("ctrl+t", [Act.PAUSE, Act.OBSERVE, Act.NOTE])])
async def test_a_burst_is_asked_about_as_a_whole(taken, acts):
    async with flying(calm()) as flown:
        flown.app.keyboard.brackets = False
        await at_once(flown, "space", "o", "n", *"hi", "enter")
        assert isinstance(flown.app.screen, Burst)
        assert flown.door.asked == []
        assert " onhi enter" in flown.text()
        await flown.press(taken)
        assert not isinstance(flown.app.screen, Dialog)
        assert [request.act for request in flown.door.asked] == acts


async def test_fewer_letters_than_a_burst_are_keys_in_order():
    async with flying(calm()) as flown:
        flown.app.keyboard.brackets = False
        await at_once(flown, "r", "y", "o")
        assert [request.act for request in flown.door.asked] == [Act.REVERT, Act.OBSERVE]


async def test_an_end_of_line_in_an_unmarked_paste_sends_nothing():
    async with flying(calm()) as flown:
        await flown.press("n")
        flown.app.keyboard.brackets = False
        await at_once(flown, *"first", "enter", *"last", "enter")
        assert flown.door.asked == []
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.NOTE, text="first last")]


async def test_a_paste_outside_a_line_says_that_it_acts_on_nothing():
    async with flying(breach()) as flown:
        flown.app.post_message(events.Paste("r\ny"))
        await flown.settle()
        assert flown.door.asked == []
        assert flown.toasts() == ["Pasted text acts on nothing: 3 characters ignored"]


_KEYS = st.lists(
    st.sampled_from(["n", "i", "t", "r", "y", "h", "o", "a", "space", "enter", "escape", "down", "up", "2", "f"]),
    max_size=8,
).filter(lambda keys: all(one != other for one, other in pairwise(keys)))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(_KEYS)
async def test_keys_at_once_do_what_the_same_keys_do_one_by_one(names):
    async with flying(calm()) as slow:
        for name in names:
            await slow.press(name)
        wanted = await place(slow)
    async with flying(calm()) as fast:
        await at_once(fast, *names)
        assert await place(fast) == wanted


def said(*reads: str) -> list[object]:
    reading = Reading(XTermParser())
    found = [message for read in reads for message in reading.feed(read)]
    return [
        one.key if isinstance(one, events.Key) else one.text if isinstance(one, events.Paste) else one for one in found
    ]


def test_an_escape_and_a_key_in_one_read_are_two_keys():
    assert said("\x1br") == ["escape", "r"]
    assert said("\x1b", "r") == ["escape", "r"]
    assert said("n\x1b\x1b[Bo\x1b\rx") == ["n", "escape", "down", "o", "escape", "enter", "x"]
    assert said("\x1b[200~a\x1brb\x1b[201~q")[-1] == "q"


def test_a_key_long_after_an_escape_is_that_key():
    reading = Reading(XTermParser())
    list(reading.feed("\x1b"))
    reading._parser._timeout_time = 0.0
    assert [event.key for event in reading.tick() if isinstance(event, events.Key)] == ["escape"]
    assert [event.key for event in reading.feed("hx") if isinstance(event, events.Key)] == ["h", "x"]


@pytest.mark.parametrize(("state", "known"), [("0", False), ("1", True), ("2", True), ("3", True), ("4", False)])
def test_a_terminal_that_knows_bracketed_paste_says_so_also_in_two_reads(state, known):
    answer = f"\x1b[?2004;{state}$y"
    for cut in range(1, len(answer)):
        found = said(answer[:cut], answer[cut:] + "q")
        assert any(isinstance(one, Brackets) for one in found) is known
        assert found[-1] == "q"
