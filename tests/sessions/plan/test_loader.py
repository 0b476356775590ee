import re
import tomllib
from importlib.resources import files

import pytest
from msgspec.structs import replace

from sessions.plan.loader import RISKS, bundled, plan_from, scaled
from sessions.plan.strict_table import TableError
from sessions.plan.toml_positions import line_of
from sessions.values.verdicts import CRITERIA
from tests.support.build import PLAN

TEXT = files("sessions.plan").joinpath("cl7.toml").read_text("utf-8")
HOUR = 3600.0


def problems(text):
    with pytest.raises(TableError) as caught:
        plan_from(tomllib.loads(text))
    return caught.value.problems


def changed(old, new, count=1):
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, count)


def test_cl7_has_the_four_phases_with_their_soaks_and_activities():
    assert [(phase.percent, phase.soak / HOUR) for phase in PLAN.phases] == [
        (0, 0),
        (10, 2),
        (25, 4),
        (50, 6),
        (100, 24),
    ]
    said = {phase.percent: [task.text for task in phase.activities] for phase in PLAN.phases}
    assert said[10] == ["Live monitoring", "WF7 subset verification", "Analytics spot-check"]
    assert said[25] == ["Capsule and stylist flows", "Mongo growth checks", "Stakeholder update"]
    assert said[50] == ["Returns and CSAT retest", "Dashboard data inspection", "End-of-day decision"]
    assert said[100] == ["Full WF7 rerun", "Gather feedback"]
    assert len(said[0]) == 3


def test_cl7_has_the_five_criteria():
    assert CRITERIA == ("latency", "errors", "analytics", "growth", "incidents")
    assert (PLAN.latency.p95_ms, PLAN.windows.count, PLAN.windows.length) == (500, 3, 300)
    assert (PLAN.errors.share, PLAN.errors.spike_errors, PLAN.errors.spike_share) == (1, 5, 5)
    assert PLAN.gap == 600
    assert {journey.id for journey in PLAN.journeys} == {
        "capsule_created",
        "return_started",
        "ticket_opened",
        "csat_answered",
    }
    assert {item.name for item in PLAN.collections} == {"capsules", "shortlists", "returns"}
    assert (PLAN.soak.coverage, PLAN.soak.hole, PLAN.soak.tail) == (95, 1800, 1800)


def test_cl7_has_the_six_risks_with_their_mitigations():
    assert tuple(risk.id for risk in PLAN.risks) == RISKS
    spike = PLAN.risk("latency_spike")
    assert (spike.automatic, spike.fuse, spike.at_zero) == (("pause", "fuse"), 900, "revert")
    assert (PLAN.risk("error_rate").watch, PLAN.risk("error_rate").act) == (1, 2)
    assert PLAN.risk("analytics_outage").act == 600
    assert PLAN.risk("duplication").automatic == ("freeze",)
    assert set(PLAN.risk("duplication").flows) == {"capsules", "returns"}
    assert (PLAN.risk("support_queue").watch, PLAN.risk("support_queue").act) == (15, 20)
    assert PLAN.risk("csat").min_answers == 10
    assert PLAN.risk("csat").automatic == ("follow",)
    assert len(PLAN.risk("csat").follow_up) == 3
    steps = {f"{risk.id}.{step.id}": step.effect for risk in PLAN.risks for step in risk.steps}
    assert [name for name, effect in steps.items() if effect == "draft"] == [
        "error_rate.tell",
        "analytics_outage.escalate",
    ]
    assert all(risk.mitigation and risk.steps for risk in PLAN.risks)


def test_cl7_has_the_seven_days():
    assert (PLAN.week.days, PLAN.week.day) == (7, 24 * HOUR)
    assert [(task.id, task.due / HOUR) for task in PLAN.week.tasks][:3] == [
        ("morning", 10),
        ("midday", 13),
        ("evening", 18),
    ]
    assert PLAN.week.tasks[3].days == (7,)


