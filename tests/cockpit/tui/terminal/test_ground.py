"""The terminal's ground: its answer is heard, however it is cut, and no letter of it becomes a key."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from cockpit.tui.terminal.colours import at_first, for_ground
from cockpit.tui.terminal.ground import Listening, light

WHITE, BLACK = "rgb:ffff/fafa/f0f0", "rgb:0e0e/1313/1a1a"


def heard(*reads: str) -> tuple[list[bool], list[str]]:
    told: list[bool] = []
    parser = Listening(told.append)
    keys = [one.key for read in reads for one in parser.feed(read) if isinstance(one, events.Key)]
    return told, keys


@pytest.mark.parametrize(
    ("answer", "is_light"),
    [
        (WHITE, True),
        (BLACK, False),
        ("rgb:ff/ff/ff", True),
        ("rgba:0000/0000/0000/ffff", False),
        ("?", None),
        ("", None),
    ],
)
def test_a_colour_is_light_or_dark_or_none(answer, is_light):
    assert light(answer) is is_light


@pytest.mark.parametrize("end", ["\x07", "\x1b\\"], ids=["BEL", "ST"])
@given(st.lists(st.integers(2, 26), max_size=3))
def test_an_answer_in_any_pieces_is_no_key(end, cuts):
    text = f"a\x1b]11;{WHITE}{end}t"
    places = sorted({0, len(text), *(cut + 1 for cut in cuts)})
    told, keys = heard(*(text[one:other] for one, other in pairwise(places)))
    assert (told, keys) == ([True], ["a", "t"])


def test_keys_and_pastes_are_heard_as_ever():
    assert heard("ty", "\x1b[A")[1] == ["t", "y", "up"]
    assert heard("\x1b[200~hello\x1b[201~")[1] == []


@pytest.mark.parametrize(
    ("chosen", "system", "first", "then"),
    [
        ("auto", "truecolor", "night", "day"),
        ("auto", "256", "night", "day"),
        ("auto", "standard", "sixteen", "sixteen"),
        ("night", "truecolor", "night", "night"),
        ("day", "standard", "day", "day"),
    ],
)
def test_the_theme_follows_the_terminal_unless_it_was_chosen(chosen, system, first, then):
    assert at_first(chosen, system) == first
    assert for_ground(chosen, first, is_light=True) == then
    assert for_ground("auto", "day", is_light=False) == "night"
