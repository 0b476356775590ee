"""How much one instance's counters grew between two scrapes: resets, newborn and vanished series told apart."""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from cockpit.sources.scrape.exposition import SERIES_LIMIT, Series

Totals = Mapping[str, tuple[Series, float]]


class Growth(Struct, frozen=True):
    """Requests of one endpoint in some span: 5xx among them, observations per histogram bound (cumulative).

    `seconds` is how much of the span is vouched for by scrapes on both of its sides; `mixed` says that histograms of
    different bounds were added, so that no bucket can be trusted by itself.
    """

    requests: float = 0.0
    errors: float = 0.0
    buckets: Mapping[float, float] = field(default_factory=dict)
    seconds: float = 0.0
    reset: bool = False
    mixed: bool = False

    def plus(self, other: "Growth") -> "Growth":
        """Return both together."""
        bounds = {**self.buckets, **other.buckets}
        unlike = bool(self.buckets and other.buckets) and self.buckets.keys() != other.buckets.keys()
        return Growth(
            self.requests + other.requests,
            self.errors + other.errors,
            {bound: self.buckets.get(bound, 0.0) + other.buckets.get(bound, 0.0) for bound in bounds},
            self.seconds + other.seconds,
            self.reset or other.reset,
            self.mixed or other.mixed or unlike,
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
            buckets=buckets,
            seconds=self.seconds * share,
        )


class Past(Struct, frozen=True):
    """What one instance has shown: the last total of every series, and which of them the last scrape held."""

    totals: Totals
    present: frozenset[str]


def first(totals: Totals) -> Past:
    """Return the past after a first scrape, from which nothing can be told."""
    return Past(totals, frozenset(totals))


def later(past: Past, totals: Totals) -> Past:
    """Return the past after one more scrape; series that vanished are remembered within the limit."""
    known = {**past.totals, **totals}
    return Past(known if len(known) <= SERIES_LIMIT else totals, frozenset(totals))


def grown(past: Past, totals: Totals, seconds: float) -> dict[str, Growth]:
    """Return each endpoint's growth since `past`, `seconds` ago.

    A total that fell began again at zero. A series never seen before counts from zero, unless another one of its
    endpoint vanished without a reset: then it was renamed. Where a series vanished or came back, nothing vouches.
    """
    gone = {past.totals[head][0].endpoint for head in past.present - totals.keys()}
    fallen = {
        series.instrument
        for head, (series, total) in totals.items()
        if head in past.present and total < past.totals[head][1]
    }
    reset = {series.endpoint for series, _ in totals.values() if series.instrument in fallen}
    doubtful = (gone - reset) | {
        series.endpoint for head, (series, total) in totals.items() if _came_back(past, head, total)
    }
    counted = {series.endpoint for series, _ in totals.values() if series.bound is None}
    steps: dict[str, list[tuple[Series, float]]] = {endpoint: [] for endpoint in counted | gone}
    for head, (series, total) in totals.items():
        renamed = series.endpoint in gone - reset
        steps.setdefault(series.endpoint, []).append((series, _step(past, head, total, fallen, renamed=renamed)))
    return {
        endpoint: _added(parts, seconds if endpoint in counted - doubtful else 0.0, reset=endpoint in reset)
        for endpoint, parts in steps.items()
    }


def _came_back(past: Past, head: str, total: float) -> bool:
    return head not in past.present and head in past.totals and total >= past.totals[head][1]


def _step(past: Past, head: str, total: float, fallen: set[str], *, renamed: bool) -> float:
    """Return what one series grew by; 0 where nobody can tell."""
    if head not in past.totals:
        return 0.0 if renamed else total
    series, before = past.totals[head]
    if head in past.present:
        return total if series.instrument in fallen else total - before
    return total if total < before else 0.0


def _added(parts: list[tuple[Series, float]], seconds: float, *, reset: bool) -> Growth:
    requests = errors = 0.0
    buckets: dict[float, float] = {}
    for series, step in parts:
        if series.bound is not None:
            buckets[series.bound] = buckets.get(series.bound, 0.0) + step
            continue
        requests += step
        errors += step if series.failed else 0.0
    return Growth(requests, errors, buckets, seconds, reset)
