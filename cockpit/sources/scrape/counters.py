"""How much one instance's counters grew between two scrapes: resets, newborn and vanished series told apart."""

import math
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from cockpit.sources.scrape.exposition import SERIES_LIMIT
from cockpit.sources.scrape.histogram import torn
from cockpit.sources.scrape.series import Series

Totals = Mapping[str, tuple[Series, float]]

_SLACK, _UNDER_WAY = 1.05, 5
"""So many more may have been timed than were counted, as a factor and beside it: some were just under way."""


class Growth(Struct, frozen=True):
    """Requests of one endpoint in some span: 5xx and 4xx among them, observations per histogram bound (cumulative).

    `seconds` is how much of the span is vouched for by scrapes on both of its sides; `torn` says why there is no
    quantile. `sides` are the same requests by who had the flag; empty if no label says it.
    """

    requests: float = 0.0
    errors: float = 0.0
    buckets: Mapping[float, float] = field(default_factory=dict)
    seconds: float = 0.0
    reset: bool = False
    torn: str = ""
    refused: float = 0.0
    sides: Mapping[str, "Growth"] = field(default_factory=dict)

    def plus(self, other: "Growth") -> "Growth":
        """Return both together."""
        return Growth(
            self.requests + other.requests,
            self.errors + other.errors,
            _summed(self.buckets, other.buckets),
            self.seconds + other.seconds,
            self.reset or other.reset,
            self.torn or other.torn,
            self.refused + other.refused,
            _both(self.sides, other.sides),
        )

    def part(self, share: float) -> "Growth":
        """Return a share 0..1 of it, as if it had been spread evenly."""
        if share == 1:
            return self
        buckets = {bound: count * share for bound, count in self.buckets.items()}
        return replace(
            self,
            requests=self.requests * share,
            errors=self.errors * share,
            refused=self.refused * share,
            buckets=buckets,
            seconds=self.seconds * share,
            sides={side: growth.part(share) for side, growth in self.sides.items()},
        )


def _both(one: Mapping[str, Growth], other: Mapping[str, Growth]) -> Mapping[str, Growth]:
    return (
        {side: one.get(side, _NONE).plus(other.get(side, _NONE)) for side in {**one, **other}} if one or other else {}
    )


_NONE = Growth()


class Past(Struct, frozen=True):
    """What one instance has shown: the last total of every series, and which of them the last scrape held."""

    totals: Totals
    present: frozenset[str]


def first(totals: Totals) -> Past:
    """Return the past after a first scrape, which has no growth yet."""
    return Past(totals, frozenset(totals))


def later(past: Past, totals: Totals) -> Past:
    """Return the past after one more scrape; series that vanished are remembered within the limit."""
    known = {**past.totals, **totals}
    return Past(known if len(known) <= SERIES_LIMIT else totals, frozenset(totals))


class Instrument(Struct):
    """The lines of one counter or histogram in two scrapes: totals by bucket bound, None for a counter's only line.

    `before` are those of the last scrape, `known` those of any earlier one; `anew`: it began again at zero.
    """

    series: Series
    before: dict[float | None, float] = field(default_factory=dict)
    known: dict[float | None, float] = field(default_factory=dict)
    now: dict[float | None, float] = field(default_factory=dict)
    anew: bool = False

    @property
    def came_back(self) -> bool:
        """Whether it was missing in the last scrape and was there before: since when it grew is unknown."""
        return not self.before and bool(self.known) and not self.anew

    @property
    def newborn(self) -> bool:
        """Whether it is seen for the first time."""
        return not self.known

    def step(self, bound: float | None) -> float:
        """Return what a line grew by; 0 if that is unknown."""
        if self.anew or self.newborn:
            return self.now[bound]
        return self.now[bound] - self.before.get(bound, self.now[bound])


