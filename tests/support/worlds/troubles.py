"""What goes wrong in a made-up history: each takes the raw facts and bends them, and says in a word how.

An empty word: it does not fit this history.
"""

import random
from collections.abc import Callable
from typing import Any

World = dict[str, Any]
Trouble = Callable[[World, random.Random], str]

DARK = ("traffic", "journeys", "collections", "triage", "alerts", "queue", "csat", "flag")


def _stretch(world: World, rng: random.Random) -> tuple[int, int]:
    """A while, more often early than late, so that what was bad may be over."""
    since = int(rng.random() ** 1.5 * 0.9 * world["end"])
    return since, since + rng.choice((25, 70, 130, 200, 330, 500, 900))


def _within(world: World, name: str, span: tuple[int, int]) -> list[list[int]]:
    return [row for row in world["batches"][name] if span[0] <= row[0] < span[1]]


def _some(world: World, rng: random.Random) -> list[str]:
    names = list(world["batches"])
    return names if rng.random() < 0.4 else [rng.choice(names)]


def flag_moved(world: World, rng: random.Random) -> str:
    """The flag stands elsewhere for a while, or is not there, or means other users."""
    since, until = _stretch(world, rng)
    percent, narrowed = rng.choice(((0, ""), (25, ""), (100, ""), (None, ""), (10, "only staff")))
    row = [step for step in world["flag"] if not since <= step[0] < until]
    before = [step for step in world["flag"] if step[0] < until][-1]
    world["flag"] = sorted([*row, (since, percent, narrowed), (until, *before[1:])], key=lambda step: step[0])
    return f"{percent} {narrowed} {since}-{until}"


def served_late(world: World, rng: random.Random) -> str:
    """What was written reaches nobody at first."""
    world["served"] = rng.choice((100, 300, 700))
    return f"{world['served']}"


def nobody_came(world: World, rng: random.Random) -> str:
    """A hole in the traffic, of one endpoint or of all."""
    span, names = _stretch(world, rng), _some(world, rng)
    for name in names:
        gone = _within(world, name, span)
        world["batches"][name] = [row for row in world["batches"][name] if row not in gone]
    if "POST /capsules" in names:
        world["events"] = [row for row in world["events"] if not span[0] <= row[0] < span[1]]
    return f"{names} {span}"


def few_came(world: World, rng: random.Random) -> str:
    """Thin traffic: a handful in a window."""
    span, names = _stretch(world, rng), _some(world, rng)
    for name in names:
        for row in _within(world, name, span):
            row[2:] = [int(rng.random() < 0.3), 0, 0, 0, 0]
    return f"{names} {span}"


def failures(world: World, rng: random.Random) -> str:
    """A share of the requests is answered 5xx."""
    span, names = _stretch(world, rng), _some(world, rng)
    share = rng.choice((0.009, 0.012, 0.02, 0.05, 0.5, 1.0))
    for name in names:
        for row in _within(world, name, span):
            row[6] = min(sum(row[2:6]), int(sum(row[2:6]) * share + rng.random()))
    return f"{share} {names} {span}"


def burst(world: World, rng: random.Random) -> str:
    """A few dozen errors at one moment of much traffic."""
    name, at = rng.choice(list(world["batches"])), _stretch(world, rng)[0]
    for row in _within(world, name, (at, at + 20)):
        row[2:] = [rng.choice((60, 150)), 0, 0, 0, rng.choice((4, 5, 8))]
    return f"{name} {at}"


def slow(world: World, rng: random.Random) -> str:
    """A share of the requests is slow, or very slow."""
    span, names = _stretch(world, rng), _some(world, rng)
    share, place = rng.choice((0.04, 0.06, 0.2, 1.0)), rng.choice((4, 5))
    for name in names:
        for row in _within(world, name, span):
            moved = min(row[2], int(row[2] * share + rng.random()))
            row[2], row[place] = row[2] - moved, row[place] + moved
            if share == 1:
                row[place] += row[3]
                row[3] = 0
    return f"{share} {names} {span}"


