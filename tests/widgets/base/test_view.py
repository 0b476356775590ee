"""What a pane says of a source: fresh by the judge's own rule, else since when it is not."""

import pytest

from sessions.criteria.freshness import freshness
from sessions.values.readings import Topic
from tests.support.build import PLAN, after
from tests.support.sessions.flight import judged
from tests.support.sessions.scenes import answered, entered
from widgets.base.view import View, dark, fresh, told, troubles

NOW = after(1000)


def looked(age: float, topic: Topic) -> View:
    return View(judged(answered(entered(), topic, after(1000 - age)), NOW), NOW)


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("age", [-3600, -2.1, -2, 0, 1, 9.9, 10.1, 59, 61, 119, 121, 179, 181, 86_400])
def test_a_pane_believes_what_the_judge_believes_and_nothing_else(topic, age):
    view = looked(age, topic)
    believed = freshness(view.state, topic, NOW).ok
    assert dark(view, topic) is not believed
    assert fresh(view, topic, view.state.seen.health[topic]) is believed
    assert bool(told(view, topic)) is not believed


def test_row_52_an_answer_from_the_future_is_told_as_that():
    view = looked(-180, Topic.TRAFFIC)
    assert told(view, Topic.TRAFFIC) == "dated 3m00s ahead"
    assert troubles(view) == ("traffic dated 3m00s ahead",)


def test_a_stale_answer_says_since_when():
    view = looked(PLAN.cadence.traffic_stale + 60, Topic.TRAFFIC)
    at = view.time(view.state.seen.health[Topic.TRAFFIC].good_at)
    assert (told(view, Topic.TRAFFIC), troubles(view)) == (f"as of {at}", (f"traffic since {at}",))
