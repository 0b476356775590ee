"""What can stand in a session: a stretch of time, a pause, a fuse, an incident, a waiver, the flag; and all of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.state.observed import Seen
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent
from sessions.values.readings import Turn
from sessions.values.sheets import Row
from sessions.values.verdicts import Level, Mark

UNWATCHED = (Mark.BLIND, Mark.SILENT)
"""A criterion in one of these is not watched: the time does not count as covered."""

UNSEEN = ("flag", "queue", "csat")
"""What else opens a hole while it is not seen: the flag, and the topics that no criterion but a risk is read from."""


class Span(Struct, frozen=True):
    """A closed stretch of time and why it stands out."""

    since: datetime
    until: datetime
    cause: str = ""


class Pause(Struct, frozen=True):
    """The rollout is paused: since when, by whom, why."""

    at: datetime
    by: str
    cause: str


class Fuse(Struct, frozen=True):
    """An absolute deadline lit by a risk that acts; `blown` once it ended in a revert.

    `since` is when the breach behind it was first seen in the data, None where that was not written down.
    """

    risk: str
    lit_at: datetime
    deadline: datetime
    text: str
    blown: bool = False
    since: datetime | None = None


class Incident(Struct, frozen=True):
    """An incident the owner recorded; it holds the phase's gate until it is resolved and waived."""

    id: str
    severity: str
    title: str
    opened_at: datetime
    resolved_at: datetime | None = None


class Waiver(Struct, frozen=True):
    """A criterion or an incident overruled, with the reason; valid until the phase changes, or it gets worse.

    `mark` is the verdict that was overruled, `known` the mark and value of each subject that did not pass; both empty
    where that was not written down.
    """

    subject: str
    at: datetime
    reason: str
    mark: str = ""
    known: Mapping[str, tuple[str, float]] = field(default_factory=dict)


class FlagState(Struct, frozen=True):
    """What we know of the flag: its `status` after the newest entry about it.

    `at` is when that was written. `wanted` is the newest intent's percentage, also after it was refused; `by_hand` says
    how to do by hand what could not be done. `served` is false while a confirmed value is not yet served.
    """

    status: FlagStatus = FlagStatus.NONE
    percent: Percent = 0
    wanted: Percent = 0
    intent: str = ""
    text: str = ""
    at: datetime | None = None
    by_hand: tuple[str, ...] = ()
    served: bool = True

    @property
    def open(self) -> bool:
        """Whether the newest move has no known outcome yet."""
        return self.status in (FlagStatus.INTENDED, FlagStatus.UNKNOWN)


class Switch(Struct, frozen=True):
    """How setting one switch went: `set` once it was, else `reason` says why it was not."""

    on: bool
    at: datetime
    set: bool
    reason: str = ""


class Tick(Struct, frozen=True):
    """How a task was ticked: by whom, with which `finding`, on which rows.

    `unseen`: it has a sheet and nobody looked at it. `unproved` is the reason for ticking it though its check never
    passed, empty for none.
    """

    at: datetime
    by: str
    finding: str = ""
    rows: tuple[Row, ...] = ()
    unseen: bool = False
    unproved: str = ""


class Raised(Struct, frozen=True):
    """One alarm: since when its cause stands, in words; `over_at` is when the cause ended, None while it stands.

    `times` is how often it began anew within a day, with the entry `seq`; `back_at` is when it last came back too soon
    to begin anew.
    """

    id: str
    at: datetime
    text: str
    over_at: datetime | None = None
    seq: int = 0
    times: int = 1
    back_at: datetime | None = None


class Turned(Struct, frozen=True):
    """One turn of a verdict or a risk that was entered, and the word it turned to."""

    at: datetime
    word: str


class Flap(Struct, frozen=True):
    """Something that flaps since `since`, between which words; `turn` is the newest one that was entered."""

    since: datetime
    between: tuple[str, ...]
    turn: Turn


