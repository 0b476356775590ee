"""The watch in metrics: who watches, when it judged last, what is wrong with it, and how its sources answer."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct
from prometheus_client.core import Metric

from cockpit.metrics.families import MOST, Row, alone, counter, gauge
from sessions.alarms.alarms import faults
from sessions.criteria.freshness import asked, freshness
from sessions.gate.judgement import Judgement
from sessions.plan.uses import needed
from sessions.state.observed import Health
from sessions.values.readings import Topic

BY = ("source", "topic")
PARTS = ("journal", "judging", "watch", "sources", "history")
"""Of these a series is there also while they are well."""


class About(Struct, frozen=True):
    """Which cockpit, and which session file."""

    version: str
    format: int


class Tally:
    """Counts the polls since `judgement`. `look` is quick, and called after each new one, from one thread."""

    def __init__(self, judgement: Judgement) -> None:
        self._known: dict[Topic, Health] = dict(judgement.state.seen.health)
        self._counts: dict[tuple[str, str, bool], int] = {
            (health.source, topic.value, True): 0 for topic, health in self._known.items()
        }

    def look(self, judgement: Judgement) -> None:
        """Count what was tried since the last look."""
        for topic, health in judgement.state.seen.health.items():
            before = self._known.get(topic)
            if before is health or (before is not None and before.tried_at >= health.tried_at):
                continue
            self._known[topic] = health
            key = (health.source, topic.value, health.good_at == health.tried_at)
            if key in self._counts or len(self._counts) < MOST:
                self._counts[key] = self._counts.get(key, 0) + 1

    def rows(self) -> list[Row]:
        """Return how often each source answered, and failed; a source that did one of them has both."""
        counts = dict(self._counts)
        pairs = dict.fromkeys((source, topic) for source, topic, _ in counts)
        return [
            ((source, topic, "ok" if ok else "failed"), float(counts.get((source, topic, ok), 0)))
            for source, topic in pairs
            for ok in (True, False)
        ]


def watching(judgement: Judgement, *, follows: bool, about: About) -> Iterator[Metric]:
    """Publish the state of the watch itself; `follows` while another process watches."""
    state = judgement.state
    info = (about.version, str(about.format), state.name, state.plan.title, state.plan.flag)
    labels = ("version", "format", "session", "plan", "flag")
    yield gauge("session_info", "Which session is watched, by which cockpit; always 1.", [(info, 1.0)], labels)
    text = "When the session was last judged, in seconds since 1970; it stops where the watch is stuck."
    yield alone("judgement_timestamp_seconds", text, judgement.at)
    watches = state.watching and not follows
    yield alone("watching", "1 while this process watches, 0 while it stands by, or has ended.", float(watches))
    wrong = faults(state)
    rows = [((part,), float(part in wrong)) for part in dict.fromkeys((*PARTS, *wrong))]
    yield gauge("fault", "1 while a part of the cockpit itself is not well.", rows, ("part",))
    yield alone("journal_entries", "Entries that the session's log holds.", state.seq)


def sources(judgement: Judgement, now: datetime, tally: Tally) -> Iterator[Metric]:
    """Tell how the sources answer, by topic: nothing of what they answer."""
    health = asked(judgement.state)
    yield gauge("source_fresh", "1 while the newest answer may be judged.", _fresh(judgement, health, now), BY)
    ages = [
        (_by(topic, one), (now - one.good_at).total_seconds())
        for topic, one in health.items()
        if one.good_at is not None
    ]
    text = "Age of the last good answer; no series where there never was one."
    yield gauge("source_answer_age_seconds", text, ages, BY)
    took = [(_by(topic, one), one.took_ms / 1000) for topic, one in health.items()]
    yield gauge("source_poll_duration_seconds", "How long the last poll took.", took, BY)
    text = "Polls that this process saw, by what became of them."
    yield counter("source_polls", text, tally.rows(), (*BY, "result"))


def _fresh(judgement: Judgement, health: Mapping[Topic, Health], now: datetime) -> Iterator[Row]:
    """Say which sources are fresh at `now`; none is if the watch is stuck. Every needed topic has a series."""
    for topic, one in health.items():
        yield _by(topic, one), float(freshness(judgement.state, topic, now).ok)
    for topic in needed(judgement.state.plan, judgement.state.answers):
        if topic not in health:
            yield ("", topic.value), 0.0


def _by(topic: Topic, health: Health) -> tuple[str, str]:
    return health.source, topic.value
