"""The findings about /metrics pages: each instance alone, then all of them against the plan."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from msgspec import Struct

from cockpit.http.client import CLOCK_BOUND, advice
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.traffic import Metrics
from cockpit.settings.models.variant import NEITHER, Variant
from cockpit.sources.interface.offers import labels_seen, labels_wanted
from cockpit.sources.scrape.exposition import Scraped, Unmapped
from cockpit.sources.scrape.one_process import REMEDY, TWO, OneProcess, began_otherwise
from cockpit.sources.scrape.quantile import layouts, misfit
from cockpit.sources.scrape.series import Series
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import duration

_FEW = 3
_ALIKE = 1e-3
_OLD = "scrape the service itself, not a page that repeats what it once heard"


class Look(Struct, frozen=True):
    """One look at an instance at `at`: its answer, or `why` there is none.

    `ahead` is by how many seconds its clock is before ours, None if it does not tell; `strangers` are endpoints that
    the plan does not know; `odd` are values of the flag's label that are neither on nor off, with the labels there.
    `instead` says which settings name what is there instead of a metric that is not.
    """

    url: str
    place: str
    why: str
    scraped: Scraped | None = None
    took_ms: float = 0.0
    ahead: float | None = None
    strangers: tuple[str, ...] = ()
    at: datetime | None = None
    odd: tuple[tuple[str, tuple[str, ...]], ...] = ()
    instead: str = ""

    @property
    def values(self) -> Mapping[str, tuple[Series, float]]:
        """The wanted series; none without an answer."""
        return self.scraped.values if self.scraped else {}

    @property
    def lines(self) -> int:
        """How many samples the page held."""
        return self.scraped.lines if self.scraped else 0

    @property
    def unreadable(self) -> int:
        """How many of them could not be read, or lack labels that others of their metric have."""
        parts = self.scraped.unmapped.values() if self.scraped else ()
        return self.scraped.unreadable + sum(one.lines for one in parts if not one.wholly) if self.scraped else 0


def findings(plan: Plan, metrics: Metrics, looks: Sequence[Look]) -> list[Finding]:
    """Return what was seen, each weakness with what to do about it."""
    found = [finding for look in looks for finding in _instance(metrics, look)]
    if any(look.values or look.strangers for look in looks):
        found += [*_endpoints(plan, looks), *_bound(plan, metrics, looks)]
    return found


def _instance(metrics: Metrics, look: Look) -> Iterator[Finding]:
    if look.scraped is None:
        yield Finding(Sight.PROBLEM, look.place, look.why, _OLD if "samples are" in look.why else advice(look.why))
        return
    yield Finding(Sight.GOOD, look.place, f"{look.took_ms:.0f} ms, {look.lines:,} series, newest data {_newest(look)}")
    if look.unreadable:
        sight = Sight.PROBLEM if look.unreadable * 100 > look.lines else Sight.WARNING
        text = f"{look.unreadable:,} of {look.lines:,} lines unreadable"
        yield Finding(sight, look.place, text, "look at the page with promtool check metrics")
    if look.ahead is not None and abs(look.ahead) > CLOCK_BOUND:
        text = f"its clock is {duration(abs(look.ahead))} {'ahead of' if look.ahead > 0 else 'behind'} ours"
        yield Finding(Sight.WARNING, look.place, text, "let both machines keep network time")
    for name, key in ((metrics.requests, "requests"), (f"{metrics.durations}_bucket", "durations")):
        if unmapped := look.scraped.unmapped.get(name):
            yield _unmapped(metrics, look.place, name, unmapped)
        elif name not in look.scraped.names:
            fix = f"name it with metrics.{key}, or ask the service once: what it never counted is not there"
            fix = look.instead or fix
            yield Finding(Sight.PROBLEM, look.place, f"no {clean(name, 60)}", fix)


def _unmapped(metrics: Metrics, place: str, name: str, lines: Unmapped) -> Finding:
    text = f"{clean(name, 60)} has no label {clean(', '.join(lines.lacking), 60)}"
    fix = labels_seen(metrics, lines.lacking, lines.labels)
    return Finding(Sight.PROBLEM if lines.wholly else Sight.WARNING, place, text, fix)


def unmapped(metrics: Metrics, look: Look) -> Iterator[str]:
    """Say for which metrics a configured label is missing, and which labels are there instead.

    The other metric of the two may be as it should be: then nothing of it is missed here.
    """
    if look.instead and not look.values:
        yield look.instead
    for name, lines in (look.scraped.unmapped if look.scraped else {}).items():
        if lines.wholly:
            yield f"{clean(name, 40)}: {labels_wanted(metrics, lines.lacking, lines.labels)}"


def sameness(rounds: Sequence[Sequence[Look]]) -> list[Finding]:
    """Say of every instance that was looked at several times whether the same process answered each time."""
    return [finding for looks in zip(*rounds, strict=True) for finding in _same(looks)]


def _same(looks: Sequence[Look]) -> Iterator[Finding]:
    """Report a restart between two looks: it is possible and rare, so the finding asks to look again."""
    pages = [look.scraped for look in looks if look.scraped is not None]
    ears = OneProcess(math.inf)
    heard = [ears.hear(float(number), page) for number, page in enumerate(pages)]
    if any(one.why == TWO for one in heard):
        yield Finding(Sight.PROBLEM, looks[0].place, TWO, REMEDY)
    elif ears.signs or any(began_otherwise(*pair) for pair in pairwise(pages)):
        text = f"its totals or its start changed between {len(pages)} looks: {TWO}, or it restarted just now"
        yield Finding(Sight.PROBLEM, looks[0].place, text, f"look again; if it stays, {REMEDY}")


def repeated(looks: Sequence[Look]) -> Iterator[Finding]:
    """Say which addresses lead to one and the same process: it would be counted once for each."""
    seen: list[Look] = []
    for look in looks:
        if twin := next((other for other in seen if _one_life(other, look)), None):
            yield Finding(Sight.WARNING, look.place, f"the same process as {twin.place}", "keep one of them in urls")
        seen.append(look)


def _one_life(first: Look, second: Look) -> bool:
    """Whether two pages of one moment began at the same time and counted about the same, and anything at all."""
    if not (first.scraped and second.scraped and first.scraped.starts):
        return False
    counts = [sum(total for series, total in look.values.values() if series.bound is None) for look in (first, second)]
    alike = first.scraped.starts == second.scraped.starts and first.values.keys() == second.values.keys()
    return alike and counts[0] > 0 and math.isclose(*counts, rel_tol=_ALIKE)


def by_flag(variant: Variant, looks: Sequence[Look]) -> Iterator[Finding]:
    """Say whether the label that says who had the flag is there, and what it says."""
    if not variant.label or not any(look.values for look in looks):
        return
    if text := who_had_it(variant, looks):
        fix = "name it with variant, or let the service label both metrics; without it nothing is compared"
        yield Finding(Sight.WARNING, "flag", text, fix)
    else:
        yield Finding(Sight.GOOD, "flag", f"by label {clean(variant.label, 40)}")


def who_had_it(variant: Variant, looks: Sequence[Look]) -> str:
    """Say why some requests belong to no group, those with the flag and those without; empty if all do."""
    if not variant.label:
        return ""
    label, odd = clean(variant.label, 40), {each: None for look in looks for each in look.odd}
    sides = {series.side for look in looks for series, _ in look.values.values()}
    if NEITHER not in sides:
        return ""
    if not sides - {NEITHER} and not any(value for value, _ in odd):
        there = next((labels for _, labels in odd), ())
        return f"no line has label {label}; labels there: {clean(', '.join(there), 60)}"
    values = _some([f'"{value}"' if value else "nothing" for value in dict.fromkeys(value for value, _ in odd)])
    return f'label {label} says {values}: counted as neither "{clean(variant.on, 20)}" nor "{clean(variant.off, 20)}"'


def _newest(look: Look) -> str:
    stamped = look.scraped.stamped if look.scraped else None
    if stamped is None or look.at is None:
        return "now"
    return f"{duration(max(0.0, look.at.timestamp() - stamped))} old"


def _endpoints(plan: Plan, looks: Sequence[Look]) -> Iterator[Finding]:
    """Compare what is counted and timed with what the plan judges."""
    series = [one for look in looks for one, _ in look.values.values()]
    counted = {one.endpoint for one in series if one.bound is None}
    timed = {one.endpoint for one in series if one.bound is not None}
    whole = [name for name in plan.endpoints if name in counted & timed]
    text = f"{len(whole)} of {len(plan.endpoints)} of the plan counted and timed"
    if len(whole) == len(plan.endpoints):
        yield Finding(Sight.GOOD, "endpoints", text)
        return
    missing = [name for name in plan.endpoints if name not in counted & timed]
    others = dict.fromkeys(name for look in looks for name in look.strangers)
    fix = f"the page has {_some(list(others))}; set endpoints, or the labels in metrics" if others else ""
    fix = fix or ("map the labels first" if any(look.scraped and look.scraped.unmapped for look in looks) else "")
    fix = fix or "ask each of them once: what the service never counted is not there"
    yield Finding(Sight.WARNING if whole else Sight.PROBLEM, "endpoints", f"{text}; not {_some(missing)}", fix)


def _bound(plan: Plan, metrics: Metrics, looks: Sequence[Look]) -> Iterator[Finding]:
    known = {one for look in looks for one in layouts(look.values)}
    bound = plan.latency.p95_ms
    edge = f"{bound:g} ms" if metrics.unit == "ms" else f"{bound / 1000:g} s"
    if text := misfit(bound, known):
        yield Finding(Sight.WARNING, "buckets", text, f"give the histogram a bucket at {edge}, and one above it")
    elif known:
        yield Finding(Sight.GOOD, "buckets", f"{edge} is the edge of a bucket")


def _some(names: Sequence[str]) -> str:
    """Name a few of many."""
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return clean(", ".join(names[:_FEW]), 120) + more