def grown(past: Past, totals: Totals, seconds: float, *, restarted: bool = False) -> dict[str, Growth]:
    """Return each endpoint's growth since `past`, `seconds` ago; `restarted`: the process says that it began since.

    A total that fell began again at zero. A counter or histogram never seen before counts from zero, unless another of
    its endpoint vanished without a reset: then it was renamed. Where a series vanished or came back, nothing vouches.
    """
    instruments = _instruments(past, totals, restarted=restarted)
    endpoints: dict[str, list[Instrument]] = {}
    for each in instruments:
        endpoints.setdefault(each.series.endpoint, []).append(each)
    return {endpoint: _together(parts, seconds) for endpoint, parts in endpoints.items()}


def _instruments(past: Past, totals: Totals, *, restarted: bool) -> Collection[Instrument]:
    """Return the instruments of the last two scrapes, and how those of now were known before."""
    found: dict[str, Instrument] = {}
    for head, (series, total) in totals.items():
        found.setdefault(series.instrument, Instrument(series)).now[series.bound] = total
        if head in past.totals:
            found[series.instrument].known[series.bound] = past.totals[head][1]
    for head in past.present:
        series, total = past.totals[head]
        found.setdefault(series.instrument, Instrument(series)).before[series.bound] = total
    for each in found.values():
        each.anew = any(each.now[bound] < total for bound, total in each.known.items())
    # A process that says to have begun since has begun with all its counters, also with those that outgrew their past.
    for each in found.values():
        each.anew |= restarted and bool(each.known)
    return found.values()


def _together(parts: Sequence[Instrument], seconds: float) -> Growth:
    """Return what one endpoint's instruments grew by together."""
    reset = any(each.anew for each in parts)
    gone = not reset and any(each.before.keys() - each.now.keys() for each in parts)
    counters = [each for each in parts if each.now and each.series.bound is None]
    doubtful = gone or not counters or any(each.came_back for each in parts)
    sides = dict.fromkeys(each.series.side for each in parts if each.series.side)
    growth = replace(
        _added(parts, gone=gone),
        seconds=0.0 if doubtful else seconds,
        reset=reset,
        sides={side: _added([each for each in parts if each.series.side == side], gone=gone) for side in sides},
    )
    return replace(growth, torn=_torn(parts, growth))


def _added(parts: Sequence[Instrument], *, gone: bool) -> Growth:
    """Add up what instruments grew by; where others are `gone`, those that are new were renamed."""
    requests = errors = refused = 0.0
    buckets = dict[float, float]()
    for each in parts:
        if gone and each.newborn:
            continue
        if each.series.bound is not None:
            buckets = _summed(buckets, {bound: each.step(bound) for bound in _bounds(each.now)})
            continue
        step = each.step(None) if each.now else 0.0
        requests += step
        errors += step if each.series.failed else 0.0
        refused += step if each.series.refused else 0.0
    return Growth(requests, errors, buckets, refused=refused)


def _summed(one: Mapping[float, float], other: Mapping[float, float]) -> dict[float, float]:
    """Add up two histograms at the bounds that both have: only there it is known how many lie below."""
    if not (one and other):
        return dict(one or other)
    return {bound: count + other[bound] for bound, count in one.items() if bound in other}


def _torn(parts: Sequence[Instrument], growth: Growth) -> str:
    """Say why no quantile can be told of these buckets; empty if one can."""
    histograms = [each for each in parts if each.now and each.series.bound is not None]
    for each in histograms:
        if why := torn(_bounds(each.before), _bounds(each.now), anew=each.anew):
            return why
    newborn = sum(each.now.get(math.inf, 0.0) for each in histograms if each.newborn)
    counted_before = any(each.before for each in parts if each.series.bound is None)
    late = counted_before and newborn > growth.requests * _SLACK + _UNDER_WAY
    return "a histogram that was first seen late" if late else ""


def _bounds(lines: Mapping[float | None, float]) -> Mapping[float, float]:
    return {bound: total for bound, total in lines.items() if bound is not None}
