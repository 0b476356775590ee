"""What never answered is never shown as a pass: no pane says both, whatever is known of it and who has a source."""

import random

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.state.observed import Health
from sessions.values.readings import Topic
from tests.support.screen.every import EVERY
from tests.support.screen.grown_flight import NOW, TZ, ago
from tests.support.screen.sample import calm_flight
from widgets.base.view import View

STALE = ago(hours=3)
KINDS = {
    "never asked": None,
    "never answered": Health("mongo", NOW, None, "connection refused", 1.0, None),
    "stale": Health("mongo", NOW, STALE, "connection refused", 1.0, None),
    "fresh": Health("mongo", ago(seconds=5), ago(seconds=5), "", 1.0, None),
    "no source": Health("no source", NOW, None, "no source in cockpit.toml", 1.0, None),
}
CALM = calm_flight().state


def state_of(rng):
    health = {topic: KINDS[rng.choice(list(KINDS))] for topic in Topic}
    answers = tuple(topic.value for topic in Topic if rng.random() < 0.6) if rng.random() < 0.8 else ()
    seen = replace(CALM.seen, health={topic: one for topic, one in health.items() if one is not None})
    return replace(CALM, seen=seen, answers=answers)


def words(pane, view, width, height):
    picture = pane().picture(view, width, height)
    return "".join(text for line in (picture.title, *picture.lines, picture.foot) for text, *_ in line)


@pytest.mark.parametrize("pane", EVERY, ids=lambda pane: pane.NAME)
def test_no_pane_says_both(pane):
    for seed in range(300):
        rng = random.Random(seed)
        state = state_of(rng)
        view = View(judge(state, NOW, TZ), NOW, TZ)
        for width, height in ((74, 7), (40, 4), (158, 12)):
            said = words(pane, view, width, height)
            assert not ("never answered" in said and "PASS" in said), (seed, said)
