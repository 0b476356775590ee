"""Failing requests out of another system, as a program or an address lists them."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.sheets import Failures
from cockpit.sources.interface.shows import Shows, exhibit
from cockpit.sources.interface.source import Order
from cockpit.sources.json.lookups.listing import Fetching, looked_over, read
from cockpit.sources.json.parts import Parts, UnreadableError
from sessions.text.units import counted
from sessions.values.readings import Topic
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "failing_requests"
_TOLD, _GROUPS = 12, 8
_FAILED = 500

_NONE = (Sight.GOOD, "no request is listed", "")


def open_shows(order: Order, spec: Failures, names: Sequence[str]) -> Shows:
    """Return what looks up the failing requests."""
    return FailingRequests(order, spec, names)


class FailingRequests:
    """Lists the newest failing requests, and what of them fails together."""

    topics: Sequence[Topic] = ()

    def __init__(self, order: Order, spec: Failures, shows: Sequence[str]) -> None:
        self.name, self.shows = order.name, shows
        self._fetching, self._spec = Fetching(order, spec), spec
        self.deadline = self._fetching.deadline

    async def show(self, name: str, now: datetime) -> Sequence[Exhibit]:
        """Return the requests. Raises SourceError, SecretError."""
        found = read(await self._fetching.rows(), self._spec.fields, now, failure)
        rows = [row for _, row in found.rows]
        together = _together(rows)
        none = [Row("failing requests", "none are listed")]
        return [
            exhibit(self.name, now, name, "What fails together", together or none, found.trouble),
            exhibit(self.name, now, name, "Newest failing requests", rows[:_TOLD] or none, found.trouble),
        ]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask for the list once. Raises SourceError, SecretError."""
        begun = time.perf_counter()
        found = read(await self._fetching.rows(), self._spec.fields, now, failure)
        return [looked_over(self.name, found, begun, now, _NONE)]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._fetching.aclose()


def failure(parts: Parts) -> tuple[datetime, Row]:
    """Read one request; all but its id and its date may be absent. Raises UnreadableError."""
    at, status = parts.past("at"), _status(parts)
    field = f"field {parts.text('field', 40)}" if parts.has("field") else ""
    why = ": ".join(filter(None, (field, parts.text("error", 80) if parts.has("error") else "")))
    endpoint = parts.text("endpoint", 80) if parts.has("endpoint") else "?"
    mark = Mark.WARMING if status and status < _FAILED else Mark.BREACH
    return at, Row(parts.text("id", 60), f"{endpoint} · {status or '?'}", why, at, mark)


def _status(parts: Parts) -> int:
    """Return the status, also where it is written as a text; 0 if there is none."""
    if not parts.has("status"):
        return 0
    try:
        return parts.whole("status")
    except UnreadableError:
        said = parts.text("status", 6)
        return int(said) if said.isascii() and said.isdigit() else 0


def _together(rows: Sequence[Row]) -> list[Row]:
    """Return what was said more than once of one endpoint, status and field, the most frequent first."""
    counts = Counter((row.value, row.bound, row.mark) for row in rows)
    newest = {(row.value, row.bound, row.mark): row.at for row in reversed(rows)}
    return [
        Row(key[0], counted(count, "requests"), key[1], newest[key], key[2])
        for key, count in counts.most_common(_GROUPS)
    ]
