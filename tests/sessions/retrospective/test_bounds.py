"""The bounds at 80 % and at 120 %: which keys are scaled, and that tighter and wider ones judge as they should."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.handover.sections import Wording
from sessions.plan.loader import scaled
from sessions.replay.changes import changed
from sessions.replay.course import as_judged
from sessions.replay.flight import Replay
from sessions.retrospective.bounds import differences, judged_with, settings
from sessions.retrospective.holding import by_replay
from tests.support.build import PLAN
from tests.support.sessions.kept import record_of
from tests.support.worlds.plan import PLAN as SHORT


def quietly(moments, _record):
    return moments


def anew(record):
    return as_judged(SHORT, record, Replay(SHORT, SHORT, record).moments())


@pytest.mark.parametrize("speed", [1, 240])
@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_the_bounds_are_scaled_and_nothing_else(speed, factor):
    plan = scaled(PLAN, speed) if speed != 1 else PLAN
    other, _ = changed(plan, settings(plan, factor))
    gap = factor if factor > 1 else 1.0
    assert other.latency.p95_ms == pytest.approx(plan.latency.p95_ms * factor)
    assert other.errors.share == pytest.approx(plan.errors.share * factor)
    assert other.growth.tolerance == pytest.approx(plan.growth.tolerance * factor)
    assert other.growth.slack == pytest.approx(plan.growth.slack * factor)
    assert other.gap == pytest.approx(plan.gap * gap)
    for risk in plan.risks:
        mine = other.risk(risk.id)
        by = factor if risk.id in ("latency_spike", "error_rate", "analytics_outage") else 1.0
        assert (mine.watch, mine.act) == pytest.approx((risk.watch * by, risk.act * by))
        assert (mine.fuse, mine.steps) == (risk.fuse, risk.steps)
    assert (other.windows, other.soak, other.phases) == (plan.windows, plan.soak, plan.phases)


@given(st.floats(0.5, 2.0))
def test_any_factor_makes_a_plan_that_can_be_judged(factor):
    assert changed(PLAN, settings(PLAN, factor))[0].id == PLAN.id


def test_the_same_bounds_differ_in_nothing():
    record = record_of(12)
    one = judged_with(SHORT, record, anew(record), 1.0, quietly, UTC)
    assert list(differences(SHORT, one, Wording(record.until, None))) == []


def test_bounds_below_everything_that_was_measured_keep_the_gate_shut_and_say_by_what():
    record = record_of(12)
    before = anew(record)
    one = judged_with(SHORT, record, before, 0.01, quietly, UTC)
    lines = list(differences(SHORT, one, Wording(record.until, None)))
    opened = [stay for stay in before.visits if stay.opened]
    shut = [line for line in lines if line.startswith("gate from") and "never open" in line]
    assert opened
    assert len(shut) == len(opened)
    assert any(line.startswith("new: ") for line in lines)


def test_what_nobody_can_tell_by_a_wider_bound_is_said():
    record = record_of(12)
    before = anew(record)
    wider, same = (judged_with(SHORT, record, before, factor, quietly, UTC) for factor in (1.2, 1.0))
    assert any(line.startswith("how many requests took over 600 ms is not kept") for line in wider.limits)
    assert same.limits == ()


def test_what_held_the_gate_is_summed_over_the_stays():
    course = anew(record_of(12))
    rows = by_replay(course)
    assert rows
    for row in rows:
        spans = [stay.held.get(row.name, 0.0) for stay in course.visits]
        assert (row.seconds, row.longest_s) == (sum(spans), max(spans))
    assert [row.seconds for row in rows] == sorted((row.seconds for row in rows), reverse=True)
