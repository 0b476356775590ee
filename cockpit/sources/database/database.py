"""Queries to a database: each within its server's budget, with a time limit that the server enforces too.

The caller may stop waiting; the operation itself runs to its end. Its answer comes in one piece, so that no cursor
stays open at the server.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from pymongo import errors as e
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from cockpit.runtime.pace.paced_loop import real_seconds
from cockpit.sources.database.client import Document, is_slow
from cockpit.sources.interface.budget import RESTS, Budget

ABREAST = 3
"""Operations of one kind at once: a kind that is slow leaves room for others."""

_ONE_PIECE = 20_001
_AGAIN = 0.5
_DOUBLED = 8
_UNKNOWN = 60.0
"""Seconds after which an operation whose connection broke is over at the latest: most servers end it at once."""
_NO_COLLECTION = 26

T = TypeVar("T")
Sort = Sequence[tuple[str, int]]


class LostError(TimeoutError):
    """No sign of an operation for far longer than its limit: its connection is closed."""


class Base:
    """A database for one kind of question; `limit` is how long the server may work on one operation, in seconds."""

    def __init__(self, base: AsyncDatabase[Document], budget: Budget, limit: float) -> None:
        self.budget = budget
        self.limit = limit
        self._base = base
        self._beside = False
        self._abreast = asyncio.Semaphore(ABREAST)
        self._open: dict[asyncio.Task[Any], float] = {}
        self._all = set[asyncio.Task[Any]]()
        self._lost = 0
        self._unknown = (0.0, 0.0)

    def __getitem__(self, name: str) -> "Records":
        return Records(self, name, self._base[name])

    def kind(self, limit: float | None = None, *, database: str = "", beside: bool = False) -> "Base":
        """Return it for another kind of question; one `beside` is bounded by itself, and not in the budget."""
        base = self._base.client[database] if database else self._base
        other = Base(base, self.budget, self.limit if limit is None else limit)
        other._beside, other._all = beside, self._all
        return other

    @property
    def waits(self) -> float | None:
        """For how many seconds an operation of this kind is open, or lost and perhaps worked on; None if none is."""
        now, (lost_at, unknown_for) = asyncio.get_running_loop().time(), self._unknown
        begun = [*self._open.values(), *([lost_at] if now < lost_at + unknown_for else [])]
        return now - min(begun) if begun else None

    def in_vain(self, error: Exception) -> bool:
        """Whether the server worked, or still works, on an answer that came too late."""
        if isinstance(error, TimeoutError):
            return self.waits is not None and self.gone() is None
        return not _was_not_asked(error) and (is_slow(error) or isinstance(error, e.ConnectionFailure))

    def gone(self) -> e.ServerSelectionTimeoutError | None:
        """Return what the driver would say in a while where it knows no server to ask, None if it knows one."""
        known = self._base.client.topology_description
        if known.has_readable_server(self._base.read_preference):
            return None
        why = (str(one.error) for one in known.server_descriptions().values() if one.error)
        return e.ServerSelectionTimeoutError("; ".join(why))

    async def is_router(self) -> bool:
        """Whether the server only passes on what several others hold."""
        return await self._base.client.is_mongos

    async def ask(self, work: Callable[[int], Awaitable[T]]) -> T:
        """Wait for a place and for the answer to `work`, which gets its limit in ms. Raises what it raises."""
        await self._abreast.acquire()
        try:
            if not self._beside:
                await self.budget.enter()
        except BaseException:
            self._abreast.release()
            raise
        waited = self._waited(work)
        task = asyncio.create_task(waited() if self._beside else self.budget.carry(waited, self.limit, _tells_its_fate))
        self._open[task] = asyncio.get_running_loop().time()
        self._all.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def command(self, name: str, value: object = 1, **options: Any) -> Document:
        """Run a command. Raises PyMongoError."""
        codec = self._base.codec_options
        return await self.ask(lambda ms: self._base.command(name, value, codec_options=codec, maxTimeMS=ms, **options))

    async def names(self) -> set[str]:
        """Return the collections that are there. Raises PyMongoError."""
        return set(await self.ask(lambda ms: self._base.list_collection_names(maxTimeMS=ms)))

    async def aclose(self) -> None:
        """Give up what is open, of every kind; a driver may swallow a cancellation, so it is repeated."""
        while self._all:
            for task in self._all:
                task.cancel()
            await asyncio.wait(self._all, timeout=_AGAIN)

    def _waited(self, work: Callable[[int], Awaitable[T]]) -> Callable[[], Coroutine[Any, Any, T]]:
        """Each time that an operation is lost, the next of its kind is waited for twice as long."""
        patience = RESTS * self.limit * 2 ** min(self._lost, _DOUBLED)

        async def waited() -> T:
            try:
                async with asyncio.timeout(patience) as waiting:
                    # The server counts seconds of the machine.
                    answer = await work(max(1, int(real_seconds(self.limit) * 1000)))
            except TimeoutError as error:
                if not waiting.expired():
                    raise
                self._lost += 1
                raise LostError from error
            self._lost = 0
            return answer

        return waited

    def _ended(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()  # whoever waited has it, or gave up
        if error is not None and not _tells_its_fate(error):
            self._unknown = self._open[task], min(self.limit, _UNKNOWN)
        del self._open[task]
        self._all.discard(task)
        self._abreast.release()


class Records:
    """A collection as one kind of question asks it."""

    def __init__(self, base: Base, name: str, records: AsyncCollection[Document]) -> None:
        self.base = base
        self.name = name
        self._records = records

    def apart(self, limit: float) -> "Records":
        """Return the same collection for a slow question, outside the budget."""
        return self.base.kind(limit, beside=True)[self.name]

    async def count(self, match: Mapping[str, Any]) -> int:
        """Count the documents that match. Raises PyMongoError, as all of these."""
        return await self.base.ask(lambda ms: self._records.count_documents(match, maxTimeMS=ms))

    async def estimate(self) -> int:
        """Return the number of documents by the collection's metadata."""
        return await self.base.ask(lambda ms: self._records.estimated_document_count(maxTimeMS=ms))

    async def find(
        self, match: Mapping[str, Any], fields: Mapping[str, Any], sort: Sort = (), *, limit: int, skip: int = 0
    ) -> list[Document]:
        """Return these fields of the documents that match, at most `limit`."""

        async def found(ms: int) -> list[Document]:
            cursor = self._records.find(match, fields, skip, limit, batch_size=limit, max_time_ms=ms)
            return await (cursor.sort(list(sort)) if sort else cursor).to_list()

        return await self.base.ask(found)

    async def rows(self, stages: Sequence[Document], *, disk: bool = False) -> list[Document]:
        """Return all rows of a small aggregation; with `disk` the server may use its own for a large one."""

        async def found(ms: int) -> list[Document]:
            cursor = await self._records.aggregate(stages, allowDiskUse=disk, maxTimeMS=ms, batchSize=_ONE_PIECE)
            return await cursor.to_list()

        return await self.base.ask(found)

    async def indexes(self) -> Sequence[Mapping[str, Any]]:
        """Return the indexes, none if there is no such collection."""
        try:
            answer = await self.base.command("listIndexes", self.name, cursor={"batchSize": _ONE_PIECE})
        except e.OperationFailure as error:
            if error.code != _NO_COLLECTION:
                raise
            return ()
        found: Sequence[Mapping[str, Any]] = answer["cursor"]["firstBatch"]
        return found


def _tells_its_fate(error: BaseException) -> bool:
    """Whether nothing goes on at the server after this error: it answered, or it was never asked."""
    lost = isinstance(error, (e.ConnectionFailure, TimeoutError, asyncio.CancelledError))
    return not lost or _was_not_asked(error)


def _was_not_asked(error: BaseException) -> bool:
    return isinstance(error, (e.ServerSelectionTimeoutError, e.WaitQueueTimeoutError))
