"""Which sources can look up what a sheet asks for, and what to add where none can."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from msgspec import Struct

from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Settings
from cockpit.settings.models.settings import Source as Spec
from cockpit.settings.models.sheets import Changes, Dashboard, Failures
from cockpit.settings.models.traffic import Prometheus, Scrape
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.proxy import through
from cockpit.sources.interface.shows import Shows, Tried
from cockpit.sources.interface.source import Order


class Pages(Struct, frozen=True):
    """The dashboards of the settings."""

    pages: tuple[Dashboard, ...] = ()
    reach: Reach = Reach()


Shown = Spec | Changes | Failures | Pages

ADD: Mapping[str, str] = {
    "journey_events": 'a mongo source with "journeys" among its topics',
    "newest_capsules": 'a mongo source with "capsules" among its topics',
    "newest_tickets": 'a mongo source with "queue" among its topics',
    "returns_stuck": 'a mongo source with "returns" among its topics',
    "duplicate_documents": 'a mongo source with "collections" among its topics',
    "slow_operations": "a mongo source",
    "low_answers": 'a mongo source with "csat" among its topics, and the field csat.words',
    "failing_requests": "requests.collection of a mongo source, or [failures] with a command or url",
    "by_instance": "a prometheus source, or requests.instance of a mongo source's request log",
    "recent_changes": "[changes] with a command or url",
    "dashboards": "[[dashboards]] with title and url",
}
"""What to write in `cockpit.toml` so that it can be looked up."""

BY_TOPIC: Mapping[str, str] = {
    "journeys": "journey_events",
    "capsules": "newest_capsules",
    "queue": "newest_tickets",
    "returns": "returns_stuck",
    "collections": "duplicate_documents",
    "csat": "low_answers",
}
"""What a database can look up of what it is polled for."""

_MODULES: Mapping[type[Shown], str] = {
    Mongo: "mongo.lookups.source",
    Prometheus: "prometheus.by_instance",
    Changes: "json.lookups.changes",
    Failures: "json.lookups.failures",
    Pages: "dashboards",
}
"""Which module of `cockpit.sources` looks up for which kind, with `open_shows(order, spec, names)`."""


class ShowsOpening(Struct, frozen=True):
    """One source that can look up `names`; `why` it cannot after all, without opening it."""

    order: Order
    spec: Shown
    names: tuple[str, ...]
    why: str = ""

    @property
    def name(self) -> str:
        """What the settings call it."""
        return self.order.name

    async def open(self) -> Shows:
        """Open it. Drivers load in a thread. Raises SourceError, SecretError, anything."""
        shows: Shows = await asyncio.to_thread(self._opened)
        return shows

    async def open_tried(self) -> Tried:
        """Open one that is no source, to try it. Raises anything."""
        tried: Tried = await asyncio.to_thread(self._opened)
        return tried

    def _opened(self) -> Any:
        return import_module(f"cockpit.sources.{_MODULES[type(self.spec)]}").open_shows(
            self.order, self.spec, self.names
        )


def looked_up_by(spec: Shown) -> tuple[str, ...]:
    """Return the names that a source of these settings can look up, or can say why not."""
    match spec:
        case Mongo():
            log = ("failing_requests", "by_instance") if spec.requests.collection else ()
            return (*(BY_TOPIC[topic] for topic in spec.topics if topic in BY_TOPIC), "slow_operations", *log)
        case Prometheus() | Scrape():
            return ("by_instance",)
        case Changes():
            return ("recent_changes",) if spec.command or spec.url else ()
        case Failures():
            return ("failing_requests",) if spec.command or spec.url else ()
        case Pages():
            return ("dashboards",) if spec.pages else ()
        case _:
            return ()


def shows_openings(settings: Settings, order_for: Callable[[str], Order]) -> Sequence[ShowsOpening]:
    """Return an opening for each source that can look something up; `order_for` makes what one is opened with."""
    return [*_openings(settings.sources, order_for), *beside_openings(settings, order_for)]


def beside_openings(settings: Settings, order_for: Callable[[str], Order]) -> Sequence[ShowsOpening]:
    """Return an opening for each part of the settings that can look something up and is no source."""
    pages = Pages(settings.dashboards, through(Reach(), settings.http))
    specs: Mapping[str, Shown] = {
        "[changes]": settings.changes,
        "[failures]": settings.failures,
        "[[dashboards]]": pages,
    }
    return _openings(specs, order_for)


def _openings(specs: Mapping[str, Shown], order_for: Callable[[str], Order]) -> Sequence[ShowsOpening]:
    found = ((name, spec, looked_up_by(spec)) for name, spec in specs.items())
    return [ShowsOpening(order_for(name), spec, names, _why_not(spec)) for name, spec, names in found if names]


def _why_not(spec: Shown) -> str:
    if isinstance(spec, Scrape):
        return f"a scrape sums up its pages and keeps no past of each: add {ADD['by_instance']}"
    return ""
