"""How much a database may be asked, at once and in all. All sources of one server share one budget.

An operation that timed out still runs at the server. It keeps its place here until its end is known, so that a slow
server never runs more operations of ours than there are places.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import urlsplit

AT_ONCE = 4
"""Operations that may be open at once."""
SHARE = 0.5
"""The share of time in which any of them may be open."""
RESTS = 10
"""How many times as long as a question took, or was waited for in vain, its next turn is away."""
TOLD = f"{AT_ONCE} operations at once, {100 * SHARE:g} % of the time, for all that ask this server"

_CREDIT = 2.5
"""Seconds over its share before nothing new is begun: a round of questions comes in a burst."""

T = TypeVar("T")


class Budget:
    """The places, and the account of the time in which they were taken."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._taken = 0
        self._counted = 0
        self._over = 0.0
        self._settled: float | None = None

    @property
    def open(self) -> int:
        """How many operations are open."""
        return self._taken

    def has_room(self) -> bool:
        """Whether something new may be begun: not where too much time went into what was asked lately."""
        self._settle()
        return self._over <= _CREDIT

    async def enter(self) -> None:
        """Wait for a place; the holder of a place must `carry` an operation."""
        await self._places.acquire()
        self._taken += 1

    async def carry(self, work: Callable[[], Awaitable[T]], limit: float, told: Callable[[BaseException], bool]) -> T:
        """Carry out an operation that the server stops after `limit` seconds, until its fate is known.

        Where an error does not tell it, as `told` says, the place is held until the limit. Raises what `work` raises.
        """
        loop, leave = asyncio.get_running_loop(), self._leave
        begun, over = loop.time(), self._count(limit)
        try:
            return await work()
        except BaseException as error:
            left = begun + limit - loop.time()
            if left > 0 and not told(error):
                loop.call_later(left, leave)
                leave = _nothing
            raise
        finally:
            leave()
            over()

    def _leave(self) -> None:
        self._taken -= 1
        self._places.release()

    def _count(self, limit: float) -> Callable[[], None]:
        """Count an operation as open, for `limit` seconds at most; what is returned says that it is over."""
        self._settle()
        self._counted += 1
        counting = True

        def over() -> None:
            nonlocal counting
            timer.cancel()
            if counting:
                self._settle()
                self._counted -= 1
                counting = False

        timer = asyncio.get_running_loop().call_later(limit, over)
        return over

    def _settle(self) -> None:
        now = asyncio.get_running_loop().time()
        since, self._settled = 0.0 if self._settled is None else now - self._settled, now
        over = self._over + (since if self._counted else 0.0) - SHARE * since
        self._over = min(max(0.0, over), 2 * _CREDIT)


class Budgets:
    """The budgets of all servers that one process asks, by their hosts."""

    def __init__(self) -> None:
        self._known: dict[str, Budget] = {}

    def of(self, uri: str) -> Budget:
        """Return the budget of the server at an address."""
        return self._known.setdefault(urlsplit(uri).netloc.rpartition("@")[2].lower(), Budget())


def _nothing() -> None:
    """There is nothing to leave any more."""
