"""The doctor's look at a probe: every request once, and the connection to the service step by step."""

import asyncio
import math
import socket
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.traffic import Probe
from cockpit.sources.probe.request import Shot
from cockpit.sources.probe.tally import Attempt, Outcome
from cockpit.sources.probe.workers import Fire
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import duration

_HOME = ("localhost", "127.0.0.1", "::1")


class Exam(Struct, frozen=True):
    """What is examined; `strangers` are endpoints that are asked for and not in the plan."""

    plan: Plan
    spec: Probe
    shots: Sequence[Shot]
    strangers: Sequence[str]

    async def findings(self, now: datetime, fire: Fire) -> Sequence[Finding]:
        """Try all of it."""
        named = await self._name()
        attempts = await asyncio.gather(*(fire.shoot(shot) for shot in self.shots))
        found, wire = [named, *map(_told, attempts)], fire.wire
        if wire.connecting is not None:
            found.append(
                Finding(Sight.GOOD, "connection", f"made in {wire.connecting * 1000:.0f} ms, with DNS and TLS")
            )
        if wire.certificate is not None:
            found.append(_certificate(wire.certificate, now, self.spec.tls_days))
        return [*found, await self._control(fire), *self._plain()]

    async def _name(self) -> Finding:
        host = urlsplit(self.spec.url).hostname or ""
        begun = time.perf_counter()
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            fix = "check the url, and the DNS of this machine"
            return Finding(Sight.PROBLEM, "name", f"{clean(host, 60)} is unknown here", fix)
        took = (time.perf_counter() - begun) * 1000
        return Finding(Sight.GOOD, "name", f"{clean(host, 60)} found in {took:.0f} ms, {len(found)} address(es)")

    async def _control(self, fire: Fire) -> Finding:
        if not self.spec.control:
            if urlsplit(self.spec.url).hostname in _HOME:
                return Finding(Sight.GOOD, "control", "none, and none is needed on this machine")
            text = "none: an outage of the service and one of our own network look alike"
            return Finding(Sight.WARNING, "control", text, "name an address elsewhere as control")
        if await fire.controlled():
            return Finding(Sight.GOOD, "control", "answers")
        return Finding(Sight.WARNING, "control", "does not answer", "name another address as control")

    def _plain(self) -> Iterable[Finding]:
        """What needs no request: endpoints without one, and whether the rate fills a window."""
        for endpoint in self.plan.endpoints:
            if endpoint not in {shot.endpoint for shot in self.shots}:
                yield Finding(Sight.PROBLEM, endpoint, "is not asked for", "add it to requests")
        for endpoint in self.strangers:
            yield Finding(Sight.WARNING, endpoint, "is no endpoint of the plan and is not asked for", "leave it out")
        windows, rate = self.plan.windows, self.spec.rate
        each = math.floor(rate / len(self.shots) * windows.length)
        text = f"{each:,} of each endpoint in {duration(windows.length)}, {windows.min_requests} are needed"
        if each < windows.min_requests:
            least = math.ceil(windows.min_requests * len(self.shots) / windows.length * 100) / 100
            yield Finding(Sight.PROBLEM, "requests", text, f"write rate = {least:g} or more")
        else:
            yield Finding(Sight.GOOD, "requests", text)


def _told(attempt: Attempt) -> Finding:
    if attempt.outcome is Outcome.GOOD:
        return Finding(Sight.GOOD, attempt.endpoint, f"answered rightly in {(attempt.seconds or 0) * 1000:.0f} ms")
    fix = "check path, status and contains" if attempt.answered else "check that the service is up, and its url"
    if "certificate" in attempt.why:
        fix = "renew the certificate, or name its issuer by ca_file"
    return Finding(Sight.PROBLEM, attempt.endpoint, clean(attempt.why, 120), fix)


def _certificate(ends: datetime, now: datetime, bound: int) -> Finding:
    days = (ends - now).days
    sight = Sight.GOOD if days > bound else Sight.WARNING
    return Finding(sight, "certificate", f"ends in {days} d, {ends:%Y-%m-%d}", "" if days > bound else "renew it")
