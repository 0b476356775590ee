"""What no single key of the settings shows to be wrong: two sources for one topic, a name that leads nowhere."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cockpit.settings.keymap.clashes import clashes
from cockpit.settings.models.journeys import Journey
from cockpit.settings.models.json_answers import Alertmanager, Command, Json
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Settings, Source
from cockpit.settings.models.traffic import Probe, Prometheus, Scrape
from sessions.plan.model import Plan
from sessions.plan.strict_table import Problem
from sessions.plan.uses import needed, used
from sessions.values.readings import Topic


def answers(spec: Source) -> tuple[Topic, ...]:
    """Return the topics of one source, in the order of Topic; a journey answers none."""
    match spec:
        case Prometheus():
            return (Topic.TRAFFIC, Topic.EXPOSURE) if spec.exposure.users else (Topic.TRAFFIC,)
        case Scrape() | Probe():
            return (Topic.TRAFFIC,)
        case Json() | Command():
            return (Topic(spec.topic),)
        case Alertmanager():
            return (Topic.ALERTS,)
        case Mongo():
            traffic = (Topic.TRAFFIC,) if spec.requests.counts else ()
            exposure = (Topic.EXPOSURE,) if spec.exposures.collection else ()
            return (*traffic, *(topic for topic in Topic if topic in spec.topics), *exposure)
        case Journey():
            return ()


def answered(sources: Mapping[str, Source]) -> dict[Topic, tuple[str, ...]]:
    """Return by topic the names of the sources that answer for it; topics without a source are absent."""
    found = {topic: tuple(name for name, spec in sources.items() if topic in answers(spec)) for topic in Topic}
    return {topic: names for topic, names in found.items() if names}


def asked(sources: Mapping[str, Source], plan: Plan) -> dict[str, Source]:
    """Return the sources with the parts that the plan uses; leave out unused sources."""
    rows = ((name, _used(spec, plan)) for name, spec in sources.items())
    return {name: spec for name, spec in rows if spec is not None}


def idle(sources: Mapping[str, Source], plan: Plan) -> dict[str, tuple[Topic, ...]]:
    """Return by the name of a source the topics that it could answer for and the plan does not use."""
    rows = ((name, tuple(topic for topic in answers(spec) if not used(plan, topic))) for name, spec in sources.items())
    return {name: topics for name, topics in rows if topics}


def unanswered(sources: Mapping[str, Source], plan: Plan) -> Sequence[Topic]:
    """Return the topics that the plan needs and that no source answers for; the flag writer reads the flag."""
    found = answered(asked(sources, plan))
    return tuple(topic for topic in needed(plan, tuple(found)) if topic not in found and topic is not Topic.FLAG)


def _used(spec: Source, plan: Plan) -> Source | None:
    """Return a source that asks for nothing that the plan does not use; None if nothing is left of it."""
    if isinstance(spec, Mongo):
        spec = replace(spec, topics=tuple(topic for topic in spec.topics if used(plan, Topic(topic))))
    return spec if isinstance(spec, Journey) or any(used(plan, topic) for topic in answers(spec)) else None


def contradictions(settings: Settings) -> Iterator[Problem]:
    """Yield every contradiction of settings whose single keys are in order."""
    yield from _rivals(settings)
    yield from _journeys(settings)
    yield from _activities(settings)
    yield from _endpoints(settings)
    yield from _repetitions(settings)
    for name, what, hint in clashes(settings.keymap):
        yield Problem(f"keymap.{name}", what, hint)


def _rivals(settings: Settings) -> Iterator[Problem]:
    """Two sources for one topic would overwrite each other, and the newest word would win."""
    for topic, (first, *others) in answered(settings.sources).items():
        for other in others:
            yield Problem(f"sources.{other}", f'answers {topic}, and so does "{first}"', "leave it to one of them")


def _journeys(settings: Settings) -> Iterator[Problem]:
    bases = {name for name, spec in settings.sources.items() if isinstance(spec, Mongo)}
    for name, spec in settings.sources.items():
        if isinstance(spec, Journey) and spec.database and spec.database not in bases:
            yield _nowhere(f"sources.{name}.database", spec.database, "mongo source", bases)


def _activities(settings: Settings) -> Iterator[Problem]:
    runners = {name for name, spec in settings.sources.items() if isinstance(spec, Journey)}
    for task, activity in settings.activities.items():
        if activity.journey and activity.journey not in runners:
            yield _nowhere(f"activities.{task}.journey", activity.journey, "journey source", runners)


def _endpoints(settings: Settings) -> Iterator[Problem]:
    """A journey without its endpoints would never be known to have traffic."""
    for number, journey in enumerate(settings.journeys):
        for endpoint in journey.endpoints:
            if settings.endpoints and endpoint not in settings.endpoints:
                yield _nowhere(f"journeys[{number}].endpoints", endpoint, "endpoint", settings.endpoints)


def _repetitions(settings: Settings) -> Iterator[Problem]:
    named = {
        "endpoints": settings.endpoints,
        "journeys": [journey.id for journey in settings.journeys],
        "collections": [collection.name for collection in settings.collections],
    }
    for path, words in named.items():
        for word in sorted({word for word in words if list(words).count(word) > 1}):
            yield Problem(path, f'"{word}" stands twice', "keep one of them")


def _nowhere(path: str, name: str, noun: str, known: Iterable[str]) -> Problem:
    there = sorted(known)
    near = difflib.get_close_matches(name, there, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(there) or 'none'}"
    return Problem(path, f'"{name}" is no {noun}', hint)
