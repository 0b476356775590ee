"""The requests of a probe: one task with one or more workers per endpoint, an even pace, and the failures."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from msgspec import Struct
from msgspec.structs import replace

from cockpit.http.client import FAILURES
from cockpit.runtime.errors import UnsentError
from cockpit.settings.models.traffic import Probe as Spec
from cockpit.sources.probe.certificates import shown_by
from cockpit.sources.probe.request import Gun, Shot, Wire
from cockpit.sources.probe.tally import Attempt, Outcome

_LOOK_AGAIN = 60.0
_MOST_ABREAST = 100


class Lines(Struct, frozen=True):
    """The connections: to the service with the owner's credentials, to the control address without any."""

    service: httpx.AsyncClient
    control: httpx.AsyncClient | None


class Fire:
    """Asks until it is closed, and gives each attempt to `take`. `patience` is in s, `clock` the wall's."""

    def __init__(self, spec: Spec, lines: Lines, patience: float, clock: Callable[[], datetime]) -> None:
        self._spec, self._lines, self._patience, self._clock = spec, lines, patience, clock
        self._gun = Gun(lines.service, patience, clock)
        self._task: asyncio.Task[None] | None = None
        self._looked = 0.0
        self._dates = ""
        self.unsent = ""
        """Why nothing could be sent the last time, empty where something was."""

    @property
    def wire(self) -> Wire:
        """What the way to the service was like."""
        return self._gun.wire

    def keep_up(self, shots: Sequence[Shot], take: Callable[[Attempt], None]) -> None:
        """Begin, where that has not happened. Raises what ended it, a defect, and the next call begins again."""
        ended, self._task = self._task, self._task if self._task and not self._task.done() else None
        if ended is not None and self._task is None and not ended.cancelled() and (error := ended.exception()):
            raise error
        if self._task is None:
            self._task = asyncio.create_task(self._work(shots, take))

    async def shoot(self, shot: Shot) -> Attempt:
        """Ask once; of a certificate that is refused, say the dates too. Raises UnsentError."""
        try:
            attempt = await self._gun.fire(shot)
        except UnsentError as error:
            self.unsent = str(error)
            raise
        self.unsent = ""
        if attempt.answered or "certificate" not in attempt.why:
            return attempt
        return replace(attempt, why=attempt.why + await self._dated())

    async def controlled(self) -> bool:
        """Whether the control address answers now, with any status."""
        if self._lines.control is None:
            return False
        try:
            async with asyncio.timeout(self._patience), self._lines.control.stream("GET", self._spec.control):
                return True
        except (*FAILURES, TimeoutError):
            return False

    async def aclose(self) -> None:
        """End the requests and close the connections."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for client in (self._lines.service, self._lines.control):
            if client is not None:
                await client.aclose()

    async def _work(self, shots: Sequence[Shot], take: Callable[[Attempt], None]) -> None:
        room = asyncio.Semaphore(_MOST_ABREAST)

        async def ask(shot: Shot, turns: Turns) -> None:
            while True:
                await turns.mine()
                with contextlib.suppress(UnsentError):
                    async with room:
                        attempt = await self.shoot(shot)
                    take(await self._blamed(attempt))

        async with asyncio.TaskGroup() as group:
            for place, shot in enumerate(shots):
                turns = Turns(len(shots) / self._spec.rate, place / self._spec.rate)
                for _ in range(self._spec.abreast):
                    group.create_task(ask(shot, turns))

    async def _blamed(self, attempt: Attempt) -> Attempt:
        """Where the control address is answered while nobody is reached, it is the service's fault."""
        if attempt.outcome is not Outcome.LOST or not await self.controlled():
            return attempt
        return replace(attempt, outcome=Outcome.BAD)

    async def _dated(self) -> str:
        """Return from when until when the service's certificate is valid, looked at once a minute."""
        parts, now = urlsplit(self._spec.url), self._clock().timestamp()
        if parts.hostname is None or abs(now - self._looked) < _LOOK_AGAIN:
            return self._dates
        self._looked = now
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(self._patience):
                first, last = await shown_by(parts.hostname, parts.port or 443)
                self._dates = f", {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        return self._dates


class Turns:
    """One turn every `period` s, the first after `offset` s."""

    def __init__(self, period: float, offset: float = 0.0) -> None:
        self._period = period
        self._due = asyncio.get_running_loop().time() + offset
        self._queue = asyncio.Lock()

    async def mine(self) -> None:
        """Wait for a turn."""
        clock = asyncio.get_running_loop().time
        async with self._queue:
            await asyncio.sleep(max(0.0, self._due - clock()))
            late = clock() - self._due
            self._due += self._period if late < self._period else late + self._period
