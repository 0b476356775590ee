"""A source that cannot be asked, and says why: what is missing is told on every pane that needs it."""

from collections.abc import Sequence
from datetime import datetime

from cockpit.sources.base import Finding, SourceError
from sessions.readings import Reading, Topic


class Dark:
    """Fails every time with one reason. `interval` is in seconds."""

    deadline = 1.0

    def __init__(self, name: str, topics: Sequence[Topic], interval: float, reason: str) -> None:
        self.name = name
        self.topics = topics
        self.interval = interval
        self._reason = reason

    async def read(self, _now: datetime) -> Sequence[Reading]:
        """Raise SourceError."""
        raise SourceError(self._reason)

    async def examine(self, _now: datetime) -> Sequence[Finding]:
        """Raise SourceError."""
        raise SourceError(self._reason)

    async def aclose(self) -> None:
        """Nothing was opened."""
