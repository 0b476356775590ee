"""What a process does while another one watches: it follows the files, and takes over when the other is gone."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from cockpit.runtime.clock import Clock
from cockpit.session.session import Session
from sessions.gate.judgement import Judgement
from sessions.storage.locks import WatchLock
from sessions.values.readings import Reading

EVERY = 1.0
"""Seconds between two looks at the files, and between two tries to take the watch over; less where the plan is fast."""


class Following:
    """The role of a process that follows. `publish` shows each judgement, `take_over` tries to take the watch."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        publish: Callable[[Judgement], None],
        take_over: Callable[[], WatchLock],
    ) -> None:
        self._session = session
        self._clock = clock
        self._publish = publish
        self._take_over = take_over

    async def run(self, ended: asyncio.Event) -> WatchLock | None:
        """Show what the files say until the watch is ours; return the lock then, None when `ended` came first."""
        every = min(EVERY, self._session.state.plan.cadence.tick)
        while not ended.is_set():
            self.look()
            self.show()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await ended.wait()
            if not ended.is_set() and not (lock := self._take_over()).taken:
                self.look()
                return lock
        return None

    def look(self) -> None:
        """Take in what others wrote."""
        self._session.follow(self._clock.now())

    def take(self, readings: Sequence[Reading]) -> None:
        """Keep what a run of this process tells."""
        self._session.take(readings)
        self.show()

    def show(self) -> None:
        """Judge, and show it."""
        self._publish(self._session.known(self._clock.now()))
