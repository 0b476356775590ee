"""Episodes: everything between a turn and its end is one story, however many entries it left in the log.

What comes back within ten minutes is the same episode, as it is the same alarm. A breach is over where it is proved
over, or where its phase is left; what turns unknown in between neither confirms nor clears it. What was not seen yet
when the watch began, and soon is, is no episode.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from sessions.plan.model import Plan
from sessions.reports.effects import ANY, Effect, Rank, effect
from sessions.state.alarms import RESTS
from sessions.text.intervals import Stretch, joined, total
from sessions.values.entries import Entry

_LOOKED_AFTER = 6
"""For so many rests after its end what is done about an episode still belongs to it: an hour."""
_BEGINS = ("session.started", "watch.started")
_MEASURED = ("verdict.", "risk.")
_OF_PHASE = (*_MEASURED, "fuse.")
REVERT = "revert"
WATCH = "watch"
DARK = "dark"


class Episode(Struct, frozen=True):
    """One trouble from its turn to its end: `until` is None while it is open, `entries` are all that belong to it.

    `about` says what it is, `names` which criteria or risks it is told of; `times` are the stretches in which it was
    in force, the last one open up to now where `until` is None. `ended` is the entry that ended it.
    """

    about: str
    names: tuple[str, ...]
    rank: Rank
    since: datetime
    until: datetime | None
    times: tuple[Stretch, ...]
    entries: tuple[Entry, ...]
    ended: Entry | None = None
    unproved: bool = False

    @property
    def lasted(self) -> float:
        """Seconds from its turn to its end, or to now."""
        return (self.times[-1][1] - self.since).total_seconds()

    @property
    def in_force(self) -> float:
        """Seconds in which it was bad."""
        return total(self.times)

    def has(self, *kinds: str) -> bool:
        """Whether one of its entries is of these kinds."""
        return any(entry.kind in kinds for entry in self.entries)


class _Story(Struct):
    """An episode under construction. `held` is the rank of each strand, `newest` its newest entry."""

    about: str
    at: datetime
    startup: datetime | None = None
    rank: Rank = Rank.WATCH
    held: dict[str, Rank] = field(default_factory=dict)
    newest: dict[str, Rank] = field(default_factory=dict)
    closed: list[Stretch] = field(default_factory=list)
    began: datetime | None = None
    over_at: datetime | None = None
    ended: Entry | None = None
    entries: list[Entry] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it is in force, or watched and nothing worse yet."""
        return self.over_at is None

    def turned(self, strand: str, rank: Rank, entry: Entry, at: datetime) -> None:
        """Take the turn of one strand: what is unknown clears no breach."""
        before = self.held.get(strand, Rank.OVER)
        self.newest[strand] = rank
        if rank in (Rank.DARK, Rank.UNSURE) and before is Rank.BAD:
            return
        self.held[strand] = Rank.OVER if rank is Rank.UNSURE else rank
        self.weighed(entry, at)

    def weighed(self, entry: Entry, at: datetime) -> None:
        """Begin or end a stretch by the worst of all strands."""
        worst = max(self.held.values(), default=Rank.OVER)
        first = worst >= Rank.HELD > self.rank
        self.rank = max(self.rank, worst)
        least = Rank.HELD if self.rank >= Rank.HELD else Rank.WATCH
        if first:  # being watched before was no trouble yet
            self.closed, self.began = [], at
            self.over_at = self.ended = None
        elif worst >= least and self.began is None:
            self.began, self.over_at, self.ended = at, None, None
        elif worst < least and self.began is not None:
            self.over_at, self.ended = max(at, self.began), entry
            self.closed.append((self.began, self.over_at))
            self.began = None

    def left(self, entry: Entry, at: datetime) -> None:
        """Take the start of a new phase: it forgets every breach, what nobody sees stays unseen."""
        for name in [name for name, rank in self.held.items() if rank is Rank.BAD and name.startswith(_OF_PHASE)]:
            self.held[name] = Rank.DARK if self.newest.get(name) is Rank.DARK else Rank.OVER
        self.weighed(entry, at)


