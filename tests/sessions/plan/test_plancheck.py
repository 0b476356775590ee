"""A typo in a plan must not silently take a protection away."""

import copy

import pytest

from cockpit.tui.keys import ALL
from sessions.plan.checks import SCREEN_KEYS
from sessions.plan.loader import plan_from
from sessions.plan.strict_table import TableError
from tests.support.build import PLAN

RISKS = [risk.id for risk in PLAN.risks]
SPIKE, TWICE, GAPS, CSAT = (RISKS.index(name) for name in ("latency_spike", "duplication", "analytics_outage", "csat"))


def told(change) -> list[str]:
    table = copy.deepcopy(dict(PLAN.table))
    change(table)
    with pytest.raises(TableError) as error:
        plan_from(table)
    return [str(problem) for problem in error.value.problems]


def step_of(table, risk, number):
    return table["risks"][risk]["steps"][number]


def unknown_flow_of_risk(table):
    table["risks"][TWICE]["flows"] = ["capsules", "return"]


def fuse_without_length(table):
    del table["risks"][SPIKE]["fuse"]


def freeze_without_flows(table):
    table["risks"][TWICE]["flows"] = []


def follow_without_tasks(table):
    table["risks"][CSAT]["follow_up"] = [" "]


def step_that_follows_nothing(table):
    del table["risks"][CSAT]["follow_up"]
    del table["risks"][CSAT]["automatic"]


def unknown_target(table):
    step_of(table, TWICE, 1)["targets"] = ["capsule"]


def unknown_criterion(table):
    step_of(table, GAPS, 1)["targets"] = ["analytic"]


def effect_without_target(table):
    del step_of(table, TWICE, 1)["targets"]


def key_of_the_screen(table):
    step_of(table, SPIKE, 0)["key"] = "a"


def key_that_is_none(table):
    step_of(table, SPIKE, 0)["key"] = "S"


def phases_out_of_order(table):
    table["phases"][0]["percent"] = 30


def key_twice(table):
    step_of(table, SPIKE, 0)["key"] = "h"


def flow_of_no_name(table):
    table["criteria"]["growth"]["collections"][0]["flow"] = "capsule"


def endpoint_of_no_name(table):
    table["criteria"]["analytics"]["journeys"][0]["endpoints"] = ["POST /capsule"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (unknown_flow_of_risk, f'risks[{TWICE}].flows: flow "return" is unknown, known: capsules, returns'),
        (fuse_without_length, f'risks[{SPIKE}].fuse: is missing or zero, an automatic fuse needs a length like "15m"'),
        (freeze_without_flows, f"risks[{TWICE}].flows: is missing, an automatic freeze needs the flows to freeze"),
        (follow_without_tasks, f"risks[{CSAT}].follow_up: is missing, say which tasks are to be opened"),
        (step_that_follows_nothing, f"risks[{CSAT}].follow_up: is missing, say which tasks are to be opened"),
        (unknown_target, f'risks[{TWICE}].steps[1].targets: flow "capsule" is unknown, known: capsules, returns'),
        (
            unknown_criterion,
            (
                f'risks[{GAPS}].steps[1].targets: criterion "analytic" is unknown, '
                "known: analytics, errors, growth, incidents, latency"
            ),
        ),
        (effect_without_target, f"risks[{TWICE}].steps[1].targets: is missing, say what to freeze"),
        (key_of_the_screen, f'risks[{SPIKE}].steps[0].key: "a" steers the screen, choose another letter'),
        (key_that_is_none, f'risks[{SPIKE}].steps[0].key: "S" is no key, write one small letter from a to z'),
        (phases_out_of_order, "phases: percent runs [30, 25, 50, 100], write growing percentages"),
        (key_twice, 'risks.steps: "h" stands twice, give each its own'),
        (flow_of_no_name, 'criteria.growth.collections[0].flow: flow "capsule" is unknown, known: capsules, returns'),
        (
            endpoint_of_no_name,
            'criteria.analytics.journeys[0].endpoints: endpoint "POST /capsule" is not in endpoints',
        ),
    ],
)
def test_a_contradiction_is_told_with_its_place(change, line):
    assert told(change) == [line]


def test_the_letters_of_the_screen_are_those_of_its_bindings():
    letters = {binding.key for binding in ALL if len(binding.key) == 1 and binding.key.isalpha()}
    assert letters == SCREEN_KEYS
