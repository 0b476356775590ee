"""What a source is: it measures, it never judges, and it may raise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sessions.readings import Reading, Topic


class SourceError(Exception):
    """The source could not be measured; the text is one short, cleaned reason without credentials."""


class Source(Protocol):
    """Something that can be asked for readings.

    On failure the Watch marks every one of its topics.
    """

    @property
    def name(self) -> str:
        """What the screen calls it."""
        ...

    @property
    def topics(self) -> Sequence[Topic]:
        """What it answers for."""
        ...

    @property
    def interval(self) -> float:
        """How often it wants to be asked, in seconds."""
        ...

    @property
    def deadline(self) -> float:
        """How long one answer may take in all, in seconds."""
        ...

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Measure once at `now` (the client's UTC time), with a Pulse for each topic tried. Raises anything."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
