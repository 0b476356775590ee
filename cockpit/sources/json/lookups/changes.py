"""Recent changes: deploys, commits, the audit of the flags, as a program or an address lists them."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.sheets import Changes
from cockpit.sources.interface.shows import MOST, Shows, exhibit, hour, last
from cockpit.sources.interface.source import Order
from cockpit.sources.json.lookups.listing import Fetching, looked_over, read
from cockpit.sources.json.parts import Parts
from sessions.text.units import duration
from sessions.values.readings import Topic
from sessions.values.sheets import Exhibit, Row

NAME = "recent_changes"
DAY = 24

_NONE = (Sight.WARNING, "no change is listed", "does it list what you deploy? See rows")


def open_shows(order: Order, spec: Changes, names: Sequence[str]) -> Shows:
    """Return what looks up the changes."""
    return RecentChanges(order, spec, names)


class RecentChanges:
    """Lists what was changed within the last day of the plan, the newest first."""

    topics: Sequence[Topic] = ()

    def __init__(self, order: Order, spec: Changes, shows: Sequence[str]) -> None:
        self.name, self.shows = order.name, shows
        self._fetching, self._spec = Fetching(order, spec), spec
        self._day = DAY * hour(order.plan.speed)
        self.deadline = self._fetching.deadline

    async def show(self, name: str, now: datetime) -> Sequence[Exhibit]:
        """Return the changes. Raises SourceError, SecretError."""
        found = read(await self._fetching.rows(), self._spec.fields, now, change)
        since, span = now - timedelta(seconds=self._day), last(self._day)
        rows = [row for at, row in found.rows if at >= since]
        more = [Row("and", f"{len(rows) - MOST + 1:,} more")] if len(rows) > MOST else []
        told = [*rows[: MOST - len(more)], *more] or [_none(found.rows, now, span)]
        return [exhibit(self.name, now, name, f"Changes, {span}", told, found.trouble)]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask for the list once. Raises SourceError, SecretError."""
        begun = time.perf_counter()
        found = read(await self._fetching.rows(), self._spec.fields, now, change)
        return [looked_over(self.name, found, begun, now, _NONE)]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._fetching.aclose()


def change(parts: Parts) -> tuple[datetime, Row]:
    """Read one change. Raises UnreadableError."""
    at = parts.past("at")
    kind = parts.text("kind", 24) if parts.has("kind") else "change"
    who = f"by {parts.text('who', 40)}" if parts.has("who") else ""
    return at, Row(kind, parts.text("text"), who, at)


def _none(rows: Sequence[tuple[datetime, Row]], now: datetime, span: str) -> Row:
    older = f"the newest is {duration((now - rows[0][0]).total_seconds())} old" if rows else ""
    return Row("changes", f"none in the {span}", older, rows[0][0] if rows else None)
