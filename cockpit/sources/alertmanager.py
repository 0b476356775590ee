"""The alertmanager source: alerts that fire are incidents, and one that fired while we watched stays told."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from msgspec import Struct
from msgspec.structs import replace

from cockpit.http.client import FAILURES, dated, fetch, open_client, reason
from cockpit.http.exchange import Moment, steady
from cockpit.runtime.clock import Clock
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.json_answers import Alertmanager
from cockpit.sources.interface.source import Order, SourceError
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.text.words import compared, listed, uncounted
from sessions.values.readings import Alerts, Pulse, Reading, Topic, TriageLine

KEPT = 100
"""So many alerts that are over are remembered."""

UNPROVED = "silence proves nothing: no heartbeat is named"
"""The note if it is unknown whether anything feeds the Alertmanager."""

_HEARTBEAT = "the heartbeat"
_NAME_ONE = 'name an alert that always fires: heartbeat = "Watchdog"'
_FEED = "does Prometheus reach it, and does it have that rule?"
_AHEAD = timedelta(minutes=1)
_NEVER = datetime(1, 1, 2, tzinfo=UTC)
"""A moment that was not set reads as the first one there is."""

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


class _Answer(Struct, frozen=True):
    """A document, and by how many seconds its sender's clock is ahead of ours."""

    document: Any
    ahead: float


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
        self._critical, self._harmless = compared(spec.critical), compared(spec.harmless)
        self._known: dict[tuple[str, datetime], TriageLine] = {}

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the alerts and one pulse. Raises SourceError."""
        begun = time.perf_counter()
        fires = self._asked("alerts", {**_FIRING, "filter": list(self._spec.filters)})
        answer, dead = await asyncio.gather(fires, self._dead(now))
        found = [item for item in self._listed(answer) if not self._is_heartbeat(item)]
        fired = [one for item in found if (one := _fired(item)) is not None]
        unreadable = len(found) - len(fired)
        told = dead or (f"{unreadable} of {len(found)} alerts unreadable" if unreadable else "")
        grave = [one.line for one in fired if listed(self._severity(one), self._critical)]
        strange = uncounted(Counter(filter(self._unknown, map(self._severity, fired))), "alert", self._spec.label)
        doubt = told or (strange if self._spec.unknown == "hold" else "")
        alerts = Alerts(self.name, now, self._told(grave, whole=not told), len(found), clean(doubt))
        took = (time.perf_counter() - begun) * 1000
        note = clean("; ".join(filter(None, (strange, "" if self._spec.heartbeat else UNPROVED))))
        pulse = Pulse(self.name, now, Topic.ALERTS, not told, told, took, now, unreadable, len(found), note)
        return [alerts, pulse]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Check the server, its version, and what fires."""
        begun = time.perf_counter()
        status = (await self._asked("status", {})).document
        took = (time.perf_counter() - begun) * 1000
        version = status.get("versionInfo") if isinstance(status, dict) else None
        said = clean(version.get("version", "?"), 40) if isinstance(version, dict) else "?"
        return [Finding(Sight.GOOD, "server", f"version {said}, {took:.0f} ms"), *await self._sights(now)]

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

    async def _sights(self, now: datetime) -> Sequence[Finding]:
        alerts, pulse = await self.read(now)
        if not isinstance(alerts, Alerts) or not isinstance(pulse, Pulse):
            return [Finding(Sight.PROBLEM, "alerts", _FOREIGN)]
        return [_sight(alerts, pulse, now), *self._weak(alerts, pulse)]

    def _weak(self, alerts: Alerts, pulse: Pulse) -> Iterator[Finding]:
        """Say what of an answer proves nothing: words that nobody listed, and silence that nobody feeds."""
        strange = pulse.note.removesuffix(UNPROVED).removesuffix("; ")
        if strange:
            sight = Sight.PROBLEM if alerts.doubt == strange else Sight.WARNING
            yield Finding(sight, self._spec.label, strange, "list the word under critical or harmless")
        if not self._spec.heartbeat:
            yield Finding(Sight.WARNING, "heartbeat", UNPROVED, _NAME_ONE)
        elif not alerts.doubt.startswith(_HEARTBEAT):
            yield Finding(Sight.GOOD, "heartbeat", f"{clean(self._spec.heartbeat, 60)} fires")

    def _severity(self, one: _Fired) -> str:
        return one.labels.get(self._spec.label, "").strip()

    def _unknown(self, severity: str) -> bool:
        return not listed(severity, self._critical | self._harmless)

    def _is_heartbeat(self, item: Any) -> bool:
        labels = item.get("labels") if isinstance(item, dict) else None
        return (
            bool(self._spec.heartbeat) and isinstance(labels, dict) and labels.get("alertname") == self._spec.heartbeat
        )

    async def _dead(self, now: datetime) -> str:
        """Say why the heartbeat proves nothing; empty if it fires or none is named. Raises SourceError.

        It is asked for without the filters, silenced or not: who feeds us need not be of this service.
        """
        if not self._spec.heartbeat:
            return ""
        answer = await self._asked("alerts", {"filter": [f"alertname={json.dumps(self._spec.heartbeat)}"]})
        beats = [item for item in self._listed(answer) if self._is_heartbeat(item)]
        there = now + timedelta(seconds=answer.ahead)
        why = [_lapsed(item, there, self._spec.heartbeat_age) for item in beats] or ["does not fire"]
        name = clean(self._spec.heartbeat, 40)
        return "" if "" in why else f"{_HEARTBEAT} {name} {why[0]}: nobody feeds this Alertmanager"

    @staticmethod
    def _listed(answer: _Answer) -> list[Any]:
        if not isinstance(answer.document, list):
            raise SourceError(_FOREIGN)
        return answer.document

    async def _asked(self, path: str, params: Mapping[str, str | list[str]]) -> _Answer:
        patience, clock = self.deadline * _PATIENCE, Clock()
        url = f"{self._spec.url.rstrip('/')}/api/v2/{path}"
        try:
            moment = Moment(clock.now(), steady())
            async with asyncio.timeout(patience):
                answer = await fetch(self._client, self._client.build_request("GET", url, params=dict(params)))
            ahead = dated(answer, moment) or 0.0
            return _Answer(await asyncio.to_thread(json.loads, answer.body), ahead)
        except TimeoutError:
            raise SourceError(f"no answer in {patience:g} s") from None
        except (ValueError, RecursionError):
            raise SourceError(_FOREIGN) from None
        except FAILURES as error:
            raise SourceError(self._scrub(reason(error, patience))) from None


