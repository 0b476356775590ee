"""The deck at every size in its fullest state: no value is cut anywhere, and nothing at all where there is room."""

import pytest

from tests.support.screen.cuts import cut_values, cuts, not_in_a_name, outside, words
from tests.support.screen.pilots import flying
from tests.tour.begun import BEGUN
from tests.tour.long_names import long
from tests.tour.states import STATES
from tests.tour.stops import SIZES

FLIGHTS = {**STATES, **BEGUN, "long": long}
ROOM = 120
"""Columns from which on nothing is cut."""
VAST = (400, 150)


def by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES, ids=by)
@pytest.mark.parametrize("state", FLIGHTS)
async def test_no_value_is_cut_and_where_there_is_room_nothing_is(state, size):
    judgement = FLIGHTS[state]().judged()
    async with flying(judgement, size=size) as flown:
        rows, beyond = flown.rows(), outside(flown.app)
        await flown.pilot.resize_terminal(*VAST)
        await flown.settle()
        whole = words([*flown.rows(), *(row.text for row in judgement.gate.conditions)])
    assert cut_values(rows, whole) == []
    assert beyond == []
    if size[0] >= ROOM:
        assert (not_in_a_name if state == "long" else cuts)(rows) == []
