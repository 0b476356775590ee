"""The plan that made-up histories are flown by: the default one's rules, cut short so that a flight is half an hour."""

import tomllib
from importlib.resources import files
from typing import Any

from sessions.plan.loader import plan_from

LENGTH, SETTLE, GAP, DELAY = 180, 30, 360, 72
SOAK, HOLE, TAIL, COVERAGE, BUSY = 900, 240, 240, 80, 25
STALE, ROUND, LATE = 150, 60, 300
PERCENT, PER_HOUR, BASELINE = 10, 2400, 100
POOL: int | None = 720
"""How many seconds back a window with too few requests is judged together with those before it; None: alone."""
ENDPOINTS = ("GET /concierge", "POST /capsules")
JOURNEY = "capsule_created"
"""The journey whose traffic is that of POST /capsules."""
QUEUE, CSAT, ANSWERS = 20, 30, 10


def _table() -> dict[str, Any]:
    table = tomllib.loads(files("sessions.plan").joinpath("cl7.toml").read_text("utf-8"))
    table["endpoints"] = list(ENDPOINTS)
    table["windows"] |= {"length": "3m", "settle": f"{SETTLE}s"}
    table["soak"] |= {"hole": "4m", "tail": "4m", "coverage": COVERAGE, "busy": BUSY}
    table["cadence"] |= {"traffic": "60s", "traffic_stale": "150s", "mongo_stale": "150s", "flag_stale": "150s"}
    table["phases"][0]["soak"] = "15m"
    criteria = table["criteria"]
    criteria["analytics"] |= {"gap": "6m", "delay": f"{DELAY}s", "journeys": criteria["analytics"]["journeys"][:1]}
    criteria["growth"]["collections"] = criteria["growth"]["collections"][:1]
    criteria["growth"]["collections"][0]["per_hour"] = PER_HOUR
    risks = {risk["id"]: risk for risk in table["risks"]}
    risks["latency_spike"]["fuse"] = "5m"
    risks["analytics_outage"] |= {"watch": 240, "act": GAP}
    if "pool" in table["windows"]:
        table["windows"]["pool"] = f"{POOL or 0}s"
    return table


TABLE = _table()
PLAN = plan_from(TABLE)
