"""One short question before any other: a server that is gone, or owes us answers, is asked nothing else."""

import asyncio

from cockpit.sources.database.client import HELLO_SECONDS, Document
from cockpit.sources.database.database import Base
from cockpit.sources.database.rights import rights_note
from cockpit.sources.interface.source import SourceError

_FAST = 0.1
"""The share of its patience within which a server that is fast answers."""


class Hello:
    """Greets a server; `deadline` is in how many seconds the whole answer of its source must be there.

    It is waited for at `most` so many seconds.
    """

    def __init__(self, base: Base, deadline: float, most: float = HELLO_SECONDS) -> None:
        self.patience = min(most, deadline)
        self._base = base
        self._greeting: asyncio.Task[Document] | None = None

    async def say(self) -> bool:
        """Return whether the server answers fast. Raises SourceError, PyMongoError.

        There is one greeting at a time: an unanswered one is waited for again.
        """
        clock, greeting = asyncio.get_running_loop().time, self._greeting
        begun, again = clock(), greeting is not None and not greeting.done()
        if greeting is None or not again:
            self._greeting = greeting = asyncio.ensure_future(self._admin().command("ping"))
            greeting.add_done_callback(_heard)
        try:
            async with asyncio.timeout(self.patience):
                await asyncio.shield(greeting)
        except TimeoutError:
            raise self._base.gone() or SourceError(f"no answer in {self.patience:g} s") from None
        return not again and clock() - begun <= _FAST * self.patience

    async def rights(self, database: str) -> str:
        """Return the warning that a user with too many rights gets. Raises PyMongoError, TimeoutError."""
        async with asyncio.timeout(self.patience):
            return await rights_note(self._admin(), database)

    def _admin(self) -> Base:
        """A greeting is no work: one that was lost makes nobody more patient, and none is in the budget."""
        return self._base.kind(self.patience, database="admin", beside=True)


def _heard(greeting: asyncio.Task[Document]) -> None:
    """Whoever waited has the error, or gave up."""
    if not greeting.cancelled():
        greeting.exception()
