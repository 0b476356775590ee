"""A fast plan says what it cannot make faster."""

import pytest

from sessions.plan.floors import floors
from sessions.plan.loader import bundled, scaled


@pytest.mark.parametrize("speed", [0.5, 1, 2])
def test_a_plan_that_is_slow_enough_is_as_divided(speed):
    assert floors(scaled(bundled(), speed)) == ""


def test_each_floor_is_named_with_its_length():
    said = floors(scaled(bundled(), 1000))
    for words in ("windows settle 0.6s", "polls of traffic 0.25s", "polls of the database 0.5s", "given up after 2s"):
        assert words in said