def episodes(plan: Plan, entries: Sequence[Entry], now: datetime) -> tuple[Episode, ...]:
    """Fold entries into episodes, oldest first, by today's clock; no span ends later than `now`."""
    fold = _Fold(plan)
    for entry, at in zip(entries, by_todays_clock(entries, now), strict=True):
        fold.take(entry, at)
    told = (_finished(story, now) for story in fold.stories if not _was_startup(story, fold.grace, now))
    return tuple(sorted(_one_cause(told, fold.rest), key=lambda one: (one.since, one.entries[0].seq)))


def by_todays_clock(entries: Sequence[Entry], now: datetime) -> list[datetime]:
    """Return when each entry happened by today's clock."""
    moved, found = timedelta(), list[datetime]()
    for entry in reversed(entries):
        found.append(min(entry.happened + moved, now))
        if entry.kind == "gap.found":
            moved += timedelta(seconds=entry.counted("moved"))
    return found[::-1]


class _Fold:
    """The stories so far: all of them, the newest about each thing, and who paused or froze what."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rest = RESTS[0] / plan.speed
        stale = max(plan.cadence.traffic_stale, plan.cadence.mongo_stale, plan.cadence.flag_stale)
        self.grace = max(self.rest, timedelta(seconds=2 * stale))
        self.stories: list[_Story] = []
        self.newest: dict[str, _Story] = {}
        self.owners: dict[str, _Story] = {}
        self.watch_began: datetime | None = None
        self.heard: set[str] = set()

    def take(self, entry: Entry, at: datetime) -> None:
        """Fold one entry."""
        if entry.kind in _BEGINS:
            self.watch_began, self.heard = at, set()
        elif entry.kind == "gap.found":
            self._gap(entry, at)
        elif entry.kind == "journal.recovered":
            self._moment("journal", Rank.DARK, entry, at)
        elif entry.kind == "phase.entered":
            self._phase(entry, at)
        elif (found := effect(self.plan, entry)) is not None:
            self._effect(found, entry, at)

    def _effect(self, found: Effect, entry: Entry, at: datetime) -> None:
        if found.owns and found.rank is Rank.OVER and found.owns in self.owners:
            story = self.owners.pop(found.owns)
            story.entries.append(entry)
            if found.strand in story.held:
                story.turned(found.strand, found.rank, entry, at)
            return
        self._own(found, self._belongs(found, entry, at))

    def _belongs(self, found: Effect, entry: Entry, at: datetime) -> _Story | None:
        """Put an entry into the story that it belongs to, and return that."""
        if (story := self._joined(found)) is not None:
            story.entries.append(entry)
            return story
        return self._turned(found, entry, at) if found.strand else self._acted(found.about, entry, at)

    def _own(self, found: Effect, story: _Story | None) -> None:
        if story is not None and found.owns and found.rank is not Rank.OVER:
            self.owners.setdefault(found.owns, story)

    def _joined(self, found: Effect) -> _Story | None:
        """Return the open story that an act joins, the worst and oldest of those that it could."""
        names = self.newest if found.joins == ANY else found.joins
        stories = [self.newest[name] for name in names if name in self.newest]
        going = [one for one in stories if one.open and one.rank is Rank.BAD]
        return min(going, key=lambda one: one.entries[0].seq, default=None)

    def _turned(self, found: Effect, entry: Entry, at: datetime) -> _Story | None:
        """Turn a strand in the story it belongs to; a new one begins where the last one is over for long enough."""
        story = self.newest.get(found.about)
        fresh = story is None or (story.over_at is not None and at - story.over_at > self.rest)
        trails = story is not None and story.held.get(found.strand, Rank.OVER) > Rank.OVER and found.rank <= Rank.WATCH
        if fresh and not trails:
            if found.rank <= Rank.OVER and entry.kind != "flag.refused":
                self._heard(found)
                return None
            story = self._begun(found, at)
        if story is None:
            return None
        story.startup = story.startup if found.rank is not Rank.BAD else None
        self._heard(found)
        story.entries.append(entry)
        if entry.kind == "flag.refused" and found.rank is Rank.OVER:
            story.turned(found.strand, Rank.BAD, entry, at)
        story.turned(found.strand, found.rank, entry, at)
        return story

    def _begun(self, found: Effect, at: datetime) -> _Story:
        unheard = found.rank is Rank.DARK and found.strand not in self.heard and self.watch_began is not None
        early = unheard and self.watch_began is not None and at - self.watch_began <= self.grace
        return self._kept(_Story(found.about, at, self.watch_began if early else None))

    def _heard(self, found: Effect) -> None:
        if found.rank is not Rank.DARK:
            self.heard.add(found.strand)

    def _kept(self, story: _Story) -> _Story:
        self.stories.append(story)
        self.newest[story.about] = story
        return story

    def _acted(self, about: str, entry: Entry, at: datetime) -> _Story | None:
        """What is done about a trouble belongs to it for a while after its end."""
        story = self.newest.get(about)
        if story is None or (story.over_at is not None and at - story.over_at > _LOOKED_AFTER * self.rest):
            return None
        story.entries.append(entry)
        return story

    def _phase(self, entry: Entry, at: datetime) -> None:
        """A new phase ends what breached in the one before; a revert belongs to the trouble that it was for."""
        going = [story for story in self.newest.values() if story.open and story.rank is Rank.BAD]
        for story in self.newest.values():
            story.left(entry, at)
        if entry.phase >= entry.counted("previous"):
            return
        blown = [story for story in going if any(one.kind == "fuse.blown" for one in story.entries)]
        mine = min(blown or [one for one in going if not one.open], key=lambda one: one.entries[0].seq, default=None)
        if mine is not None:
            mine.entries.append(entry)
        else:
            self._moment(REVERT, Rank.BAD, entry, at)

    def _gap(self, entry: Entry, at: datetime) -> None:
        """Record an unwatched time when it is over, with its start and end."""
        if entry.counted("moved"):
            return
        late = at - entry.happened
        until = min((entry.dated("until") or entry.at) + late, at)
        since = min((entry.dated("since") or entry.at) + late, until)
        story = self.newest.get(WATCH)
        if story is None or story.over_at is None or since - story.over_at > self.rest:
            story = self._kept(_Story(WATCH, since, rank=Rank.DARK))
        story.entries.append(entry)
        story.closed.append((since, until))
        story.over_at, story.ended = max(until, story.over_at or until), entry

    def _moment(self, about: str, rank: Rank, entry: Entry, at: datetime) -> None:
        story = _Story(about, at, rank=rank, closed=[(at, at)], over_at=at, ended=entry, entries=[entry])
        self.stories.append(story)


def _was_startup(story: _Story, grace: timedelta, now: datetime) -> bool:
    """Whether nothing happened but that a source had not answered yet when the watch began, and soon did."""
    if story.startup is None:
        return False
    return (story.over_at or now) - story.startup <= grace


def _finished(story: _Story, now: datetime) -> Episode:
    running = [(story.began, max(story.began, now))] if story.began is not None else []
    times = joined([*story.closed, *running]) or ((story.at, story.at),)
    until = None if running else times[-1][1]
    held = [name for name, rank in story.held.items() if rank is Rank.BAD]
    unproved = bool(held) and all(story.newest.get(name) is not Rank.BAD for name in held)
    return Episode(
        story.about, (story.about,), story.rank, times[0][0], until, times, tuple(story.entries), story.ended, unproved
    )


def _one_cause(told: Iterable[Episode], rest: timedelta) -> Iterator[Episode]:
    """What went dark and came back together had one cause: it is one episode."""
    groups: list[list[Episode]] = []
    for one in told:
        if one.rank is not Rank.DARK or not one.entries[0].kind.startswith(_MEASURED):
            yield one
            continue
        mine = next((group for group in groups if _together(group[0], one, rest)), None)
        if mine is None:
            groups.append([one])
        else:
            mine.append(one)
    yield from (_merged(group) for group in groups)


def _together(one: Episode, two: Episode, rest: timedelta) -> bool:
    if (one.until is None) is not (two.until is None):
        return False
    return abs(one.since - two.since) <= rest and abs(one.times[-1][1] - two.times[-1][1]) <= rest


def _merged(group: Sequence[Episode]) -> Episode:
    entries = tuple(sorted((entry for one in group for entry in one.entries), key=lambda entry: entry.seq))
    last = max(group, key=lambda one: one.times[-1][1])
    times = joined(stretch for one in group for stretch in one.times)
    names = tuple(one.about for one in group)
    return Episode(DARK, names, Rank.DARK, times[0][0], last.until, times, entries, last.ended)
