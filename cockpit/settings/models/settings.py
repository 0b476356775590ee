"""The whole of `cockpit.toml`."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from cockpit.runtime.record import dataclass
from cockpit.settings.keymap.names import NAMES, Said
from cockpit.settings.models.flags import Flag, flag
from cockpit.settings.models.journeys import Activity, Journey
from cockpit.settings.models.json_answers import Alertmanager, Command, Json
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.notifications import Notifications
from cockpit.settings.models.sheets import Changes, Dashboard, Failures
from cockpit.settings.models.traffic import Probe, Prometheus, Scrape
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema import shapes
from cockpit.settings.schema.proxy import Web
from sessions.plan.strict_table import Table
from sessions.text.clean import clean

Source = Prometheus | Scrape | Probe | Json | Command | Alertmanager | Mongo | Journey

KINDS: Mapping[str, type[Any]] = {
    "prometheus": Prometheus,
    "scrape": Scrape,
    "probe": Probe,
    "json": Json,
    "command": Command,
    "alertmanager": Alertmanager,
    "mongo": Mongo,
    "journey": Journey,
}
"""Every kind of source, in the order of the reference."""

THEMES = ("auto", "night", "day", "sixteen")
"""The themes there are, by name: the screen alone knows their colours."""
GLYPHS = ("auto", "unicode", "ascii")


@dataclass(frozen=True, slots=True)
class MonitoredJourney:
    """A journey whose analytics events are watched; replaces those of the plan."""

    id: str = kit.text("The journey's id in its events", example='"capsule_created"')
    endpoints: tuple[str, ...] = kit.texts("Endpoints whose requests prove its traffic", None, '["POST /capsules"]')


@dataclass(frozen=True, slots=True)
class GrowingCollection:
    """A collection that grows with traffic; replaces those of the plan."""

    name: str = kit.text("Collection", example='"capsules"')
    per_hour: float = kit.number("Documents per hour that are expected at 100 %", 0.0)
    key: tuple[str, ...] = kit.texts("Fields that together identify one document", (), '["shopperId", "lookId"]')
    flow: str = kit.text("The plan's flow to freeze if it holds duplicates", "")


@dataclass(frozen=True, slots=True)
class ExpectedTraffic:
    """How much traffic is expected; replaces what the plan expects. It is used for remarks and judges nothing."""

    of: str = kit.text("An endpoint or a journey", example='"POST /csat"')
    per_hour: float = kit.number("Requests, or events, per hour that are expected at 100 %", None, "24")


@dataclass(frozen=True, slots=True)
class Band:
    """The expected band of every collection's growth; replaces the plan's. -1 leaves the plan's number."""

    tolerance: float = kit.number(
        "Allowed difference from the expected growth, in percent; -1 keeps the plan's", -1.0, low=-1.0
    )
    slack: float = kit.number("Documents allowed on top of that; -1 keeps the plan's", -1.0, low=-1.0)


def sources(doc: str) -> Any:
    """The named sources, each of its kind."""

    def ask(table: Table, name: str) -> Mapping[str, Source]:
        found: dict[str, Source] = {}
        for each, item in table.named(name).items():
            kind = item.choice("kind", tuple(KINDS))
            if item.raw("kind") == kind:  # of an unknown kind no key can be judged
                found[each] = kit.read(KINDS[kind], item)
        return found

    return field(kw_only=True, default_factory=dict, metadata={"key": kit.Key("named tables", doc, ask, kinds=KINDS)})


def activities(doc: str) -> Any:
    """What activities run, by the task's id."""

    def ask(table: Table, name: str) -> Mapping[str, Activity]:
        return {each: kit.read(Activity, item) for each, item in table.named(name).items()}

    key = kit.Key("named tables", doc, ask, model=Activity)
    return field(kw_only=True, default_factory=dict, metadata={"key": key})


def _keys(doc: str, example: str, names: Iterable[str]) -> Any:
    """The keys of acts, by names: a text each, or several."""

    def ask(table: Table, name: str) -> Mapping[str, Said]:
        value = table.raw(name, {})
        if not isinstance(value, Mapping) or not all(map(_worded, value.values())):
            table.note(name, "is no table of texts", f"write [{name}]")
            return {}
        return {clean(each, 200): _said(item) for each, item in value.items()}

    shape = shapes.named({"anyOf": [shapes.TEXT, {**shapes.TEXTS, "minItems": 1, "uniqueItems": True}]}, names)
    key = kit.Key("table of texts or lists", doc, ask, example, shape=shape)
    return field(kw_only=True, default_factory=dict, metadata={"key": key})


def _worded(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(one, str) for one in value))


def _said(value: Any) -> Said:
    return clean(value, 40) if isinstance(value, str) else tuple(clean(one, 40) for one in value)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an owner may say about a service."""

    service: str = kit.text("What the service is called", "", '"concierge"')
    theme: str = kit.choice("Theme of the screen; auto asks the terminal", THEMES, "auto")
    glyphs: str = kit.choice("Symbols and borders; auto draws ASCII where the locale is not UTF-8", GLYPHS, "auto")
    mouse: bool = kit.flag("Whether the cockpit uses the mouse; `false` leaves it to the terminal", default=True)
    endpoints: tuple[str, ...] = kit.texts(
        "Endpoints that are judged; replace those of the plan", (), '["GET /concierge", "POST /capsules"]'
    )
    journeys: tuple[MonitoredJourney, ...] = kit.many(MonitoredJourney, "Journeys whose events are watched")
    collections: tuple[GrowingCollection, ...] = kit.many(GrowingCollection, "Collections whose growth is watched")
    expected: tuple[ExpectedTraffic, ...] = kit.many(
        ExpectedTraffic, "Expected traffic, for the remarks before a flight"
    )
    growth: Band = kit.one(Band, "The expected band of growth")
    flag: Flag = flag("Where the flag lives")
    sources: Mapping[str, Source] = sources("Where numbers come from, each under a name of your choice")
    http: Web = kit.one(Web, "How the cockpit reaches servers")
    activities: Mapping[str, Activity] = activities("What runs for an activity of the plan, by its id")
    changes: Changes = kit.one(Changes, "Recent changes, for the sheets")
    failures: Failures = kit.one(Failures, "Failing requests from another system, for the sheets")
    dashboards: tuple[Dashboard, ...] = kit.many(Dashboard, "Dashboards that you look at by hand, for the sheets")
    notifications: Notifications = kit.one(Notifications, "How the cockpit calls you")
    keymap: Mapping[str, Said] = _keys(
        "Other keys, one or several, by the id that `cockpit keys` shows, or its last word",
        '{ pause = ["space", "p"], "log.note" = "f2" }',
        names=NAMES,
    )
