"""Whether one process answers at an address: its totals only grow, and its start time never goes back.

Several processes behind one address each have their own totals, so the totals of the pages go up and down. One fall is
a restart. Repeated falls, or a start time earlier than before, mean another process.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from heapq import nsmallest

from msgspec import Struct

from cockpit.sources.interface.source import TWO_PROCESSES
from cockpit.sources.scrape.exposition import Scraped
from cockpit.sources.scrape.series import PROCESS_START
from sessions.text.units import duration

TWO = TWO_PROCESSES
REMEDY = "name each process's own address in urls, or let one page add them up"

_RESTARTS = 3
"""So many restarts within the patience are no measurement either: each loses what was counted since the last look."""
_RELAPSES = 3
_TICK = 1e-4
_JITTER = 1.0
"""A kernel tells its boot in whole seconds: what the same process says of its start may differ by one of them."""
_KEYS = 256
_SKEW, _CLOCK_SET = 120.0, 1e9
"""A start may lie so many seconds before the last look and still be later; one of before 2001 is no time at all."""


class Heard(Struct, frozen=True):
    """What one more page says: `why` nothing is measured, or that the process `restarted` since the last page.

    What was measured from `since` on, in epoch seconds, is no measurement either. `unsure`: the page is of another life
    than the last one, and its growth since then is unknown.
    """

    why: str = ""
    since: float = math.inf
    restarted: bool = False
    unsure: bool = False


class Sign(Struct, frozen=True):
    """Something at `at` that does not look like the process of `before`, in epoch seconds.

    `keys` are totals that fell, or that were back at once after they had fallen. `anew`: the page says that it began
    later, as after a restart. `earlier`: that it began earlier; with `proof` by more than a clock explains. `unsure`:
    that it began later, and yet ran before the last page, or counted on as if it had not ended.
    """

    at: float
    before: float
    keys: frozenset[str] = frozenset()
    anew: bool = False
    earlier: bool = False
    proof: bool = False
    unsure: bool = False


class OneProcess:
    """Hears the pages of one address. Signs that are less than `patience` s apart belong together.

    A doubt ends when there was no sign for that long, and for longer each time it comes back.
    """

    def __init__(self, patience: float) -> None:
        self._base = patience
        self._relapses = 0
        self._last: tuple[float, Mapping[str, float]] | None = None
        self._starts: dict[str, tuple[float, float]] = {}
        self._dropped: Mapping[str, tuple[float, float]] = {}
        self._why = ""
        self._since = math.inf
        self._over = -math.inf
        self.signs: list[Sign] = []
        """What did not look like one process lately."""

    def hear(self, at: float, page: Scraped) -> Heard:
        """Take one more page, of `at` in epoch seconds."""
        sign = self._sign(at, page)
        restarted = sign is not None and sign.anew and bool(sign.keys) and self._began_later(page)
        self._last = (at, _totals(page))
        for key, start in page.starts.items():
            if key not in self._starts or self._starts[key][0] != start:
                self._starts[key] = (start, at)
        self.signs = [old for old in self.signs if at - self._patience < old.at <= at] + ([sign] if sign else [])
        self._judge(at)
        if self._why:
            return Heard(self._why, self._since)
        return Heard(restarted=restarted, unsure=sign is not None and sign.unsure)

    @property
    def _patience(self) -> float:
        return self._base * 2.0 ** min(self._relapses, _RELAPSES)

    def _judge(self, at: float) -> None:
        """Begin or end a doubt."""
        why = _told(self.signs)
        if why and not self._why:
            lately = at - self._over < self._base * 2.0 ** (_RELAPSES + 1)
            self._relapses = self._relapses + 1 if lately else 0
            self._since = min(sign.before for sign in self.signs) - (self._patience if why == TWO else 0.0)
        elif self._why and not self.signs:
            self._over = at
        self._why = why or (self._why if self.signs else "")

    def _sign(self, at: float, page: Scraped) -> Sign | None:
        """Compare a page with the one before."""
        if self._last is None or at < self._last[0]:
            self._dropped = {}
            return None
        (before, earlier), totals = self._last, _totals(page)
        back = {key: self._starts[key] for key, start in page.starts.items() if start < self._told_start(key) - _TICK}
        anew = any(start > self._told_start(key) + _TICK for key, start in page.starts.items())
        fallen = {key: (was, was - totals[key]) for key, was in earlier.items() if totals.get(key, was) < was}
        regained = _regained(self._dropped, earlier, totals)
        keys = _some(fallen or (self._dropped if regained else ()))
        self._dropped = ({} if anew or back else fallen) if fallen or regained else self._dropped
        if back:
            jitter = all(_is_jitter(key, told - page.starts[key]) for key, (told, _) in back.items())
            since = before if jitter else min(since for _, since in back.values())
            return Sign(at, min(before, since), keys, earlier=True, proof=not jitter)
        if self._began_later(page) and (not fallen or _ran_at(page, before - _SKEW)):
            return Sign(at, before, keys, anew=not fallen, unsure=True)
        return Sign(at, before, keys, anew=anew and bool(fallen)) if keys else None

    def _told_start(self, key: str) -> float:
        return self._starts[key][0] if key in self._starts else math.nan

    def _began_later(self, page: Scraped) -> bool:
        """Whether the process says to have begun later than it said last, by more than a clock explains."""
        starts = {key: start for key, start in page.starts.items() if key.startswith(PROCESS_START)}
        return any(start - self._told_start(key) > _JITTER + _TICK for key, start in starts.items())


def _ran_at(page: Scraped, moment: float) -> bool:
    """Whether a page's process says to have begun before a moment, in epoch seconds."""
    return any(_CLOCK_SET <= start < moment for key, start in page.starts.items() if key.startswith(PROCESS_START))


def began_otherwise(first: Scraped, second: Scraped) -> bool:
    """Whether two pages do not say the same of when they began, by more than a clock explains."""
    return any(
        abs(start - first.starts[key]) > _TICK and not _is_jitter(key, abs(start - first.starts[key]))
        for key, start in second.starts.items()
        if key in first.starts
    )


def _told(signs: Collection[Sign]) -> str:
    """Return why these signs are no measurement, empty if they are no more than a restart or two."""
    falls = max(Counter(key for sign in signs for key in sign.keys).values(), default=0)
    others = any(not sign.anew and sign.keys for sign in signs) and falls > 1
    if any(sign.proof for sign in signs) or others or (falls and any(sign.earlier for sign in signs)):
        return TWO
    if falls >= _RESTARTS:
        times = [sign.at for sign in signs]
        return f"restarted {falls} times in {duration(max(times) - min(times))}"
    return ""


def _is_jitter(key: str, seconds: float) -> bool:
    return key.startswith(PROCESS_START) and abs(seconds - _JITTER) < _TICK


def _totals(page: Scraped) -> Mapping[str, float]:
    """Every total of a page that only grows while its process lives, whatever it counts."""
    return {**page.others, **{key: total for key, (_, total) in page.values.items()}}


def _some(keys: Collection[str]) -> frozenset[str]:
    """Return at most so many of some names, the same ones of the same."""
    return frozenset(nsmallest(_KEYS, keys))


def _regained(
    dropped: Mapping[str, tuple[float, float]], earlier: Mapping[str, float], totals: Mapping[str, float]
) -> bool:
    """Whether all that fell is back above where it was, most of it at one stroke: no process counts that fast."""
    if not dropped or any(totals.get(key, -math.inf) < was for key, (was, _) in dropped.items()):
        return False
    return all(2 * (totals[key] - earlier.get(key, 0.0)) >= fall for key, (_, fall) in dropped.items())
