"""One scan of a whole collection: its duplicates now, and from where on documents are new."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from cockpit.sources.database.answer import AHEAD
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from cockpit.sources.mongo.duplicates.business_keys import Shelf, plain, token
from cockpit.sources.mongo.duplicates.copies import all_copies
from cockpit.sources.mongo.duplicates.index import MOST_NEW, OVERLAPS, Known
from cockpit.sources.mongo.duplicates.recent import is_indexed, made_between, newest_made

Recount = Callable[[Records], Awaitable[int]]
"""How documents are counted."""


async def look_through(shelf: Shelf, now: datetime, recount: Recount, lag: timedelta = OVERLAPS[0]) -> Known:
    """Look through the whole collection; no writer lags more than `lag`. Raises PyMongoError."""
    begun = time.perf_counter()
    indexed, mark = await is_indexed(shelf), await newest_made(shelf, now)
    overlap, recent = await _recent(shelf, min(mark or now, now), now, lag)
    base = await recount(shelf.documents)
    found = await all_copies(shelf)
    keys = {name: each for name, each in found.keys.items() if plain(each[0])}
    return Known(
        begun=now,
        base=base,
        took=time.perf_counter() - begun,
        mark=mark,
        indexed=indexed,
        keyless=found.keyless,
        undated=found.undated,
        keys=keys,
        beyond=found.repeated - sum(n - 1 for _, n in keys.values()),
        overlap=overlap,
        # Each of them is looked up all the same: what was looked through may have been a secondary that lags.
        seen={token((document["_id"],)): 0 for document in recent},
    )


async def _recent(shelf: Shelf, mark: datetime, now: datetime, lag: timedelta) -> tuple[timedelta, list[Document]]:
    """Return the newest documents and how far they reach back: not so far that they are too many to be read."""
    recent, overlap = list[Document](), lag
    for most in OVERLAPS:
        overlap = min(most, lag)
        recent = await made_between(shelf, mark - overlap, now + AHEAD, MOST_NEW // 2)
        if len(recent) < MOST_NEW // 2:
            break
    return overlap, recent
