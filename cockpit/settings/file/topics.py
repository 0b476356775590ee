"""Which topics a source of the settings answers for; pure, and known before anything is opened."""

from collections.abc import Mapping, Sequence

from cockpit.settings.models.journeys import Journey
from cockpit.settings.models.json_answers import Alertmanager, Command, Json
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Source
from cockpit.settings.models.traffic import Probe, Prometheus, Scrape
from sessions.values.readings import Topic

OPTIONAL = (Topic.ALERTS, Topic.FLAG, Topic.EXPOSURE)
"""Topics that need no source: alerts and exposure count where there is one, and the flag writer reads the flag."""


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
            traffic = (Topic.TRAFFIC,) if spec.requests.collection else ()
            exposure = (Topic.EXPOSURE,) if spec.exposures.collection else ()
            return (*traffic, *(topic for topic in Topic if topic in spec.topics), *exposure)
        case Journey():
            return ()


def answered(sources: Mapping[str, Source]) -> dict[Topic, tuple[str, ...]]:
    """Return by topic the names of the sources that answer for it; a topic that nobody answers is absent."""
    found = {topic: tuple(name for name, spec in sources.items() if topic in answers(spec)) for topic in Topic}
    return {topic: names for topic, names in found.items() if names}


def unanswered(sources: Mapping[str, Source]) -> Sequence[Topic]:
    """Return the topics that the plan is judged by and that no source answers for."""
    found = answered(sources)
    return tuple(topic for topic in Topic if topic not in found and topic not in OPTIONAL)
