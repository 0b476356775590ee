import pytest

from sessions.plan.strict_table import TableError
from sessions.replay.changes import changed
from tests.support.build import PLAN


@pytest.mark.parametrize(
    ("text", "was", "found"),
    [
        ("criteria.latency.p95_ms=400", 500, lambda plan: plan.latency.p95_ms == 400),
        ("criteria.errors.share = 2.5", 1, lambda plan: plan.errors.share == 2.5),
        ("phases.25.soak=1h30m", "4h", lambda plan: plan.phase(25).soak == 5400),
        ('phases.25.soak="1h30m"', "4h", lambda plan: plan.phase(25).soak == 5400),
        ("risks.latency_spike.act=900", 500, lambda plan: plan.risk("latency_spike").act == 900),
        ("risks.latency_spike.automatic=[]", ["pause", "fuse"], lambda plan: not plan.risk("latency_spike").automatic),
        (
            "criteria.growth.collections.capsules.per_hour=9",
            None,
            lambda plan: any(one.per_hour == 9 and one.name == "capsules" for one in plan.collections),
        ),
        ("criteria.analytics.gap=20m", "10m", lambda plan: plan.gap == 1200),
        ("criteria.confidence=99", None, lambda plan: plan.confidence == 99),
    ],
)
def test_a_key_of_the_plan_format_is_changed(text, was, found):
    before = str(PLAN.table)
    plan, (change,) = changed(PLAN, [text])
    assert found(plan)
    assert was is None or change.was == was
    assert str(PLAN.table) == before
    assert not found(PLAN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("criteria.latency.p95=400", 'criteria.latency.p95: unknown key, did you mean "p95_ms"?'),
        ("criteria.latncy.p95_ms=400", "criteria.latncy: unknown key"),
        ("criteria.latency.p95_ms=fast", "criteria.latency.p95_ms: is 'fast', write a number"),
        ("criteria.latency.p95_ms=nan", "criteria.latency.p95_ms"),
        ("criteria.latency.p95_ms=-1", "criteria.latency.p95_ms"),
        ("criteria.latency=400", "--set criteria.latency: is a whole table"),
        ("phases=[]", "--set phases: is a whole table"),
        ("phases.30.soak=1h", "--set phases.30: is not in the plan, known: 10, 25, 50, 100"),
        ("phases.25=1h", "--set phases.25: leads to no table"),
        ("title.a.b=1", "--set title.a: is not in the plan"),
        ("criteria.latency.p95_ms", "is not key=value"),
        ("=400", "is not key=value"),
        ("a..b=400", "is not key=value"),
        ("windows.length=3m", "windows.length: what was measured was measured by it"),
        ("phases.25.percent=30", "phases: what was measured was measured by it"),
        ("endpoints=[]", "endpoints"),
        ("cadence.traffic=30s", "cadence: what was measured was measured by it"),
        ("queue.csat=2h", "queue: what was measured was measured by it"),
        ("speed=2", "speed: what was measured was measured by it"),
        ("criteria.analytics.gap=5m", "criteria.analytics.gap: only gaps over 10m00s were kept"),
    ],
)
def test_what_cannot_be_changed_is_told(text, said):
    with pytest.raises(TableError) as refused:
        changed(PLAN, [text])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
