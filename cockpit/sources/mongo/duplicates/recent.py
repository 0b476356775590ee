"""A collection's newest documents, and whether the others of their keys are found without reading all of it."""

from datetime import datetime

from cockpit.sources.database.answer import AHEAD, shown
from cockpit.sources.database.client import Document
from cockpit.sources.mongo.duplicates.business_keys import Shelf


async def made_between(shelf: Shelf, since: datetime, until: datetime, limit: int) -> list[Document]:
    """Return the dates and keys of documents made in a span, oldest first, at most `limit`."""
    fields = shown("_id", shelf.dated, *shelf.key)
    return await shelf.documents.find(shelf.between(since, until), fields, [(shelf.dated, 1)], limit=limit)


async def newest_made(shelf: Shelf, now: datetime) -> datetime | None:
    """Return when the newest document was made, None if none tells."""
    dawn = datetime.fromtimestamp(0, now.tzinfo)
    made, fields = shelf.between(dawn, now + AHEAD), shown("_id", shelf.dated)
    found = await shelf.documents.find(made, fields, [(shelf.dated, -1)], limit=1)
    return shelf.date(found[0]) if found else None


async def is_indexed(shelf: Shelf) -> bool:
    """Whether a whole index begins with a field of the key, so that looking up a key reads few documents."""
    return any(
        next(iter(index["key"])) in shelf.key and "partialFilterExpression" not in index and not index.get("hidden")
        for index in await shelf.documents.indexes()
    )
