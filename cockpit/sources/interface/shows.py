"""What a source may look up besides its readings: rows for a sheet, when a person opens it.

Look-ups are not polled or judged. Each is read-only, small, and limited in time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from cockpit.runtime.finding import Finding
from sessions.text.clean import clean
from sessions.text.units import minutes
from sessions.values.readings import Topic
from sessions.values.sheets import Exhibit, Row

NAMES = (
    "journey_events",
    "newest_capsules",
    "newest_tickets",
    "returns_stuck",
    "duplicate_documents",
    "slow_operations",
    "low_answers",
    "failing_requests",
    "by_instance",
    "recent_changes",
    "dashboards",
)
"""Everything that can be looked up."""

MOST = 20
"""So many rows an exhibit has at most."""

LONGEST = 400
"""So long a value may be: an address is whole, or no use."""


class Shows(Protocol):
    """Something that can look up what it knows of some of the names."""

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...

    @property
    def shows(self) -> Sequence[str]:
        """The names that it can look up."""
        ...

    @property
    def deadline(self) -> float:
        """How long one look may take in all, in seconds."""
        ...

    async def show(self, name: str, now: datetime) -> Sequence[Exhibit]:
        """Look up `name` once, at `now` (the client's UTC time). Raises anything."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class Tried(Shows, Protocol):
    """What is looked up beside the sources: `cockpit doctor` tries it as it tries them."""

    @property
    def topics(self) -> Sequence[Topic]:
        """What of all that is judged it answers for."""
        ...

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask once: whether it answers, how fast, what of it can be read. Raises anything."""
        ...


def exhibit(  # noqa: PLR0913, PLR0917 (an exhibit is told whole)
    source: str, now: datetime, name: str, title: str, rows: Iterable[Row] = (), trouble: str = ""
) -> Exhibit:
    """Return an exhibit of the first rows; all its texts are cleaned."""
    return Exhibit(source, now, name, clean(title, 80), tuple(map(cleaned, rows))[:MOST], clean(trouble, 300))


def cleaned(row: Row) -> Row:
    """Return a row whose texts are cleaned and no longer than they may be."""
    return Row(clean(row.what, 120), clean(row.value, LONGEST), clean(row.bound, 80), row.at, row.mark)


def hour(speed: float) -> float:
    """Return how many seconds an hour of a plan that runs `speed` times as fast has."""
    return 3600 / speed


def last(seconds: float) -> str:
    """Say a span that ends now: `last 10 min`, `last 24 h`."""
    hours = seconds / 3600
    return f"last {hours:.0f} h" if hours >= 2 and hours == int(hours) else f"last {minutes(seconds)}"
