"""The demo killed at random moments, while it starts and while it flies: no process, no folder and no port is left.

COCKPIT_DEMO_KILLS says how often.
"""

import os

import pytest

from tests.cockpit.killing import Scene, moment

KILLS = int(os.environ.get("COCKPIT_DEMO_KILLS", "6"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("turn", range(KILLS))
def test_a_killed_demo_leaves_nothing(tmp_path, turn):
    scene = Scene(tmp_path)
    dice, number, kill, flying = moment(turn)
    kill(scene, number, dice, flying=flying)
    scene.assert_nothing_is_left()
