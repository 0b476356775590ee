"""Finds duplicates in one collection at the cost of its new documents instead of all.

A scan of all comes first, and every `full_pass` seconds. Between scans only new documents and known repeated keys are
looked up. If that is not enough, the collection is scanned again, and is `not counted` until then.
"""

import asyncio
from datetime import datetime, timedelta

from msgspec.structs import replace

from cockpit.sources.database.client import reason
from cockpit.sources.interface.budget import RESTS
from cockpit.sources.interface.source import JITTER, stands
from cockpit.sources.mongo.duplicates.business_keys import Shelf
from cockpit.sources.mongo.duplicates.full_scan import Recount, look_through
from cockpit.sources.mongo.duplicates.index import Copies, Known
from sessions.criteria.freshness import followed
from sessions.text.units import duration

PASS_SECONDS = 900.0
"""How long one look through everything may take."""

_SLOW = 1.0
_LAGS = 2 / 3
_AGAIN = 0.5


class IncrementalScan:
    """`stale` and `interval` are the seconds after which an answer is stale, and between two looks."""

    def __init__(self, shelf: Shelf, full_pass: float, stale: float, interval: float, turn: asyncio.Semaphore) -> None:
        self._shelf = shelf
        self._whole = replace(shelf, documents=shelf.documents.apart(PASS_SECONDS))
        self._full_pass = full_pass
        self._stale = stale
        self._interval = interval
        # A plan that is flown faster has no time for writers that lag as long.
        self._lag = timedelta(seconds=_LAGS * stale)
        self._turn = turn
        self._known: Known | None = None
        self._running: asyncio.Task[Known] | None = None
        self._begun: datetime | None = None
        self._took = self._spent = 0.0
        self.failed = ""

    async def look(self, now: datetime, count: int, recount: Recount) -> None:
        """Look up what is new among `count` documents; begin to look through all of them where that is due.

        Raises PyMongoError.
        """
        self._adopt()
        if self._known is not None and self._known.follows:
            await self._known.catch_up(self._shelf, now, count)
        if self._is_due(now):
            self._begun = now
            self._running = asyncio.create_task(self._pass(now, recount))

    async def wait(self, patience: float) -> None:
        """Wait for a look through everything, no longer than `patience` seconds."""
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=max(0.0, patience))
            self._adopt()

    @property
    def holds(self) -> float:
        """For how many seconds an answer stands: until the next look through everything is over, and was asked for.

        One that does not end within the turn in which it is begun is asked for in the next.
        """
        rest = 0.0 if self._known is not None and self._known.follows else self._rest()
        later = (1 + JITTER) * self._interval if self._spent > _SLOW else 0.0
        return stands(self._interval, self._spent, rest) + later

    def copies(self, now: datetime, count: int) -> Copies | None:
        """Return the duplicates among `count` documents, None while their number is not known."""
        known = self._known
        if known is None or known.doubt:
            return None
        # Where new documents cannot be told, all is as of the look through everything.
        at, count = (now, count) if known.follows else (known.begun, known.base)
        found = Copies(at, count, known.duplicates, known.keyless, known.examples, known.mark)
        return found if now - at <= timedelta(seconds=followed(self._stale, self.holds)) else None

    def note(self, now: datetime) -> str:
        """Say what is weak about its answers."""
        known = self._known
        if known is None:
            spent = (now - (self._begun or now)).total_seconds()
            return "" if self.failed else f"first look for duplicates: running for {duration(spent)}"
        if self.failed:
            return f"looking through failed: {self.failed}"
        if known.took < _SLOW or known.follows:
            return known.doubt
        lack = f"{known.undated:,} undated documents" if known.indexed else f"no index on {', '.join(self._shelf.key)}"
        return f"{lack}: looked through in {known.took:.1f} s"

    async def aclose(self) -> None:
        """Give up a look through everything; what it waits for may swallow a cancellation, so it is repeated."""
        task, self._running = self._running, None
        while task is not None and not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_AGAIN)

    def _is_due(self, now: datetime) -> bool:
        if self._running is not None or self._whole.documents.base.waits is not None:
            return False
        known, begun = self._known, self._begun
        if begun is None or now < begun:
            return True
        since = (now - begun).total_seconds()
        wanted = known is None or bool(known.doubt or known.beyond) or not known.follows
        return since >= (self._rest() if wanted else max(self._full_pass, RESTS * self._took))

    def _rest(self) -> float:
        """Ten times as long as it took, unless the answer would go stale in the meantime and that can be helped."""
        room = self._stale - 2 * self._took - self._interval
        return RESTS * self._took if room <= 0 else min(RESTS * self._took, room)

    def _adopt(self) -> None:
        """Take over what a look through everything found, once it is done."""
        if self._running is None or not self._running.done():
            return
        task, self._running = self._running, None
        error = task.exception()
        if error is None:
            self._known, self.failed = task.result(), ""
        elif isinstance(error, Exception):
            self.failed = reason(error, PASS_SECONDS)
        else:
            raise error

    async def _pass(self, now: datetime, recount: Recount) -> Known:
        clock = asyncio.get_running_loop().time
        asked = clock()
        async with self._turn:
            begun = clock()
            try:
                async with asyncio.timeout(PASS_SECONDS):
                    return await look_through(self._whole, now, recount, self._lag)
            finally:
                self._took, self._spent = clock() - begun, clock() - asked