def test_every_runbook_step_leads_somewhere():
    flows = {flow.id for flow in PLAN.flows}
    keys = [step.key for risk in PLAN.risks for step in risk.steps]
    assert len(keys) == len(set(keys))
    for risk in PLAN.risks:
        assert set(risk.flows) <= flows
        for step in risk.steps:
            assert bool(step.targets) is (step.effect in ("freeze", "switch", "waive"))
            assert step.effect != "freeze" or set(step.targets) <= flows
            assert step.effect != "waive" or set(step.targets) <= set(CRITERIA)


def test_a_plan_from_before_drafts_and_follow_ups_means_what_it_meant():
    """The plan in the header of an old session is read for ever: its steps are written down, and do nothing more."""
    text = re.sub(r'\neffect = "(draft|follow)"(\nask = .*)?', "", TEXT)
    text = re.sub(r'automatic = \["follow"\]\nfollow_up = \[\n(.*\n)+?\]\n', "", text)
    old = plan_from(tomllib.loads(text))
    steps = {f"{risk.id}.{step.id}": step.effect for risk in old.risks for step in risk.steps}
    told = [steps[name] for name in ("error_rate.tell", "analytics_outage.escalate", "csat.followup")]
    assert told == ["record"] * 3
    assert (old.risk("csat").automatic, old.risk("csat").follow_up) == ((), ())


@pytest.mark.parametrize(("line", "pool"), [("", 3600), ('pool = "0s"\n', 0), ('pool = "90m"\n', 5400)])
def test_a_plan_from_before_windows_were_pooled_pools_them_for_an_hour(line, pool):
    text = changed('pool = "1h"\n', line)
    assert plan_from(tomllib.loads(text)).windows.pool == pool
    assert scaled(plan_from(tomllib.loads(text)), 60).windows.pool == pool / 60


def test_a_pool_is_a_duration():
    assert [problem.path for problem in problems(changed('pool = "1h"', "pool = 3600"))] == ["windows.pool"]


def test_the_plan_round_trips_through_its_table():
    assert plan_from(PLAN.table) == bundled()


def test_phases_before_and_after():
    assert PLAN.after(0).percent == 10
    assert PLAN.after(100) is None
    assert PLAN.before(25).percent == 10
    assert PLAN.before(0).percent == 0
    with pytest.raises(KeyError):
        PLAN.phase(30)


def test_speed_divides_every_duration_and_multiplies_rates():
    fast = scaled(PLAN, 240)
    assert fast.speed == 240
    assert fast.phase(10).soak == 30
    assert fast.windows.length == 1.25
    assert fast.gap == 2.5
    assert fast.risk("latency_spike").fuse == 3.75
    assert fast.risk("analytics_outage").act == 2.5
    assert fast.risk("support_queue").act == 20
    assert fast.collections[0].per_hour == 24 * 240
    assert fast.week.day == 360


def test_speed_spares_what_real_machines_need():
    cadence = scaled(PLAN, 100_000).cadence
    assert cadence.traffic >= 0.2
    assert cadence.deadline >= 1
    assert cadence.traffic_stale >= 4 * cadence.traffic
    assert cadence.mongo_stale >= 4 * cadence.mongo
    assert scaled(PLAN, 100_000).windows.settle >= cadence.traffic