def stragglers(world: World, rng: random.Random) -> str:
    """Lines of a log that come long after their time."""
    if world["source"] != "log":
        return ""
    span, delay = _stretch(world, rng), rng.choice((40, 100, 300, 500))
    for name in _some(world, rng):
        for row in _within(world, name, span):
            row[1] = row[0] + (delay if rng.random() < 0.5 else 0)
    return f"{delay} {span}"


def all_late(world: World, rng: random.Random) -> str:
    """A log that is always behind by so much, and says so."""
    if world["source"] != "log":
        return ""
    world["late"] = rng.choice((20, 45, 90, 200, 330))
    return str(world["late"])


def two_processes(world: World, rng: random.Random) -> str:
    """A second process counts for itself behind the same address."""
    if world["source"] != "scrape":
        return ""
    span = _stretch(world, rng)
    world["twins"].append([*span, rng.random()])
    return str(span)


def restart(world: World, rng: random.Random) -> str:
    """The process begins anew, and its totals with it."""
    if world["source"] != "scrape":
        return ""
    world["restarts"].append(at := _stretch(world, rng)[0])
    return str(at)


def dark(world: World, rng: random.Random) -> str:
    """One source does not answer, or all."""
    span = _stretch(world, rng)
    names = DARK if rng.random() < 0.2 else [rng.choice(DARK)]
    for name in names:
        world["dark"].setdefault(name, []).append(span)
    return f"{names} {span}"


def flickers(world: World, rng: random.Random) -> str:
    """One source answers now and then."""
    since, until = _stretch(world, rng)
    name, every = rng.choice(DARK), rng.choice((120, 240, 360))
    world["dark"].setdefault(name, []).extend((at, at + every * 0.6) for at in range(since, until, every))
    return f"{name} {since}-{until} {every}"


def vanished(world: World, rng: random.Random) -> str:
    """The series of one endpoint are not on the page."""
    (since, until), name = _stretch(world, rng), rng.choice(list(world["gone"]))
    world["gone"][name].append(span := (max(since, 61), until))
    return f"{name} {span}"


def events_lost(world: World, rng: random.Random) -> str:
    """No event is recorded for a while."""
    span = _stretch(world, rng)
    world["events"] = [row for row in world["events"] if not span[0] <= row[0] < span[1]]
    return str(span)


def events_late(world: World, rng: random.Random) -> str:
    """Events are written in one batch at the end of a while, or each some time after its request."""
    span, delay = _stretch(world, rng), rng.choice((0, 40, 200))
    for row in world["events"]:
        if span[0] <= row[0] < span[1]:
            row[1] = row[0] + delay if delay else span[1]
    return f"{delay} {span}"


def documents(world: World, rng: random.Random) -> str:
    """A collection stalls, runs away, or holds some twice."""
    since, until = _stretch(world, rng)
    kind = rng.choice(("stall", "runaway", "twice"))
    if kind == "stall":
        world["docs"] = [row for row in world["docs"] if not since <= row[0] < until]
    more = [[at, until, f"x{at}"] for at in range(since, until, 2)] if kind == "runaway" else []
    twice = [[since, until, row[2]] for row in world["docs"] if row[0] <= since][-2:] if kind == "twice" else []
    world["docs"] = sorted([*world["docs"], *more, *twice])
    return f"{kind} {since}-{until}"


def critical_line(world: World, rng: random.Random) -> str:
    """A critical line in the triage log."""
    since, until = _stretch(world, rng)
    world["triage"].append([since, until if rng.random() < 0.7 else 10**9, f"t{len(world['triage'])}"])
    return f"{since}-{until}"


def cut_list(world: World, rng: random.Random) -> str:
    """The triage log's answer is its first page, behind which older lines may stand."""
    span = _stretch(world, rng)
    world["cuts"].append([*span, rng.randrange(3)])
    return str(span)


def alert(world: World, rng: random.Random) -> str:
    """An alert fires and is forgotten."""
    world["alerts"].append(span := _stretch(world, rng))
    return str(span)


