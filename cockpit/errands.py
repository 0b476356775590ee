"""Work that was begun and that nobody waits for: kept, and ended with whoever began it."""

import asyncio
from collections.abc import Awaitable, Callable

_CANCELS = 4


class Errands:
    """The tasks of one event loop. One that dies of a defect is told to `died`, with its error."""

    def __init__(self, died: Callable[[BaseException], None]) -> None:
        self._died = died
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Awaitable[None]) -> None:
        """Begin some work."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    async def done(self) -> None:
        """Wait until all of it is done, also what it begins meanwhile."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def let_go(self, patience: float) -> None:
        """End all of it, within `patience` seconds; what does not let go is left behind."""
        for _ in range(_CANCELS):
            if not self._tasks:
                break
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=patience / _CANCELS)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._died(error)