def test_speed_one_is_the_plan_and_scaling_twice_scales_once():
    assert replace(scaled(PLAN, 1), table=PLAN.table) == PLAN
    assert scaled(scaled(PLAN, 240), 60).phase(10).soak == 120


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("p95_ms = 500", "p95 = 500", "criteria.latency.p95", 'did you mean "p95_ms"?'),
        ("[criteria.latency]", "[criteria.latncy]", "criteria.latncy", 'did you mean "latency"?'),
        ('length = "5m"', 'length = "5 minutes"', "windows.length", "write a duration"),
        ('length = "5m"', "length = 300", "windows.length", "write a duration"),
        ("coverage = 95", "coverage = 950", "soak.coverage", "from 0 to 100"),
        ("share = 1\n", "share = nan\n", "criteria.errors.share", "write a number"),
        ("share = 1\n", "share = inf\n", "criteria.errors.share", "write a number"),
        ("share = 1\n", "share = -1\n", "criteria.errors.share", "write a number"),
        ("share = 1\n", "share = 0\n", "criteria.errors.share", "write a number"),
        ("count = 3", "count = 2.5", "windows.count", "whole number"),
        ("count = 3", "count = true", "windows.count", "write a number"),
        ("count = 3", 'count = "3"', "windows.count", "write a number"),
        ("percent = 25", "percent = 10", "phases", "growing percentages"),
        ("percent = 25", "percent = 250", "phases[1].percent", "from 0.01 to 100"),
        ("percent = 25", "percent = 0", "phases[1].percent", "from 0.01 to 100"),
        ("percent = 25", "percent = 25.0000001", "phases[1].percent", "two decimals at most"),
        ("percent = 25", "percent = 25.125", "phases[1].percent", "two decimals at most"),
        ('soak = "4h"', 'soke = "4h"', "phases[1].soke", 'did you mean "soak"?'),
        ('id = "csat"\n', 'id = "cast"\n', "risks[5].id", "write one of"),
        ('at_zero = "revert"', 'at_zero = "panic"', "risks[0].at_zero", "revert, ask"),
        ('automatic = ["pause", "fuse"]', 'automatic = ["pray"]', "risks[0].automatic", "pause, fuse, freeze, follow"),
        ('effect = "waive"', 'effect = "wave"', "risks[2].steps[1].effect", "freeze, switch, waive, draft, follow"),
        (
            'endpoints = ["POST /csat"]',
            'endpoints = ["POST /cast"]',
            "criteria.analytics.journeys[3].endpoints",
            "not in endpoints",
        ),
        ('flow = "capsules"', 'flow = "capsule"', "criteria.growth.collections[0].flow", "is unknown"),
        ('key = "h"', 'key = "s"', "risks.steps", "stands twice"),
        ('id = "p1.wf7"', 'id = "p1.monitor"', "phases.activities", "stands twice"),
        ("days = [7]", "days = [8]", "week.tasks[3].days", "from 1 to 7"),
        ('title = "CL7 concierge"\n', "", "title", "is missing"),
        ('flag = "concierge"\n', "flag = 7\n", "flag", "write a text"),
        ("[queue]", "[cue]", "cue", "unknown key, known: advance,"),
        ("[soak]", "[[soak]]", "soak", "write [soak]"),
    ],
)
def test_row_87_a_bad_plan_names_the_place_and_the_way_out(old, new, path, words):
    told = [problem for problem in problems(changed(old, new)) if problem.path == path]
    assert told
    assert words in str(told[0])


def test_row_87_all_problems_are_told_at_once():
    text = changed("p95_ms = 500", "p95 = 500").replace("count = 3", "cuont = 3").replace('hole = "30m"', 'hole = "30"')
    paths = {problem.path for problem in problems(text)}
    assert {"criteria.latency.p95", "windows.cuont", "soak.hole"} <= paths


def test_an_empty_plan_is_refused():
    paths = {problem.path for problem in problems("")}
    assert {"id", "criteria", "phases", "windows"} <= paths


def test_collections_are_left_out_with_the_risk_that_is_read_from_them():
    text = re.sub(r"\[\[criteria\.growth\.collections\]\]\n(?:\w.*\n)+", "", TEXT)
    assert [problem.path for problem in problems(text)] == ["risks[3].id"]


@pytest.mark.parametrize("part", ["latency", "errors"])
def test_a_gate_without_traffic_cannot_be_planned(part):
    text = changed(f"[criteria.{part}]", f"[criteria.{part[:-1]}]")
    told = {problem.path for problem in problems(text)}
    assert f"criteria.{part}" in told


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("p95_ms = 500", "p95 = 500", "criteria.latency.p95"),
        ('soak = "4h"', 'soke = "4h"', "phases[1].soke"),
        ('id = "p2.growth"', 'di = "p2.growth"', "phases[1].activities[1].di"),
        ('id = "cause"', 'di = "cause"', "risks[5].steps[0].di"),
        ("[queue]", "[cue]", "cue"),
    ],
)
def test_row_87_the_line_of_a_typo(old, new, path):
    text = changed(old, new)
    told = next(problem for problem in problems(text) if problem.path == path)
    assert text.splitlines()[line_of(text, told.path) - 1].startswith(new.split(" ")[0])
