"""What was to be known of the requests of a made-up history: counted by hand, from its raw facts."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeVar

from tests.support.worlds.clocks import during
from tests.support.worlds.plan import ROUND

World = dict[str, Any]
Tally = dict[str, float]
Found = TypeVar("Found")
SOON = 8 * ROUND
FORGIVEN = 3 * ROUND
"""What happened between two pages that are further apart was not seen, though it was counted."""


def once(world: World, question: tuple[Any, ...], work: Callable[[], Found]) -> Found:
    """Return the answer to a question that is asked again and again: of the same facts it is the same."""
    known: dict[tuple[Any, ...], Found] = world.setdefault("known", {})
    if question not in known:
        known[question] = work()
    return known[question]


def rows_of(world: World, endpoint: str, since: float, until: float) -> list[list[int]]:
    """Return the batches of an endpoint that came from `since` on and before `until`."""
    rows = world["batches"][endpoint]
    return rows[bisect_left(rows, [since]) : bisect_left(rows, [until])]


def answered(world: World, topic: str, now: int) -> list[dict[str, Any]]:
    """Return the rounds up to `now` in which a source answered, oldest first."""
    return once(world, ("answered", topic, now), lambda: _answered(world, topic, now))


def _answered(world: World, topic: str, now: int) -> list[dict[str, Any]]:
    return [asked for asked in world["asked"] if asked["at"] <= now and topic in asked["good"]]


def spans(world: World, now: int) -> list[tuple[int, int, bool]]:
    """Return the times between two pages that follow each other, and whether two processes wrote them."""
    return once(world, ("spans", now), lambda: _spans(answered(world, "traffic", now)))


def _spans(pages: list[dict[str, Any]]) -> list[tuple[int, int, bool]]:
    return [(one["at"], two["at"], one["page"] != two["page"]) for one, two in pairwise(pages)]


def seesaw(world: World, now: int) -> list[tuple[int, int]]:
    """Return the times in which two processes answered in turn, from a change to the next: one alone is a restart."""
    changes = [span for span in spans(world, now) if span[2]]
    return [(one[0], two[1]) for one, two in pairwise(changes) if two[1] - one[0] <= SOON]


def counted(world: World, endpoint: str, since: int, until: int, now: int) -> Tally:
    """Return requests, slow ones and errors between two moments as known at `now`, and how many seconds were seen.

    `doubtful`: another process took part, and as one change of pages looks like a restart nobody can say what it did;
    or two answered in turn a moment ago, and nobody can say yet that it is over.
    """
    polls = answered(world, "traffic", now)
    last, by_hand = polls[-1]["at"] if polls else 0, _logged if world["source"] == "log" else _read_off
    return once(world, (endpoint, since, until, last), lambda: by_hand(world, endpoint, since, until, last))


def _read_off(world: World, endpoint: str, since: int, until: int, now: int) -> Tally:
    """A page tells what came since the page before it, and not when; a restart loses what came before it."""
    tally: Tally = {"requests": 0, "slow": 0, "errors": 0, "seen": 0, "doubtful": 0}
    away = seesaw(world, now)
    for start, end, changed in spans(world, now):
        if start >= until:
            break
        overlap = min(end, until) - max(start, since)
        if overlap <= 0 or any(start < last and end > first for first, last in away):
            continue
        if any(during(world["gone"][endpoint], at) for at in (start, end)):
            continue
        begun = max([start, *(at for at in world["restarts"] if start < at <= end)])
        _add(tally, rows_of(world, endpoint, begun + 1, end + 1), overlap / (end - start))
        tally["seen"] += overlap if end - start <= FORGIVEN else 0
        twins = any(start < span[1] and end > span[0] for span in world["twins"])
        tally["doubtful"] += changed or twins or any(first < end and start < last + SOON for first, last in away)
    return tally


def _logged(world: World, endpoint: str, since: int, until: int, last: int) -> Tally:
    """A log knows what has arrived by its last answer, but for what was never written.

    What a clock that was set back dates twice is of two times: nobody can part them.
    """
    tally: Tally = {"requests": 0, "slow": 0, "errors": 0, "seen": 0, "doubtful": 0}
    gone, reached = world["gone"][endpoint], min(until, last - world["late"])
    rows = rows_of(world, endpoint, since, reached + 1)
    _add(tally, [row for row in rows if row[1] <= last and row[0] < until and not during(gone, row[0])], 1)
    twice = ((when, when - jump) for when, jump in world["clock"] if jump < 0)
    tally["doubtful"] = sum(since < end and until > begun for begun, end in twice)
    seconds = range(since, reached)
    tally["seen"] = sum(not during(gone, at) for at in seconds) if gone else len(seconds)
    return tally


def _add(tally: Tally, rows: list[list[int]], share: float) -> None:
    for row in rows:
        tally["requests"] += sum(row[2:6]) * share
        tally["slow"] += sum(row[4:6]) * share
        tally["errors"] += row[6] * share


def minutes(world: World, endpoint: str, since: int, now: int) -> Iterator[tuple[int, float, float]]:
    """Yield the last minute as each round after `since` saw it: when, its requests, its errors.

    Between two pages that two clocks dated nobody knows how much time passed, and so of no minute what was in it;
    nor where a second process served, of which no page tells.
    """
    spans_or_minutes = (
        [(asked["at"] - 60, asked["at"], False) for asked in answered(world, "traffic", now)]
        if world["source"] == "log"
        else spans(world, now)
    )
    for start, end, changed in spans_or_minutes:
        dated = not any(start < moved <= end for moved, _ in world["clock"])
        if end > since and end - start <= FORGIVEN and not changed and dated:
            tally = counted(world, endpoint, start, end, end)
            if not tally["doubtful"]:
                yield end, tally["requests"], tally["errors"]
