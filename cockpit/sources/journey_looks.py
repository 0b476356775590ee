"""The database half of a journey: wait until a document of this run has arrived, or long enough.

Only equality with plain texts is asked for, by a find: nothing that a service answered can become an operator.
"""

import asyncio
import time
from collections.abc import Mapping

import pymongo
from pymongo.errors import OperationFailure, PyMongoError

from cockpit.settings.journey import JourneyLook
from cockpit.settings.placeholders import Value, filled
from cockpit.sources.journey_steps import BrokenError
from cockpit.sources.mongo_link import Client, reason
from sessions.clean import clean

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


async def await_document(client: Client, database: str, look: JourneyLook, values: Mapping[str, Value]) -> str:
    """Return what is said of a document that arrived. Raises BrokenError."""
    which = {name: {"$eq": filled(template, values)} for name, template in look.where.items()}
    begun, pause, trouble = time.perf_counter(), _FIRST_PAUSE, ""
    while (left := look.within - (time.perf_counter() - begun)) > 0:
        try:
            with pymongo.timeout(left):
                found = await client[database][look.collection].find_one(which, {"_id": 1})
        except OperationFailure as error:
            if not error.timeout:  # refused once is refused: asked again and again it may lock the account
                raise BrokenError(reason(error, look.within)) from error
            found, trouble = None, reason(error, look.within)
        except PyMongoError as error:
            found, trouble = None, reason(error, look.within)
        if found is not None:
            return f"{clean(look.collection, 60)}: arrived after {time.perf_counter() - begun:.1f} s"
        await asyncio.sleep(min(pause, max(0.0, look.within - (time.perf_counter() - begun))))
        pause = min(2 * pause, _LONGEST_PAUSE)
    raise BrokenError(trouble or f"did not arrive in {look.within:g} s")
