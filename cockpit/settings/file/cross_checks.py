"""What no single key of the settings shows to be wrong: two sources for one topic, a name that leads nowhere."""

import difflib
from collections.abc import Iterable, Iterator

from cockpit.settings.file.topics import answered
from cockpit.settings.models.journeys import Journey
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.keymap import clashes
from sessions.plan.strict_table import Problem


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
