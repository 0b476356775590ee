"""Every screen and dialog at every size: each opens or says why not, cuts no value, and leaves the deck as it was."""

from itertools import product

import pytest

from tests.support.screen.cuts import cut_values, not_in_a_name, outside, words
from tests.support.screen.laws import ROOMY
from tests.tour.states import STATES
from tests.tour.stops import SIZES, STOPS
from tests.tour.walk import walked

VAST = (400, 150)
"""A terminal in which nothing is cut."""
ROUND = [
    (list(STATES)[(one + other) % len(STATES)], stop, size)
    for (one, stop), (other, size) in product(enumerate(STOPS), enumerate(SIZES))
]
"""Each stop at each size; each stop meets all states, and so does each size."""


@pytest.mark.parametrize(("state", "stop", "size"), ROUND, ids=str)
async def test_each_stop_opens_or_says_why_not(state, stop, size, tmp_path):
    async with walked(state, stop, size, tmp_path) as flown:
        rows = flown.rows()
        assert len(rows) == size[1]
        assert any(row.strip() for row in rows)
        assert outside(flown.app) == []
        if size >= ROOMY:
            assert not_in_a_name(row for row in rows if "Search for commands" not in row) == []
        torn = cut_values(rows, frozenset())
        if torn:
            await flown.pilot.resize_terminal(*VAST)
            await flown.settle()
            torn = cut_values(rows, words(flown.rows()))
            await flown.pilot.resize_terminal(*size)
        assert torn == []
        if STOPS[stop] and stop != "hand-over":
            assert len(flown.app.screen_stack) > 1 or flown.toasts(), rows[-1]
        for _ in range(4):
            await flown.press("escape")
        assert len(flown.app.screen_stack) == 1
        assert flown.door.asked == [] or (state, stop) in (("fuse", "extend"), ("week", "advance"))
