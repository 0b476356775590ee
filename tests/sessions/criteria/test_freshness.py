from datetime import datetime

import pytest
from msgspec.structs import replace

from sessions.criteria.freshness import current, freshness, stale_after, timely
from sessions.state.reducer import State, apply, observe
from sessions.values.entries import Entry
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after, pulse
from tests.support.sessions.flight import begun, in_phase
from tests.support.sessions.scenes import answered, entered

STALE = PLAN.cadence.traffic_stale
LATER = after(1000)


def heard(age: float, **facts) -> State:
    return answered(entered(), Topic.TRAFFIC, after(1000 - age), **facts)


def seen_at(state: State, now: datetime = LATER) -> Mark:
    return freshness(state, Topic.TRAFFIC, now).mark


@pytest.mark.parametrize("by", [-7200.0, 600.0])
@pytest.mark.parametrize("topic", [Topic.TRAFFIC, Topic.QUEUE, Topic.FLAG])
def test_after_a_clock_was_set_a_source_has_as_long_to_answer_as_it_had_before(topic, by):
    pen = in_phase(10)
    pen.see(pulse(topic, after(3590)))
    pen.write(3600 + by, "gap.found", since=after(3600 + by), until=after(3600 + by), cause="clock", moved=by)
    bound = stale_after(PLAN, topic)
    told = [freshness(pen.state, topic, after(3590 + by + age)) for age in (10.0, bound, bound + 1)]
    assert [one.mark for one in told] == [Mark.WARMING, Mark.WARMING, Mark.BLIND]
    assert told[-1].good_at == after(3590 + by)
    pen.see(pulse(topic, after(3601 + by)))
    assert freshness(pen.state, topic, after(3602 + by)).ok


@pytest.mark.parametrize(
    ("age", "mark"),
    [
        (0, Mark.PASS),
        (STALE, Mark.PASS),
        (STALE + 0.1, Mark.BLIND),
        (86400, Mark.BLIND),
        (-2, Mark.PASS),
        (-2.1, Mark.BLIND),
    ],
)
def test_an_answer_is_fresh_up_to_its_bound(age, mark):
    assert seen_at(heard(age)) is mark


def test_one_failed_poll_inside_the_bound_is_not_blind():
    state = answered(heard(30), Topic.TRAFFIC, after(1000), ok=False, reason="refused")
    assert seen_at(state) is Mark.PASS


def test_row_41_a_failing_source_says_reason_and_age_and_since_when():
    state = answered(heard(130), Topic.TRAFFIC, after(995), ok=False, reason="refused")
    found = freshness(state, Topic.TRAFFIC, after(1000))
    assert (found.mark, found.text) == (Mark.BLIND, "no answer for 2m10s: refused")
    assert found.good_at == after(870)


def test_row_52_an_answer_from_the_future_says_how_far():
    assert freshness(heard(-180), Topic.TRAFFIC, after(1000)).text == "answer dated 3m00s ahead"


def test_never_answered_and_failing_is_blind_at_once():
    state = answered(entered(), Topic.TRAFFIC, after(1), ok=False, reason="no server")
    found = freshness(state, Topic.TRAFFIC, after(2))
    assert (found.mark, found.text, found.good_at) == (Mark.BLIND, "never answered: no server", T0)


@pytest.mark.parametrize(("waited", "mark"), [(0, Mark.WARMING), (STALE, Mark.WARMING), (STALE + 1, Mark.BLIND)])
def test_never_tried_warms_until_the_bound_has_passed(waited, mark):
    assert seen_at(entered(), after(waited)) is mark


def test_a_session_that_never_started_warms():
    assert seen_at(State(PLAN)) is Mark.WARMING


def started(at: datetime) -> Entry:
    return Entry(2, at, "watch.started", "watch", 25, "Watch started", {"pid": 1, "host": "here"})


def test_a_restarted_watch_is_given_time_to_ask_again():
    state = apply(heard(700), started(after(980)))
    assert seen_at(state) is Mark.WARMING
    assert seen_at(state, after(981 + STALE)) is Mark.BLIND


def test_a_restarted_watch_that_asked_in_vain_is_blind():
    state = answered(apply(heard(700), started(after(980))), Topic.TRAFFIC, after(981), ok=False, reason="refused")
    assert seen_at(state) is Mark.BLIND


def test_an_answer_from_before_the_restart_is_good_while_it_is_young():
    assert seen_at(apply(heard(40), started(after(980)))) is Mark.PASS


def test_foreign_reasons_are_cleaned_and_bounded():
    state = answered(entered(), Topic.TRAFFIC, after(1), ok=False, reason="\x1b[2J" + "x" * 500)
    text = freshness(state, Topic.TRAFFIC, after(2)).text
    assert "\x1b" not in text
    assert len(text) < 430


def test_each_topic_has_its_own_bound():
    assert stale_after(PLAN, Topic.TRAFFIC) == PLAN.cadence.traffic_stale
    assert stale_after(PLAN, Topic.FLAG) == PLAN.cadence.flag_stale
    assert stale_after(PLAN, Topic.CSAT) == PLAN.cadence.mongo_stale


def test_a_reading_is_judged_by_its_own_age_too():
    assert timely(after(2), T0)
    assert not timely(after(2.1), T0)
    assert current(entered(), Topic.FLAG, T0, after(90))
    assert not current(entered(), Topic.FLAG, T0, after(90.1))


@pytest.mark.parametrize(
    ("topic", "bound"), [(Topic.TRAFFIC, STALE), (Topic.CSAT, PLAN.cadence.mongo_stale)], ids=["traffic", "csat"]
)
@pytest.mark.parametrize(
    ("holds", "times"), [(0.0, 1), (0.5, 1), (1.0, 1), (2.5, 2.5), (5.0, 5), (50.0, 5)], ids=lambda part: f"{part:g}"
)
def test_an_answer_stands_by_the_pace_that_is_kept_five_times_the_plans_bound_at_most(topic, bound, holds, times):
    state = observe(begun().state, replace(pulse(topic, T0), holds=holds * bound))
    assert freshness(state, topic, after(times * bound)).ok
    assert freshness(state, topic, after(times * bound + 1)).mark is Mark.BLIND
    assert current(state, topic, T0, after(times * bound))
    assert not current(state, topic, T0, after(times * bound + 1))


def test_a_failure_does_not_lengthen_what_stands():
    """What the last good answer said of its pace counts, whatever a failed one says."""
    state = observe(begun().state, replace(pulse(Topic.CSAT, T0), holds=200.0))
    state = observe(state, replace(pulse(Topic.CSAT, after(60), ok=False), holds=900.0))
    assert freshness(state, Topic.CSAT, after(200)).ok
    assert freshness(state, Topic.CSAT, after(201)).mark is Mark.BLIND
