"""The looks into a database, opened when a person first asks for one; a connection of its own, within one budget.

A login that was refused is not tried again for a while: each try may count towards locking the account.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bson.errors import BSONError
from pymongo import errors as e

from cockpit.settings.models.mongo import Mongo
from cockpit.sources.database.client import NOT_ALLOWED, REFUSED, Client, is_refused, mongo_client, reason
from cockpit.sources.database.database import Base
from cockpit.sources.database.hello import Hello
from cockpit.sources.interface.shows import Shows
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.mongo.lookups.by_instance import by_instance
from cockpit.sources.mongo.lookups.duplicate_documents import duplicate_documents
from cockpit.sources.mongo.lookups.failing_requests import failing_requests
from cockpit.sources.mongo.lookups.journey_events import journey_events
from cockpit.sources.mongo.lookups.low_answers import low_answers
from cockpit.sources.mongo.lookups.newest_capsules import newest_capsules
from cockpit.sources.mongo.lookups.newest_tickets import newest_tickets
from cockpit.sources.mongo.lookups.returns_stuck import returns_stuck
from cockpit.sources.mongo.lookups.slow_operations import slow_operations
from cockpit.sources.mongo.lookups.telling import Desk, Look
from sessions.values.sheets import Exhibit

LOOKS: Mapping[str, Look] = {
    "journey_events": journey_events,
    "newest_capsules": newest_capsules,
    "newest_tickets": newest_tickets,
    "returns_stuck": returns_stuck,
    "duplicate_documents": duplicate_documents,
    "slow_operations": slow_operations,
    "low_answers": low_answers,
    "failing_requests": failing_requests,
    "by_instance": by_instance,
}

LEAST = 5.0
"""Seconds that a look may take at least, unless the settings say less: a person waits longer than a poll."""

_PATIENCE = 0.9
_REST = timedelta(seconds=60)
_RIGHT = 'not allowed: this user needs the role "read" on this database'
_FAILURES = (e.PyMongoError, BSONError, TimeoutError)


def open_shows(order: Order, spec: Mongo, names: Sequence[str]) -> Shows:
    """Return what looks up these names. Raises nothing: the address is asked for with the first look."""
    return MongoLooks(order, spec, names)


class MongoLooks:
    """Looks into one database. `client` makes a client of an address; tests hand in their own."""

    def __init__(
        self, order: Order, spec: Mongo, shows: Sequence[str], client: Callable[[str], Client] = mongo_client
    ) -> None:
        self.name, self.shows = order.name, shows
        self.deadline = spec.timeout or max(LEAST, order.plan.cadence.deadline)
        self._order, self._spec, self._open = order, spec, client
        self._address = ""
        self._client: Client | None = None
        self._base: Base | None = None
        self._hello: Hello | None = None
        self._opening = asyncio.Lock()
        self._again: datetime | None = None

    async def show(self, name: str, now: datetime) -> Sequence[Exhibit]:
        """Look up `name`. Raises SourceError, SecretError."""
        patience = self.deadline * _PATIENCE
        base = await self._greeted(now, patience)
        desk = Desk(base.kind(), self._spec, self._order.plan, now, self.name)
        try:
            async with asyncio.timeout(patience):
                return await LOOKS[name](desk)
        except e.OperationFailure as error:
            allowed = error.code != NOT_ALLOWED
            raise SourceError(reason(error, patience) if allowed else _RIGHT) from error
        except _FAILURES as error:
            raise SourceError(reason(error, patience)) from error

    async def aclose(self) -> None:
        """Give up what is under way and close the client's connections."""
        base, client = self._base, self._client
        self._base = self._client = self._hello = None
        if base is not None and client is not None:
            await base.aclose()
            await client.close()

    async def _greeted(self, now: datetime, patience: float) -> Base:
        """Return the database once its server has answered a short question: one for all that ask at once."""
        async with self._opening:
            if self._again is not None and now < self._again:
                raise SourceError(f"{REFUSED}, asked again at {self._again:%H:%M:%S} UTC")
            try:
                return await self._hear(patience)
            except _FAILURES as error:
                if not is_refused(error):
                    raise SourceError(reason(error, patience)) from error
                return await self._anew(now, patience, error)

    async def _hear(self, patience: float) -> Base:
        if self._base is None or self._hello is None:
            self._address = await self._order.secrets.word(self._spec.uri)
            self._client = self._open(self._address)
            budget = self._order.budgets.of(self._address)
            self._base = Base(self._client[self._spec.database], budget, patience)
            self._hello = Hello(self._base, patience, patience)
        await self._hello.say()
        return self._base

    async def _anew(self, now: datetime, patience: float, error: Exception) -> Base:
        """Log in again if a command prints another address; else wait."""
        if (await self._order.secrets.renewed(self._spec.uri, self._address)).done:
            await self.aclose()
            try:
                return await self._hear(patience)
            except _FAILURES as again:
                error = again
        self._again = now + _REST if is_refused(error) else None
        raise SourceError(reason(error, patience)) from error
