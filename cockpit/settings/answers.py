"""Sources that answer one topic out of any JSON, and Alertmanager."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.settings import kit
from cockpit.settings.access import Access

SHAPES: Mapping[str, tuple[str, ...]] = {
    "traffic": ("endpoint", "start", "end", "requests", "errors", "p95_ms"),
    "journeys": ("journey", "newest", "count"),
    "collections": ("collection", "count", "duplicates", "examples"),
    "triage": ("id", "at", "title", "open"),
    "queue": ("open", "oldest", "escalated", "priorities", "titles"),
    "capsules": ("held", "expiring", "expired", "next_expiry"),
    "returns": ("statuses", "open", "stuck"),
    "csat": ("answers", "low"),
}
"""What each topic is made of; the first four are rows, one for each endpoint, journey, collection or line."""

ROWS = ("traffic", "journeys", "collections", "triage")


@dataclass(frozen=True)
class Shape:
    """How a JSON answer becomes readings: JMESPath all along; without `fields` the answer carries our own names.

    Without slots, so that it can stand beside another base.
    """

    topic: str = kit.choice("What it answers for", tuple(SHAPES))
    rows: str = kit.text("JMESPath of the list of rows, for topics that have rows", "", '"results[]"')
    fields: Mapping[str, str] = kit.pairs("JMESPath of each part", '{ open = "count", oldest = "tickets[0].created" }')


@dataclass(frozen=True, slots=True)
class Json(Access, Shape):
    """`json`: any HTTP answer in JSON: PostHog, Sentry, Zendesk, an endpoint of your own."""

    url: str = kit.url("What is asked", example='"https://shop.zendesk.com/api/v2/search/count.json"')
    method: str = kit.choice("Method", ("GET", "POST"), "GET")
    body: Mapping[str, object] = kit.body("JSON to send; `{start}` and `{end}` stand for the window (ISO 8601)")


@dataclass(frozen=True, slots=True)
class Command(Shape):
    """`command`: a program that prints JSON, without a shell."""

    argv: tuple[str, ...] = kit.argv("Program and arguments", example='["/usr/local/bin/open-tickets", "--json"]')
    every: float = kit.span("How often it is run; 0 is the plan's cadence", 0.0, "0s")
    timeout: float = kit.span("Longest run; 0 is the plan's deadline", 0.0, "0s")


@dataclass(frozen=True, slots=True)
class Alertmanager(Access):
    """`alertmanager`: firing alerts as incidents."""

    url: str = kit.url("Where Alertmanager is, without /api", example='"https://alerts.example.org"')
    filters: tuple[str, ...] = kit.texts("Matchers that an alert must meet", (), "['service=\"shop\"']")
    label: str = kit.text("Label of the severity", "severity")
    critical: tuple[str, ...] = kit.texts("Severities that hold the gate", ("critical", "page"))
