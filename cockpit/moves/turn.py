"""The turn to move the flag: one process at a time, waited for within a bound, and gone on without."""

import asyncio
from pathlib import Path

from cockpit.runtime.clock import Clock
from sessions.storage.disk import DISK, FileOps
from sessions.storage.locks import TURN, WatchLock, watch_lock

SHORT = 0.3
"""Seconds that a revert waits for another process that moves the flag."""
_PAUSE = 0.02


async def turn(folder: Path, clock: Clock, patience: float, files: FileOps = DISK) -> WatchLock:
    """Return the lock, ours or not once `patience` s have passed. Raises nothing."""
    until = clock.boot() + patience
    while True:
        lock = watch_lock(folder, clock.now(), TURN, files)
        if not lock.taken or clock.boot() >= until:
            return lock
        await asyncio.sleep(_PAUSE)
