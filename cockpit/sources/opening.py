"""Opens the owner's sources separately; one that cannot be opened becomes a source that says why."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module

from msgspec import Struct, field

from cockpit.runtime.clock import Clock
from cockpit.runtime.finding import Finding
from cockpit.settings.file.cross_checks import answered, answers, asked, unanswered
from cockpit.settings.models.journeys import Journey
from cockpit.settings.models.json_answers import Alertmanager, Command, Json
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Settings
from cockpit.settings.models.settings import Source as Spec
from cockpit.settings.models.traffic import Probe, Prometheus, Scrape
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.budget import Budgets
from cockpit.sources.interface.source import Order, Source, SourceError
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.values.readings import Reading, Spans, Topic


class Dark:
    """Fails every time with one reason. `interval` is in seconds."""

    deadline = 1.0

    def __init__(self, name: str, topics: Sequence[Topic], interval: float, reason: str) -> None:
        self.name = name
        self.topics = topics
        self.interval = interval
        self._reason = reason

    async def read(self, _now: datetime) -> Sequence[Reading]:
        """Raise SourceError."""
        raise SourceError(self._reason)

    async def examine(self, _now: datetime) -> Sequence[Finding]:
        """Raise SourceError."""
        raise SourceError(self._reason)

    async def aclose(self) -> None:
        """Nothing was opened."""


NOBODY = "no source"
MISSING = "no source in cockpit.toml"


class Opener(Struct, frozen=True):
    """Opens the sources of some settings. What keeps its past is read back from `since`, when somebody last watched."""

    settings: Settings
    plan: Plan
    secrets: Secrets
    since: datetime | None = None
    budgets: Budgets = field(default_factory=Budgets)
    gaps: Mapping[str, Spans] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)

    @property
    def answers(self) -> tuple[Topic, ...]:
        """The topics of the plan that the settings have a source for, whether or not it can be opened."""
        return tuple(answered(self.asked))

    @property
    def asked(self) -> Mapping[str, Spec]:
        """The sources with what the plan uses of them."""
        return asked(self.settings.sources, self.plan)

    def order_for(self, name: str) -> Order:
        """Return what a source of that name is opened with."""
        return Order(
            name,
            self.plan,
            self.secrets,
            self.since,
            self.settings.sources,
            self.budgets,
            self.gaps,
            self.clock,
        )

    def openings(self) -> "Sequence[Opening]":
        """Return an opening for each source, and one for the topics without a source."""
        rows = [Opening(self.order_for(name), spec) for name, spec in self.asked.items()]
        missing = unanswered(self.settings.sources, self.plan)
        return (*rows, *([Opening(self.order_for(NOBODY), None, missing)] if missing else ()))


class Opening(Struct, frozen=True):
    """One source to open; without `spec` it is for the topics that have no source."""

    order: Order
    spec: Spec | None
    missing: Sequence[Topic] = ()

    async def open(self) -> Sequence[Source]:
        """Return its sources, in a failure one that says why; raises nothing.

        Drivers load in a thread: nothing else waits for them.
        """
        if self.spec is None:
            return [self._dark(self.missing, MISSING)]
        try:
            if isinstance(self.spec, Command):  # a program may tell any secret: all are to be known before
                await self.order.secrets.ready()
            return await asyncio.to_thread(opened, self.order, self.spec)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is a reason on this source's panes
            why = clean(self.order.secrets.scrub(str(error))) or type(error).__name__
            return [self._dark(answers(self.spec), why)]

    def _dark(self, topics: Sequence[Topic], why: str) -> Dark:
        cadence = self.order.plan.cadence
        interval = cadence.traffic if Topic.TRAFFIC in topics else cadence.mongo
        return Dark(self.order.name, topics, interval, why)


_MODULES: Mapping[type[Spec], Sequence[str]] = {
    Prometheus: ("prometheus.source", "prometheus.exposure"),
    Scrape: ("scrape.source",),
    Probe: ("probe.source",),
    Json: ("json.http",),
    Command: ("json.command",),
    Alertmanager: ("alertmanager",),
    Mongo: ("mongo.source", "mongo.request_log"),
    Journey: ("journey.source",),
}
"""Which modules of `cockpit.sources` open which kind, each with `open_source(order, spec)`."""


def opened(order: Order, spec: Spec) -> Sequence[Source]:
    """Open one source by its kind; its modules and drivers load now. Raises SourceError, SecretError, anything."""
    found: list[Source] = []
    for name in _MODULES[type(spec)]:
        found += import_module(f"cockpit.sources.{name}").open_source(order, spec)
    return found
