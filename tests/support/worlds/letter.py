"""The letter of the plan, read from the raw facts of a made-up history: naive, slow, and obviously right.

An oracle of its own: nothing of what judges in the product is used here, and nothing is folded. Each question is
answered anew from what happened, by counting.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.support.worlds import plan as p
from tests.support.worlds.clocks import during, offset
from tests.support.worlds.strips import elsewhere, spells, unmet_soak
from tests.support.worlds.traffic import Tally, answered, counted, minutes, once

World = dict[str, Any]
BREACH, UNPROVED = "breach", "unproved"
Reason = tuple[str, str, int]
"""Whether something breaches or is only not proved, in words, and since when it did."""


def unmet(world: World, now: int) -> list[str]:
    """Return why the next step is not allowed at `now` (s since the phase was entered); empty where it is."""
    reasons = [*stability(world, now), *_flag(world, now), *_answers(world, now), *_people(world, now)]
    return [*(reason[1] for reason in reasons), *unmet_soak(world, now, _breaches(world, now))]


def _breaches(world: World, now: int) -> list[tuple[int, int]]:
    """Return the times in which something was in breach, by what was known each time somebody looked."""
    looks = [at for at in world["looks"] if at <= now]
    found = []
    for at, following in zip(looks, [*looks[1:], now], strict=True):
        if _by_clock_of_before(world, at):
            continue
        reasons = once(world, ("stability", at), partial(stability, world, at))
        sick = [since for kind, _, since in reasons if kind == BREACH]
        found += [(min([at, *sick]), following)] if sick else []
    return found


def _by_clock_of_before(world: World, at: int) -> bool:
    """Whether the clock was set since the look before: what was measured by it is asked for anew."""
    return any(at - p.ROUND - world["behind"] < moved <= at for moved, _ in world["clock"])


def stability(world: World, now: int) -> list[Reason]:
    """Return what the stability criteria and risk checks of the plan find at `now`."""
    return [*_windows(world, now), *_journey(world, now), *_growth(world, now), *_incidents(world, now)]


def newest_windows(world: World, now: int) -> list[tuple[int, int]]:
    """Return the three newest windows that are closed and settled, as the wall clock cuts them."""
    shift, late = offset(world, now), world["late"]
    newest = (now + shift - p.SETTLE - (late if late > p.LATE else 0)) // p.LENGTH
    starts = [number * p.LENGTH - shift for number in range(newest - 3, newest)]
    return [(start, start + p.LENGTH) for start in starts]


def _windows(world: World, now: int) -> Iterator[Reason]:
    """Latency p95 <= 500 ms and errors < 1 % in three windows with 20 requests each; no 5xx spike."""
    cut, away = newest_windows(world, now), elsewhere(world, now)
    moved = max([0, *(_noticed(world, at) for at, _ in world["clock"] if at <= now)])
    for since, until in cut:
        if since < moved:
            yield UNPROVED, f"window {since} began before the phase, or by another clock", since
            continue
        if away.count(1, since, until):
            yield UNPROVED, f"window {since}: the flag was elsewhere", since
        tallies = [
            _pooled(world, name, (since, until), max(moved, away.rfind(1, 0, max(0, since)) + 1), now)
            for name in p.ENDPOINTS
        ]
        for name, tally in zip(p.ENDPOINTS, tallies, strict=True):
            yield from _window(name, tally, since)
        whole = [tally for tally in tallies if tally["seen"] >= 0.9 * p.LENGTH and not tally["doubtful"]]
        requests = sum(tally["requests"] for tally in whole)
        if requests >= 20 and 100 * sum(tally["errors"] for tally in whole) >= requests + 1e-6:
            yield BREACH, f"window {since}: errors of all", since
    yield from _spikes(world, max(cut[0][0], moved), now)  # what was before is in none that counts


def _noticed(world: World, moved: int) -> int:
    """Return when somebody first looked after the clock was set: which clock cut the windows before, nobody can say."""
    return next((at for at in world["looks"] if at >= moved), moved)


def _pooled(world: World, name: str, window: tuple[int, int], oldest: int, now: int) -> Tally:
    """Count a window, with those before it where the plan says so: as few as hold 20 requests, all of them seen."""
    (since, until), tally = window, counted(world, name, *window, now)
    while p.POOL and tally["requests"] < 20 and since - p.LENGTH >= max(oldest, until - p.POOL):
        earlier = counted(world, name, since - p.LENGTH, since, now)
        if earlier["doubtful"]:
            return {**tally, "doubtful": 1}
        if earlier["seen"] < 0.9 * p.LENGTH:
            break
        tally = {key: tally[key] + (earlier[key] if key != "seen" else 0) for key in tally}
        since -= p.LENGTH
    return tally


def _window(name: str, tally: Tally, since: int) -> Iterator[Reason]:
    if tally["doubtful"]:
        return
    if tally["seen"] < 0.9 * p.LENGTH - 1e-6:
        yield UNPROVED, f"window {since}: {name} seen for {tally['seen']:.0f} s", since
    elif tally["requests"] < 20 - 1e-6:
        yield UNPROVED, f"window {since}: {name} had {tally['requests']:.1f} requests", since
    else:
        if 20 * tally["slow"] > tally["requests"] + 1e-6:
            yield BREACH, f"window {since}: {name} slow {tally['slow']:.1f} of {tally['requests']:.1f}", since
        if 100 * tally["errors"] >= tally["requests"] + 1e-6:
            yield BREACH, f"window {since}: {name} errors {tally['errors']:.1f} of {tally['requests']:.1f}", since


def _spikes(world: World, since: int, now: int) -> Iterator[Reason]:
    for name in p.ENDPOINTS:
        for at, requests, errors in minutes(world, name, max(since, 0), now):
            if errors >= 5 and 20 * errors >= requests + 1e-6:
                yield BREACH, f"spike at {at}: {name} {errors:.1f} of {requests:.1f}", at - 60


def _journey(world: World, now: int) -> Iterator[Reason]:
    """No gap > 10 minutes between events; one that nobody came in is no outage, and proves nothing while it lasts."""
    if any(jump < 0 and at <= now for at, jump in world["clock"]):
        return  # two times have the same dates: nothing can be told of them
    if not (good := answered(world, "journeys", now)):
        return
    last = good[-1]["at"]
    events = sorted(row[0] for row in world["events"] if row[1] <= last)
    if not events or last - events[-1] > p.GAP:
        begun = events[-1] if events else 0
        kind = BREACH if last - begun > p.GAP and _came(world, begun, last, now) else UNPROVED
        yield kind, f"no event since {begun}", begun
    for one, two in zip([0, *events], events, strict=False):
        if two - one > p.GAP and _came(world, one, two, now):
            yield BREACH, f"no event {one}-{two}", one


def _came(world: World, since: int, until: int, now: int) -> bool:
    """Whether somebody came in between whose event should have come before its end.

    An event may come so long after its request as the plan says. A poll's traffic may be booked a poll off, and what
    it tells of came at any moment since the poll before: so those count that lie inside as a whole, a poll from both
    ends.
    """
    begins, ends = since + p.ROUND, until - p.DELAY - p.ROUND
    polls = [asked["at"] for asked in answered(world, "traffic", now) if begins <= asked["at"] <= ends]
    return len(polls) > 1 and counted(world, "POST /capsules", polls[0], polls[-1], now)["requests"] >= 1


def _growth(world: World, now: int) -> Iterator[Reason]:
    """The collection grows by what the flag's share explains, give or take a quarter and 20; nothing is there twice."""
    if not (good := answered(world, "collections", now)):
        return
    at = good[-1]["at"]
    keys = [row[2] for row in world["docs"] if row[0] <= at < row[1]]
    if max(Counter(keys).values(), default=1) > 1:
        yield BREACH, f"duplicates at {at}", now
    thawed = at - sum(min(until, at) - min(since, at) for since, until in spells(world, "flow.frozen", "flow.thawed"))
    grown = p.PER_HOUR * p.PERCENT / 100 * thawed / 3600
    if abs(len(keys) - grown) > grown / 4 + 20 + 1e-6:
        yield BREACH, f"{len(keys)} documents, {grown:.0f} expected", now


