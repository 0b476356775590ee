"""The Watch: the engine of one session in this process, on a thread and an event loop of its own, and the door to it.

It knows no screen: a screen may block or die and nothing here waits for it. Of all the processes of a session one
watches, the others follow and take over when it is gone; each of them may act.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from cockpit.clock import Clock
from cockpit.desk import OVER, Desk
from cockpit.errands import Errands
from cockpit.following import follow
from cockpit.helm import Helm
from cockpit.promises import Promises
from cockpit.runs import Runs
from cockpit.session import Session
from cockpit.wakes import Wakes
from cockpit.watching import PATIENCE, Means, OpenSources, Watching
from sessions.clean import clean
from sessions.folder import FolderError, WatchLock, watch_lock
from sessions.judgement import Judgement
from sessions.readings import Reading
from sessions.requests import Answer, Request

__all__ = ["Means", "OpenSources", "Watch"]


class Watch:
    """`start` and `stop` it from any other thread. `follows` says who watches instead of us, empty while we do."""

    viewer = ""

    def __init__(self, session: Session, means: Means, clock: Clock, *, runs: Runs | None = None) -> None:
        self.follows = ""
        self._session = session
        self._means = means
        self._clock = clock
        self._latest = session.judged(clock.now())
        self._wakes = Wakes()
        self._promises = Promises()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._reason = "stopped"
        self._helm = Helm(session, means.writer, clock)
        self._runs = runs or Runs({}, clock)
        self._errands = Errands(self._died)
        self._desk = Desk(session, self._helm, self._runs, clock, self._errands.spawn, self._take)
        self._watching: Watching | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch, or to follow whoever does."""
        self._thread.start()
        self._started.wait(3 * PATIENCE)

    def stop(self, reason: str) -> None:
        """End the watch with an entry that says why; returns when its thread is gone or will not go. Harmless twice."""
        loop = self._loop
        if loop is not None and not self._ended.is_set():
            self._reason = reason
            with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
                loop.call_soon_threadsafe(self._ended.set)
        if self._thread.ident is not None:
            self._thread.join(3 * PATIENCE)

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
                loop.call_soon_threadsafe(lambda: self._errands.spawn(self._serve(request, answer)))
                return answer
        self._promises.keep(answer, OVER)
        return answer

    def _run(self) -> None:
        try:
            asyncio.run(self._fly())
        finally:
            self._started.set()
            self._promises.end(OVER)

    async def _fly(self) -> None:
        self._loop = asyncio.get_running_loop()
        lock = await self._waited_for()
        try:
            if lock is not None:
                await self._watch()
        finally:
            self._ended.set()
            await self._errands.let_go(PATIENCE)
            await asyncio.wait([asyncio.ensure_future(self._close())], timeout=PATIENCE)
            if lock is not None:
                lock.release()
        self._promises.end(OVER)

    async def _waited_for(self) -> WatchLock | None:
        """Follow whoever watches until the watch is ours; None when we ended before."""
        lock = self._take_over()
        if lock.mine:
            return lock
        self._started.set()
        return await follow(self._session, self._clock, self._publish, self._take_over, self._ended)

    async def _watch(self) -> None:
        """Watch to the end."""
        self._watching = Watching(self._session, self._means, self._helm, self._clock, self._publish)
        watching = asyncio.ensure_future(self._watching.run(self._ended, lambda: self._reason))
        await asyncio.sleep(0)
        self._started.set()
        await watching

    def _take_over(self) -> WatchLock:
        """Try to take the watch, and note who has it instead."""
        try:
            lock = watch_lock(self._session.folder, self._clock.now())
        except FolderError as error:
            lock = WatchLock(False, 0, None)
            self._session.fault("watch", f"the watch cannot be taken: {clean(error, 160)}")
        self.follows = "" if lock.mine else lock.text
        return lock

    async def _close(self) -> None:
        await self._runs.aclose()
        await self._means.writer.aclose()

    def _take(self, readings: Sequence[Reading]) -> None:
        """Keep what a run of this process tells."""
        if self._watching is not None:
            self._watching.take(readings)
        else:
            self._session.take(readings)
            self._publish(self._session.judged(self._clock.now()))

    def _publish(self, judgement: Judgement) -> None:
        self._latest = judgement
        self._wakes.call()

    async def _serve(self, request: Request, answer: "Future[Answer]") -> None:
        if self._watching is not None:
            self._watching.look_at_the_clock()
        else:
            self._session.follow(self._clock.now())
        result = await self._desk.answer(request)
        if not self._ended.is_set():  # what was done, or failed, is seen before it is answered
            self._show()
        self._promises.keep(answer, result)

    def _show(self) -> None:
        if self._watching is not None:
            self._watching.round()
        else:
            self._publish(self._session.judged(self._clock.now()))

    def _died(self, error: BaseException) -> None:
        self._session.fault("watch", f"the watch lost a part: {type(error).__name__}: {clean(error, 120)}")
