"""CL7 with parts left out, each plan one that may be flown."""

import copy

from sessions.plan.loader import bundled, plan_from


def _without_journeys(table):
    del table["criteria"]["analytics"]
    _drop_risk(table, "analytics_outage")
    for phase in table["phases"]:
        for task in phase["activities"]:
            if task.get("sheet") == "analytics":
                del task["sheet"]


def _without_collections(table):
    del table["criteria"]["growth"]
    _drop_risk(table, "duplication")


def _without_flows(table):
    table.pop("flows")
    for item in table["criteria"].get("growth", {}).get("collections", []):
        item.pop("flow", None)
    for risk in table.get("risks", []):
        if risk["id"] == "duplication":
            risk.update(automatic=[], flows=[])
            risk["steps"] = [step for step in risk["steps"] if step.get("effect") != "freeze"]


def _without_steps(table):
    for risk in table.get("risks", []):
        risk["steps"] = []


def _without_activities(table):
    table.pop("preflight", None)
    for phase in table["phases"]:
        phase["activities"] = []


def _without_log(table):
    table["criteria"]["incidents"] = {"log": False}


def _without_week(table):
    table.pop("week", None)


def _drop_risk(table, name):
    table["risks"] = [risk for risk in table.get("risks", []) if risk["id"] != name]


def _without_risk(name):
    return lambda table: _drop_risk(table, name)


PARTS = {
    "journeys": _without_journeys,
    "collections": _without_collections,
    "flows": _without_flows,
    "steps": _without_steps,
    "activities": _without_activities,
    "log": _without_log,
    "week": _without_week,
    "risks": lambda table: table.pop("risks", None),
    "queue": lambda table: table.pop("queue", None),
    **{risk.id: _without_risk(risk.id) for risk in bundled().risks},
}
"""How to leave out each part that a plan may do without."""

PLANS = {"nothing": (), **{name: (name,) for name in PARTS}, "all": tuple(PARTS)}
"""By a name, which parts a plan lacks."""


def table_without(*parts):
    table = copy.deepcopy(dict(bundled().table))
    for part in parts:
        PARTS[part](table)
    return table


def plan_without(*parts):
    return plan_from(table_without(*parts))
