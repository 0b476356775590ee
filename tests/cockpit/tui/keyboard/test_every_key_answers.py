"""Every key opens something, asks the door, or says why not: in every state, read-only, following, concluded."""

import pytest

from cockpit.tui.keys import ALL
from tests.support.screen.pilots import flying
from tests.support.screen.sample import preflight
from tests.tour.states import STATES

NOT_HERE = {"q", "ctrl+z"}
"""They leave the screen."""


def concluded():
    flight = STATES["week"]()
    flight.wrote(flight.judged().at, "session.concluded", "concluded", by="owner")
    return flight.judged()


CASES = {
    **{name: (lambda made=made: made().judged(), "", "") for name, made in STATES.items()},
    "read-only": (lambda: STATES["calm"]().judged(), "watched by process 7", ""),
    "following": (lambda: STATES["calm"]().judged(), "", "process 7"),
    "preflight": (preflight, "", ""),
    "concluded": (concluded, "", ""),
}


@pytest.mark.parametrize("case", CASES)
async def test_every_key_opens_asks_or_says(case, tmp_path):
    make, viewer, follows = CASES[case]
    async with flying(make(), viewer=viewer) as flown:
        flown.door.folder, flown.door.follows = tmp_path, follows
        steps = [row.key for row in flown.app._steps]
        for key in [*dict.fromkeys(row.key for row in ALL if row.key not in NOT_HERE), *steps]:
            asked, said = len(flown.door.asked), len(flown.toasts())
            await flown.press(key)
            answered = len(flown.door.asked) > asked or len(flown.toasts()) > said
            assert answered or len(flown.app.screen_stack) > 1, key
            if viewer:
                assert flown.door.asked == []
            while len(flown.app.screen_stack) > 1:
                await flown.press("escape")


@pytest.mark.parametrize(
    ("state", "key", "said"),
    [
        ("calm", "d", "d: no fuse burns"),
        ("calm", "x", "x: no fuse burns"),
        ("fuse", "space", "space: a fuse burns; d defuses it first"),
        ("paused", "full_stop", ".: no alarm rings"),
        ("calm", "C", "C: the week has not begun"),
        ("calm", "s", "s: latency spike is calm"),
        ("calm", "equals_sign", "=: not a key here; ? lists the keys"),
        ("calm", "1", "1: the deck is on the screen"),
    ],
)
async def test_a_key_says_why_it_does_nothing(state, key, said):
    async with flying(STATES[state]().judged()) as flown:
        await flown.press(key)
        assert flown.answer() == said
        assert flown.door.asked == []


@pytest.mark.parametrize(
    ("way", "key", "said"),
    [
        ((), "escape", "esc: there is nothing to leave here; q quits"),
        ((), "pageup", "pgup: moves nothing on this screen"),
        (("2",), "enter", "⏎: opens nothing on this screen"),
        (("5",), "tab", "tab: moves nothing on this screen"),
        *(((key,), key, "This screen is shown already") for key in "23456"),
        (("n",), "f3", "f3: no key of this dialog; esc leaves it"),
        (("r",), "left", "←: no key of this dialog; esc leaves it"),
    ],
)
async def test_a_key_that_moves_or_opens_nothing_says_so(way, key, said):
    async with flying(STATES["calm"]().judged()) as flown:
        await flown.press(*way, key)
        assert flown.answer() == said


async def test_the_key_of_a_screen_that_is_up_leaves_its_cursor():
    async with flying(STATES["calm"]().judged()) as flown:
        await flown.press("3", "down", "down")
        chosen, before = flown.app.screen, flown.rows()[4:10]
        await flown.press("3")
        assert (flown.app.screen, flown.rows()[4:10]) == (chosen, before)
        flown.app.action_look("risks")
        assert flown.answer() == "This screen is shown already"


async def test_to_cut_where_nothing_is_selected_leaves_what_was_copied():
    async with flying(STATES["calm"]().judged()) as flown:
        flown.app.copy_to_clipboard("kept")
        await flown.press("n", "ctrl+x")
        assert (flown.answer(), flown.app.clipboard) == ("^x: nothing is selected", "kept")


async def test_a_timer_is_nothing_to_see():
    async with flying(STATES["calm"]().judged()) as flown:
        await flown.press("colon")
        before = flown.app.looks()
        flown.app.screen._busy_timer = flown.app.set_timer(60, lambda: None)
        assert flown.app.looks() == before


async def test_escape_ends_an_answer_and_says_nothing_of_itself():
    async with flying(STATES["calm"]().judged()) as flown:
        await flown.press("d", "escape")
        assert flown.answer() == ""


async def test_a_stray_layout_and_caps_lock_are_asked_about_once():
    async with flying(STATES["calm"]().judged()) as flown:
        await flown.press("р", "о", "Z", "U")
        assert [said.partition(": ")[2].partition("?")[0] for said in flown.toasts()] == [
            "is another keyboard layout on",
            "not a key here; ",
            "is Caps Lock on",
            "not a key here; ",
        ]


async def test_a_read_only_screen_says_so():
    async with flying(STATES["calm"]().judged(), viewer="watched by process 7") as flown:
        await flown.press("space")
        assert flown.answer() == "space: this screen is read-only: watched by process 7"


async def test_resume_is_not_offered_while_a_fuse_burns():
    async with flying(STATES["fuse"]().judged()) as flown:
        assert "Resume" not in flown.rows()[-1]


async def test_letters_in_a_line_of_text_are_text():
    async with flying(STATES["calm"]().judged()) as flown:
        await flown.press("n", "k", "р", "K", "q")
        assert flown.toasts() == []
