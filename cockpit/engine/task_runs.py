"""Activities that run: a journey or a command behind a task, run on demand, told live, written down when it ended."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from cockpit.runtime.subprocess import run_lines
from cockpit.session.session import Session, patiently
from cockpit.settings.models.journeys import Journey
from cockpit.settings.models.settings import Settings
from cockpit.sources.interface.run_progress import Say, Told
from cockpit.sources.interface.source import Order
from sessions.actions.decision import Decision
from sessions.actions.tasks import concluded
from sessions.text.clean import clean
from sessions.values.readings import Reading, Run

OUTPUT_LIMIT = 4_000_000
_TELL_EVERY = 0.1


class Runner(Protocol):
    """Something that can be run once at a time."""

    async def run(self, name: str, now: datetime, say: Say) -> Run:
        """Run it from `now` as the run called `name`, tell each step to `say`, and return how it ended."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


OpenRunner = Callable[[], Runner]


def runners(settings: Settings, order_for: Callable[[str], Order]) -> Mapping[str, OpenRunner]:
    """Return by task what opens its runner; drivers load when it is first run. `order_for` makes a source's order."""

    def opener(task: str) -> OpenRunner:
        def opened() -> Runner:
            activity = settings.activities[task]
            spec = settings.sources.get(activity.journey)
            if isinstance(spec, Journey):
                from cockpit.sources.journey.source import JourneyRunner

                return JourneyRunner(order_for(activity.journey), spec)
            secrets = order_for(task).secrets
            return CommandRunner(activity.argv, activity.timeout, secrets.scrub, secrets.ready)

        return opened

    return {task: opener(task) for task in settings.activities}


class CommandRunner:
    """Runs a program of the owner: exit 0 is a pass. `patience` is in s; `ready` waits until `scrub` knows all."""

    def __init__(
        self,
        argv: Sequence[str],
        patience: float,
        scrub: Callable[[str], str],
        ready: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._argv = argv
        self._patience = patience
        self._scrub = scrub
        self._ready = ready

    async def run(self, name: str, now: datetime, say: Say) -> Run:
        """Run it once; its lines are shown as they come, at most ten times a second."""
        told = Told(clean(self._argv[0], 60) if self._argv else name, name, now, say, scrub=self._scrub)
        told.tell()
        if not self._argv:
            return told.ended("its journey is no journey source of the settings")
        loop, due = asyncio.get_running_loop(), list[asyncio.TimerHandle]()

        def tell() -> None:
            due.clear()
            with contextlib.suppress(asyncio.CancelledError):  # the watch has ended, and a timer is no task to end
                told.tell()

        def hear(line: str) -> None:
            told.keep(line)
            if not due:
                due.append(loop.call_later(_TELL_EVERY, tell))

        try:
            if self._ready is not None:
                await self._ready()
            ended = await run_lines(self._argv, self._patience, hear, OUTPUT_LIMIT)
        finally:
            for timer in due:
                timer.cancel()
        return told.ended(ended.reason or f"exit {ended.code} after {told.elapsed:.1f} s", ok=ended.code == 0)

    async def aclose(self) -> None:
        """Nothing is held open between two runs."""


class Runs:
    """The runs of one watch: each task's runner is opened when it is first run, and each task runs once at a time."""

    def __init__(self, openers: Mapping[str, OpenRunner], clock: Clock) -> None:
        self.tasks = tuple(openers)
        self._openers = openers
        self._clock = clock
        self._open: dict[str, Runner] = {}
        self._busy: set[str] = set()

    async def run(self, task: str, by: str, session: Session, deliver: Callable[[Sequence[Reading]], None]) -> None:
        """Run it, deliver each step, and write how it ended as `by`; nothing if it runs already."""
        if task in self._busy:
            return
        self._busy.add(task)
        try:
            if task not in self._open:
                self._open[task] = self._openers[task]()
            run = await self._open[task].run(task, self._clock.now(), lambda run: deliver([run]))
            done = await patiently(
                session, lambda judgement: Decision((concluded(judgement, task, by, run),)), self._clock
            )
            deliver([_lost(run, done.unsaved, self._clock.now())] if done.unsaved else [])
        finally:
            self._busy.discard(task)

    async def aclose(self) -> None:
        """Close every runner."""
        for runner in self._open.values():
            await runner.aclose()


def _lost(run: Run, unsaved: str, now: datetime) -> Run:
    """A run that could not be written down says so as its last line, and ticks nothing."""
    return replace(run, at=now, ok=False, lines=(*run.lines, clean(unsaved, 300)))
