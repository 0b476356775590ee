"""The journey source: a check as data. Steps over HTTP in order, then a look for what they must have written.

It runs on demand behind an activity, and on an interval as a source that answers for no topic of its own.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

import httpx

from cockpit.http.client import FAILURES, open_client, place_of, reason
from cockpit.runtime.errors import AnswerError
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.journeys import Journey, JourneyLook
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.schema.placeholders import Value
from cockpit.settings.schema.secrets import SecretError
from cockpit.sources.database.client import FORBIDDEN, REFUSED, Client, mongo_client
from cockpit.sources.database.client import reason as mongo_reason
from cockpit.sources.database.database import Base
from cockpit.sources.interface.run_progress import Say, Told
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.journey.database_checks import await_document
from cockpit.sources.journey.http_steps import BrokenError, Ready, take_step
from sessions.text.clean import clean
from sessions.values.readings import Reading, Run, Topic

_MARGIN = 2.0
_ON_DEMAND = 3600.0


def open_source(order: Order, spec: Journey) -> Sequence["JourneySource"]:
    """Return the one source of a journey; it runs by itself only where an interval is given."""
    return [JourneySource(order, spec)]


class JourneyRunner:
    """Runs one journey, one run at a time; its connections are kept between runs, its cookies are not."""

    def __init__(self, order: Order, spec: Journey) -> None:
        self._order = order
        self._spec = spec
        self._one_at_a_time = asyncio.Lock()
        self._web: httpx.AsyncClient | None = None
        self._client: Client | None = None
        self._base: Base | None = None
        self._address = ""
        self._left: list[Client] = []
        self._steps: tuple[Ready, ...] = ()
        self.patience = spec.timeout or order.plan.cadence.deadline

    @property
    def longest(self) -> float:
        """The seconds that a run may take in all: every step its time, the slowest look its own."""
        return len(self._spec.steps) * self.patience + max((look.within for look in self._spec.looks), default=0.0)

    async def run(self, name: str, now: datetime, say: Say) -> Run:
        """Run it once from `now`, as the run called `name`, and return how it ended; each step is passed to `say`.

        Raises nothing of its own: what breaks is the last line.
        """
        async with self._one_at_a_time:
            scrub, journey = self._order.secrets.scrub, self._spec.journey
            told = Told(self._order.name, name, now, say, journey=journey, scrub=scrub)
            told.tell()
            try:
                async with asyncio.timeout(self.longest + _MARGIN):
                    return told.ended(await self._walk(told), ok=True)
            except TimeoutError:
                return told.ended(f"no end in {self.longest + _MARGIN:g} s")
            except (AnswerError, SecretError) as error:
                return told.ended(str(error))

    async def _walk(self, told: Told) -> str:
        """Take every step, then look for every document at once, and return the sum of it. Raises SourceError."""
        web, values = await self._opened(), dict[str, Value](run=told.id)
        web.cookies.clear()
        for number, ready in enumerate(self._steps, 1):
            try:
                line, captured = await take_step(web, self._spec.url, ready, values, self.patience)
            except BrokenError as error:
                raise BrokenError(f"step {number} {clean(ready.step.name, 80)}: {error}") from error
            values |= captured
            told.line(line)
        told.sent()
        if self._spec.looks:
            await self._look(told, values)
        documents = f", {_counted(len(self._spec.looks), 'document')}" if self._spec.looks else ""
        return f"{_counted(len(self._steps), 'step')}{documents} in {told.elapsed:.1f} s"

    async def _look(self, told: Told, values: dict[str, Value]) -> None:
        """Wait for all documents together; the first of them that does not come is what broke."""

        async def await_one(number: int) -> None:
            look = self._spec.looks[number]
            try:
                told.line(await self._arrived(look, values))
            except BrokenError as error:
                raise BrokenError(f"{clean(look.collection, 60)}: {error}") from error

        try:
            ends = await asyncio.gather(*map(await_one, range(len(self._spec.looks))), return_exceptions=True)
        finally:
            await self._let_go()
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _arrived(self, look: JourneyLook, values: dict[str, Value]) -> str:
        """Wait for a document; where the login is refused, once more with a new one. Raises BrokenError."""
        spec, base = self._records(), await self._connected()
        try:
            return await await_document(base, look, values)
        except BrokenError as error:
            if not str(error).startswith((REFUSED, FORBIDDEN)):
                raise
            renewal = await self._order.secrets.renewed(spec.uri, self._address)
            if not renewal.done and base is self._base:
                raise BrokenError(", ".join(filter(None, (str(error), renewal.why)))) from error
        if base is self._base and self._client is not None:
            self._left.append(self._client)
            self._base = self._client = None
        return await await_document(await self._connected(), look, values)

    async def _opened(self) -> httpx.AsyncClient:
        """Return the client; what the environment holds is revealed once. Raises SecretError, SourceError."""
        if self._web is None:
            reveal = self._order.secrets.reveal
            self._steps = tuple(
                Ready(step, {name: reveal(secret) for name, secret in step.headers.items()})
                for step in self._spec.steps
            )
            self._web = await asyncio.to_thread(open_client, self._spec, self._order.secrets, self.patience)
        return self._web

    def _records(self) -> Mongo:
        """Return the mongo source that is named here. Raises SourceError."""
        spec = self._order.all.get(self._spec.database)
        if not isinstance(spec, Mongo):
            raise SourceError(f"database {clean(self._spec.database, 40)} is no mongo source")
        return spec

    async def _connected(self) -> Base:
        """Return the database that the mongo source named here has. Raises SecretError, SourceError."""
        if self._base is None:
            address = await self._order.secrets.word(self._records().uri)
            if self._base is None:  # another look may have waited for the same word
                self._client, self._address = mongo_client(address), address
                base = self._client[self._records().database]
                self._base = Base(base, self._order.budgets.of(address), self.patience)
        return self._base

    async def _let_go(self) -> None:
        """Close what no look uses any more."""
        left, self._left = self._left, []
        await asyncio.gather(*(client.close() for client in left))

    async def examine(self) -> Sequence[Finding]:
        """Try the service and the database without writing anything."""
        found = [await self._examine_service()]
        if self._spec.looks:
            found.append(await self._examine_database())
        known = [journey.id for journey in self._order.plan.journeys]
        if self._spec.journey and self._spec.journey not in known:
            said = f"{clean(self._spec.journey, 40)} is no journey of the plan: a run proves no traffic"
            fix = f"write one of {', '.join(known)}" if known else "leave it out, or name it in the plan"
            found.append(Finding(Sight.WARNING, self._order.name, said, fix))
        runs = f"every {self._spec.every:g} s" if self._spec.every else "on demand"
        parts = f"{_counted(len(self._spec.steps), 'step')}, {_counted(len(self._spec.looks), 'look')}"
        counts = f"{parts}, runs {runs}; nothing was run"
        return [*found, Finding(Sight.GOOD, self._order.name, counts)]

    async def _examine_service(self) -> Finding:
        """Any answer at all is one: the address alone need not be a page."""
        where, begun = place_of(self._spec.url), time.perf_counter()
        try:
            web = await self._opened()
            async with asyncio.timeout(self.patience):
                response = await web.head(self._spec.url)
        except TimeoutError:
            return Finding(Sight.PROBLEM, where, f"no answer in {self.patience:g} s", "is the service up?")
        except (SecretError, *FAILURES) as error:
            why = str(error) if isinstance(error, SecretError) else reason(error, self.patience)
            return Finding(Sight.PROBLEM, where, why, "is the url right, and the service up?")
        took = (time.perf_counter() - begun) * 1000
        return Finding(Sight.GOOD, where, f"answers {response.status_code} in {took:.0f} ms")

    async def _examine_database(self) -> Finding:
        what = f"{clean(self._spec.database, 40)} for the looks"
        try:
            base = await self._connected()
            async with asyncio.timeout(self.patience):
                await base.command("ping")
        except (AnswerError, SecretError) as error:
            return Finding(Sight.PROBLEM, what, str(error), "name a mongo source that can be read")
        except Exception as error:  # noqa: BLE001 - a driver may fail in any way, and each is a finding
            return Finding(Sight.PROBLEM, what, mongo_reason(error, self.patience), "see the mongo source itself")
        return Finding(Sight.GOOD, what, "answers")

    async def aclose(self) -> None:
        """Close both connections."""
        await self._let_go()
        if self._web is not None:
            await self._web.aclose()
        if self._base is not None:
            await self._base.aclose()
        if self._client is not None:
            await self._client.close()


class JourneySource:
    """A journey as a source: on its interval it is run, without one it is never asked to."""

    topics: Sequence[Topic] = ()

    def __init__(self, order: Order, spec: Journey) -> None:
        self.name = order.name
        self.interval = spec.every or _ON_DEMAND
        self._runner = JourneyRunner(order, spec)
        self._runs = bool(spec.every)
        self.deadline = self._runner.longest + 2 * _MARGIN

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Run it once and return how it ended."""
        return [await self._runner.run(self.name, now, lambda _run: None)] if self._runs else []

    async def examine(self, _now: datetime) -> Sequence[Finding]:
        """Try what it needs; nothing is run."""
        return await self._runner.examine()

    async def aclose(self) -> None:
        """Close its connections."""
        await self._runner.aclose()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
