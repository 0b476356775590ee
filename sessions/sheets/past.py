"""What the history has of before: the moment just before something, and what a sheet lays beside its figures of now."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from msgspec import Struct, field

from sessions.gate.judgement import Judgement
from sessions.history.queries import Worth
from sessions.plan.model import Plan
from sessions.values import readings as r

TOUCH = timedelta(milliseconds=1)
"""What was measured in the moment in which something ends is of what ends, and of nothing after it."""
_NEAR = 900.0
"""Seconds before a moment in which something must have been measured to be what was then; less on a faster clock."""

One = TypeVar("One", r.Tickets, r.Capsules, r.Returns, r.Csat)


class Asked(Protocol):
    """A history that is asked: each subject's highest reading of a span, its newest one, or one subject's all."""

    def highest(self, worth: Worth, since: datetime, until: datetime) -> Sequence[r.Reading]:
        """Return of each subject the reading of the highest worth."""
        ...

    def newest(self, kind: str, since: datetime, until: datetime) -> Sequence[r.Reading]:
        """Return of each subject of a kind the newest reading."""
        ...

    def series(self, kind: str, subject: str, since: datetime, until: datetime) -> Sequence[r.Reading]:
        """Return what was measured of one subject, oldest first."""
        ...


class Moment(Struct, frozen=True):
    """What was last measured before `at`, and not long before; None and absent where nobody measured."""

    at: datetime
    sizes: Mapping[str, r.Size] = field(default_factory=dict)
    tickets: r.Tickets | None = None
    capsules: r.Capsules | None = None
    returns: r.Returns | None = None
    csat: r.Csat | None = None


class Pace(Struct, frozen=True):
    """Events of a journey and the requests of its endpoints that something came of, both counted over `span` s."""

    events: int = 0
    requests: float = 0.0
    span: float = 0.0


class Before(Struct, frozen=True):
    """What the figures of a sheet are laid beside.

    `phase` is just before this phase, None in the first one. `seed` is the pace of each journey in the pre-flight,
    absent where nothing tells it; `flown` says that the pre-flight is over.
    """

    phase: Moment | None = None
    seed: Mapping[str, Pace] = field(default_factory=dict)
    flown: bool = False


def near(plan: Plan) -> float:
    """Return how many seconds before a moment are still just before it."""
    return max(_NEAR / plan.speed, plan.cadence.mongo_stale)


def moment_of(plan: Plan, at: datetime, asked: Asked) -> Moment:
    """Return what was last measured before a moment, and not long before."""
    since = at - timedelta(seconds=near(plan))
    sizes = [one for one in asked.newest("size", since, at) if isinstance(one, r.Size)]
    return Moment(
        at,
        {one.collection: one for one in sizes},
        _one(asked.newest("tickets", since, at), r.Tickets),
        _one(asked.newest("capsules", since, at), r.Capsules),
        _one(asked.newest("returns", since, at), r.Returns),
        _one(asked.newest("csat", since, at), r.Csat),
    )


def before_phase(judgement: Judgement, asked: Asked) -> Before:
    """Ask a history for what was measured just before this phase was entered."""
    state = judgement.state
    if state.entered_at is None or len(state.visits) < 2:
        return Before()
    return Before(moment_of(state.plan, state.entered_at - TOUCH, asked))


def _one(found: Sequence[r.Reading], kind: type[One]) -> One | None:
    return next((one for one in found if isinstance(one, kind)), None)
