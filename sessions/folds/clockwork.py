"""A clock that was moved: everything that is counted from keeps its distance, so that no deadline moves with it.

The days of the week plan follow the calendar, and what was written stays as it was written.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sessions.standing import State

_COUNTED = (
    "entered_at",
    "paused",
    "pauses",
    "holes",
    "unwatched",
    "frozen",
    "freezes",
    "fuses",
    "switches",
    "raised",
    "quieted",
    "incidents",
    "waivers",
    "flag",
    "baseline_at",
)


def moved(state: State, by: timedelta) -> State:
    """Return the state after the wall clock moved `by` that much, forward or back."""
    visits = state.visits
    if visits:
        percent, at = visits[-1]
        visits = (*visits[:-1], (percent, at + by))
    return replace(state, visits=visits, **{name: _moved(getattr(state, name), by) for name in _COUNTED})


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, tuple):
        return tuple(_moved(item, by) for item in value)
    if isinstance(value, Mapping):
        return {key: _moved(item, by) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: _moved(getattr(value, item.name), by) for item in fields(value)})
    return value
