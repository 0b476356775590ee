"""Which trouble a drill is about: chosen by its seed, and named by nothing before the end."""

import json
import random
from pathlib import Path

from cockpit.demo.world.faults import NAME, Fault, faults_in

DRILLS = (
    "latency-spike",
    "error-burst",
    "analytics-outage",
    "duplicates",
    "ticket-flood",
    "csat-drop",
    "incident",
    "flag-drift",
    "source-down",
)
"""The scenarios with one fault that the watch reports."""


def drawn(seed: int) -> str:
    """Return the scenario of that seed."""
    return random.Random(seed).choice(DRILLS)  # noqa: S311 (a drill, no secret)


def faults_of(folder: Path) -> tuple[Fault, ...]:
    """Return the faults of the world in this folder so far; an unreadable one has none."""
    try:
        return faults_in((folder / NAME).read_text("utf-8").splitlines())
    except (OSError, json.JSONDecodeError):
        return ()  # none began yet, or its line is being written
