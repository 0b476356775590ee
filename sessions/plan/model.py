"""The plan: what was promised. Phases, criteria, risks, daily tasks, as frozen values; spans are seconds."""

from collections.abc import Mapping

from msgspec import Struct

from sessions.plan.calendar import Calendar
from sessions.values.percent import Percent


class Task(Struct, frozen=True):
    """Something a person does and ticks; `id` is unique in the plan, `sheet` what to look at before, empty for none."""

    id: str
    text: str
    sheet: str = ""


class Phase(Struct, frozen=True):
    """A flag percentage, the least time to stay there, what to do meanwhile. Percent 0 is the pre-flight."""

    percent: Percent
    title: str
    soak: float
    activities: tuple[Task, ...]


class Windows(Struct, frozen=True):
    """How traffic is cut: windows of `length` s aligned to UTC, judged `settle` s after they close.

    One with fewer than `min_requests` is judged together with those before it, `pool` s back at most; 0 for never.
    """

    length: float
    settle: float
    count: int
    min_requests: int
    minute: float
    pool: float = 3600.0


class LatencyRule(Struct, frozen=True):
    """Per endpoint p95 <= `p95_ms` in the newest windows; the last minute acts over `p95_ms * spike_factor`."""

    p95_ms: float
    spike_factor: float


class ErrorRule(Struct, frozen=True):
    """Errors / requests < `share` %; a spike is a minute of >= `spike_errors` that are >= `spike_share` %."""

    share: float
    spike_errors: int
    spike_share: float


class Journey(Struct, frozen=True):
    """A monitored journey: its analytics event, and the endpoints whose requests prove that it had traffic.

    With `rhythm` a gap is one only where it is no chance by the pace of the events before it.
    """

    id: str
    endpoints: tuple[str, ...]
    rhythm: bool = False


class Collection(Struct, frozen=True):
    """A collection that grows with traffic: `per_hour` documents at 100 %; `key` is what makes two documents one."""

    name: str
    per_hour: float
    key: tuple[str, ...]
    flow: str


class Expected(Struct, frozen=True):
    """How much traffic is expected at 100 %: requests of the endpoint, or events of the journey, `of` an hour."""

    of: str
    per_hour: float


class GrowthRule(Struct, frozen=True):
    """The band: growth within `tolerance` % of what was expected, give or take `slack` documents."""

    tolerance: float
    slack: float


class Flow(Struct, frozen=True):
    """A switchable flow of the service, frozen by its own flag."""

    id: str
    title: str
    flag: str


class Step(Struct, frozen=True):
    """A runbook step of a risk: the `key` that does it, and what it does.

    `effect`: `record` (it is written down), `freeze` (the flows in `targets`), `switch` (the flags in `targets`),
    `waive` (the criterion in `targets`, with a reason), `draft` (a message is written that ends in `ask`), `follow`
    (the risk's follow-up tasks are opened). `hides`: the criteria of which nothing is proved while its switches are on.
    `before_thaw`: a thaw of the risk's flows asks for it. `sheet`: what to look at, empty for none.
    """

    id: str
    key: str
    text: str
    effect: str
    targets: tuple[str, ...]
    ask: str
    hides: tuple[str, ...] = ()
    before_thaw: bool = False
    sheet: str = ""


class Risk(Struct, frozen=True):
    """A risk card: `watch` and `act` bounds in its own unit, what happens by itself, and the runbook.

    `automatic`: any of `pause`, `fuse`, `freeze`, `follow`, which opens the tasks `follow_up`. `fuse` is in seconds;
    `at_zero` is `revert` or `ask`.
    """

    id: str
    title: str
    watch: float
    act: float
    min_answers: int
    automatic: tuple[str, ...]
    fuse: float
    at_zero: str
    flows: tuple[str, ...]
    follow_up: tuple[str, ...]
    mitigation: str
    steps: tuple[Step, ...]

    @property
    def extension(self) -> float:
        """By how many seconds its fuse is extended at a time: a third of its full length."""
        return self.fuse / 3


