"""What can stand in a session: a stretch of time, a pause, a fuse, an incident, a waiver, the flag."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A closed stretch of time and why it stands out."""

    since: datetime
    until: datetime
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """The rollout is paused: since when, by whom, why."""

    at: datetime
    by: str
    cause: str


@dataclass(frozen=True, slots=True)
class Fuse:
    """An absolute deadline lit by a risk that acts; `blown` once it ended in a revert."""

    risk: str
    lit_at: datetime
    deadline: datetime
    text: str
    blown: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident the owner recorded; it holds the phase's gate until it is resolved and waived."""

    id: str
    severity: str
    title: str
    opened_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A criterion or an incident overruled, with the reason; valid until the phase changes."""

    subject: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class FlagState:
    """What we know of the flag: `status` is `none`, `intended`, `confirmed`, `refused`, `unknown` or `drifted`."""

    status: str = "none"
    percent: int = 0
    wanted: int = 0
    intent: str = ""
    text: str = ""
