"""The service's documents on their way to the database: collected, then written together, never above a limit."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import InsertOne, UpdateMany, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, PyMongoError

Document = dict[str, Any]
Filter = Mapping[str, Any]

LIMIT = 20_000
"""Documents in all collections together: beyond it the embedded server is too slow to be watched."""

AT_ONCE = 500
"""Documents of one collection in one command: what came together while the server was slow must not time out again."""

KEPT_FREE = 1_000
"""Room that growing collections leave to those that are pruned."""


class Records:
    """The documents to write and their counts; the world is the only writer, so it need not ask the database."""

    def __init__(self, database: AsyncDatabase[Document], total: int) -> None:
        self._database = database
        self._pending: dict[str, list[InsertOne[Document] | UpdateOne | UpdateMany]] = defaultdict(list)
        self.total = total
        self.healthy = True

    def insert(self, collection: str, document: Document) -> bool:
        """Add a document; False when the world is full."""
        if self.total >= LIMIT:
            return False
        self.total += 1
        self._pending[collection].append(InsertOne(document))
        return True

    def upsert(self, collection: str, key: Filter, document: Document) -> bool:
        """Add a document under a new business key; False if there is no room to grow."""
        if self.total >= LIMIT - KEPT_FREE:
            return False
        self.total += 1
        self._pending[collection].append(UpdateOne(key, {"$setOnInsert": document}, upsert=True))
        return True

    def update(self, collection: str, which: Filter, change: Filter) -> None:
        """Set fields of every document that matches."""
        self._pending[collection].append(UpdateMany(which, {"$set": change}))

    async def flush(self) -> None:
        """Write all that is pending; while the database is away it waits for the next time."""
        for collection in [name for name, operations in self._pending.items() if operations]:
            waiting = self._pending.pop(collection)
            operations, later = waiting[:AT_ONCE], waiting[AT_ONCE:]
            if later:
                self._pending[collection] = later
            try:
                await self._database[collection].bulk_write(operations, ordered=False)
                self.healthy = True
            except BulkWriteError:
                self.healthy = True  # the server did answer: what it took once it will not take twice
            except PyMongoError:
                self.healthy = False
                self._pending[collection] = operations + self._pending[collection]

    async def delete(self, collection: str, which: Filter) -> int:
        """Delete what matches, now; the number of documents that went."""
        try:
            gone = (await self._database[collection].delete_many(which)).deleted_count
        except PyMongoError:
            return 0
        self.total -= gone
        return gone

    async def fill(self, seed: Mapping[str, Sequence[Document]]) -> None:
        """Write the documents that the world begins with. Raises PyMongoError."""
        for collection, documents in seed.items():
            if documents:
                await self._database[collection].insert_many(documents)
                self.total += len(documents)
