"""Background work: kept, ended with the part that began it, and reported if it fails."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, InvalidStateError
from typing import Generic, TypeVar

from sessions.text.clean import clean

REST = 1.0
"""Seconds after which failed work is started again."""
_CANCELS = 4

Told = Callable[[str, str], None]
"""Hears of a part by its name, why it died; an empty reason once it works again."""


async def forever(part: str, turn: Callable[[], Awaitable[None]], told: Told, rest: float = REST) -> None:
    """Do one turn after another. A turn that fails is reported, and the next comes after `rest` s.

    A turn that succeeds clears the report.
    """
    while True:
        try:
            await turn()
        except Exception as error:  # noqa: BLE001 - a defect in one turn must not end all that follow
            told(part, died_of(error))
            await asyncio.sleep(rest)
        else:
            told(part, "")


def died_of(error: BaseException) -> str:
    """Say in one line what a piece of work died of."""
    return f"{type(error).__name__}: {clean(error)}".removesuffix(": ")


class BackgroundTasks:
    """The tasks of one event loop. The failures of a named part are reported."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Awaitable[None], part: str = "") -> None:
        """Begin some work."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._finished(done, part))

    async def done(self) -> None:
        """Wait until all of it is done, also what it begins in the meantime."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def let_go(self, patience: float) -> None:
        """End all tasks within `patience` seconds; abandon those that do not end."""
        for _ in range(_CANCELS):
            if not self._tasks:
                break
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=patience / _CANCELS)

    def _finished(self, task: asyncio.Task[None], part: str) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            error = task.exception()
            self._told(part, died_of(error) if error else "")


Reply = TypeVar("Reply")


class PendingReplies(Generic[Reply]):
    """Owed, kept and ended from any thread.

    An answer owed is noted before the end is looked at, and the end is noted before the rest is answered.
    """

    def __init__(self) -> None:
        self._owed: set[Future[Reply]] = set()
        self._last: Reply | None = None

    def owe(self) -> "Future[Reply]":
        """Return an answer to come."""
        answer: Future[Reply] = Future()
        self._owed.add(answer)
        if self._last is not None:
            self.keep(answer, self._last)
        return answer

    def keep(self, answer: "Future[Reply]", said: Reply) -> None:
        """Give an answer, once."""
        self._owed.discard(answer)
        with contextlib.suppress(InvalidStateError):
            answer.set_result(said)

    def end(self, said: Reply) -> None:
        """Answer everything that is still owed, and all later questions."""
        self._last = said
        for answer in tuple(self._owed):
            self.keep(answer, said)
