"""Any stop in any state at any size with any content: no value is cut, nothing overlaps, dialogs are whole or roll.

`COCKPIT_TOURS=2000` draws so many of them, 90 without it; a test's name says what was drawn.
"""

import os
from itertools import cycle, islice
from random import Random

import pytest

from tests.support.screen.laws import broken
from tests.tour.contents import CONTENTS
from tests.tour.states import STATES
from tests.tour.stops import STOPS
from tests.tour.walk import walked

SIZES = (
    *((60, 20), (61, 20), (79, 24), (80, 25), (81, 24), (99, 30), (109, 40), (110, 20), (119, 36), (120, 36)),
    *((121, 35), (132, 43), (149, 48), (150, 40), (159, 48), (160, 39), (200, 24), (80, 60), (240, 70), (60, 60)),
    *((300, 20), (40, 10), (20, 5)),
)
"""On and beside the edges between layouts, and shapes that nobody has in mind."""


def drawn(count: int) -> list[tuple[str, str, tuple[int, int], str]]:
    """Draw so many places: every size and content in turn, every second one on the deck, every third size at random."""
    chance, found = Random(14), []
    for number, (size, content) in enumerate(islice(zip(cycle(SIZES), cycle(CONTENTS)), count)):
        stop = "deck" if number % 2 else chance.choice([*STOPS])
        if number % 3 == 2:
            size = (chance.randint(60, 250), chance.randint(20, 75))  # noqa: PLW2901 - it is drawn instead
        found.append((chance.choice([*STATES]), stop, size, content))
    return found


@pytest.mark.parametrize(
    ("state", "stop", "size", "content"), drawn(int(os.environ.get("COCKPIT_TOURS", "90"))), ids=str
)
async def test_all_laws_of_a_screen_hold(state, stop, size, content, tmp_path):
    async with walked(state, stop, size, tmp_path, content) as flown:
        assert await broken(flown, usual=content == "usual") == []
