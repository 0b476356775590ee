"""What a plan uses, for plans with each part left out."""

from itertools import chain, combinations

import pytest
from msgspec.structs import replace

from sessions.plan.loader import RISKS, plan_from
from sessions.plan.strict_table import TableError
from sessions.plan.uses import RISK_TOPICS, SHEET_TOPICS, criteria, looked_at, needed, used, watched
from sessions.values.readings import Topic
from sessions.values.sheets import KINDS
from sessions.values.verdicts import CRITERIA
from tests.support.build import PLAN
from tests.support.part_plans import PARTS, PLANS, plan_without, table_without

T = Topic
CL7 = (T.TRAFFIC, T.JOURNEYS, T.COLLECTIONS, T.TRIAGE, T.QUEUE, T.CSAT, T.FLAG)


def test_cl7_uses_all_of_it():
    assert criteria(PLAN) == CRITERIA
    assert needed(PLAN) == CL7
    assert looked_at(PLAN) == (T.CAPSULES, T.RETURNS)
    assert watched(PLAN) == tuple(topic for topic in T if topic not in (T.ALERTS, T.EXPOSURE))
    assert all(used(PLAN, topic) for topic in T)


@pytest.mark.parametrize(
    ("parts", "gone"),
    [
        (("journeys",), {T.JOURNEYS}),
        (("collections",), {T.COLLECTIONS}),
        (("log",), {T.TRIAGE}),
        (("support_queue",), {T.QUEUE}),
        (("csat",), {T.CSAT}),
        (("analytics_outage",), set()),
        (("duplication",), set()),
        (("latency_spike",), set()),
        (("error_rate",), set()),
        (("risks",), {T.QUEUE, T.CSAT}),
        (("activities",), set()),
        (tuple(PARTS), {T.JOURNEYS, T.COLLECTIONS, T.TRIAGE, T.QUEUE, T.CSAT}),
    ],
)
def test_what_is_left_out_is_not_needed(parts, gone):
    assert needed(plan_without(*parts)) == tuple(topic for topic in CL7 if topic not in gone)


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        (("support_queue",), (T.QUEUE, T.CAPSULES, T.RETURNS)),
        (("csat",), (T.CAPSULES, T.RETURNS, T.CSAT)),
        (("week",), (T.CAPSULES, T.RETURNS)),
        (("activities",), (T.CAPSULES, T.RETURNS)),
        (("week", "activities"), ()),
        (("week", "activities", "support_queue"), ()),
        (("week", "activities", "risks"), ()),
        (("journeys", "risks"), (T.QUEUE, T.CAPSULES, T.RETURNS, T.CSAT)),
    ],
)
def test_what_only_sheets_lay_out_is_looked_at_and_not_needed(parts, left):
    plan = plan_without(*parts)
    assert looked_at(plan) == left
    assert not {*left} & {*needed(plan)}


def test_a_plan_without_any_of_it_needs_traffic_and_the_flag():
    bare = plan_without(*PARTS)
    assert criteria(bare) == ("latency", "errors", "incidents")
    assert watched(bare) == needed(bare) == (T.TRAFFIC, T.FLAG)
    assert [topic for topic in T if not used(bare, topic)] == [
        T.JOURNEYS,
        T.COLLECTIONS,
        T.QUEUE,
        T.CAPSULES,
        T.RETURNS,
        T.CSAT,
    ]


@pytest.mark.parametrize(
    ("log", "answers", "told"),
    [
        (True, (), (T.TRIAGE,)),
        (True, (T.TRAFFIC,), (T.TRIAGE,)),
        (True, (T.ALERTS,), (T.ALERTS,)),
        (True, (T.TRIAGE,), (T.TRIAGE,)),
        (True, (T.TRIAGE, T.ALERTS), (T.TRIAGE, T.ALERTS)),
        (False, (), ()),
        (False, (T.ALERTS,), (T.ALERTS,)),
        (False, ("triage",), (T.TRIAGE,)),
    ],
)
def test_incidents_are_told_by_what_has_a_source_and_the_log_is_missed_where_the_plan_asks_for_one(log, answers, told):
    known = needed(replace(PLAN, log=log), answers)
    assert tuple(topic for topic in known if topic in (T.TRIAGE, T.ALERTS)) == told


def test_what_is_only_looked_at_is_watched_where_it_has_a_source():
    assert T.CAPSULES in watched(PLAN, (T.CAPSULES,))
    assert T.RETURNS not in watched(PLAN, (T.CAPSULES,))
    assert T.EXPOSURE in watched(PLAN, (T.EXPOSURE,))


@pytest.mark.parametrize("parts", PLANS.values(), ids=PLANS)
def test_a_plan_may_lack_any_part(parts):
    plan = plan_without(*parts)
    assert {*needed(plan)} <= {*watched(plan)}
    assert all(used(plan, topic) for topic in watched(plan))
    assert plan_from(dict(plan.table)) == plan


@pytest.mark.parametrize("parts", list(chain(combinations(PARTS, 2), combinations(PARTS, 3))))
def test_parts_may_be_left_out_together(parts):
    plan = plan_without(*parts)
    assert [name for name in ("analytics", "growth") if name in criteria(plan)] == [
        name for name, part in (("analytics", "journeys"), ("growth", "collections")) if part not in parts
    ]


@pytest.mark.parametrize(
    ("parts", "risk", "says"),
    [
        ("journeys", "analytics_outage", '"analytics_outage" has no journey to watch'),
        ("collections", "duplication", '"duplication" has no collection to watch'),
    ],
)
def test_a_risk_with_nothing_to_watch_is_told(parts, risk, says):
    table = table_without(parts)
    table["risks"].append(next(one for one in table_without()["risks"] if one["id"] == risk))
    with pytest.raises(TableError) as caught:
        plan_from(table)
    assert [one.what for one in caught.value.problems if one.path.endswith("].id")] == [says]


def test_every_risk_and_every_sheet_has_its_topics():
    assert set(RISK_TOPICS) == set(RISKS)
    assert set(SHEET_TOPICS) <= set(KINDS)
