"""Time as strips of seconds: what does not count is painted over, and the rest is counted."""

from itertools import pairwise
from typing import Any

from tests.support.worlds import plan as p
from tests.support.worlds.traffic import answered, counted, once

World = dict[str, Any]
_TOPICS = ("traffic", "journeys", "collections", "queue", "csat", "flag")
_NEVER = 10**9
_ASLEEP = 80
"""Two looks that are further apart leave a hole."""


def elsewhere(world: World, now: int) -> bytearray:
    """Return a strip up to `now`: 1 where the flag was not read at its share just before and just after."""
    return once(world, ("elsewhere", now), lambda: _elsewhere(world, now))


def _elsewhere(world: World, now: int) -> bytearray:
    strip = bytearray(now)
    home = (p.PERCENT, "")
    reads = [(0, home), *((asked["at"], asked["flag"]) for asked in answered(world, "flag", now))]
    for (since, before), (until, after) in zip(reads, [*reads[1:], (now, reads[-1][1])], strict=True):
        if (before, after) != (home, home):
            _paint(strip, since, until)
    _paint(strip, 0, world["served"])
    return strip


def unmet_soak(world: World, now: int, breaches: list[tuple[int, int]]) -> list[str]:
    """Return why the soak is not over at `now`; empty where it is."""
    holes, lost = _unseen(world, now), bytearray(elsewhere(world, now))
    for since, until in (*breaches, *spells(world, "rollout.paused", "rollout.resumed")):
        _paint(lost, since, until)
    begun = _begun(holes)
    counts = [not hole and not gone for hole, gone in zip(holes, lost, strict=True)][begun:]
    reasons = [f"soak {sum(counts)} s"] if sum(counts) < p.SOAK else []
    if not any(_covers(holes[since:], counts[since - begun :]) for since in _starts(holes, begun)):
        reasons.append("coverage")
    if holes.count(1, max(0, now - min(p.TAIL, p.SOAK))):
        reasons.append("the last minutes are not whole")
    return [*reasons, *_idle(world, now, begun, counts)]


def _starts(holes: bytearray, begun: int) -> list[int]:
    """Return where a soak may be counted from: whoever begins anew after a hole that could be forgiven is stricter."""
    return [begun, *(at for at in range(begun + 1, len(holes)) if holes[at - 1] and not holes[at])]


def _covers(holes: bytearray, counts: list[bool]) -> bool:
    """Whether enough of the time was seen, of as much of it as a soak takes."""
    enough = not holes.count(1) or sum(counts) >= p.SOAK
    return bool(counts) and enough and 100 * holes.count(0) >= p.COVERAGE * len(counts)


def _unseen(world: World, now: int) -> bytearray:
    """A source that did not answer for too long was dark since its last answer; who did not look saw nothing."""
    strip = bytearray(now)
    looks = [0, *(at for at in world["looks"] if at <= now)]
    for topic in (*_TOPICS, *world["topics"]):
        good = [0, *(asked["at"] for asked in answered(world, topic, now)), now + 1]
        for since, until in pairwise(good):
            if until - since > p.STALE and any(since + p.STALE < at < until for at in looks):
                _paint(strip, since, next((at for at in looks if at >= until), now))
    awake = [world["behind"], *(asked["at"] + world["behind"] for asked in world["asked"])]
    for since, until in pairwise(awake):
        if until - since > _ASLEEP:
            _paint(strip, since, until)
    return strip


def spells(world: World, begins: str, ends: str) -> list[tuple[int, int]]:
    """Return the times between an entry of one kind and the next of the other, of the capsules where it is a flow's."""
    log = [(at, kind) for at, kind, about in world["log"] if kind in (begins, ends) and about in ("", "capsules")]
    found, since = [], None
    for at, kind in log:
        if kind == begins and since is None:
            since = at
        elif kind == ends and since is not None:
            found.append((since, at))
            since = None
    return found if since is None else [*found, (since, _NEVER)]


def _begun(holes: bytearray) -> int:
    """Return where the count begins: after the last hole that is too wide to forgive."""
    if not any(holes):
        return 0
    begun = run = 0
    for at, hole in enumerate(holes, 1):
        run = run + 1 if hole else 0
        begun = at if run > p.HOLE else begun
    return begun


def _idle(world: World, now: int, begun: int, counts: list[bool]) -> list[str]:
    """In the windows of a quarter of what counts somebody came; what nobody told of is neither."""
    if world["clock"]:
        return []  # windows are cut by a clock that was set: their own criteria speak
    busy = told = 0
    for since in range(-world["skew"], now - p.LENGTH + 1, p.LENGTH):
        tallies = [counted(world, name, since, since + p.LENGTH, now) for name in p.ENDPOINTS]
        counting = sum(counts[max(0, since - begun) : max(0, since + p.LENGTH - begun)])
        came = any(tally["requests"] > 0 for tally in tallies)
        seen = any(tally["seen"] >= 0.9 * p.LENGTH for tally in tallies)
        busy, told = busy + counting * came, told + counting * (came or seen)
    return ["nobody came"] if told and 100 * busy < p.BUSY * told else []


def _paint(strip: bytearray, since: int, until: int) -> None:
    since, until = max(0, since), min(len(strip), until)
    strip[since:until] = b"\x01" * max(0, until - since)
