"""Sources that answer one topic out of any JSON, and Alertmanager."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from cockpit.runtime.record import dataclass
from cockpit.settings.models.words import CRITICAL, HARMLESS, UNKNOWN
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.http_access import Access
from cockpit.settings.schema.jmespath import unreadable
from cockpit.settings.schema.shapes import Rules

SHAPES: Mapping[str, tuple[str, ...]] = {
    "traffic": (
        *("endpoint", "start", "end", "requests", "errors", "refused", "p95_ms", "over"),
        *("with_flag", "without_flag"),
    ),
    "journeys": ("journey", "newest", "count"),
    "collections": ("collection", "count", "duplicates", "examples"),
    "triage": ("id", "at", "title", "open"),
    "queue": ("open", "oldest", "escalated", "priorities", "titles"),
    "capsules": ("held", "expiring", "expired", "next_expiry"),
    "returns": ("statuses", "open", "stuck"),
    "csat": ("answers", "low"),
    "exposure": ("users", "exposed", "since", "newest"),
}
"""What each topic is made of; the first four are rows, one for each endpoint, journey, collection or line."""

ROWS = ("traffic", "journeys", "collections", "triage")


def _parts_of(topic: str) -> Mapping[str, object]:
    """Return what may stand beside a topic, in JSON Schema."""
    beside: dict[str, object] = {"fields": {"propertyNames": {"enum": list(SHAPES[topic])}}}
    if topic not in ROWS:
        beside["rows"] = {"maxLength": 0}
    return {"if": {"properties": {"topic": {"const": topic}}, "required": ["topic"]}, "then": {"properties": beside}}


PAGES = ("follow", "first")
"""What is done about an answer that is one page of several."""

UNITS: Mapping[str, float] = {"ms": 1.0, "s": 1000.0, "us": 0.001, "ns": 0.000001}
"""How many ms each unit of a duration is."""


@dataclass(frozen=True)
class Shape:
    """How a JSON answer becomes readings: JMESPath all along; a part without one is looked for under our own name.

    Without slots, so that it can be combined with another base.
    """

    topic: str = kit.choice("What it answers for", tuple(SHAPES), example="queue")
    rows: str = kit.text(
        "JMESPath of the list of rows, for topics with rows; or of an object of columns of equal length",
        "",
        '"results[]"',
    )
    fields: Mapping[str, str] = kit.pairs("JMESPath of each part", '{ open = "count", oldest = "tickets[0].created" }')

    pages: str = kit.choice("`follow` reads all pages of a list; `first` reads only the first", PAGES, "follow")
    unit: str = kit.choice("Unit of `p95_ms` in the answer", tuple(UNITS), "ms")
    RULES: ClassVar[Rules] = tuple(_parts_of(topic) for topic in SHAPES)

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield parts that the topic does not have, and expressions that cannot be parsed."""
        if self.rows and self.topic not in ROWS:
            yield "rows", f"means nothing for {self.topic}", "begin each field with it instead"
        if self.unit != "ms" and self.topic != "traffic":
            yield "unit", f"means nothing for {self.topic}", "leave it out: it is that of traffic's p95_ms"
        parts = SHAPES[self.topic]
        for name in self.fields:
            if name not in parts:
                yield f"fields.{name}", f"is no part of {self.topic}", f"write any of {', '.join(parts)}"
        yield from unreadable({"rows": self.rows} if self.rows else {})
        yield from unreadable({f"fields.{name}": text for name, text in self.fields.items()})


@dataclass(frozen=True, slots=True)
class Json(Access, Shape):
    """`json`: any HTTP answer in JSON: PostHog, Sentry, Zendesk, an endpoint of your own."""

    url: str = kit.url(
        "Address; `{start}` and `{end}` stand for the window (ISO 8601), `{start_s}` or `{start_ms}` since 1970",
        example='"https://shop.zendesk.com/api/v2/search/count.json"',
    )
    method: str = kit.choice("Method", ("GET", "POST"), "GET")
    body: Mapping[str, object] = kit.body("JSON to send, with the same placeholders")
    RULES: ClassVar[Rules] = (*Access.RULES, *Shape.RULES)

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        yield from Access.problems(self)
        yield from Shape.problems(self)
        if self.body and self.method == "GET":
            yield "body", "cannot go with GET", 'write method = "POST"'


_ARGV = "Program and arguments; `{start}` and `{end}` in them stand for the window, as in the `url` of `json`"


@dataclass(frozen=True, slots=True)
class Command(Shape):
    """`command`: a program that prints JSON, without a shell."""

    argv: tuple[str, ...] = kit.argv(_ARGV, example='["/usr/local/bin/open-tickets", "--json"]')
    every: float = kit.span("How often it runs; 0 uses the plan's cadence", 0.0, "0s")
    timeout: float = kit.span("Longest run; 0 uses the plan's deadline", 0.0, "0s")


@dataclass(frozen=True, slots=True)
class Alertmanager(Access):
    """`alertmanager`: firing alerts as incidents."""

    url: str = kit.url("Address of Alertmanager, without /api", example='"https://alerts.example.org"')
    filters: tuple[str, ...] = kit.texts("Matchers; an alert must match all", (), "['service=\"shop\"']")
    label: str = kit.text("Label of the severity", "severity")
    critical: tuple[str, ...] = kit.texts("Severities that hold the gate, in any case", (*CRITICAL, "page"))
    harmless: tuple[str, ...] = kit.texts("Severities that are only counted, in any case", HARMLESS)
    unknown: str = kit.choice(
        "What an alert of any other severity does: `hold` holds the gate, `tell` only reports it", UNKNOWN, "hold"
    )
    heartbeat: str = kit.text(
        "Name of an alert that always fires; if it does not fire, the alerts are blind", "", '"Watchdog"'
    )
    heartbeat_age: float = kit.span("Maximum age of the heartbeat's newest update", 300.0, "5m", low=1.0)
