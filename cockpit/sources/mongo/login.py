"""A source of a database whose address a command prints: where its login is refused it is opened with a new one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from cockpit.runtime.finding import Finding
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.schema.secrets import Renewal
from cockpit.sources.database.client import FORBIDDEN, REFUSED
from cockpit.sources.interface.source import Order, Source, SourceError, Steady
from sessions.values.readings import Pulse, Reading, Topic

Open = Callable[[Order, str], Source]
"""Opens a source as an order says, at an address. Raises SourceError."""

Told = TypeVar("Told")


def logged_in(order: Order, spec: Mongo, topics: Sequence[Topic], begin: Open) -> Source:
    """Return what `begin` opens; an address that a command prints is asked for with the first question.

    Raises SecretError, SourceError.
    """
    return Renewed(order, spec, topics, begin) if spec.uri.argv else begin(order, order.secrets.reveal(spec.uri))


class Renewed(Steady):
    """Stands for what `begin` opens; what is opened again goes on from the last answer. `topics` it always answers."""

    def __init__(self, order: Order, spec: Mongo, topics: Sequence[Topic], begin: Open) -> None:
        self.name, self.topics = order.name, topics
        self._order, self._spec, self._begin = order, spec, begin
        self._address = ""
        self._source: Source | None = None
        self._answered = frozenset[Topic]()

    @property
    def interval(self) -> float:
        """That of the source itself."""
        cadence = self._order.plan.cadence
        usual = cadence.traffic if Topic.TRAFFIC in self.topics else self._spec.every or cadence.mongo
        return self._source.interval if self._source else usual

    @property
    def deadline(self) -> float:
        """That of the source itself."""
        return self._source.deadline if self._source else self._spec.timeout or self._order.plan.cadence.deadline

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return what the source reads, asked once more where a new address helps. Raises SourceError, SecretError."""
        readings = await self._asked(lambda source: source.read(now))
        if any(self._refuses(one.reason, one.topic) for one in _pulses(readings)) and (await self._renewed()).done:
            readings = await (await self._opened()).read(now)
        if answered := {one.topic for one in _pulses(readings) if one.ok}:
            self._answered |= answered
            self._order = replace(self._order, since=now)
        return readings

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Return what the source finds. Raises SourceError, SecretError."""
        return await self._asked(lambda source: source.examine(now))

    async def aclose(self) -> None:
        """Close the source."""
        source, self._source = self._source, None
        if source is not None:
            await source.aclose()

    async def _asked(self, ask: Callable[[Source], Awaitable[Told]], *, last: bool = False) -> Told:
        try:
            return await ask(await self._opened())
        except SourceError as error:
            # Without a source the address is no address.
            if self._source and not self._refuses(str(error), *self.topics):
                raise
            renewal = (
                await self._renewed()
            )  # at last for what it says: a new word that is refused makes for a longer rest
            if last or not renewal.done:
                raise SourceError(", ".join(filter(None, (str(error), renewal.why)))) from error
        return await self._asked(ask, last=True)

    async def _opened(self) -> Source:
        if self._source is None:
            self._address = await self._order.secrets.word(self._spec.uri)
            self._source = self._begin(self._order, self._address)
        return self._source

    def _refuses(self, why: str, *topics: Topic) -> bool:
        """Whether we are shut out; what was never allowed is for lack of rights, and no new login helps."""
        return why.startswith(REFUSED) or (why.startswith(FORBIDDEN) and not self._answered.isdisjoint(topics))

    async def _renewed(self) -> Renewal:
        renewal = await self._order.secrets.renewed(self._spec.uri, self._address)
        if renewal.done:
            old, self._source, self._answered = self._source, None, frozenset()
            if old is not None:  # a failure to close is nobody's trouble
                await asyncio.gather(old.aclose(), return_exceptions=True)
        return renewal


def _pulses(readings: Sequence[Reading]) -> list[Pulse]:
    return [one for one in readings if isinstance(one, Pulse)]
