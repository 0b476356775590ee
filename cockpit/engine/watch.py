"""The Watch: the engine of one session in this process, on a thread and an event loop of its own, and the door to it.

It knows no screen: a screen may block or die and nothing here waits for it. Of all the processes of a session one
watches, the others follow and take over when it is gone: two roles. Each of them may act.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from cockpit.engine.follower import Following
from cockpit.engine.lookups import Lookups
from cockpit.engine.requests import OVER, RequestHandler
from cockpit.engine.task_runs import Runs
from cockpit.engine.watch_loop import PATIENCE, Means, OpenSources, Watching
from cockpit.moves.mover import FlagMover
from cockpit.runtime.clock import Clock
from cockpit.runtime.lean import collect_as_usual
from cockpit.runtime.tasks import BackgroundTasks, PendingReplies
from cockpit.session.interface import Listeners
from cockpit.session.past import PastLooks
from cockpit.session.session import Lacking, Session
from cockpit.session.sheet_looks import Exhibits, names_of
from sessions.gate.judgement import Judgement
from sessions.storage.locks import WatchLock, watch_lock
from sessions.values.readings import Reading
from sessions.values.requests import Answer, Request

if TYPE_CHECKING:
    from sessions.handover.peaks import Peaks
    from sessions.reports.periods import Period
    from sessions.week.past import Past

__all__ = ["Means", "OpenSources", "Watch"]


class Role(Protocol):
    """What this process is to its session: who watches, or who follows."""

    def look(self) -> None:
        """See what is to be known before something is decided."""
        ...

    def take(self, readings: Sequence[Reading]) -> None:
        """Keep what was measured here."""
        ...

    def show(self) -> None:
        """Judge, and show it."""
        ...


class Watch:
    """`start` and `stop` it from any other thread. `follows` says who watches instead of us, empty while we do."""

    viewer = ""

    def __init__(
        self,
        session: Session,
        means: Means,
        clock: Clock,
        *,
        runs: Runs | None = None,
        lookups: Lookups | None = None,
    ) -> None:
        self.follows = ""
        self._session = session
        self._means = means
        self._clock = clock
        self._latest = session.known(clock.now())
        self._listeners = Listeners()
        self._replies = PendingReplies[Answer]()
        self._lookups = lookups or Lookups((), clock)
        self._looks = PendingReplies[Exhibits]()
        self._back = PastLooks(session.folder, session.tz)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._reason = "stopped"
        self._flag_mover = FlagMover(session, means.writer, clock)
        self._runs = runs or Runs({}, clock)
        self._background = BackgroundTasks(self._told)
        self._handler = RequestHandler(session, self._flag_mover, self._runs, clock, self._background.spawn, self._take)
        self._role: Role = Following(session, clock, self._publish, self._take_over)
        self._lock = WatchLock(False)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch, or to follow the process that watches."""
        collect_as_usual()
        self._thread.start()
        self._started.wait(3 * PATIENCE)

    def stop(self, reason: str) -> None:
        """End the watch with an entry that says why; returns when its thread is gone or will not go. Harmless twice."""
        loop = self._loop
        if loop is not None and not self._ended.is_set():
            self._reason = reason
            with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
                loop.call_soon_threadsafe(self._end)
        self._back.close()
        if self._thread.ident is not None:
            self._thread.join(3 * PATIENCE)

    def lacking(self) -> Lacking | None:
        """Say what the log lacks of what happened, None if it lacks nothing."""
        return self._session.lacking()

    def latest(self) -> Judgement:
        """Return the newest judgement."""
        return self._latest

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` from the Watch's thread after each new judgement."""
        self._listeners.add(wake)

    def ask(self, request: Request) -> "Future[Answer]":
        """Ask for an act; the future holds what became of it, also when the watch has ended."""
        answer, loop = self._replies.owe(), self._loop
        with contextlib.suppress(RuntimeError):
            if loop is not None:
                loop.call_soon_threadsafe(lambda: self._background.spawn(self._serve(request, answer)))
                return answer
        self._replies.keep(answer, OVER)
        return answer

    def look_up(self, sheet: str) -> "Future[Exhibits]":
        """Let the sources look up what a sheet asks for, beside all that is watched; nothing once it has ended."""
        found, loop = self._looks.owe(), self._loop
        with contextlib.suppress(RuntimeError):
            if loop is not None:
                loop.call_soon_threadsafe(lambda: self._background.spawn(self._look_up(sheet, found)))
                return found
        self._looks.keep(found, ())
        return found

    def past(self, sheet: str) -> "Future[Past | None]":
        """Ask the history for what a sheet compares with, in another thread, so that nothing here waits."""
        return self._back.look(self._latest, sheet)

    def peaks(self, period: "Period") -> "Future[Peaks]":
        """Ask the history for the peaks that the report of a period tells."""
        return self._back.peaks(self._latest, period)

    def _end(self) -> None:
        self._clock.hasten()
        self._ended.set()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._clock.loop) as runner:
                runner.run(self._fly())
        finally:
            self._started.set()
            self._replies.end(OVER)
            self._looks.end(())

    async def _fly(self) -> None:
        """Follow the process that watches; watch when it has ended."""
        self._loop = asyncio.get_running_loop()
        try:
            if not self._take_over().taken or await self._follow():
                await self._watch()
        finally:
            self._ended.set()
            await self._background.let_go(PATIENCE)
            await asyncio.wait([asyncio.ensure_future(self._close())], timeout=PATIENCE)
            self._lock.release()
        self._replies.end(OVER)
        self._looks.end(())

    async def _follow(self) -> bool:
        """Follow the process that watches; return whether this process watches afterwards."""
        role = Following(self._session, self._clock, self._publish, self._take_over)
        self._role = role
        self._started.set()
        return await role.run(self._ended) is not None

    async def _watch(self) -> None:
        """Watch to the end."""
        role = Watching(self._session, self._means, self._flag_mover, self._clock, self._publish)
        self._role = role
        watching = asyncio.ensure_future(role.run(self._ended, lambda: self._reason))
        await asyncio.sleep(0)
        self._started.set()
        self._background.spawn(self._locked())
        await watching

    async def _locked(self) -> None:
        """Where no lock can be taken at all somebody must watch all the same; the lock is tried until it is ours."""
        while not self._lock.mine:
            await asyncio.sleep(PATIENCE)
            self._take_over()

    def _take_over(self) -> WatchLock:
        """Try to become the watch; if that fails, note who is, or why nobody can."""
        lock = watch_lock(self._session.folder, self._clock.now(), files=self._session.files)
        self._session.fault("watch", lock.fault, "lock")
        self.follows = lock.text if lock.taken else ""
        self._lock = lock
        return lock

    async def _close(self) -> None:
        await self._runs.aclose()
        await self._lookups.aclose()
        await self._means.writer.aclose()

    def _take(self, readings: Sequence[Reading]) -> None:
        """Keep what a run of this process tells."""
        self._role.take(readings)

    def _publish(self, judgement: Judgement) -> None:
        self._latest = judgement
        self._listeners.call()

    async def _serve(self, request: Request, answer: "Future[Answer]") -> None:
        self._role.look()
        result = await self._handler.answer(request)
        if not self._ended.is_set():  # what was done, or failed, is seen before it is answered
            self._role.show()
        self._replies.keep(answer, result)

    async def _look_up(self, sheet: str, found: "Future[Exhibits]") -> None:
        self._looks.keep(found, await self._lookups.look_up(names_of(self._session.state.plan, sheet)))

    def _told(self, part: str, why: str) -> None:
        """Report a task that failed by a defect: the screen shows it and the gate holds."""
        self._session.fault("watch", f"the watch lost {part or 'a part'}: {why}" if why else "", part)
