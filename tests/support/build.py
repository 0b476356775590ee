"""Values that tests build on: the default plan, a fixed moment, readings with sensible defaults."""

from datetime import UTC, datetime, timedelta

from sessions.plan.loader import bundled
from sessions.values import readings as r

PLAN = bundled()
T0 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def after(seconds: float, since: datetime = T0) -> datetime:
    return since + timedelta(seconds=seconds)


def window(endpoint: str, start: datetime, **facts) -> r.Traffic:
    """Return a closed five-minute window, calm unless `facts` say otherwise."""
    end = facts.pop("end", after(PLAN.windows.length, start))
    row = {"at": after(40, end), "requests": 120.0, "errors": 0.0, "p95_ms": 240.0, **facts}
    return r.Traffic("scrape", row.pop("at"), endpoint, r.Grain.WINDOW, start, end, **{"over": _over(row), **row})


def minute(endpoint: str, end: datetime, **facts) -> r.Traffic:
    """Return the minute up to `end`, calm unless `facts` say otherwise."""
    row = {"requests": 30.0, "errors": 0.0, "p95_ms": 240.0, **facts}
    start = after(-PLAN.windows.minute, end)
    return r.Traffic("scrape", end, endpoint, r.Grain.MINUTE, start, end, **{"over": _over(row), **row})


def _over(row) -> float:
    """The share over the plan's bound that goes with a p95, far from any doubt: half, or none."""
    return 0.5 if (row["p95_ms"] or 0.0) > PLAN.latency.p95_ms else 0.0


def pulse(topic: r.Topic, at: datetime, *, ok: bool = True, reason: str = "") -> r.Pulse:
    return r.Pulse("scrape" if topic is r.Topic.TRAFFIC else "mongo", at, topic, ok, reason, 12.0, at)
