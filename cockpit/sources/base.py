"""What a source is: it measures, it never judges, and it may raise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sessions.readings import Reading, Topic


class SourceError(Exception):
    """The source could not be measured; the text is one short, cleaned reason without credentials."""


class Source(Protocol):
    """Something that can be asked for readings.

    `interval`, `deadline` in seconds: how often it wants to be asked and how long one answer may take in all.
    `topics` is what it answers for: on failure the Watch marks all of them.
    """

    name: str
    topics: Sequence[Topic]
    interval: float
    deadline: float

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Measure once at `now` (the client's UTC time), with a Pulse for each topic tried. Raises anything."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
