"""Polls one source at its own pace. Only this module catches what a source raises: a failure is a reading too."""

import asyncio
import random
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from cockpit.runtime.tasks import Told, forever
from cockpit.sources.interface.source import JITTER, Source, Steady, stands
from sessions.text.clean import clean
from sessions.values.readings import Pulse, Reading

_LONGEST_BACKOFF = 4


class Poller:
    """Polls until cancelled: never two answers at once, a total deadline each, backoff to four intervals, jitter.

    `scrub` masks secrets in the words of every answer; `told` hears of a turn that died of a defect.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (a poller is given whole what it needs)
        self,
        source: Source,
        clock: Clock,
        deliver: Callable[[Sequence[Reading]], None],
        rng: random.Random,
        scrub: Callable[[str], str] = str,
        told: Told = lambda _part, _why: None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._deliver = deliver
        self._rng = rng
        self._scrub = scrub
        self._told = told
        self._hurry = asyncio.Event()
        self._failures = 0

    def hurry(self) -> None:
        """Ask again at once instead of at the next turn: something waits for a fresh measurement."""
        self._hurry.set()

    async def run(self) -> None:
        """Poll forever; a failed answer does not end it."""
        await forever(f"poll {self._source.name}", self._turn, self._told)

    async def _turn(self) -> None:
        begun = self._clock.boot()
        readings = await self._read()
        took = self._clock.boot() - begun
        self._deliver([self._standing(reading, took) for reading in readings])
        await self._wait(self._clock.boot() - begun)

    def _standing(self, reading: Reading, took: float) -> Reading:
        """What is asked seldom, or answers slowly, stands longer: by the pace that is kept."""
        if not isinstance(reading, Pulse) or not reading.ok or reading.holds:
            return reading
        return replace(reading, holds=round(stands(self._source.interval, took), 3))

    async def _read(self) -> Sequence[Reading]:
        try:
            readings = await self._answer(self._source.deadline)
        except TimeoutError:
            return self._failed(f"no answer in {self._source.deadline:g} s")
        except Exception as error:  # noqa: BLE001 - a source may raise anything; nothing else may suffer from it
            return self._failed(clean(self._scrub(str(error)), 120) or type(error).__name__)
        pulses = [reading for reading in readings if isinstance(reading, Pulse)]
        self._failures = 0 if any(pulse.ok for pulse in pulses) or not pulses else self._failures + 1
        return tuple(self._masked(reading) for reading in readings)

    async def _answer(self, deadline: float) -> Sequence[Reading]:
        due = min(self._source.interval, deadline) / 2  # by half of it there is time left to go slower
        with self._clock.waiting(self._source.name, due, deadline):
            async with asyncio.timeout(deadline):
                return tuple(await self._source.read(self._clock.now()))

    def _masked(self, reading: Reading) -> Reading:
        """A server may repeat what it was sent: no secret gets into what is kept and shown."""
        if not isinstance(reading, Pulse) or not (reading.reason or reading.note):
            return reading
        return replace(reading, reason=self._scrub(reading.reason), note=self._scrub(reading.note))

    def _failed(self, reason: str) -> Sequence[Reading]:
        self._failures += 1
        now = self._clock.now()
        return [Pulse(self._source.name, now, topic, ok=False, reason=reason) for topic in self._source.topics]

    async def _wait(self, took: float) -> None:
        failures = 0 if isinstance(self._source, Steady) else self._failures
        pace = self._source.interval * min(2 ** max(0, failures - 1), _LONGEST_BACKOFF)
        rest = max(0.0, pace * self._rng.uniform(1 - JITTER, 1 + JITTER) - took)
        try:
            async with asyncio.timeout(rest):
                await self._hurry.wait()
        except TimeoutError:
            pass
        self._hurry.clear()
