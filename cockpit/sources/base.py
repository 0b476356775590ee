"""What a source is: it measures, it never judges, and it may raise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cockpit.errors import AnswerError
from sessions.readings import Reading, Topic


class SourceError(AnswerError):
    """The source could not be measured; the text is one short, cleaned reason without credentials."""


class Sight(StrEnum):
    """How one thing looked when it was tried: fine, worth a warning, or a problem that leaves something unseen."""

    GOOD = "good"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an examination found: what was looked at, what was seen, and for a weakness what to do.

    All texts are cleaned and hold no secret; a number carries its unit.
    """

    sight: Sight
    what: str
    text: str
    fix: str = ""


class Steady:
    """A source that sees itself to whom it asks how often: after a failure its next turn comes as always."""


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

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Try everything once, for `cockpit doctor`: what is reachable, how fast, what was seen of what is wanted.

        Raises anything; whoever asks gives it some seconds and turns what is raised into a problem.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
