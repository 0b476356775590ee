"""What a source is: it measures, it never judges, and it may raise."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import AnswerError
from cockpit.runtime.finding import Finding
from cockpit.settings.models.settings import Source as Spec
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.budget import Budgets
from sessions.plan.model import Plan
from sessions.values.readings import Reading, Spans, Topic

TWO_PROCESSES = "two processes answer at this address"
"""What is said where totals see-saw: pages of several processes are the history of none."""


JITTER = 0.1
"""By how much of its interval a turn may come sooner or later."""


def stands(interval: float, took: float, rest: float = 0.0) -> float:
    """Return for how many seconds an answer stands: until the next is there though one turn in between fails.

    It took `took` s, turns come every `interval` s, and `rest` s must pass before it is asked for again.
    """
    return rest + 2 * (1 + JITTER) * interval + 2 * took


class SourceError(AnswerError):
    """The source could not be measured; the text is one short, cleaned reason without credentials."""


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
        """Close the connections."""
        ...


class Order(Struct, frozen=True):
    """`name` is the owner's word for the source; `since` is until when somebody watched; `all` are all its siblings.

    `gaps` are those of the phase that were told of each journey: a late event may fill one.
    """

    name: str
    plan: Plan
    secrets: Secrets
    since: datetime | None
    all: Mapping[str, Spec]
    budgets: Budgets = field(default_factory=Budgets)
    gaps: Mapping[str, Spans] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
