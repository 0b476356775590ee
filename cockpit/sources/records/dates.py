"""How many documents carry a date that is none."""

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime

from cockpit.sources.mongo_link import Document
from cockpit.sources.records.base import Records

_LAST_TEXT = "\U0010ffff"


async def misdated(collection: Records, match: Document, field: str, beyond: datetime) -> int:
    """Count documents whose date is absent, a text, a number or after `beyond`."""
    ahead = collection.count({**match, field: {"$gt": beyond}})
    return sum(await asyncio.gather(undated(collection, match, field), ahead))


async def undated(collection: Records, match: Document, field: str) -> int:
    """Count documents whose date is absent, a text or a number: three ranges, closed on both sides.

    A range open to one side makes some servers read every document.
    """
    numbers = {"$gte": -math.inf, "$lte": math.inf}
    texts = {"$gte": "", "$lt": _LAST_TEXT}
    ranges: Sequence[object] = ({"$in": [None, math.nan]}, texts, numbers)
    return sum(await asyncio.gather(*(collection.count({**match, field: one}) for one in ranges)))
