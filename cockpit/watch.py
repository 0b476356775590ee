"""The Watch: polls, judges, protects, writes and moves the flag, on a thread and an event loop of its own.

It knows no screen: a screen may block or die and nothing here waits for it.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from datetime import datetime

from cockpit.clock import Clock
from cockpit.exporting import export_today
from cockpit.flags.base import FlagWriter
from cockpit.gaps import noticed
from cockpit.helm import Helm
from cockpit.poller import Poller
from cockpit.promises import Promises
from cockpit.runs import Runs
from cockpit.session import Session
from cockpit.sources.base import Source
from cockpit.sources.flag import FlagReadBack
from cockpit.starting import beginning
from cockpit.wakes import Wakes
from sessions.acts import decide
from sessions.clean import clean
from sessions.decision import Decision, Move
from sessions.duties import duties
from sessions.entries import Draft
from sessions.evidence import turns
from sessions.journal import JournalError
from sessions.judgement import Judgement
from sessions.readings import Reading, Topic
from sessions.requests import Answer, Request

_RETRY = 10.0
_PROTECTIVE = {"rollout.paused", "flow.frozen"}
_CANCELS = 4
_PATIENCE = 2.0
_OVER = Answer(False, "nobody watches: nothing was done")

OpenSources = Callable[[], Sequence[Awaitable[Sequence[Source]]]]
"""Opens each source by itself inside the Watch's own loop: drivers load there and not before the first paint, and one
that is slow to open delays no other."""


class Watch:
    """The engine of one session, and the door to it. `start` and `stop` it from any other thread."""

    viewer = ""

    def __init__(  # noqa: PLR0913 (a watch is given whole what it needs)
        self,
        session: Session,
        open_sources: OpenSources,
        writer: FlagWriter,
        clock: Clock,
        *,
        runs: Runs | None = None,
        answers: Sequence[Topic] = (),
        scrub: Callable[[str], str] = str,
        seed: int | None = None,
    ) -> None:
        self._session = session
        self._open_sources = open_sources
        self._writer = writer
        self._clock = clock
        self._rng = random.Random(seed)  # noqa: S311 - jitter needs no secrecy
        self._latest = session.judged(clock.now())
        self._wakes = Wakes()
        self._promises = Promises()
        self._hurried: set[tuple[str, datetime]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._reason = "stopped"
        self._pollers: list[Poller] = []
        self._helm = Helm(session, writer, clock)
        self._runs = runs or Runs({}, clock)
        self._answers = tuple(answers)
        self._scrub = scrub
        self._retry_at = clock.boot()
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()
        self._started.wait(3 * _PATIENCE)

    def stop(self, reason: str) -> None:
        """End the watch with an entry that says why; returns when its thread is gone or will not go. Harmless twice."""
        loop = self._loop
        if loop is not None and not self._ended.is_set():
            self._reason = reason
            with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
                loop.call_soon_threadsafe(self._ended.set)
        if self._thread.ident is not None:
            self._thread.join(3 * _PATIENCE)

    def latest(self) -> Judgement:
        """Return the newest judgement."""
        return self._latest

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` from the Watch's thread after each new judgement."""
        self._wakes.add(wake)

    def ask(self, request: Request) -> "Future[Answer]":
        """Ask for an act; the future holds what became of it, also when the watch has ended."""
        answer, loop = self._promises.owe(), self._loop
        with contextlib.suppress(RuntimeError):
            if loop is not None:
                loop.call_soon_threadsafe(lambda: self._spawn(self._serve(request, answer)))
                return answer
        self._promises.keep(answer, _OVER)
        return answer

    def _run(self) -> None:
        try:
            asyncio.run(self._fly())
        finally:
            self._started.set()
            self._promises.end(_OVER)

    async def _fly(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begin()
        self._started.set()
        sources: list[Source] = []
        self._poll(sources, [FlagReadBack(self._writer, self._session.state.plan.cadence)])
        self._spawn(self._tick())
        for opening in self._open_sources():
            self._spawn(self._open(sources, opening))
        await self._ended.wait()
        self._end()
        await self._let_go(sources)
        self._promises.end(_OVER)

    async def _open(self, sources: list[Source], opening: Awaitable[Sequence[Source]]) -> None:
        """Without its sources the session opens all the same, and every criterion says that it is blind."""
        try:
            self._poll(sources, await opening)
        except Exception as error:  # noqa: BLE001 - a driver may fail in any way; the owner reads it on the screen
            why = clean(self._scrub(str(error)), 120)
            self._session.fault("sources", f"sources cannot be opened: {why}")

    def _poll(self, sources: list[Source], more: Sequence[Source]) -> None:
        """Begin to poll `more`, and remember to close it."""
        sources.extend(more)
        for source in more:
            poller = Poller(source, self._clock, self._take, self._rng, self._scrub)
            self._pollers.append(poller)
            self._spawn(poller.run())

    async def _let_go(self, sources: Sequence[Source]) -> None:
        """End every task and connection; one that does not let go is left behind, the session is closed already."""
        for _ in range(_CANCELS):
            if not self._tasks:
                break
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=_PATIENCE / _CANCELS)
        closing = [asyncio.ensure_future(source.aclose()) for source in sources]
        await asyncio.wait([*closing, asyncio.ensure_future(self._runs.aclose())], timeout=_PATIENCE)

    def _begin(self) -> None:
        """Say that somebody watches, and since when nobody did."""
        now = self._clock.now()
        self._session.insist(beginning(self._session, now, self._runs.tasks, self._answers), now)
        self._session.beat(now)
        self._publish(self._session.judged(now))

    def _end(self) -> None:
        now = self._clock.now()
        percent = self._session.state.flag.percent
        text = f"watch stopped ({self._reason}), the flag stays at {percent} %"
        self._session.insist([Draft("watch.stopped", "watch", text, {"reason": self._reason})], now)
        self._session.beat(now)
        self._publish(self._session.judged(now))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        """A task that died of a defect is told on the screen and holds the gate; it never dies in silence."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._session.fault("watch", f"the watch lost a part: {type(error).__name__}: {clean(error, 120)}")

    def _take(self, readings: Sequence[Reading]) -> None:
        if self._ended.is_set():  # from a source that swallowed its cancellation: the session is closed already
            raise asyncio.CancelledError
        self._session.take(readings)
        self._helm.resolve()
        self._round()

    async def _tick(self) -> None:
        """Judge on the clock even when nothing arrives, and notice when the clock or this process stood still."""
        every = self._session.state.plan.cadence.tick
        wall, boot = self._clock.now(), self._clock.boot()
        while True:
            await asyncio.sleep(every)
            now, up = self._clock.now(), self._clock.boot()
            if gap := noticed(wall, now, up - boot, every):
                self._session.insist([gap], now)
            wall, boot = now, up
            self._session.beat(now)
            self._round()

    def _round(self) -> None:
        """Judge, do what is due, write it, show it. A fault in judging closes the gate instead of the watch."""
        now = self._clock.now()
        try:
            judgement = self._session.judged(now)
            due = duties(judgement)
            drafts = (*due.drafts, *turns(judgement))
            if drafts:
                self._session.insist(drafts, now)
                judgement = self._session.judged(now)
        except Exception as error:  # noqa: BLE001 - a defect in judging must hold the gate, not end the watch
            self._session.fault("judging", f"judging failed: {type(error).__name__}: {clean(error, 120)}")
            return
        self._session.fault("judging", "")
        for name, on in due.switches:
            self._spawn(self._set(name, on=on))
        if due.move is not None:
            self._revert_by_duty(due.move)
        self._hurry_for_fuses(judgement)
        self._publish(judgement)

    async def _set(self, name: str, *, on: bool) -> None:
        await self._helm.switch(name, on=on)

    def _revert_by_duty(self, back: Move) -> None:
        """A blown fuse reverts, and asks again until the flag is confirmed."""
        if self._helm.busy or self._clock.boot() < self._retry_at:
            return
        self._retry_at = self._clock.boot() + max(_RETRY / self._session.state.plan.speed, 1.0)
        self._spawn(self._moved_by_duty(back))

    async def _moved_by_duty(self, back: Move) -> None:
        await self._helm.move(back)
        self._round()

    def _hurry_for_fuses(self, judgement: Judgement) -> None:
        """At a fuse's zero nothing is decided on old numbers: every source is asked once more, now."""
        zeros = {(fuse.risk, fuse.deadline) for fuse in judgement.state.fuses.values() if fuse.deadline <= judgement.at}
        if zeros - self._hurried:
            for poller in self._pollers:
                poller.hurry()
        self._hurried = zeros

    def _publish(self, judgement: Judgement) -> None:
        self._latest = judgement
        self._wakes.call()

    async def _serve(self, request: Request, answer: "Future[Answer]") -> None:
        try:
            result = await self._answer(request)
        except JournalError as error:
            result = Answer(False, f"NOT saved: {error}")
        except asyncio.CancelledError:
            result = _OVER
        except Exception as error:  # noqa: BLE001 - the asker gets a line, the watch goes on
            result = Answer(False, f"{request.act} failed: {type(error).__name__}: {clean(error, 120)}")
        if not self._ended.is_set():  # what was done, or failed, is seen before it is answered
            self._round()
        self._promises.keep(answer, result)

    async def _answer(self, request: Request) -> Answer:
        now = self._clock.now()
        decision = decide(self._session.judged(now), request)
        if decision.refusal:
            return Answer(False, decision.refusal)
        if decision.export:
            return export_today(self._session, request.by, now)
        if decision.run:
            self._spawn(self._runs.run(decision.run, request.by, self._session, self._take))
            return Answer(True, decision.done)
        if decision.move is not None:
            return await self._helm.move(decision.move)
        return await self._carry_out(decision, now)

    async def _carry_out(self, decision: Decision, now: datetime) -> Answer:
        """Protection goes on even when the journal fails; everything else is refused then."""
        if {draft.kind for draft in decision.drafts} <= _PROTECTIVE:
            unsaved = self._session.insist(decision.drafts, now)
        else:
            unsaved = ""
            self._session.write(decision.drafts, now)
        faults = [fault for name, on in decision.switches if (fault := await self._helm.switch(name, on=on))]
        return Answer(True, "; ".join(filter(None, (decision.done, unsaved, *faults))))