def heartless(world: World, rng: random.Random) -> str:
    """Nothing feeds the alert manager: its heartbeat is gone, and whatever it would have told."""
    world["heartless"].append(span := _stretch(world, rng))
    return str(span)


def queue_full(world: World, rng: random.Random) -> str:
    """Tickets pile up for a while."""
    span = _stretch(world, rng)
    world["tickets"] = [*world["tickets"], *([*span] for _ in range(rng.choice((8, 15, 30))))]
    return str(span)


def queue_cut(world: World, rng: random.Random) -> str:
    """The list of tickets is its first page."""
    world["doubts"].append(span := _stretch(world, rng))
    return str(span)


def low_scores(world: World, rng: random.Random) -> str:
    """Shoppers are not content."""
    at = _stretch(world, rng)[0]
    world["scores"] = [*world["scores"], *((at + 10 * n, 1) for n in range(rng.choice((4, 12, 20))))]
    return str(at)


def clock_moved(world: World, rng: random.Random) -> str:
    """The machine's clock is set, forward or back; everything on it is dated by it from then on."""
    at, jump = _stretch(world, rng)[0] // 60 * 60 + 45, 60 * rng.choice((-60, -25, -9, -2, 1, 7, 30, 120))
    world["clock"] = sorted([*world["clock"], (at, jump)])
    return f"{jump} at {at}"


def asleep(world: World, rng: random.Random) -> str:
    """The machine that watches sleeps; now and then its clock is not the same when it wakes."""
    since, until = _stretch(world, rng)
    world["away"].append((since, until))
    if jump := rng.choice((0, 0, 0, 60)):
        world["clock"] = sorted([*world["clock"], (until // 60 * 60 - 15, jump)])
    return f"{since}-{until} {jump}"


def paused(world: World, rng: random.Random) -> str:
    """The owner pauses, and goes on."""
    since, until = _stretch(world, rng)
    world["acts"] += [(since, "pause", ""), (until, "resume", "")]
    return f"{since}-{until}"


def frozen(world: World, rng: random.Random) -> str:
    """The owner freezes a flow, and thaws it."""
    since, until = _stretch(world, rng)
    world["acts"] += [(since, "freeze", "capsules"), (until, "thaw", "capsules")]
    return f"{since}-{until}"


def incident(world: World, rng: random.Random) -> str:
    """The owner records an incident; it may be resolved, and may be waived."""
    since, until = _stretch(world, rng)
    world["acts"] += [(since, "open incident", rng.choice(("P0", "P1", "P2")))]
    world["acts"] += [(until, "resolve incident", "i1")] if rng.random() < 0.8 else []
    world["acts"] += [(until + rng.choice((-120, 0, 120)), "waive", "incidents")] if rng.random() < 0.6 else []
    return f"{since}-{until}"


def ticked_late(world: World, rng: random.Random) -> str:
    """The activities are ticked late, or never."""
    world["ticked"] = rng.choice((700, 1100, 10**9))
    return str(world["ticked"])


def coarse_buckets(world: World, rng: random.Random) -> str:
    """A histogram that cannot tell what is over the bound, or nothing that is timed."""
    world["buckets"] = rng.choice(((0.25, 1.0), (0.25, 0.45), (0.25, 0.5), (0.5,)))
    world["timed"] = rng.random() < 0.8
    return f"{world['buckets']} {world['timed']}"


TROUBLES: tuple[Trouble, ...] = (
    flag_moved, flag_moved, served_late, nobody_came, nobody_came, few_came, failures, failures, burst, slow, slow,
    stragglers, all_late, two_processes, two_processes, restart, dark, dark, flickers, vanished, events_lost,
    events_late, documents, critical_line, cut_list, alert, heartless, queue_full, queue_cut, low_scores, clock_moved,
    clock_moved, asleep, paused, frozen, incident, ticked_late, coarse_buckets,
)  # fmt: skip
"""Every one; what stands twice comes twice as often."""
