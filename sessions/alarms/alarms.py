"""What stands now, one alarm for one cause, and when it rings: pure, so that every screen rings alike.

An alarm rings at its edge and twice more while nobody acknowledges it. Acknowledged it is silent for a while, and as
red as before.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import zip_longest

from msgspec import Struct, field

from sessions.alarms.quiet_hours import QuietHours
from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.gate.week import due_words
from sessions.plan.model import Plan
from sessions.state.model import Raised, State
from sessions.text.clean import clean, placed

QUIET = timedelta(minutes=30)
"""How long an acknowledged alarm is silent."""
REPEATS = (timedelta(), timedelta(minutes=5), timedelta(minutes=15))
"""When an alarm rings after its edge."""
LASTING = timedelta(minutes=30)
"""How long an alarm that came back stands before it rings again: it is no flap any more."""

JOURNAL = "journal"
_BEHIND = {"latency_spike": "latency", "error_rate": "errors", "analytics_outage": "analytics", "duplication": "growth"}
"""The criterion that sees what a risk sees: the two are one cause."""
_OVERDUE = "overdue"
"""What of today's tasks is late: one cause, however many they are. It is over once they are done, or their day is."""
_FAMILIES = {
    _OVERDUE: "week",
    "revert": "flag",
    "flag": "flag",
    "switch": "flag",
    "blind": "blind",
    "incident": "incidents",
}
BLINDING = (JOURNAL, "judging", "watch")
"""The faults that make everything else doubtful."""
_WORST_FIRST = (
    "revert",
    "fuse",
    "incident",
    *BLINDING,
    "history",
    "sources",
    "risk",
    "verdict",
    "flag",
    "switch",
    "blind",
    "overdue",
    "notice",
)


class Call(Struct, frozen=True):
    """One moment at which an alarm rings while it stands, and the part it rings for.

    `seq` is the entry behind it where it is an edge, else 0.
    """

    at: datetime
    part: str
    seq: int = 0


class Alarm(Struct, frozen=True):
    """One cause that stands: `id` and `text` are those of its worst part, `parts` the ids of all, `at` since when.

    `urgent`: it rings in quiet hours too. `cause` is what they have in common.
    """

    id: str
    at: datetime
    text: str
    parts: tuple[str, ...]
    calls: tuple[Call, ...]
    urgent: bool = False
    cause: str = ""


class Heard(Struct, frozen=True):
    """What one listener heard: when it last listened, the newest entry it knew, since when what is faulty is so.

    The last is what no entry can say; it is by origin.
    """

    at: datetime
    seq: int = 0
    failing: Mapping[str, datetime] = field(default_factory=dict)


def standing(judgement: Judgement, failing: Mapping[str, datetime] | None = None) -> tuple[Alarm, ...]:
    """Return what stands now, the worst first, one alarm for one cause; `failing` says since when a fault stands."""
    state, waived = judgement.state, judgement.state.waivers
    overruled = {f"verdict.{row.name}" for row in judgement.gate.conditions if row.ok and row.name in waived}
    causes: dict[str, list[Raised]] = {}
    for row in (*state.raised.values(), *_overdue(judgement)):
        if row.over_at is None and row.id not in overruled:
            causes.setdefault(_cause(row.id), []).append(row)
    for origin, text in faults(state).items():
        causes[f"fault.{origin}"] = [Raised(origin, (failing or {}).get(origin, judgement.at), f"{origin}: {text}")]
    alarms = (_alarm(state, cause, sorted(rows, key=lambda row: row.at)) for cause, rows in causes.items())
    return tuple(sorted(alarms, key=lambda alarm: (rank(alarm.id), alarm.at)))


def alone(state: State, row: Raised) -> Alarm:
    """Return the alarm of one row, on or not."""
    return _alarm(state, _cause(row.id), [row])


def rank(name: str) -> int:
    """Return the place of an alarm's id among all kinds, 0 for the worst."""
    return _WORST_FIRST.index(name.partition(".")[0])


def rings(
    alarm: Alarm, quieted: Mapping[str, datetime], heard: Heard, now: datetime, quiet: QuietHours | None = None
) -> int:
    """Return how often an alarm that stands rings since its listener last listened, up to `now`.

    `quieted` says until when each part is acknowledged: at the end of that it rings once. In quiet hours what is not
    urgent waits for their end. An edge by an entry that the listener did not know rings however old it is.
    """
    moments = set[datetime]()
    for call in _calls(alarm, quieted):
        at = call.at if quiet is None or alarm.urgent else quiet.over(call.at)
        if at >= quieted.get(call.part, at) and (heard.at < at or call.seq > heard.seq) and at <= now:
            moments.add(at)
    return len(moments)


