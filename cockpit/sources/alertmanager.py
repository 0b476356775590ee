"""The alertmanager source: alerts that fire are incidents, and one that fired while we watched stays told."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from msgspec import Struct
from msgspec.structs import replace

from cockpit.http.client import FAILURES, fetch, open_client, reason
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.json_answers import Alertmanager
from cockpit.sources.interface.source import Order, SourceError
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.readings import Alerts, Pulse, Reading, Topic, TriageLine

KEPT = 100
"""So many alerts that are over are remembered."""

_PATIENCE = 0.8
_FOREIGN = "not an Alertmanager answer"
_FIRING = {"active": "true", "silenced": "false", "inhibited": "false"}


def open_source(order: Order, spec: Alertmanager) -> "Sequence[AlertmanagerSource]":
    """Return the source that asks `spec.url`. Raises SecretError and SourceError."""
    patience = (spec.timeout or order.plan.cadence.deadline) * _PATIENCE
    return [AlertmanagerSource(order, spec, open_client(spec, order.secrets, patience))]


class _Fired(Struct, frozen=True):
    """One alert: its line, and its labels."""

    line: TriageLine
    labels: Mapping[str, str]


class AlertmanagerSource:
    """Reads what fires now, neither silenced nor inhibited; an alert is known by its fingerprint and its start."""

    topics = (Topic.ALERTS,)

    def __init__(self, order: Order, spec: Alertmanager, client: httpx.AsyncClient) -> None:
        self.name = order.name
        self.interval = spec.every or order.plan.cadence.traffic
        self.deadline = spec.timeout or order.plan.cadence.deadline
        self._spec = spec
        self._client = client
        self._scrub = order.secrets.scrub
        self._known: dict[tuple[str, datetime], TriageLine] = {}

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the alerts and one pulse. Raises SourceError."""
        begun = time.perf_counter()
        found = await self._asked("alerts", {**_FIRING, "filter": list(self._spec.filters)})
        if not isinstance(found, list):
            raise SourceError(_FOREIGN)
        fired = [one for item in found if (one := _fired(item)) is not None]
        unreadable = len(found) - len(fired)
        grave = [one.line for one in fired if one.labels.get(self._spec.label) in self._spec.critical]
        alerts = Alerts(self.name, now, self._told(grave, whole=not unreadable), len(found))
        took = (time.perf_counter() - begun) * 1000
        why = f"{unreadable} of {len(found)} alerts unreadable" if unreadable else ""
        return [alerts, Pulse(self.name, now, Topic.ALERTS, not why, why, took, now, unreadable, len(found))]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask what it is and what fires."""
        begun = time.perf_counter()
        status = await self._asked("status", {})
        took = (time.perf_counter() - begun) * 1000
        version = status.get("versionInfo") if isinstance(status, dict) else None
        said = clean(version.get("version", "?"), 40) if isinstance(version, dict) else "?"
        return [Finding(Sight.GOOD, "server", f"version {said}, {took:.0f} ms"), await self._sight(now)]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _told(self, grave: Sequence[TriageLine], *, whole: bool) -> tuple[TriageLine, ...]:
        """Return what fires and what has fired, newest first; while some are unreadable none is taken as over."""
        before = {key: replace(line, open=False) if whole else line for key, line in self._known.items()}
        known = before | {(line.id, line.at): line for line in grave}
        ranked = sorted(known.values(), key=lambda line: (line.open, line.at, line.id), reverse=True)
        kept = ranked[: KEPT + sum(line.open for line in ranked)]
        self._known = {(line.id, line.at): line for line in kept}
        return tuple(sorted(kept, key=lambda line: line.at, reverse=True))

    async def _sight(self, now: datetime) -> Finding:
        alerts, pulse = await self.read(now)
        if not isinstance(alerts, Alerts) or not isinstance(pulse, Pulse) or not pulse.ok:
            why = pulse.reason if isinstance(pulse, Pulse) else _FOREIGN
            return Finding(Sight.PROBLEM, "alerts", why, "does something between us and it change its answers?")
        grave = [line for line in alerts.critical if line.open]
        told = f"{alerts.firing} firing, {len(grave)} of them hold the gate"
        if not grave:
            return Finding(Sight.GOOD, "alerts", told)
        oldest = max((now - line.at).total_seconds() for line in grave)
        return Finding(
            Sight.WARNING, "alerts", f"{told}, the oldest for {duration(oldest)}", "see to them, or narrow filters"
        )

    async def _asked(self, path: str, params: Mapping[str, str | list[str]]) -> Any:
        patience = self.deadline * _PATIENCE
        url = f"{self._spec.url.rstrip('/')}/api/v2/{path}"
        try:
            async with asyncio.timeout(patience):
                answer = await fetch(self._client, self._client.build_request("GET", url, params=dict(params)))
            return await asyncio.to_thread(json.loads, answer.body)
        except TimeoutError:
            raise SourceError(f"no answer in {patience:g} s") from None
        except (ValueError, RecursionError):
            raise SourceError(_FOREIGN) from None
        except FAILURES as error:
            raise SourceError(self._scrub(reason(error, patience))) from None


def _fired(item: Any) -> _Fired | None:
    """Read one alert, None where it is malformed."""
    if not isinstance(item, dict):
        return None
    labels, name, began = item.get("labels"), item.get("fingerprint"), _moment(item.get("startsAt"))
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        return None
    if not isinstance(name, str) or not name or began is None:
        return None
    words = (labels.get("alertname", "alert"), _summary(item.get("annotations")))
    title = clean(": ".join(filter(None, words)), 200)
    return _Fired(TriageLine(clean(name, 64), began, title, open=True), labels)


def _summary(notes: object) -> str:
    """What people wrote about the alert; nothing where they wrote nothing."""
    if not isinstance(notes, dict):
        return ""
    found = (notes.get(key) for key in ("summary", "message", "description"))
    return next((text for text in found if isinstance(text, str) and text), "")


def _moment(text: object) -> datetime | None:
    """Read RFC 3339, None for anything else."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
