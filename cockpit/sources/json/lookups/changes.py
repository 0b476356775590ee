"""Recent changes: deploys, commits, the audit of the flags, as a program or an address lists them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cockpit.settings.models.sheets import Changes
from cockpit.sources.interface.shows import MOST, Shows, exhibit, hour, last
from cockpit.sources.interface.source import Order
from cockpit.sources.json.lookups.listing import Fetching, read
from cockpit.sources.json.parts import Parts
from sessions.text.units import duration
from sessions.values.sheets import Exhibit, Row

NAME = "recent_changes"
DAY = 24


def open_shows(order: Order, spec: Changes, names: Sequence[str]) -> Shows:
    """Return what looks up the changes."""
    return RecentChanges(order, spec, names)


class RecentChanges:
    """Lists what was changed within the last day of the plan, the newest first."""

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

    async def aclose(self) -> None:
        """Let go of connections."""
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
