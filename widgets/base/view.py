"""What a pane is shown: a judgement, the moment it is looked at, and how old the sources' words are."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.criteria.freshness import asked, current, freshness
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan, Risk, Step
from sessions.plan.uses import watched
from sessions.state.observed import Health
from sessions.state.reducer import State
from sessions.text.units import clock, duration
from sessions.values.readings import Topic
from sessions.values.remembered import remembered
from sessions.values.verdicts import Mark
from widgets.base.styled import BLIND, QUIET

ASKING = "asking"
"""What is said of a source that has had no time to answer yet."""
SILENCE = 15.0
"""Seconds without a new judgement after which none of it is believed any more."""


class View(Struct, frozen=True):
    """One look: `viewer` is the reason why nothing can be asked, empty when it can; `now` is aware (UTC).

    `keys` are the keys as they are shown, by the id of their act or by `step.RISK.STEP`, where the owner chose others;
    `follows` says which process watches instead of this one. `slowed` is the speed of a demo that the machine slows
    down, else 0.
    """

    judgement: Judgement
    now: datetime
    tz: tzinfo | None = None
    viewer: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    follows: str = ""
    slowed: float = 0.0

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

    def letter(self, risk: Risk, step: Step) -> str:
        """Return the letter of a runbook step: the plan's, or another where the owner needs that one."""
        return self.keys.get(f"step.{risk.id}.{step.id}", step.key)

    def time(self, at: datetime, *, fine: bool = False) -> str:
        """Say a moment as local time of day."""
        return clock(at, self.tz, fine=fine)

    def age(self, at: datetime) -> float:
        """Return the seconds since `at`, never negative."""
        return max(0.0, (self.now - at).total_seconds())


def still(was: View, now: View) -> bool:
    """Return whether two looks differ in nothing but the moment, and in what goes on with it: the soak and the gate."""
    judged = replace(now.judgement, at=was.judgement.at, soak=was.judgement.soak, gate=was.judgement.gate)
    return replace(now, now=was.now, judgement=judged) == was


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


def asking(view: View, topic: Topic) -> bool:
    """Return whether a topic's source has had no time to answer yet: that is no trouble."""
    return freshness(view.state, topic, view.now).mark is Mark.WARMING


@remembered(2)
def unasked(view: View) -> tuple[Topic, ...]:
    """Return the topics whose sources have had no time to answer yet."""
    return tuple(topic for topic in watched(view.plan, view.state.answers) if asking(view, topic))


@remembered(2)
def sources(view: View) -> tuple[tuple[str, bool], ...]:
    """Return each source that was asked and whether all it answers for is fresh, by name; none that is being asked."""
    known = dict[str, bool]()
    for topic, health in asked(view.state).items():
        if asking(view, topic):
            continue
        known[health.source] = known.get(health.source, True) and fresh(view, topic, health)
    return tuple(sorted(known.items()))


@remembered(2)
def troubles(view: View) -> tuple[str, ...]:
    """Say of each stale topic since when and why; and of each source whose newest datum is over the plan's bound.

    Where no source answers at all that is one trouble, not one for each topic.
    """
    if common := cause(view):
        return (common,)
    rows = []
    for topic, health in asked(view.state).items():
        if asking(view, topic):
            continue
        if not fresh(view, topic, health):
            rows.append(f"{topic} {_last_good(view, health, 'since')}{': ' + health.reason if health.reason else ''}")
        elif (behind := lag(view, health)) > view.plan.cadence.data_latency:
            rows.append(f"{health.source} data is {duration(behind)} old")
    return tuple(dict.fromkeys(rows))


def cause(view: View) -> str:
    """Say that no source answers, where several were asked and all are stale; the flag lies elsewhere, often nearby."""
    known = {topic: health for topic, health in asked(view.state).items() if topic is not Topic.FLAG}
    if any(asking(view, topic) for topic in known):
        return ""
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


def answering(view: View, *topics: Topic) -> tuple[tuple[str, bool], ...]:
    """Return all that the moment makes of topics: what is wrong with each, and whether it is only being asked.

    What is wrong says whether an answer is too old, too: nothing else that is shown of a topic goes with the time.
    """
    return tuple((told(view, topic), asking(view, topic)) for topic in topics)


def told(view: View, topic: Topic) -> str:
    """Say in few words what is wrong with a topic: its last good time when stale, its lag over the bound, else ``."""
    health = view.state.seen.health.get(topic)
    if asking(view, topic) and (health is None or health.good_at is None):
        return ASKING
    if health is None:
        return "never answered"
    if not fresh(view, topic, health):
        return _last_good(view, health, "as of")
    behind = lag(view, health)
    if behind > view.plan.cadence.data_latency:
        return f"data {duration(behind)} old"
    return f"{health.unreadable} unreadable" if health.unreadable else ""


def trouble(view: View, *topics: Topic) -> tuple[str, str]:
    """Return what is wrong with the first of these topics that anything is wrong with, and its style; empty for none.

    A source that is only being asked is calm, and told last.
    """
    found = [(word, QUIET if asking(view, topic) else BLIND) for topic in topics if (word := told(view, topic))]
    return min(found, key=lambda bit: bit[1] == QUIET, default=("", QUIET))