def hear(heard: Heard | None, judgement: Judgement, quiet: QuietHours | None = None) -> tuple[Heard, tuple[Alarm, ...]]:
    """Return what a listener has heard now, and the alarms that ring for it; at its first look none does."""
    state, now = judgement.state, judgement.at
    known = heard.failing if heard else {}
    after = Heard(now, state.seq, {origin: known.get(origin, now) for origin in faults(state)})
    if heard is None:
        return after, ()
    found = standing(judgement, after.failing)
    return after, tuple(one for one in found if rings(one, state.quieted, heard, now, quiet))


def faults(state: State) -> Mapping[str, str]:
    """Return what is not healthy in the cockpit itself, by its origin: the journal first."""
    found = {**({JOURNAL: state.journal_fault} if state.journal_fault else {}), **state.faults}
    return {origin: placed(fault) for origin, fault in found.items()}


def silent_until(alarm: Alarm, quieted: Mapping[str, datetime], now: datetime) -> datetime | None:
    """Return until when an alarm is acknowledged, None where it is not."""
    until = quieted.get(alarm.calls[-1].part, now)
    return until if until > now else None


def quiet_for(plan: Plan) -> timedelta:
    """Return how long an acknowledged alarm of a plan is silent."""
    return QUIET / plan.speed


def _calls(alarm: Alarm, quieted: Mapping[str, datetime]) -> Iterator[Call]:
    """Yield every moment at which it rings, the end of its acknowledgement too."""
    yield from alarm.calls
    newest = alarm.calls[-1].part
    if newest in quieted:
        yield Call(quieted[newest], newest)


def _overdue(judgement: Judgement) -> Iterator[Raised]:
    """Yield what of today's tasks is overdue: no entry says so, and none is needed, for the plan and the clock do."""
    for chore in judgement.week:
        if chore.status is ChoreStatus.OVERDUE:
            text = f"overdue: day {chore.day}, {chore.text}, due {due_words(chore, judgement.tz)}"
            yield Raised(f"{_OVERDUE}.{chore.id}", chore.late_at, text)


def _cause(name: str) -> str:
    kind, _, subject = name.partition(".")
    return name if kind == "notice" else _FAMILIES.get(kind, _BEHIND.get(subject, subject))


def _alarm(state: State, cause: str, rows: list[Raised]) -> Alarm:
    """Make one alarm of all that has one cause; `rows` are sorted by their beginning."""
    worst = min(rows, key=lambda row: rank(row.id))
    others = [row.id.partition(".")[2].replace("_", " ") for row in rows if row is not worst]
    kind = worst.id.partition(".")[0]
    also = f"; also {kind}: {', '.join(others)}" if kind in ("blind", _OVERDUE) and others else ""
    return Alarm(
        id=worst.id,
        at=rows[0].at,
        text=clean(worst.text + also),
        parts=tuple(row.id for row in rows),
        calls=tuple(_all_calls(state, rows)),
        urgent=any(_urgent(state, row) for row in rows),
        cause=cause,
    )


def _urgent(state: State, row: Raised) -> bool:
    kind, _, subject = row.id.partition(".")
    if kind == "incident":
        return subject in state.incidents and state.incidents[subject].severity == "P0"
    return kind in ("fuse", "revert")


def _all_calls(state: State, rows: list[Raised]) -> Iterator[Call]:
    """Yield when a cause rings: each edge silences what the one before it would still have rung."""
    edges = _edges(state, rows)
    for (at, row), following in zip_longest(edges, edges[1:]):
        for call in _after(state.plan, at, row):
            if following is None or call < following[0]:
                yield Call(call, row.id, row.seq if call == row.at else 0)


def _after(plan: Plan, at: datetime, row: Raised) -> Iterator[datetime]:
    """Yield when one edge rings: one that came back rings once, and again where it lasts."""
    yield from (at + span / plan.speed for span in (REPEATS if row.times == 1 else REPEATS[:1]))
    if row.times > 1 or row.back_at:
        yield (row.back_at or at) + LASTING / plan.speed


def _edges(state: State, rows: Iterable[Raised]) -> list[tuple[datetime, Raised]]:
    """Return what rings anew within one cause: what cannot wait, and what begins long after the edge before it.

    A breach is seen by its criterion one window after its risk, and sources that die together turn blind by their own
    bounds.
    """
    windows = state.plan.windows
    near = timedelta(seconds=max(windows.length + windows.settle + 1, state.plan.cadence.mongo_stale + 1))
    edges = list[tuple[datetime, Raised]]()
    for row in rows:
        if not edges or row.at - edges[-1][0] > near or row.id.partition(".")[0] in ("fuse", "revert", "incident"):
            edges.append((row.at, row))
    for row in rows:
        fuse = state.fuses.get(row.id.removeprefix("fuse.")) if row.id.startswith("fuse.") else None
        if fuse is not None:
            edges.append((fuse.deadline, row))
    return sorted(edges, key=lambda edge: edge[0])
