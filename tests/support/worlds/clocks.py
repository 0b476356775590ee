"""The wall clock of a made-up history: what it shows at a moment, and whether something goes on then."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.support.build import T0

World = dict[str, Any]


def offset(world: World, at: float) -> int:
    """Return by how many seconds the wall clock has been set by then, and what it showed when the phase was entered."""
    shown: int = world["skew"]
    for when, jump in world["clock"]:
        if when <= at:
            shown += jump
    return shown


def dated(world: World, rows: list[list[int]]) -> list[tuple[int, list[int]]]:
    """Return what happened with the second that the wall clock showed then, counted from T0, in that order."""
    return sorted((row[0] + offset(world, row[0]), row) for row in rows)


def wall(world: World, at: float) -> datetime:
    """Return what the wall clock shows."""
    return T0 + timedelta(seconds=at + offset(world, at))


def during(spans: Iterable[tuple[float, float]], at: float) -> bool:
    """Whether a moment lies in one of the spans."""
    return any(span[0] <= at < span[1] for span in spans)
