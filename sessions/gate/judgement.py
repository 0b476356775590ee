"""The state judged at one moment: what the screen shows, what `check` answers, what the Watch acts on."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from msgspec import Struct, field

from sessions.expected.remarks import Remark
from sessions.state.reducer import State
from sessions.values.percent import Percent
from sessions.values.verdicts import Mark, RiskState, Verdict


class Soak(Struct, frozen=True):
    """Time in the phase that was proved, in seconds; `coverage` in %, None while nothing is counted.

    `busy` is the % of what counts in whose windows somebody came, None while no traffic is known.
    `since` is where the count begins: the phase's start, or the end of a hole too wide. `eta`: when it could be done.
    """

    needed: float = 0.0
    done: float = 0.0
    elapsed: float = 0.0
    coverage: float | None = None
    busy: float | None = None
    widest_hole: float = 0.0
    tail_whole: bool = True
    since: datetime | None = None
    eta: datetime | None = None
    mark: Mark = Mark.WARMING
    text: str = ""


class Condition(Struct, frozen=True):
    """One condition of the gate: PASS is fulfilled, WARMING waits, anything else holds. `text` has value and bound.

    `eta` is the earliest moment it could be fulfilled; None while it does not pass: nothing forecasts it.
    """

    name: str
    mark: Mark
    text: str
    since: datetime | None = None
    eta: datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether this condition lets the gate open."""
        return self.mark is Mark.PASS


class Gate(Struct, frozen=True):
    """The ordered conditions of the next step. `percent` is the next phase, None when the goal is the 7-day plan.

    `earliest` forecasts the advance; None when something holds that time alone will not clear.
    """

    goal: str
    percent: Percent | None
    conditions: tuple[Condition, ...]
    earliest: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether the next step is allowed: there is one, it has conditions, and every one of them passes."""
        return bool(self.goal) and bool(self.conditions) and all(condition.ok for condition in self.conditions)

    @property
    def blockers(self) -> tuple[Condition, ...]:
        """Every condition that holds, in order."""
        return tuple(condition for condition in self.conditions if not condition.ok)


class ChoreStatus(StrEnum):
    """Where a daily task stands."""

    LATER = "later"
    DUE = "due"
    OVERDUE = "overdue"
    MISSED = "missed"
    DONE = "done"


class Chore(Struct, frozen=True):
    """A daily task of the stabilisation week: `id` is `d3.morning`, `task` the plan's `morning`; `does` what it does.

    It can be ticked from `opens_at` on, the beginning of its day; it is overdue from `late_at` on, and missed from
    `ends_at` on, the end of its day. `done_at` is when it was ticked.
    """

    id: str
    day: int
    text: str
    due_at: datetime
    status: ChoreStatus
    task: str = ""
    opens_at: datetime = datetime.min.replace(tzinfo=UTC)
    late_at: datetime = datetime.max.replace(tzinfo=UTC)
    ends_at: datetime = datetime.max.replace(tzinfo=UTC)
    done_at: datetime | None = None
    does: str = ""

    @property
    def late(self) -> bool:
        """Whether it was done after its day was over."""
        return self.done_at is not None and self.done_at >= self.ends_at


class Judgement(Struct, frozen=True):
    """The state, and everything that is said of it at `at` (UTC). `verdicts` and `risks` are in the plan's order.

    `ahead` is where the next phase will bring too little traffic for the plan's letter: it holds nothing. `tz` is where
    the days of the week begin, None for the system's.
    """

    state: State
    at: datetime
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    risks: Mapping[str, RiskState] = field(default_factory=dict)
    soak: Soak = Soak()
    gate: Gate = Gate("", None, ())
    week: tuple[Chore, ...] = ()
    ahead: tuple[Remark, ...] = ()
    tz: tzinfo | None = None
