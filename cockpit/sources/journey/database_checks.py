"""The database half of a journey: wait until a document of this run has arrived, or long enough.

Only equality with plain texts is asked for, by a find: nothing that a service answered can become an operator.
"""

import asyncio
import time
from collections.abc import Mapping

from pymongo.errors import OperationFailure, PyMongoError

from cockpit.settings.models.journeys import JourneyLook
from cockpit.settings.schema.placeholders import Value, filled
from cockpit.sources.database.client import reason
from cockpit.sources.database.database import Base
from cockpit.sources.interface.budget import RESTS
from cockpit.sources.journey.http_steps import BrokenError
from sessions.text.clean import clean

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_LAST = 2
"""How many times what a look took before the end of all the last one begins."""


async def await_document(base: Base, look: JourneyLook, values: Mapping[str, Value]) -> str:
    """Return a line about the document that arrived. Raises BrokenError.

    After each look it rests ten times as long as the look took, except before the last one.
    """
    which = {name: {"$eq": filled(template, values)} for name, template in look.where.items()}
    clock, records = time.perf_counter, base.kind(look.within)[look.collection]
    begun, pause, trouble = clock(), _FIRST_PAUSE, ""
    while (left := look.within - (clock() - begun)) > 0:
        asked = clock()
        try:
            async with asyncio.timeout(left):
                found = await records.find(which, {"_id": 1}, limit=1)
        except (PyMongoError, TimeoutError) as error:
            if isinstance(error, OperationFailure) and not error.timeout:
                # Refused once is refused: asked again and again it may lock the account.
                raise BrokenError(reason(error, look.within)) from error
            found, trouble = [], reason(records.base.gone() or error, look.within)
        if found:
            return f"{clean(look.collection, 60)}: arrived after {clock() - begun:.1f} s"
        took, left = clock() - asked, max(0.0, look.within - (clock() - begun))
        await asyncio.sleep(min(left, max(pause, min(RESTS * took, left - _LAST * took))))
        pause = min(2 * pause, _LONGEST_PAUSE)
    raise BrokenError(trouble or f"did not arrive in {look.within:g} s")
