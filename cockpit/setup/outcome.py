"""What is to be written: everything found and chosen, as plain values, and a line for each thing not found."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from cockpit.settings.models.traffic import Metrics
from cockpit.setup.found import Doubt, Endpoint, Growing


class Place(Struct, frozen=True):
    """Where traffic is counted: pages, or the address of a Prometheus with its `job`; neither for a request log."""

    metrics: Metrics | None = None
    pages: tuple[str, ...] = ()
    prometheus: str = ""
    job: str = ""
    interval: float = 0.0
    token: str = ""


class Database(Struct, frozen=True):
    """The variable with the address, the database, by part the keys that say where things are, and what is in doubt."""

    variable: str
    name: str
    parts: Mapping[str, Mapping[str, object]] = {}
    made: str = ""
    doubts: Mapping[str, tuple[Doubt, ...]] = {}


class Journey(Struct, frozen=True):
    """A journey by the id in its events, and the endpoints whose requests prove its traffic."""

    id: str
    endpoints: tuple[str, ...]


class FlagPlace(Struct, frozen=True):
    """Where the flag lives: its kind with the keys of `[flag]`, its name, and at how many percent it was, if read."""

    kind: str = "session"
    keys: Mapping[str, object] = {}
    name: str = ""
    percent: int | None = None


class Outcome(Struct, frozen=True):
    """Everything that a plan and settings are written from; `events` is the query of event counters, empty for none."""

    service: str
    place: Place
    endpoints: tuple[Endpoint, ...]
    others: tuple[Endpoint, ...] = ()
    p95_ms: float = 500
    edges: tuple[float, ...] = ()
    database: Database | None = None
    journeys: tuple[Journey, ...] = ()
    unmatched: tuple[str, ...] = ()
    growing: tuple[Growing, ...] = ()
    grows_anyway: tuple[Growing, ...] = ()
    flag: FlagPlace = FlagPlace()
    alertmanager: str = ""
    heartbeat: str = ""
    counter: tuple[str, str] = ("", "")
    notes: tuple[str, ...] = ()


class Wanted(Struct, frozen=True):
    """The options of the command line; None for one that was not given, so that a person may be asked."""

    name: str | None = None
    metrics: tuple[str, ...] = ()
    prometheus: str | None = None
    token: str = ""
    mongo: str | None = None
    database: str = ""
    flag_kind: str | None = None
    flag_url: str = ""
    flag_file: Path | None = None
    flag_key: str = ""
    flag_token: str = ""
    flag_environment: str = ""
    flag_project: str = "default"
    flag_read: str = ""
    flag_write: str = ""
    alertmanager: str | None = None
    endpoints: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    p95_ms: float | None = None
