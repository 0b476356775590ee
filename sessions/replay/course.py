"""The course of a flight in figures: when gates opened, how long each criterion passed, what turned, what burned."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.gate.gate import WEEK
from sessions.plan.model import Plan
from sessions.plan.uses import criteria
from sessions.replay.flight import Moment, as_written, away
from sessions.replay.record import Record, pace, silences
from sessions.state.model import UNWATCHED
from sessions.state.reducer import along
from sessions.text.intervals import Stretch, joined, shared, total
from sessions.values.entries import Entry
from sessions.values.percent import Percent
from sessions.values.verdicts import Level, Mark

_NAMED = ("criterion", "risk", "cause", "flow", "task", "subject")
_WORDS = ("verdict", "level")


_AT_FIRST = {"verdict.turned": Mark.WARMING.value, "risk.turned": Level.CALM.value}
_LASTING = {
    "verdict.turned": tuple(mark.value for mark in UNWATCHED),
    "risk.turned": (Level.BLIND.value, Level.WATCH.value, Level.CALM.value),
}
"""What a new phase does not forget."""


class Happening(Struct, frozen=True):
    """One thing that a watch enters by itself: `what` is its kind, `about` whom, `word` what it turned to.

    `stood` is for how many seconds a turn was in force: until the next one, or until its phase was left.
    """

    at: datetime
    what: str
    about: str
    word: str = ""
    stood: float = math.inf

    @property
    def key(self) -> tuple[str, str, str]:
        """The identity of an event in two courses, without its time."""
        return self.what, self.about, self.word


class Visit(Struct, frozen=True):
    """One stay in a phase, and how its gate fared: when it was first open, None where it never was.

    `held` is by condition how many seconds it kept the gate shut. `left` is by how the stay ended: `advance`,
    `overruled`, `revert`, or empty while it lasts.
    """

    phase: Percent
    goal: str
    since: datetime
    until: datetime
    left: str = ""
    opened: datetime | None = None
    held: Mapping[str, float] = field(default_factory=dict)


class Times(Struct, frozen=True):
    """Seconds in which a criterion passed, breached, and was unknown."""

    passed: float = 0.0
    breached: float = 0.0
    unknown: float = 0.0


class Course(Struct, frozen=True):
    """All that is compared of one flight; `grain` is how many seconds apart two moments may be and count as one."""

    visits: tuple[Visit, ...]
    times: Mapping[str, Times]
    happened: tuple[Happening, ...]
    grain: float
    judged: int = 0

    def in_force(self, one: Happening, at: datetime) -> str:
        """Return the word that is in force at `at` where `one` tells of a turn; a new phase forgets most of them."""
        turned = [row for row in self.happened if (row.what, row.about) == (one.what, one.about) and row.at <= at]
        begun = max((stay.since for stay in self.visits if stay.since <= at), default=at)
        word = turned[-1].word if turned else ""
        lasts = word in _LASTING.get(one.what, ()) or (bool(turned) and turned[-1].at >= begun)
        return word if lasts else _AT_FIRST.get(one.what, "")


def as_recorded(plan: Plan, record: Record) -> Course:
    """Return the course that the log itself tells. A gate was open, as far as it tells, when it was passed."""
    spans = dict[str, list[tuple[datetime, datetime, Mark]]]()
    ends = [*(entry.at for entry in record.entries[1:]), record.until]
    holes = list[Stretch]()
    for entry, until, state in zip(record.entries, ends, along(plan, record.entries), strict=True):
        if not state.watching:
            holes.append((entry.at, until))
        for name in criteria(plan):
            spans.setdefault(name, []).append((entry.at, until, state.verdicts.get(name, Mark.WARMING)))
    gone = joined([*holes, *away(record.entries), *silences(plan, record)])
    times = {name: _lasted(rows, record, gone) for name, rows in spans.items()}
    return Course(
        visits(plan, record), times, _stood(map(happening, as_written(plan, record.entries)), record), grain(plan)
    )


def as_judged(plan: Plan, record: Record, moments: Iterable[Moment]) -> Course:
    """Return the course of a replay."""
    log = _Gates(visits(plan, record), timedelta(seconds=grain(plan)))
    spans: dict[str, list[tuple[datetime, datetime, Mark]]] = {name: [] for name in criteria(plan)}
    happened, step, before, count = list[Happening](), timedelta(seconds=2 * pace(plan)), None, 0
    for moment in moments:
        count += 1
        happened.extend(map(happening, moment.entered))
        if before is not None and timedelta() < moment.at - before.at <= step:
            for name, verdict in before.judgement.verdicts.items():
                if name in spans:
                    spans[name].append((before.at, moment.at, verdict.mark))
            log.hold(before, moment.at)
        log.look(moment)
        before = moment
    times = {name: _lasted(rows, record, ()) for name, rows in spans.items()}
    return Course(log.told(), times, _stood(happened, record), grain(plan), count)


def grain(plan: Plan) -> float:
    """Return within how many seconds the same comes out the same: a window, what it settles, two steps."""
    return plan.windows.length + plan.windows.settle + 2 * pace(plan)


def happening(entry: Entry) -> Happening:
    """Return an entry as what is compared of it."""
    about = next((entry.said(name) for name in _NAMED if entry.said(name)), "")
    return Happening(entry.at, entry.kind, about, next((entry.said(name) for name in _WORDS if entry.said(name)), ""))


def _stood(happened: Iterable[Happening], record: Record) -> tuple[Happening, ...]:
    rows, found = list(happened), list[Happening]()
    ends = {"": record.until}
    left = sorted(entry.at for entry in record.entries if entry.kind == "phase.entered")
    for one in reversed(rows):
        number = bisect_left(left, one.at)
        phase_end = left[number] if number < len(left) else record.until
        end = min(ends.get(one.what + one.about, phase_end), phase_end)
        ends[one.what + one.about] = one.at
        turned = one.what.endswith(".turned")
        found.append(replace(one, stood=(end - one.at).total_seconds()) if turned else one)
    return tuple(reversed(found))


def visits(plan: Plan, record: Record) -> tuple[Visit, ...]:
    """Return every stay in a phase, the pre-flight first, as it was recorded: `opened` is when its gate was passed."""
    stays: list[tuple[Percent, datetime, str]] = [(0, record.since, "")]
    for entry in record.entries:
        if entry.kind in ("phase.entered", "week.started"):
            stays.append((entry.phase, entry.at, _how(stays[-1][0], entry)))
    ends = [*((since, how) for _, since, how in stays[1:]), (record.until, "")]
    rows = zip(stays, ends, strict=True)
    return tuple(_visit(plan, phase, (since, until), how) for (phase, since, _), (until, how) in rows)


def _how(before: Percent, entry: Entry) -> str:
    if entry.phase < before:
        return "revert"
    return "overruled" if entry.facts.get("override") is True else "advance"


def _visit(plan: Plan, phase: Percent, stay: Stretch, how: str) -> Visit:
    following = plan.after(phase)
    goal = f"{following.percent} %" if following else WEEK
    return Visit(phase, goal, *stay, left=how, opened=stay[1] if how == "advance" else None)


class _Gates:
    """The gates of a replay, stay by stay."""

    def __init__(self, stays: Sequence[Visit], grain: timedelta) -> None:
        self._stays = stays
        self._grain = grain
        self._opened: dict[int, datetime] = {}
        self._soon: dict[int, datetime] = {}
        """When a gate would have opened that was left within the grain before: the log's own moments are finer."""
        self._held: dict[int, dict[str, float]] = {}
        self._number = 0

    def look(self, moment: Moment) -> None:
        """Note whether the gate is open."""
        while self._number + 1 < len(self._stays) and moment.at > self._stays[self._number].until:
            self._number += 1
        gate, until = moment.judgement.gate, self._stays[self._number].until
        if gate.open:
            self._opened.setdefault(self._number, moment.at)
        elif gate.earliest is not None and moment.at > until - self._grain and gate.earliest <= until + self._grain:
            self._soon[self._number] = gate.earliest

    def hold(self, before: Moment, until: datetime) -> None:
        """Note what kept it shut from one moment to the next."""
        held, lasted = self._held.setdefault(self._number, {}), (until - before.at).total_seconds()
        for one in before.judgement.gate.blockers:
            held[one.name] = held.get(one.name, 0.0) + lasted

    def told(self) -> tuple[Visit, ...]:
        """Return every stay with what was noted."""
        return tuple(
            Visit(
                stay.phase,
                stay.goal,
                stay.since,
                stay.until,
                stay.left,
                self._opened.get(number, self._soon.get(number)),
                self._held.get(number, {}),
            )
            for number, stay in enumerate(self._stays)
        )


def _lasted(rows: Iterable[tuple[datetime, datetime, Mark]], record: Record, gone: Sequence[Stretch]) -> Times:
    """Whatever is neither is unknown: time that nobody watched too."""
    whole = (record.until - record.since).total_seconds()
    spans = list(rows)
    passed, breached = (_in(spans, mark, gone) for mark in (Mark.PASS, Mark.BREACH))
    return Times(round(passed, 3), round(breached, 3), round(max(whole - passed - breached, 0.0), 3))


def _in(rows: Iterable[tuple[datetime, datetime, Mark]], wanted: Mark, gone: Sequence[Stretch]) -> float:
    found = joined((since, until) for since, until, mark in rows if mark is wanted and since < until)
    return total(found) - shared(found, gone)


def longest(visit: Visit) -> Iterator[str]:
    """Yield the conditions that kept a gate shut, the one that did longest first."""
    yield from sorted(visit.held, key=lambda name: -visit.held[name])