class State(Struct, frozen=True):
    """Everything the entries say (replayable from the journal), and in `seen` what the readings say.

    `visits` are the phases entered, (percent, at); `unwatched` maps a criterion, or one of UNSEEN, to the start of its
    open hole;
    `answers` are the topics that the newest watch has a source for, empty where it did not say; `runnable` are the
    tasks that it can run; `opened` are follow-up tasks, text by id; `switches` how setting each switch went, `found`
    those that were read on though nobody turned them on here, since when; `raised`
    the alarms by id, `quieted` until when each was acknowledged;
    `concluded_at` is when the owner ended the session, None while it goes on: from then on a watch only looks;
    `journal_fault` says why entries are not kept, `faults` by origin what else is not healthy: `watch`, `judging`,
    `sources`, `history`;
    `reached_at` is the latest moment that any entry says, `alive_at` the newest of the watch's own, `watched_at` when
    the newest watch started: all by today's clock. That was last moved at `moved_at`, in all by `shifted` s;
    `whole` is false where the session file is damaged: then no phase is known; `strange` are the keys of its header
    that this cockpit does not know;
    `turned` are the turns of the last ten minutes, the newest always, and `flaps` what turns to and fro, both by what
    turns: `verdict.latency`, `risk.csat`;
    `ticks` is how each task was last ticked, of those that are not in `ticked` any more too; `risen` is when each risk
    last left calm;
    `holes`, `pauses` and `lapses` are closed spans, `lapsing` maps what now keeps watched time from counting to since
    when it does; `verdicts` and `levels` are as last recorded, absent means warming and calm.
    """

    plan: Plan
    name: str = ""
    seq: int = 0
    started_at: datetime | None = None
    last_at: datetime | None = None
    reached_at: datetime | None = None
    alive_at: datetime | None = None
    watched_at: datetime | None = None
    moved_at: datetime | None = None
    shifted: float = 0.0
    phase: Percent = 0
    entered_at: datetime | None = None
    visits: tuple[tuple[Percent, datetime], ...] = ()
    paused: Pause | None = None
    pauses: tuple[Span, ...] = ()
    holes: tuple[Span, ...] = ()
    unwatched: Mapping[str, datetime] = field(default_factory=dict)
    lapses: tuple[Span, ...] = ()
    lapsing: Mapping[str, datetime] = field(default_factory=dict)
    frozen: Mapping[str, datetime] = field(default_factory=dict)
    freezes: tuple[tuple[str, Span], ...] = ()
    fuses: Mapping[str, Fuse] = field(default_factory=dict)
    switches: Mapping[str, Switch] = field(default_factory=dict)
    found: Mapping[str, datetime] = field(default_factory=dict)
    opened: Mapping[str, str] = field(default_factory=dict)
    ticked: Mapping[str, datetime] = field(default_factory=dict)
    ticks: Mapping[str, Tick] = field(default_factory=dict)
    risen: Mapping[str, datetime] = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    verdicts: Mapping[str, Mark] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    turned: Mapping[str, tuple[Turned, ...]] = field(default_factory=dict)
    flaps: Mapping[str, Flap] = field(default_factory=dict)
    raised: Mapping[str, Raised] = field(default_factory=dict)
    quieted: Mapping[str, datetime] = field(default_factory=dict)
    flag: FlagState = field(default_factory=FlagState)
    baseline: Mapping[str, int] = field(default_factory=dict)
    baseline_at: datetime | None = None
    week_at: datetime | None = None
    concluded_at: datetime | None = None
    watching: bool = False
    answers: tuple[str, ...] = ()
    runnable: tuple[str, ...] = ()
    journal_fault: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True
    strange: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    seen: Seen = field(default_factory=Seen)


Each = TypeVar("Each")
_GROWS = ("pauses", "holes", "lapses", "freezes")


class Growing(list[Any]):
    """Rows of a state that nobody else has yet: a whole log is folded without copying them for each entry."""


def growing(state: State) -> State:
    """Return a state that grows in place: of its next one only the newest may be used."""
    return replace(state, **{name: Growing(getattr(state, name)) for name in _GROWS})


def grown(state: State) -> State:
    """Return a state that changes no more."""
    return replace(state, **{name: tuple(getattr(state, name)) for name in _GROWS})


def added(rows: tuple[Each, ...], *more: Each) -> tuple[Each, ...]:
    """Return rows with some more at their end."""
    place: object = rows
    if isinstance(place, Growing):
        place.extend(more)
        return rows
    return (*rows, *more)
