"""The gate before the first phase: a list of its own."""

import pytest
from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.state.reducer import observe
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue
from sessions.values.verdicts import Mark, Verdict
from tests.support.build import PLAN, after, pulse
from tests.support.sessions.flight import all_is_well, begun, ticked, verdicts
from tests.support.sessions.gating import NOW, condition, opened


def preflight(**seen):
    pen = begun()
    names = tuple(item.name for item in PLAN.collections)
    if seen.get("baseline", True):
        pen.write(10, "baseline.captured", collections=names, counts=tuple(100.0 for _ in names))
    return ticked(all_is_well(pen.state, NOW))


def test_the_preflight_has_its_own_list():
    told = opened(preflight(), verdicts(latency=Mark.SILENT), risks={})
    assert [item.name for item in told.conditions] == [
        "sources",
        "baseline",
        "tasks",
        "flag",
        "journal",
        "running",
        "incidents",
    ]
    assert told.open
    assert (told.goal, told.percent) == ("10 %", 10)


@pytest.mark.parametrize("mark", Mark)
def test_whoever_has_a_flag_that_is_at_nothing_holds_the_preflight(mark):
    state = replace(preflight(), answers=(*(str(topic) for topic in r.Topic),))
    met = {"exposure": Verdict("exposure", mark, "", 3.0, 0.0, "%", "0 % intended, 3 % seen")}
    assert opened(state, {**verdicts(), **met}).open is (mark is not Mark.BREACH)


SHOWN = (r.Topic.CAPSULES, r.Topic.RETURNS, r.Topic.EXPOSURE)


@pytest.mark.parametrize("topic", [topic for topic in r.Topic if topic not in SHOWN])
def test_the_preflight_wants_every_required_source(topic):
    state = replace(preflight(), answers=("triage", "alerts"))
    assert opened(state).open
    health = {name: value for name, value in state.seen.health.items() if name is not topic}
    assert not opened(replace(state, seen=replace(state.seen, health=health))).open


def test_a_failing_source_is_named():
    state = preflight()
    for second in range(7301, 7600, 30):
        for topic in r.Topic:
            state = observe(state, pulse(topic, after(second), ok=topic is not r.Topic.CSAT, reason="refused"))
    assert condition("sources", state, now=after(7575)).text == "blind: csat"


def test_without_a_baseline_nothing_starts():
    told = opened(preflight(baseline=False))
    assert [item.name for item in told.blockers] == ["baseline"]
    assert told.earliest is None


@pytest.mark.parametrize(("percent", "opens"), [(None, True), (0, True), (5, False)])
def test_the_flag_is_at_nothing_before_the_first_phase(percent, opens):
    state = observe(preflight(), FlagValue("flagd", after(7301), percent))
    assert opened(state).open is opens


def test_a_plan_without_activities_waits_for_none():
    plan: Plan = replace(PLAN, phases=(replace(PLAN.phases[0], activities=()), *PLAN.phases[1:]))
    assert condition("tasks", replace(preflight(), plan=plan)).ok
