"""Opening the owner's sources, each by itself: one that cannot be opened is a source too, one that says why."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

from cockpit.settings.answering import answered, answers, unanswered
from cockpit.settings.answers import Alertmanager, Command, Json
from cockpit.settings.journey import Journey
from cockpit.settings.records import Mongo
from cockpit.settings.secret import Secrets
from cockpit.settings.traffic import Probe, Prometheus, Scrape
from cockpit.settings.whole import Settings
from cockpit.settings.whole import Source as Spec
from cockpit.sources.base import Source
from cockpit.sources.budget import Budgets
from cockpit.sources.dark import Dark
from cockpit.sources.order import Order
from sessions.clean import clean
from sessions.plan import Plan
from sessions.readings import Topic

NOBODY = "no source"
MISSING = "no source in cockpit.toml"


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the sources of some settings. What keeps its past is read back from `since`, when somebody last watched."""

    settings: Settings
    plan: Plan
    secrets: Secrets
    since: datetime | None = None
    budgets: Budgets = field(default_factory=Budgets)

    @property
    def answers(self) -> tuple[Topic, ...]:
        """The topics that the settings have a source for, whether or not it can be opened."""
        return tuple(answered(self.settings.sources))

    def order_for(self, name: str) -> Order:
        """Return what a source of that name is opened with."""
        return Order(name, self.plan, self.secrets, self.since, self.settings.sources, self.budgets)

    def openings(self) -> "Sequence[Opening]":
        """Return an opening for each source, and one for what nobody answers."""
        rows = [Opening(self.order_for(name), spec) for name, spec in self.settings.sources.items()]
        missing = unanswered(self.settings.sources)
        return (*rows, *([Opening(self.order_for(NOBODY), None, missing)] if missing else ()))


@dataclass(frozen=True, slots=True)
class Opening:
    """One source that is to be opened; without `spec` it stands for the topics that nobody answers."""

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
            return await asyncio.to_thread(opened, self.order, self.spec)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is a reason on this source's panes
            why = clean(self.order.secrets.scrub(str(error)), 120) or type(error).__name__
            return [self._dark(answers(self.spec), why)]

    def _dark(self, topics: Sequence[Topic], why: str) -> Dark:
        cadence = self.order.plan.cadence
        interval = cadence.traffic if Topic.TRAFFIC in topics else cadence.mongo
        return Dark(self.order.name, topics, interval, why)


_MODULES: Mapping[type[Spec], Sequence[str]] = {
    Prometheus: ("prometheus", "promexposure"),
    Scrape: ("scrape",),
    Probe: ("probe",),
    Json: ("json_source",),
    Command: ("command",),
    Alertmanager: ("alertmanager",),
    Mongo: ("mongo", "request_log"),
    Journey: ("journey",),
}
"""Which modules of `cockpit.sources` open which kind, each with `open_source(order, spec)`."""


def opened(order: Order, spec: Spec) -> Sequence[Source]:
    """Open one source by its kind; its modules and drivers load now. Raises SourceError, SecretError, anything."""
    found: list[Source] = []
    for name in _MODULES[type(spec)]:
        found += import_module(f"cockpit.sources.{name}").open_source(order, spec)
    return found
