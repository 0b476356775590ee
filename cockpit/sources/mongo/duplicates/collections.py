"""The size of the plan's collections and their duplicates; each collection at its own pace."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from pymongo.errors import PyMongoError

from cockpit.sources.database.answer import Place, TopicAnswer, together, unanswered
from cockpit.sources.database.client import reason
from cockpit.sources.database.database import Records
from cockpit.sources.database.pace import Pace
from cockpit.sources.interface.source import stands
from cockpit.sources.mongo.duplicates.business_keys import Shelf
from cockpit.sources.mongo.duplicates.incremental import IncrementalScan
from cockpit.sources.mongo.duplicates.index import Copies
from sessions.plan.model import Collection, Plan
from sessions.values.readings import Size

_LOOKS = 0.9
_WAITS = 0.65


class Counted:
    """One collection: its scan where it has a business key, its pace, and its last answer."""

    def __init__(self, place: Place, name: str, pace: Pace, scan: IncrementalScan | None) -> None:
        self.pace = pace
        self.scan = scan
        self._place = place
        self._base = place.base
        self._name = name
        self._last = TopicAnswer(())

    async def ask(self, now: datetime, end: float, patience: float) -> TopicAnswer:
        """Return its size, what was known of it while it rests, before `end` in the loop's seconds."""
        if not self.pace.ready(now):
            return replace(self._last, readings=())
        if (waits := self._base.waits) is not None:
            return TopicAnswer((), trouble=f"{self._name}: {unanswered(waits)}")
        try:
            self._last = await self._asked(now, end)
        except (PyMongoError, TimeoutError) as error:
            if self._base.in_vain(error):
                self.pace.abandoned(now, self._base.limit)
            self._last = TopicAnswer((), trouble=f"{self._name}: {reason(error, patience)}")
        return self._last

    async def _asked(self, now: datetime, end: float) -> TopicAnswer:
        begun = asyncio.get_running_loop().time()
        left = end - begun
        async with asyncio.timeout(_LOOKS * left):
            count = await self._count(self._base[self._name])
            if self.scan is not None:
                await self.scan.look(now, count, self._count)
        took = asyncio.get_running_loop().time() - begun
        self.pace.answered(now, took)
        if self.scan is None:
            return self._told(Copies(now, count, 0, 0, (), None), "")
        await self.scan.wait(_WAITS * left - took)
        found = self.scan.copies(now, count)
        if found is None and self.scan.failed:
            return TopicAnswer((), trouble=f"{self._name}: looking for duplicates: {self.scan.failed}")
        return self._told(found, self.scan.note(now))

    def _told(self, found: Copies | None, weak: str) -> TopicAnswer:
        notes = "; ".join(note for note in (weak, self.pace.note) if note)
        note = f"{self._name}: {notes}" if notes else ""
        if found is None:
            return TopicAnswer((), note=note)
        told = (self._name, found.count, found.duplicates, found.examples)
        size = Size(self._place.source, found.at, *told, self._holds())
        return TopicAnswer((size,), found.keyless, found.count, found.newest, note=note)

    def _holds(self) -> float:
        """For how many seconds its size stands: until it is counted again, or looked through where only that tells."""
        pace = self.pace
        return round(max(stands(pace.interval, pace.took, pace.rest), self.scan.holds if self.scan else 0.0), 3)

    async def _count(self, records: Records) -> int:
        """Count from the collection's own books, which takes no time; behind a router those also count strays."""
        if await self._base.is_router():
            return await records.count({})
        return await records.estimate()


class Collections:
    """All collections that the plan wants to see grow; only one at a time is looked through whole."""

    def __init__(self, counted: Sequence[Counted]) -> None:
        self._counted = counted

    @property
    def paces(self) -> Sequence[Pace]:
        """Each collection's own pace."""
        return [one.pace for one in self._counted]

    async def ask(self, now: datetime, end: float, patience: float) -> TopicAnswer:
        """Return the sizes of those that do not rest, before `end` in the loop's seconds."""
        return together(await asyncio.gather(*(one.ask(now, end, patience) for one in self._counted)))

    async def aclose(self) -> None:
        """Give up what is under way."""
        for one in self._counted:
            if one.scan is not None:
                await one.scan.aclose()


def collections(place: Place, plan: Plan, made: str, full_pass: float, pace: Pace) -> Collections:
    """Return the plan's collections, each with a pace like `pace`; `full_pass` in seconds."""
    turn = asyncio.Semaphore()

    def counted(rule: Collection) -> Counted:
        own = replace(place, base=place.base.kind())
        shelf = Shelf(own.base[rule.name], rule.key, made)
        scan = IncrementalScan(shelf, full_pass, plan.cadence.mongo_stale, pace.interval, turn) if rule.key else None
        return Counted(own, rule.name, replace(pace), scan)

    return Collections([counted(rule) for rule in plan.collections])
