"""What a process does while another one watches the session: it follows the files, and stands ready to take over."""

import asyncio
import contextlib
from collections.abc import Callable

from cockpit.clock import Clock
from cockpit.session import Session
from sessions.folder import WatchLock
from sessions.judgement import Judgement

EVERY = 1.0
"""Seconds between two looks at the files, and between two tries to take the watch over; less where the plan is fast."""


async def follow(
    session: Session,
    clock: Clock,
    publish: Callable[[Judgement], None],
    take: Callable[[], WatchLock],
    ended: asyncio.Event,
) -> WatchLock | None:
    """Show what the files say until the watch is ours; return the lock then, None when `ended` came first."""
    every = min(EVERY, session.state.plan.cadence.tick)
    while not ended.is_set():
        now = clock.now()
        session.follow(now)
        publish(session.judged(now))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every):
                await ended.wait()
        if not ended.is_set() and (lock := take()).mine:
            session.follow(clock.now())
            return lock
    return None
