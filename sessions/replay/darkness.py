"""When a topic was dark, by the log: what failed is not kept with the readings, its turns are entries."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sessions.text.intervals import Stretch
from sessions.values.entries import Entry
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark

_CRITERIA: Mapping[str, tuple[Topic, ...]] = {
    "latency": (Topic.TRAFFIC,),
    "errors": (Topic.TRAFFIC,),
    "analytics": (Topic.JOURNEYS,),
    "growth": (Topic.COLLECTIONS,),
    "incidents": (Topic.TRIAGE, Topic.ALERTS),
    "exposure": (Topic.EXPOSURE,),
}
_RISKS: Mapping[str, tuple[Topic, ...]] = {"support_queue": (Topic.QUEUE,), "csat": (Topic.CSAT,)}
_READ = ("flag.confirmed", "flag.drifted", "flag.returned")
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_GRAIN = timedelta(milliseconds=1)
"""The log is written in whole ms."""


def darkness(entries: Iterable[Entry]) -> Mapping[Topic, tuple[Stretch, ...]]:
    """Return for each topic when what is read from it was blind, from its last good answer to the turn back."""
    open_since: dict[str, datetime] = {}
    found: dict[Topic, list[Stretch]] = {}
    for entry in entries:
        name, topics, dark = _about(entry)
        if dark:
            open_since.setdefault(name, min(entry.dated("since") or entry.at, entry.at))
        elif name in open_since:
            _close(found, topics, (open_since.pop(name), entry.at))
    for name, since in open_since.items():
        _close(found, _topics(name), (since, _FOR_EVER))
    return {topic: tuple(stretches) for topic, stretches in found.items()}


def answered(moments: Iterable[datetime], dark: Iterable[Stretch]) -> set[datetime]:
    """Return the moments of measurements that were answers; of a dark time only the one that ended it."""
    left = sorted(set(moments))
    for since, until in dark:
        first, beyond = bisect_right(left, since), bisect_left(left, until)
        if first < beyond:
            del left[first : beyond - 1 if until < _FOR_EVER else beyond]
    return set(left)


def _close(found: dict[Topic, list[Stretch]], topics: Iterable[Topic], stretch: Stretch) -> None:
    for topic in topics:
        found.setdefault(topic, []).append((stretch[0] + _GRAIN, stretch[1]))


def _about(entry: Entry) -> tuple[str, tuple[Topic, ...], bool]:
    """Return what an entry tells of, the topics behind it, and whether it is dark from then on."""
    match entry.kind:
        case "verdict.turned":
            name, word = f"verdict.{entry.said('criterion')}", entry.said("verdict")
        case "risk.turned":
            name, word = f"risk.{entry.said('risk')}", entry.said("level")
        case "flag.unread":
            return "flag", _topics("flag"), True
        case _:
            return ("flag", _topics("flag"), False) if entry.kind in _READ else ("", (), False)
    return name, _topics(name), bool(_topics(name)) and Mark.BLIND.value in (word, *entry.listed("between"))


def _topics(name: str) -> tuple[Topic, ...]:
    if name == "flag":
        return (Topic.FLAG,)
    kind, _, about = name.partition(".")
    return (_CRITERIA if kind == "verdict" else _RISKS).get(about, ())