def _incidents(world: World, now: int) -> Iterator[Reason]:
    """No P0 or P1, no critical line, no alert, all of it read; what is over may be waived, with what it was then."""
    log = [(at, kind, about) for at, kind, about in world["log"] if at <= now]
    waived = max((at for at, kind, about in log if (kind, about) == ("waiver.given", "incidents")), default=-1)
    began = _recorded(log)
    for topic in world["topics"]:
        if good := answered(world, topic, now):
            began += _told(world, topic, [asked["at"] for asked in good])
            doubt, before = _doubtful(world, topic, good[-1]["at"]), answered(world, topic, waived)
            if doubt and not (before and _doubtful(world, topic, before[-1]["at"])):
                yield UNPROVED, f"{topic}: not the whole list", now
    for at, going in began:
        if at > waived:
            yield BREACH, f"incident, line or alert of {at}", now
        elif going:
            yield UNPROVED, f"incident, line or alert of {at} is waived, and not over", at


def _recorded(log: list[tuple[int, str, str]]) -> list[tuple[int, bool]]:
    """Return when each grave incident was recorded, and whether it is open: only the first one is ever resolved."""
    opened = [(at, about) for at, kind, about in log if kind == "incident.opened"]
    closed = any(kind == "incident.resolved" for _, kind, _ in log)
    return [(at, not closed or number > 0) for number, (at, about) in enumerate(opened) if about in ("P0", "P1")]


