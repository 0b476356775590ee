"""What the sheets look up beside the sources: recent changes, failing requests of another system, the dashboards."""

from collections.abc import Iterable, Mapping
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from cockpit.runtime.record import dataclass
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.jmespath import unreadable
from cockpit.settings.schema.masking import sensitive
from cockpit.settings.schema.shapes import Rules, not_beside

CHANGE = ("at", "text", "who", "kind")
"""What a change is made of."""
FAILURE = ("id", "at", "endpoint", "status", "error", "field")
"""What a failing request is made of."""

_LINES = "a JSON list, JSON lines, or plain lines that begin with an ISO time"


@dataclass(frozen=True, slots=True)
class Changes(Reach):
    """What was changed lately: deploys, commits, the audit of the flags."""

    command: tuple[str, ...] = kit.argv(
        f"Program that prints the changes: {_LINES}", (), '["git", "log", "-n", "50", "--format=%cI %an: %s"]'
    )
    url: str = kit.url("Address that returns the list instead", "", '"https://deploys.example.org/api/recent"')
    rows: str = kit.text("JMESPath of the list of changes", "", '"deploys[]"')
    fields: Mapping[str, str] = kit.pairs(
        f"JMESPath of each part: {', '.join(CHANGE)}",
        '{ at = "finished_at", text = "title", who = "user.login" }',
        names=CHANGE,
    )
    timeout: float = kit.span("Longest time for one answer; 0 uses the plan's deadline", 0.0, "0s")
    RULES: ClassVar[Rules] = (*Reach.RULES, not_beside("command", "url"))

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        yield from Reach.problems(self)
        yield from _asked(self, CHANGE)


@dataclass(frozen=True, slots=True)
class Failures(Reach):
    """Failing requests out of another system than a request log in MongoDB: Sentry, Loki, a program."""

    command: tuple[str, ...] = kit.argv(
        "Program that prints the newest failing requests, as JSON", (), '["/usr/local/bin/failing-requests"]'
    )
    url: str = kit.url("Address that returns the list instead", "", '"https://logs.example.org/api/failing"')
    rows: str = kit.text("JMESPath of the list of requests", "", '"hits[]"')
    fields: Mapping[str, str] = kit.pairs(
        f"JMESPath of each part: {', '.join(FAILURE)}",
        '{ id = "request_id", at = "time", endpoint = "route" }',
        names=FAILURE,
    )
    timeout: float = kit.span("Longest time for one answer; 0 uses the plan's deadline", 0.0, "0s")
    RULES: ClassVar[Rules] = (*Reach.RULES, not_beside("command", "url"))

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        yield from Reach.problems(self)
        yield from _asked(self, FAILURE)


Listing = Changes | Failures
"""What a list is asked for by: a program or an address, and how its rows are read."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page that is looked at by hand."""

    title: str = kit.text("What you call it", example='"Latency by endpoint"')
    url: str = kit.url("Its address", example='"https://grafana.example.org/d/concierge"')

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what would be shown, and should not."""
        if self.title == "":
            yield "title", "is empty", "say what it shows"
        for name, _ in parse_qsl(urlsplit(self.url).query):
            if sensitive(name):
                yield "url", f'holds a secret in the open, "{name[:40]}"', "write an address that asks for a login"


def _asked(spec: Listing, parts: tuple[str, ...]) -> Iterable[tuple[str, str, str]]:
    if spec.command and spec.url:
        yield "command", "stands beside url", "keep one of them"
    if (spec.rows or spec.fields or spec.token) and not (spec.command or spec.url):
        yield "command", "or url is missing", "name a program, or an address"
    for name in spec.fields:
        if name not in parts:
            yield f"fields.{name}", "is no part of it", f"write any of {', '.join(parts)}"
    yield from unreadable({"rows": spec.rows} if spec.rows else {})
    yield from unreadable({f"fields.{name}": text for name, text in spec.fields.items()})
