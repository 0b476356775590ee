"""A wide flight to measure on: 200 endpoints and 50 journeys, with hours of readings of each."""

import copy
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tools.flight import HOURS, PLAN, drafts, readings, traffic

from sessions.plan.loader import plan_from
from sessions.plan.model import Plan
from sessions.state.reducer import State, observe_all, replay
from sessions.values import readings as r
from sessions.values.entries import Entry

ENDPOINTS, JOURNEYS = 200, 50
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


def plan(many: int = ENDPOINTS) -> Plan:
    """Return the default plan with so many endpoints; each four of them have a journey."""
    endpoints = [f"GET /shop/{number}" for number in range(many)]
    journeys = [{"id": f"journey_{n}", "endpoints": endpoints[4 * n : 4 * n + 4]} for n in range(max(1, many // 4))]
    criteria = copy.deepcopy(dict(PLAN.table["criteria"]))
    criteria["analytics"]["journeys"] = journeys
    return plan_from({**PLAN.table, "endpoints": endpoints, "criteria": criteria})


WIDE = plan()


def state(now: datetime, flown: Plan | None = None) -> State:
    """Return the state of a calm flight at 25 %, as a watch that ran all the time would hold it."""
    flown = flown or WIDE
    at = now - timedelta(hours=HOURS)
    rows = enumerate(drafts(200), 1)
    found = replay(flown, [Entry(seq, at, d.kind, d.by, d.phase or 25, d.text, d.facts) for seq, d in rows])
    return observe_all(found, [*_calm(now, flown), *_rest(now)])


def poll(now: datetime, flown: Plan | None = None) -> list[r.Reading]:
    """Return what one poll of a wide service tells: the running window and the last minute of each endpoint."""
    return [
        row for endpoint in (flown or WIDE).endpoints for row in list(traffic(endpoint, 300.0, now, quarters=1))[-2:]
    ]


def page(endpoints: Sequence[str], requests: int) -> str:
    """Return a /metrics page that counts as many requests on each endpoint, all between 0.1 and 0.25 s."""
    rows = ["# TYPE http_requests_total counter"]
    for endpoint in endpoints:
        method, path = endpoint.split(" ", 1)
        labels = f'method="{method}",endpoint="{path}"'
        rows.append(f'http_requests_total{{{labels},status="200"}} {requests}')
        for bound in (*BUCKETS, "+Inf"):
            below = requests if bound == "+Inf" or bound >= 0.25 else 0
            rows.append(f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}} {below}')
    return "\n".join(rows) + "\n"


def _calm(now: datetime, flown: Plan) -> Iterator[r.Reading]:
    for place, endpoint in enumerate(flown.endpoints):
        yield from traffic(endpoint, 200.0 + place % 250, now)
    for journey in flown.journeys:
        yield r.Beat("mongo", now, journey.id, now - timedelta(hours=1), now - timedelta(seconds=40), 90)


def _rest(now: datetime) -> Iterator[r.Reading]:
    """What the narrow flight knows besides."""
    return (reading for reading in readings(now) if not isinstance(reading, (r.Traffic, r.Beat)))
