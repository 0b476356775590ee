"""What a pane is shown: a judgement, the moment it is looked at, and how old the sources' words are."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from msgspec import Struct, field

from sessions.criteria.freshness import asked, current
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.state.observed import Health
from sessions.state.reducer import State
from sessions.text.units import clock, duration
from sessions.values.readings import Topic

SILENCE = 15.0
"""Seconds without a new judgement after which none of it is believed any more."""


class View(Struct, frozen=True):
    """One look: `viewer` is the reason why nothing can be asked, empty when it can; `now` is aware (UTC).

    `keys` are the keys as they are shown, by the id of their act, where the owner chose others; `follows` says which
    process watches instead of this one.
    """

    judgement: Judgement
    now: datetime
    tz: tzinfo | None = None
    viewer: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    follows: str = ""

    @property
    def state(self) -> State:
        """The state that was judged."""
        return self.judgement.state

    @property
    def plan(self) -> Plan:
        """The plan that is flown."""
        return self.judgement.state.plan

    @property
    def silence(self) -> float:
        """Seconds since the Watch last judged, where that is too long; else 0."""
        age = (self.now - self.judgement.at).total_seconds()
        return age if age > max(SILENCE, 5 * self.plan.cadence.tick) else 0.0

    def time(self, at: datetime, *, fine: bool = False) -> str:
        """Say a moment as local time of day."""
        return clock(at, self.tz, fine=fine)

    def age(self, at: datetime) -> float:
        """Return the seconds since `at`, never negative."""
        return max(0.0, (self.now - at).total_seconds())


def fresh(view: View, topic: Topic, health: Health) -> bool:
    """Return whether the topic's newest answer is young enough to be believed, and not from the future."""
    return health.good_at is not None and current(view.state, topic, health.good_at, view.now)


def _last_good(view: View, health: Health, word: str) -> str:
    """Say when a topic that is not fresh was last good, `word` before the time."""
    if health.good_at is None:
        return "never answered"
    ahead = (health.good_at - view.now).total_seconds()
    return f"dated {duration(ahead)} ahead" if ahead > 0 else f"{word} {view.time(health.good_at)}"


def dark(view: View, topic: Topic) -> bool:
    """Return whether nothing fresh is known of a topic: its last value is then no proof of anything."""
    health = view.state.seen.health.get(topic)
    return health is None or not fresh(view, topic, health)


def sources(view: View) -> tuple[tuple[str, bool], ...]:
    """Return each source that is asked and whether all it answers for is fresh, by name."""
    known = dict[str, bool]()
    for topic, health in asked(view.state).items():
        known[health.source] = known.get(health.source, True) and fresh(view, topic, health)
    return tuple(sorted(known.items()))


def troubles(view: View) -> tuple[str, ...]:
    """Say of each stale topic since when and why; and of each source whose newest datum is over the plan's bound.

    Where no source answers at all that is one trouble, not one for each topic.
    """
    if common := cause(view):
        return (common,)
    rows = []
    for topic, health in asked(view.state).items():
        if not fresh(view, topic, health):
            rows.append(f"{topic} {_last_good(view, health, 'since')}{': ' + health.reason if health.reason else ''}")
        elif (behind := lag(view, health)) > view.plan.cadence.data_latency:
            rows.append(f"{health.source} data is {duration(behind)} old")
    return tuple(dict.fromkeys(rows))


def cause(view: View) -> str:
    """Say that no source answers, where several were asked and all are stale; the flag lies elsewhere, often nearby."""
    known = {topic: health for topic, health in asked(view.state).items() if topic is not Topic.FLAG}
    several = len({health.source for health in known.values()}) > 1
    if not several or any(fresh(view, topic, health) for topic, health in known.items()):
        return ""
    times = [health.good_at for health in known.values() if health.good_at is not None]
    reasons = {health.reason for health in known.values()}
    since = f" since {view.time(max(times))}" if times else ""
    return f"no source answers{since}: {reasons.pop() if len(reasons) == 1 and all(reasons) else 'our network?'}"


def lag(view: View, health: Health) -> float:
    """Return the data latency of an answer's source in seconds: how far its newest datum lies behind; 0 where unknown.

    A quiet queue or an empty triage log is no late source: the newest datum of all its topics counts.
    """
    siblings = [one for one in view.state.seen.health.values() if one.source == health.source]
    known = [one.newest for one in siblings if one.newest is not None]
    if not known or health.good_at is None:
        return 0.0
    return max(0.0, (health.good_at - max(known)).total_seconds())


def told(view: View, topic: Topic) -> str:
    """Say in few words what is wrong with a topic: its last good time when stale, its lag over the bound, else ``."""
    health = view.state.seen.health.get(topic)
    if health is None:
        return "not asked yet"
    if not fresh(view, topic, health):
        return _last_good(view, health, "as of")
    behind = lag(view, health)
    if behind > view.plan.cadence.data_latency:
        return f"data {duration(behind)} old"
    return f"{health.unreadable} unreadable" if health.unreadable else ""