def _told(world: World, topic: str, polls: list[int]) -> Iterator[tuple[int, bool]]:
    """Yield what is grave: when it began, whether it still is, by the truth of the last answer."""
    if topic == "triage":
        yield from ((row[0], polls[-1] < row[1]) for row in world["triage"] if row[0] <= polls[-1])
        return
    heard = [at for at in polls if not _by_clock_of_before(world, at + world["behind"])]
    for since, until in world["alerts"]:
        if any(since <= at < until and not during(world["heartless"], at) for at in heard):
            yield since, polls[-1] < until


def _doubtful(world: World, topic: str, at: int) -> bool:
    return during(world["cuts"] if topic == "triage" else world["heartless"], at)


def _flag(world: World, now: int) -> Iterator[Reason]:
    reads = answered(world, "flag", now)
    if reads and reads[-1]["flag"] != (p.PERCENT, ""):
        yield UNPROVED, f"the flag reads {reads[-1]['flag']}", reads[-1]["at"]
    if now < world["served"]:
        yield UNPROVED, "not served yet", 0


def _answers(world: World, now: int) -> Iterator[Reason]:
    """Every source answers, with what it is asked; the queue and the scores are within their bounds."""
    for topic in ("traffic", "journeys", "collections", "queue", "csat", "flag", *world["topics"]):
        good = answered(world, topic, now)
        if not good or now - good[-1]["at"] > p.STALE:
            yield UNPROVED, f"{topic} does not answer", now
            continue
        at = good[-1]["at"]
        if topic == "queue":
            if during(world["doubts"], at):
                yield UNPROVED, "not the whole queue", at
            if sum(row[0] <= at < row[1] for row in world["tickets"]) > p.QUEUE:
                yield UNPROVED, "the queue is full", at
        scores = [score for when, score in world["scores"] if when <= at] if topic == "csat" else []
        if len(scores) >= p.ANSWERS and 100 * sum(score <= 2 for score in scores) > p.CSAT * len(scores):
            yield UNPROVED, "low scores", at


def _people(world: World, now: int) -> Iterator[Reason]:
    done = {about for at, kind, about in world["log"] if kind == "task.ticked" and at <= now}
    if len([task for task in done if task.startswith("p1.")]) < 3:
        yield UNPROVED, "activities are not ticked", now
    for begins, ends in (("rollout.paused", "rollout.resumed"), ("flow.frozen", "flow.thawed")):
        if any(since <= now < until for since, until in spells(world, begins, ends)):
            yield UNPROVED, begins, now
