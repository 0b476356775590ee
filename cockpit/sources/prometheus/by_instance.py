"""The p95 of each endpoint by instance, asked of Prometheus when a person opens a sheet."""

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime

from cockpit.http.client import FAILURES, open_client, reason
from cockpit.settings.models.traffic import Prometheus
from cockpit.sources.interface.shows import Shows, exhibit, last
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.prometheus.api import Api, QuerySeries
from cockpit.sources.prometheus.promql import PART, Span, Wording
from sessions.text.units import figure
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "by_instance"
_PATIENCE = 0.8
_TOLD = 15
_OWN = "queries.p95 asks by endpoint alone: the names of metrics would tell instances"
_WITHOUT = "no series of the plan's endpoints has the label instance"


def open_shows(order: Order, spec: Prometheus, names: Sequence[str]) -> Shows:
    """Return what asks for the p95 by instance. Raises SecretError, SourceError."""
    patience = (spec.timeout or order.plan.cadence.deadline) * _PATIENCE
    return ByInstance(order, spec, Api(open_client(spec, order.secrets, patience), spec.url), names)


class ByInstance:
    """Asks once for the last windows, as many as the latency is judged by."""

    def __init__(self, order: Order, spec: Prometheus, api: Api, shows: Sequence[str]) -> None:
        self.name, self.shows = order.name, shows
        self.deadline = spec.timeout or order.plan.cadence.deadline
        self._spec, self._plan, self._api = spec, order.plan, api
        windows = order.plan.windows
        self._span = Span(windows.length * windows.count, spec.scrape_interval)

    async def show(self, name: str, now: datetime) -> Sequence[Exhibit]:
        """Return the p95s, the slowest first. Raises SourceError."""
        title = f"p95 by instance, {last(self._span.length)}"
        if self._spec.queries.p95:
            return [exhibit(self.name, now, name, title, (), _OWN)]
        rows = self._rows(await self._asked())
        return [exhibit(self.name, now, name, title, rows[:_TOLD], "" if rows else _WITHOUT)]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _asked(self) -> Sequence[QuerySeries]:
        patience = self.deadline * _PATIENCE
        wording = Wording(self._spec, self._plan.endpoints, self._plan.latency.p95_ms)
        try:
            async with asyncio.timeout(patience):
                return (await self._api.now(wording.by_instance(self._span))).rows
        except TimeoutError:
            raise SourceError(f"no answer in {patience:g} s") from None
        except FAILURES as error:
            raise SourceError(reason(error, patience)) from None

    def _rows(self, series: Sequence[QuerySeries]) -> list[Row]:
        found: dict[tuple[str, str], dict[str, float]] = {}
        for one in series:
            metrics = self._spec.metrics
            words = [one.labels.get(label, "") for label in (metrics.method, metrics.endpoint) if label]
            key = (" ".join(words), one.labels.get("instance", ""))
            if key[0] in self._plan.endpoints and key[1] and one.points:
                found.setdefault(key, {})[one.labels.get(PART, "")] = one.points[-1][1]
        told = [(endpoint, instance, parts) for (endpoint, instance), parts in found.items()]
        return [self._row(*one) for one in sorted(told, key=lambda one: -_finite(one[2].get("p95")))]

    def _row(self, endpoint: str, instance: str, parts: dict[str, float]) -> Row:
        unit = 1000.0 if self._spec.metrics.unit == "s" else 1.0
        p95, count = _finite(parts.get("p95")) * unit, _finite(parts.get("count"))
        bound = self._plan.latency.p95_ms
        enough = p95 > 0 and count >= self._plan.windows.min_requests
        mark = (Mark.BREACH if p95 > bound else Mark.PASS) if enough else Mark.THIN
        told = f"{figure(p95 if p95 > 0 else None, 'ms')} of {count:,.0f} requests"
        return Row(f"{endpoint} at {instance}", told, f"≤ {bound:g} ms", mark=mark)


def _finite(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else 0.0
