"""The figures shown beside those of the load generator: in the history, window by window, and on the screen."""

import re

import pytest

from tests.bench.tools.terminal import NeverError
from tests.evening.truth import SHARE, Tally, off, tallies, whole

LENGTH = 8.0
_LEAST = 6
_SHOWN = 2
_LAG = 1.0
"""Longer than the slowest answer: what was asked before a fault is answered by then."""
_ROW = r"{method}\s+{path}\s+([\d.]+) (ms|s)\b"


def windows_agree(evening, endpoints) -> dict[str, float]:
    """Compare every whole window; return how far the worst figure of each kind was off.

    In a window that a fault begins or ends in, the 95th of 100 may stand in the gap between quick and slow answers,
    where a histogram knows nothing: such a p95 is not compared. A window's edge lies up to one look at the page later
    for the cockpit than for the generator. At an even pace as many requests come in as go out, but whether one that
    failed lies on this side or that is chance: in each window errors may be off by one for each of its edges.
    """
    true, shown = tallies(evening.truth, LENGTH), {(w.start.timestamp(), w.endpoint): w for w in evening.windows()}
    between = sorted(true.keys() & {key for key, one in shown.items() if one.covered >= 0.99})
    both = [(shown[key], true[key]) for key in between]
    rows = [
        (one.endpoint, one.requests, t.requests, one.errors, t.errors, one.p95_ms, t.p95, t.late) for one, t in both
    ]
    assert {one.endpoint for one, _ in both} == set(endpoints)
    worst = {
        "requests in all": off(sum(one.requests for one, _ in both), sum(t.requests for _, t in both)),
        "errors in all": off(sum(one.errors for one, _ in both), sum(t.errors for _, t in both)),
    }
    assert max(worst.values()) <= SHARE, (worst, rows)
    mixed = {moment // LENGTH * LENGTH for turn in evening.turns for moment in (turn, turn + _LAG)}
    quiet = [(shown[key], true[key]) for key in sorted(whole(true).keys() & set(between)) if key[0] not in mixed]
    if evening.unproven or len(quiet) < _LEAST:
        pytest.skip("NOT PROVEN: this machine is too busy for a load generator to be right about a p95")
    worst |= {
        "requests": max(off(one.requests, t.requests) for one, t in quiet),
        "p95": max(off(one.p95_ms, t.p95) for one, t in quiet),
    }
    assert max(worst.values()) <= SHARE, (worst, rows)
    assert all(abs(one.errors - t.errors) <= max(2, SHARE * t.errors) for one, t in quiet), rows
    return worst


def deck_agrees(evening, endpoints) -> None:
    """Wait until the deck shows, of each endpoint and of the errors, what the newest whole windows truly had.

    A figure that is more than 5 % off all of them never agrees. Where the generator itself was held up all the time
    the flight goes on, and says at its end what was not proven.
    """
    with evening.deck() as deck:
        try:
            deck.until(lambda screen: _deck_agrees(screen, evening, endpoints))
        except NeverError:
            if whole(_newest(evening)):
                raise
            evening.unproven = True


def _newest(evening) -> dict[tuple[float, str], Tally]:
    """What the load generator knows of the newest windows that have ended."""
    true = tallies(evening.truth, LENGTH)
    last = sorted({start for start, _ in true})[-_SHOWN - 2 :]
    return {key: one for key, one in true.items() if key[0] in last}


def _deck_agrees(screen: str, evening, endpoints) -> bool:
    true = whole(_newest(evening))
    for endpoint in endpoints:
        method, path = endpoint.split()
        found = re.search(_ROW.format(method=method, path=re.escape(path)), screen)
        if not found:
            return False
        shown = float(found[1]) * (1000 if found[2] == "s" else 1)
        if not any(off(shown, one.p95) <= SHARE for (_, name), one in true.items() if name == endpoint):
            return False
    found = re.search(r"all\s+([\d.]+) %", screen)
    return bool(found) and any(_same_share(float(found[1]), rows) for rows in _by_window(true))


def _by_window(true: dict[tuple[float, str], Tally]) -> list[list[Tally]]:
    return [[one for (start, _), one in true.items() if start == wanted] for wanted in {start for start, _ in true}]


def _same_share(shown: float, rows: list[Tally]) -> bool:
    """Whether a share in per cent is right: within 5 % of it, but for a request at each edge and for rounding."""
    requests, errors = sum(one.requests for one in rows), sum(one.errors for one in rows)
    return abs(shown - 100 * errors / requests) <= 100 * (SHARE * errors + 2) / requests + 0.05
