"""What a fast plan cannot make faster: what is bound to real machines has a floor."""

from collections.abc import Iterator

from sessions.plan.loader import scaled
from sessions.plan.model import Plan
from sessions.text.units import exact

_WORDS = {
    "traffic": "polls of traffic",
    "mongo": "polls of the database",
    "flag": "polls of the flag",
    "tick": "looks of the watch",
    "traffic_stale": "traffic is stale after",
    "mongo_stale": "the database is stale after",
    "flag_stale": "the flag is stale after",
    "deadline": "an answer is given up after",
}


def floors(plan: Plan) -> str:
    """Say which durations are longer than the plan's divided by its speed; empty where all of them are as divided."""
    return ", ".join(_held(plan)) if plan.speed > 1 else ""


def _held(plan: Plan) -> Iterator[str]:
    slow = scaled(plan, 1)
    if plan.windows.settle > slow.windows.settle / plan.speed:
        yield f"windows settle {exact(plan.windows.settle)}"
    for name, words in _WORDS.items():
        held = getattr(plan.cadence, name)
        if held > getattr(slow.cadence, name) / plan.speed:
            yield f"{words} {exact(held)}"
