"""What was found at the service, as plain values with the names that it uses there."""

from collections.abc import Mapping

from msgspec import Struct

from cockpit.settings.models.traffic import Metrics


class Endpoint(Struct, frozen=True):
    """An endpoint that was asked for: so many requests since its process began, or in what was looked at."""

    name: str
    requests: float
    per_hour: float | None = None

    @property
    def told(self) -> str:
        """Its traffic in words."""
        rate = f", about {self.per_hour:,.0f} an hour" if self.per_hour is not None else ""
        return f"{self.requests:,.0f} requests seen{rate}"


class Traffic(Struct, frozen=True):
    """The two metrics by their names, and the endpoints that they count, the busiest first.

    `edges` are the bounds of the histogram's buckets, in ms.
    """

    metrics: Metrics
    endpoints: tuple[Endpoint, ...]
    edges: tuple[float, ...] = ()


class Counter(Struct, frozen=True):
    """A counter of events: its name, the label that says which, and what that says."""

    name: str
    label: str
    values: tuple[str, ...]


class Growing(Struct, frozen=True):
    """A collection that grows: so many documents an hour lately; `made` is the field of their date, empty for `_id`."""

    name: str
    per_hour: float
    made: str = ""
    count: int = 0


class Doubt(Struct, frozen=True):
    """What was guessed, or chosen among several, in words; `offers` are keys with what else they could be."""

    text: str
    offers: tuple[tuple[str, object], ...] = ()


class Records(Struct, frozen=True):
    """What a database holds: by each part of `[sources.records]` the keys that it needs, and what grows.

    `journeys` are the ids that events say. Of a log of requests `doubts` tell what was guessed, `variants` are its
    fields of yes and no, `user` is that of the user.
    """

    database: str
    parts: Mapping[str, Mapping[str, object]] = {}
    growing: tuple[Growing, ...] = ()
    journeys: tuple[str, ...] = ()
    requests: tuple[Endpoint, ...] = ()
    doubts: Mapping[str, tuple[Doubt, ...]] = {}
    variants: tuple[str, ...] = ()
    user: str = ""
