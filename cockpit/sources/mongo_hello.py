"""One short question before any other: a server that is gone, or owes us answers, is asked nothing else."""

import asyncio

from cockpit.sources.base import SourceError
from cockpit.sources.mongo_link import HELLO_SECONDS
from cockpit.sources.mongo_rights import rights_note
from cockpit.sources.records.base import Base
from cockpit.sources.records.words import unanswered

_FAST = 0.1
"""The share of its patience within which a server that is fast answers."""


class Hello:
    """Says hello to a server; `deadline` is in how many seconds the whole answer of its source must be there."""

    def __init__(self, base: Base, deadline: float) -> None:
        self.patience = min(HELLO_SECONDS, deadline)
        self._base = base
        self._admin = self._kind()

    async def say(self) -> bool:
        """Return whether the server answers fast. Raises SourceError while it owes an answer, and PyMongoError."""
        if (waits := self._admin.waits) is not None:
            raise self._admin.gone() or SourceError(unanswered(waits))
        self._admin = self._kind()
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(self.patience):
                await self._admin.command("ping")
        except TimeoutError:
            raise self._why() from None
        return clock() - begun <= _FAST * self.patience

    def _kind(self) -> Base:
        """A greeting is no work: one that was lost makes nobody more patient, and none is in the budget."""
        return self._base.kind(self.patience, database="admin", beside=True)

    def _why(self) -> Exception:
        if (gone := self._admin.gone()) is not None:
            return gone
        return SourceError(f"no answer in {self.patience:g} s")

    async def rights(self, database: str) -> str:
        """Return the warning that a user with too many rights gets. Raises PyMongoError, TimeoutError."""
        async with asyncio.timeout(self.patience):
            return await rights_note(self._admin, database)
