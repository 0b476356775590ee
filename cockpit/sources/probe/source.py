"""The probe source: synthetic requests at a bounded rate in a pace of their own, read as traffic.

The requests go on between two reads, in one task that begins with the first read and ends in `aclose`.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from cockpit.http.client import open_client
from cockpit.runtime.finding import Finding
from cockpit.settings.models.traffic import Probe as Spec
from cockpit.settings.schema.http_access import Access
from cockpit.sources.interface.source import Order, Source, SourceError
from cockpit.sources.probe.blame import Reach
from cockpit.sources.probe.examine import Exam
from cockpit.sources.probe.request import shot_of
from cockpit.sources.probe.tally import Attempt, Outcome, Sheet
from cockpit.sources.probe.workers import Fire, Lines
from sessions.text.clean import clean
from sessions.values.readings import Pulse, Reading, Topic

_PATIENCE = 0.9
_TURN = 1.5
_SLOW = 1.0
_AHEAD = timedelta(seconds=2)


def open_source(order: Order, spec: Spec) -> Sequence[Source]:
    """Return the source that asks the service itself. Raises SecretError and SourceError."""
    return [Probe(order, spec, order.clock.now)]


class Probe:
    """Asks each endpoint of the plan about evenly, and says what came of it. `clock` is the wall's."""

    topics = (Topic.TRAFFIC,)

    def __init__(self, order: Order, spec: Spec, clock: Callable[[], datetime]) -> None:
        plan, shots = order.plan, [shot_of(spec, request, order.secrets) for request in spec.requests]
        self.name = order.name
        self.interval, self.deadline = spec.every or plan.cadence.traffic, plan.cadence.deadline
        self._spec, self._clock = spec, clock
        self._shots = [shot for shot in shots if shot.endpoint in plan.endpoints]
        if not self._shots:
            raise SourceError("none of the requests is of an endpoint of the plan")
        self._exam = Exam(plan, spec, self._shots, [shot.endpoint for shot in shots if shot not in self._shots])
        patience, period = spec.timeout or self.deadline, len(self._shots) / spec.rate
        service = open_client(spec, order.secrets, patience)
        control = (
            open_client(Access(proxy=spec.proxy, no_proxy=spec.no_proxy), order.secrets, patience)
            if spec.control
            else None
        )
        self._fire = Fire(spec, Lines(service, control), patience, clock)
        self._sheet = Sheet(plan.windows, period, order.name, plan.latency.p95_ms)
        self._reach = Reach(_TURN * period, patience)
        self._first = asyncio.Event()
        self._counted: Attempt | None = None
        self._missed: Attempt | None = None
        self._broken: Attempt | None = None
        self._lost = 0

    async def read(self, _now: datetime) -> Sequence[Reading]:
        """Return the windows that changed, the last minute, and one pulse. The first read waits for a first attempt.

        Raises SourceError if there was none.
        """
        self._fire.keep_up(self._shots, self._take)
        patience = self.deadline * _PATIENCE
        try:
            async with asyncio.timeout(patience):
                await self._first.wait()
        except TimeoutError:
            raise SourceError(self._fire.unsent or f"no answer in {patience:g} s") from None
        if self._fire.unsent:
            raise SourceError(self._fire.unsent)
        at = self._clock()
        failed, nothing = self._reach.decided(at.timestamp())
        for attempt in failed:
            self._count(attempt)
        for attempt in nothing:
            self._miss(attempt)
        return [*self._sheet.readings(at), self._pulse(at)]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask for everything once and say what was seen, on the way there too."""
        return await self._exam.findings(now, self._fire)

    async def aclose(self) -> None:
        """End the requests and close the connections."""
        await self._fire.aclose()

    def _take(self, attempt: Attempt) -> None:
        if attempt.outcome is not Outcome.LOST:
            self._count(attempt)
            self._reach.take(attempt)
        elif self._spec.control:
            self._miss(attempt)
        else:
            self._reach.take(attempt)
        self._first.set()

    def _count(self, attempt: Attempt) -> None:
        self._sheet.take(attempt)
        self._counted = _later(self._counted, attempt)
        if attempt.outcome is Outcome.BAD:
            self._broken = _later(self._broken, attempt)

    def _miss(self, attempt: Attempt) -> None:
        self._missed = _later(self._missed, attempt)
        self._lost += 1

    def _pulse(self, at: datetime) -> Pulse:
        """It fails while the newest that is known is a request that proves nothing."""
        counted, missed = self._known(self._counted, at), self._known(self._missed, at)
        if missed is not None and (counted is None or missed.ended > counted.ended):
            return Pulse(self.name, at, Topic.TRAFFIC, ok=False, reason=clean(f"{missed.why}: our network?"))
        if counted is None:
            return Pulse(self.name, at, Topic.TRAFFIC, ok=False, reason="nobody answered yet")
        newest = datetime.fromtimestamp(min(counted.ended, at.timestamp()), at.tzinfo)
        took = (counted.seconds or 0) * 1000
        return Pulse(self.name, at, Topic.TRAFFIC, ok=True, took_ms=took, newest=newest, note=self._note(at))

    def _known(self, attempt: Attempt | None, at: datetime) -> Attempt | None:
        """Return the attempt; none if it is in the future, because the clock was set back."""
        return attempt if attempt is not None and attempt.ended <= (at + _AHEAD).timestamp() else None

    def _note(self, at: datetime) -> str:
        """Say what is weak about a good answer: what failed last, requests that prove nothing, the way there."""
        wire, said = self._fire.wire, list[str]()
        if self._broken is not None:
            said.append(f"{self._broken.endpoint}: {self._broken.why}")
        if wire.certificate is not None and (days := (wire.certificate - at).days) <= self._spec.tls_days:
            said.append(f"certificate ends in {days} d, {wire.certificate:%Y-%m-%d}")
        if self._lost:
            said.append(f"{self._lost} requests reached nobody and do not count")
        if wire.connecting is not None and wire.connecting > _SLOW:
            said.append(f"connecting took {wire.connecting:.1f} s")
        self._broken, self._lost = None, 0
        return clean("; ".join(said))


def _later(known: Attempt | None, attempt: Attempt) -> Attempt:
    return attempt if known is None or attempt.ended >= known.ended else known