def _sight(alerts: Alerts, pulse: Pulse, now: datetime) -> Finding:
    if not pulse.ok:
        fix = _FEED if pulse.reason.startswith(_HEARTBEAT) else "does something between us and it change its answers?"
        return Finding(Sight.PROBLEM, "alerts", pulse.reason, fix)
    grave = [line for line in alerts.critical if line.open]
    told = f"{alerts.firing} firing, {len(grave)} of them hold the gate"
    if not grave:
        return Finding(Sight.GOOD, "alerts", told)
    oldest = max((now - line.at).total_seconds() for line in grave)
    return Finding(
        Sight.WARNING, "alerts", f"{told}, the oldest for {duration(oldest)}", "see to them, or narrow filters"
    )


def _lapsed(item: Mapping[str, Any], there: datetime, age: float) -> str:
    """Say why an alert of the heartbeat's name does not fire `there`, by the server's clock; empty if it does.

    A feeder that died leaves an alert behind that has ended, or that nobody has confirmed for long.
    """
    dates = {key: _moment(item[key]) for key in ("startsAt", "endsAt", "updatedAt") if item.get(key) is not None}
    if any(date is None for date in dates.values()):
        return "has no date"
    began, ends, told = dates.get("startsAt"), dates.get("endsAt"), dates.get("updatedAt")
    if ends is not None and _NEVER < ends <= there:
        return f"ended {duration((there - ends).total_seconds())} ago"
    if told is not None and (there - told).total_seconds() > age:
        return f"was last told {duration((there - told).total_seconds())} ago"
    return "begins in the future" if began is not None and began > there + _AHEAD else ""


def _fired(item: Any) -> _Fired | None:
    """Read one alert, None if it is malformed."""
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
    """What people wrote about the alert; nothing if they wrote nothing."""
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
