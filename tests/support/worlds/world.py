"""A made-up history as raw facts: plain lists and dicts of what happened to a service, its flag, its owner, its clocks.

Times are whole seconds since the phase was entered, by a clock that nobody moves. Nothing here judges.
"""

import random
from collections.abc import Collection
from typing import Any

from tests.support.worlds.plan import ENDPOINTS, LENGTH
from tests.support.worlds.troubles import TROUBLES

World = dict[str, Any]
NEVER = 10**9
"""A moment that does not come."""
SLOT = 20
"""Requests come in batches so many seconds apart."""
MS = (120, 400, 700, 1500)
"""How long the requests of a batch take: so many ms, each as many as the batch says."""


def imagined(seed: int, without: Collection[int] = ()) -> World:
    """Return the history of that seed: a healthy one, and on top of it what goes wrong, but for some of it.

    `world["told"]` says what does, by its number: the others stay as they are `without` one.
    """
    rng = random.Random(seed)
    world = _healthy(seed, rng)
    for number in range(rng.choices((0, 1, 2, 3, 5), (15, 35, 30, 15, 5))[0]):
        dice = random.Random(f"{seed} {number}")
        trouble = dice.choice(TROUBLES)
        if number not in without and (told := trouble(world, dice)):
            world["told"][number] = f"{trouble.__name__} {told}"
    return world


def _healthy(seed: int, rng: random.Random) -> World:
    end = rng.choice((1080, 1200, 1500, 1920))
    world: World = {
        "seed": seed,
        "told": {},
        "end": end,
        "source": rng.choice(("scrape", "log")),
        "skew": 60 * rng.randrange(3),
        "behind": rng.choice((0, 7, 31)),
        "late": 0,
        "buckets": (0.25, 0.5, 1.0, 2.5),
        "timed": True,
        "starts": rng.random() < 0.5,
        "topics": rng.choice((("triage",), ("alerts",), ("triage", "alerts"))),
        "clock": [],
        "flag": [(0, 10, "")],
        "served": 0,
        "ticked": rng.choice((0, 0, 300)),
        "tickets": [[0, NEVER]] * rng.randrange(12),
        "scores": [(0, rng.randint(3, 5)) for _ in range(rng.choice((0, 12, 30)))],
        "triage": [],
        "noise": rng.randrange(4),
        "acts": [],
    }
    for name in ("restarts", "twins", "cuts", "doubts", "heartless", "away", "alerts"):
        world[name] = []
    world["dark"] = {}
    world["gone"] = {name: [] for name in ENDPOINTS}
    world["batches"] = {name: _batches(end, rng) for name in ENDPOINTS}
    world["events"] = [[at, at] for at, *_ in world["batches"]["POST /capsules"] if rng.random() < 0.5]
    world["docs"] = [[round(at * 15 * rng.uniform(0.99, 1.0)), NEVER, f"k{at}"] for at in range(1, end // 15)]
    return world


def _batches(end: int, rng: random.Random) -> list[list[int]]:
    """Requests of one endpoint: when, seen by others from when on, how many of each speed, how many answered 5xx."""
    each = rng.choice((24, 40, 40, 60, 120, 900)) * SLOT / LENGTH
    slow, failed = rng.choice((0, 0, 0, 0.01, 0.02)), rng.choice((0, 0, 0, 0.002))
    rows = []
    for at in range(0, end, SLOT):
        count = int(each * rng.uniform(0.8, 1.2) + rng.random())
        late = int(count * slow + rng.random()) if slow and rng.random() < 0.5 else 0
        errors = int(count * failed + rng.random()) if failed and rng.random() < 0.1 else 0
        late, errors = min(late, count), min(errors, count)
        when = at + rng.randrange(1, SLOT)
        rows.append([when, when, (count - late) // 2, count - late - (count - late) // 2, late, 0, errors])
    return rows
