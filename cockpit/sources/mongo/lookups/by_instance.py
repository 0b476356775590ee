"""The p95 of each endpoint by instance, out of the request log: one that is slow alone is no trouble of all."""

from collections.abc import Sequence
from datetime import timedelta

from cockpit.sources.interface.shows import last
from cockpit.sources.mongo.lookups.telling import Desk, said
from cockpit.sources.mongo.request_log_queries import Log, by_field, can_rank
from sessions.text.units import counted, figure
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "by_instance"
_TOLD = 15


async def by_instance(desk: Desk) -> Sequence[Exhibit]:
    """Return the p95 of the plan's endpoints by instance. Raises PyMongoError."""
    names = desk.spec.requests
    title = f"p95 by instance, {last(_span(desk))}"
    if not names.instance:
        return [desk.told(NAME, title, (), "the log's field of the instance is not named: requests.instance")]
    log = Log(desk.base[names.collection], names, desk.plan.endpoints, desk.plan.latency.p95_ms)
    start = desk.now - timedelta(seconds=_span(desk))
    found = await by_field(log, names.instance, start, desk.now, ranks=await can_rank(log))
    rows = [_row(desk, *one) for one in sorted(found, key=lambda one: -(one[3] or 0.0))[:_TOLD]]
    return [
        desk.told(NAME, title, rows, "" if rows else f"no request of the plan's endpoints in the {last(_span(desk))}")
    ]


def _span(desk: Desk) -> float:
    """As many windows as the latency is judged by."""
    return desk.plan.windows.length * desk.plan.windows.count


def _row(desk: Desk, endpoint: str, instance: object, count: int, p95: float | None) -> Row:
    bound, least = desk.plan.latency.p95_ms, desk.plan.windows.min_requests
    enough = count >= least and p95 is not None
    mark = (Mark.BREACH if p95 is not None and p95 > bound else Mark.PASS) if enough else Mark.THIN
    told = f"{figure(p95, 'ms')} of {counted(count, 'requests')}"
    where = said(instance, 40) if instance is not None else "(no instance)"
    return Row(f"{endpoint} at {where}", told, f"≤ {bound:g} ms", mark=mark)