class SoakRule(Struct, frozen=True):
    """Coverage >= `coverage` %, no hole > `hole` s, the last `tail` s whole.

    `counts`: `healthy` counts no time in which a criterion breaches, `watched` all that was watched. `busy`: in the
    windows of so many % of what counts, at least, somebody came.
    """

    coverage: float
    hole: float
    tail: float
    counts: str = "healthy"
    busy: float = 25.0


class WeekTask(Struct, frozen=True):
    """A daily task, due `due` s after local midnight, on `days` (1 is the first); `sheet` is what to look at.

    `does`: `report` (it is the export of the day's report), `retrospective`, or empty: a person does it.
    """

    id: str
    text: str
    due: float
    days: tuple[int, ...]
    sheet: str = ""
    does: str = ""


class Week(Struct, frozen=True):
    """The stabilisation plan after 100 %: `day` is the length of a day in seconds."""

    days: int
    day: float
    tasks: tuple[WeekTask, ...]


class Cadence(Struct, frozen=True):
    """How often each source is asked, how old its newest answer may be, which data latency is minimal; seconds."""

    traffic: float
    mongo: float
    flag: float
    tick: float
    traffic_stale: float
    mongo_stale: float
    flag_stale: float
    deadline: float
    data_latency: float


class Queue(Struct, frozen=True):
    """When a ticket waited too long, a capsule expires soon, a return is stuck; how far CSAT looks back. Seconds."""

    sla: float
    expiry: float
    stuck: float
    csat: float


class Plan(Struct, frozen=True):
    """The whole promise. `phases[0]` is the pre-flight; `table` is its source, `speed` what divided it.

    `gap`: the longest between two events, `delay`: how late one may come after its request, in s.
    `confidence`: how sure it must be, in %, that what acts by itself is no chance.
    `calendar`: when a phase may be entered, None for always. `log`: a triage log or alerts must tell of incidents;
    without it people do, and a source for one of them counts all the same. Of journeys, collections and risks that it
    does not name nothing is judged, see `uses.py`.
    """

    id: str
    title: str
    flag: str
    endpoints: tuple[str, ...]
    windows: Windows
    soak: SoakRule
    latency: LatencyRule
    errors: ErrorRule
    gap: float
    delay: float
    journeys: tuple[Journey, ...]
    growth: GrowthRule
    confidence: float
    collections: tuple[Collection, ...]
    flows: tuple[Flow, ...]
    phases: tuple[Phase, ...]
    risks: tuple[Risk, ...]
    queue: Queue
    week: Week
    cadence: Cadence
    speed: float
    table: Mapping[str, object]
    expected: tuple[Expected, ...] = ()
    calendar: Calendar | None = None
    log: bool = True

    def phase(self, percent: Percent) -> Phase:
        """Return the phase of that percentage; KeyError when the plan has none."""
        for phase in self.phases:
            if phase.percent == percent:
                return phase
        raise KeyError(percent)

    def after(self, percent: Percent) -> Phase | None:
        """Return the phase that follows, None after the last."""
        return next((phase for phase in self.phases if phase.percent > percent), None)

    def before(self, percent: Percent) -> Phase:
        """Return the phase to revert to; the pre-flight comes before itself."""
        return next((phase for phase in reversed(self.phases) if phase.percent < percent), self.phases[0])

    def flown_at(self, percent: Percent) -> Percent:
        """Return the percentage of the phase that a flag at `percent` belongs to: the first that is no smaller."""
        return next((phase.percent for phase in self.phases if phase.percent >= percent), percent)

    def sheet(self, name: str) -> str:
        """Return the kind of sheet of a task, a step (`risk.step`) or a daily task (`d3.morning`); empty for none."""
        tasks = {task.id: task.sheet for phase in self.phases for task in phase.activities}
        steps = {f"{risk.id}.{step.id}": step.sheet for risk in self.risks for step in risk.steps}
        daily = {f"d{day}.{task.id}": task.sheet for task in self.week.tasks for day in task.days}
        return {**tasks, **steps, **daily}.get(name, "")

    def risk(self, name: str) -> Risk:
        """Return the risk with that id; KeyError when the plan has none."""
        for risk in self.risks:
            if risk.id == name:
                return risk
        raise KeyError(name)
