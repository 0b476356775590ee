"""A scan of one collection of a test, with a clock of the test's own."""

import asyncio

import pytest
from bson import ObjectId

from cockpit.sources.mongo.duplicates.business_keys import Shelf
from cockpit.sources.mongo.duplicates.incremental import IncrementalScan
from tests.support.build import T0, after
from tests.support.sources.mongo_asking import asking

STALE, INTERVAL, HOUR = 180.0, 60.0, 3600.0
SOON = 60.0


class Watcher:
    """A scan of one collection of a test, with a clock of its own."""

    def __init__(self, collection, key=("shopperId", "lookId"), made=""):
        self.collection = collection
        self.shelf = Shelf(asking(collection.database)[collection.name], key, made)
        self.scan = IncrementalScan(self.shelf, HOUR, STALE, INTERVAL, asyncio.Semaphore())
        self.passes = 0
        self.number = 0

    async def insert(self, *keys, at=T0, **more):
        """Insert one document per key, made at `at`."""
        documents = []
        for key in keys:
            self.number += 1
            name = ObjectId(ObjectId.from_datetime(at).binary[:4] + self.number.to_bytes(8, "big"))
            fields = {k: v for k, v in zip(self.shelf.key, key, strict=True) if v is not ...}
            documents.append({"_id": name, **fields, **more})
        await self.collection.insert_many(documents)

    async def index(self):
        await self.collection.create_index([(name, 1) for name in self.shelf.key])

    async def count(self):
        return await self.collection.count_documents({})

    async def recount(self, _documents):
        """Each look through everything counts once."""
        self.passes += 1
        return await self.count()

    async def look(self, seconds=0.0, patience=SOON):
        now = after(seconds)
        count = await self.count()
        await self.scan.look(now, count, self.recount)
        await self.scan.wait(patience)
        return self.scan.copies(now, count)


@pytest.fixture
async def watcher(base):
    one = Watcher(base.capsules)
    await one.index()
    yield one
    await one.scan.aclose()


def keys(*names):
    return [(name, 1) for name in names]
