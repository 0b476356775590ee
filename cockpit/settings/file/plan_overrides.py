"""What the settings put in place of the plan's own when a session is made; the session keeps that promise."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cockpit.settings.models.settings import Settings

_PLACES = {
    "endpoints": "endpoints",
    "criteria.analytics.journeys": "journeys",
    "criteria.growth.collections": "collections",
    "expected": "expected",
    "criteria.growth.tolerance": "growth.tolerance",
    "criteria.growth.slack": "growth.slack",
    "flag": "flag.name",
}
"""Where in the plan's table each part of the settings goes."""


def promised(table: Mapping[str, object], settings: Settings) -> dict[str, object]:
    """Return a plan's table with what the settings promise: endpoints, journeys, growth, the flag's name and more.

    What the settings leave out stays the plan's.
    """
    mine = _mine(settings)
    whole: dict[str, object] = dict(table)
    for path, value in mine.items():
        _put(whole, path.split("."), value)
    return whole


def settings_path(settings: Settings, path: str) -> str:
    """Return the settings' key behind a path of the plan's table; empty if the plan itself says it."""
    for place in _mine(settings):
        if path == place or path.startswith((f"{place}.", f"{place}[")):
            return _PLACES[place] + path[len(place) :]
    return ""


def _mine(settings: Settings) -> dict[str, object]:
    """Return what the settings say, by its path in the plan's table."""
    growth = settings.growth
    said: dict[str, Any] = {
        "endpoints": list(settings.endpoints),
        "criteria.analytics.journeys": [_plain(asdict(item)) for item in settings.journeys],
        "criteria.growth.collections": [_plain(asdict(item)) for item in settings.collections],
        "expected": [_plain(asdict(item)) for item in settings.expected],
        "criteria.growth.tolerance": growth.tolerance if growth.tolerance >= 0 else None,
        "criteria.growth.slack": growth.slack if growth.slack >= 0 else None,
        "flag": settings.flag.name,
    }
    return {path: value for path, value in said.items() if value not in ([], "", None)}


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _put(table: dict[str, object], words: list[str], value: object) -> None:
    """Set one key deep in a table; what is changed is copied first, the plan itself stays as it is."""
    *above, last = words
    for word in above:
        inner = table.get(word)
        copied: dict[str, object] = dict(inner) if isinstance(inner, Mapping) else {}
        table[word] = copied
        table = copied
    table[last] = value
