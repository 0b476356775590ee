"""What `cockpit doctor` says of a Prometheus: what it knows of the plan's endpoints, how well and how lately."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from cockpit.http.client import CLOCK_BOUND, FAILURES
from cockpit.http.exchange import Exchange, Moment, ahead, steady
from cockpit.runtime.finding import Finding, Sight
from cockpit.sources.interface.offers import instead, labels_seen
from cockpit.sources.interface.source import TWO_PROCESSES, SourceError
from cockpit.sources.prometheus.api import Api, QueryResult
from cockpit.sources.prometheus.buckets import edges_of
from cockpit.sources.prometheus.cells import ALL, otherwise, sorted_by_time, whole
from cockpit.sources.prometheus.promql import VARIANT, Span, Wording, union
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import duration

_NAMED = 4
_WINDOW_SCRAPES, _MINUTE_SCRAPES = 4, 2
_ENOUGH = 0.7
_MATCHER = (
    f"write increase(hits{{{VARIANT}}}[$window]): it becomes a matcher of those with the flag, and of those without"
)


async def examined(api: Api, wording: Wording, plan: Plan, now: datetime) -> Sequence[Finding]:
    """Ask everything once. Raises one of `http.FAILURES` where the server does not answer the first question."""
    span = Span(plan.windows.length, wording.spec.scrape_interval)
    moment = Moment(now, steady())
    asked = (wording.moment(span), wording.several(span), wording.traffic(span, "window"))
    first = await api.now(" or ".join(asked))
    took = steady() - moment.steady
    version, labelled, said, edges, down, pace = await asyncio.gather(
        _version(api),
        api.now(wording.labelled()),
        _said(api, wording),
        api.now(wording.edges()),
        api.now(wording.down(span)),
        api.now(union({"whole.pace": wording.pace(span)})),
    )
    return [
        Finding(Sight.GOOD, "server", f"{version or 'answers, does not say its version'}, {took * 1000:.0f} ms"),
        *_warnings(first),
        *_clock(first, moment),
        *_newest(first, plan),
        *_processes(first),
        *_endpoints(first, wording, labelled, await _instead(api, wording, labelled)),
        *_by_flag(wording, labelled, said),
        *_pace(wording, plan, whole(pace.rows, "pace"), span),
        *_edges(edges, wording),
        *_down(down),
    ]


async def _version(api: Api) -> str:
    """Not every server of this API has it."""
    try:
        return f"version {version}" if (version := await api.build()) else ""
    except FAILURES:
        return ""


async def _said(api: Api, wording: Wording) -> QueryResult:
    """Ask what the flag's label says, where one is named and our own words ask for it."""
    asked = bool(wording.spec.variant.label) and not wording.spec.queries.requests
    return await api.now(wording.said()) if asked else QueryResult(())


async def _instead(api: Api, wording: Wording, labelled: QueryResult) -> str:
    """Say which settings name what is there, where a metric is not; a server that does not tell is none the worse."""
    own, metrics = wording.spec.queries, wording.spec.metrics
    if (own.requests and own.p95) or (labelled.rows and wording.spec.native):
        return ""
    try:
        answer = await api.now(wording.offered())
    except FAILURES:
        return ""
    offers = {row.labels.get("__name__", ""): tuple(sorted(row.labels)) for row in answer.rows}
    return "" if {metrics.requests, f"{metrics.durations}_bucket"} <= {*offers} else instead(metrics, offers)


def _warnings(answer: QueryResult) -> Iterator[Finding]:
    if answer.warnings:
        yield Finding(
            Sight.PROBLEM,
            "whole answers",
            f"partial: {answer.warnings[0]}",
            "mend what the server warns of: partial answers prove nothing",
        )


def _clock(answer: QueryResult, moment: Moment) -> Iterator[Finding]:
    clock = whole(answer.rows, "clock")
    if clock is None:
        raise SourceError("not a Prometheus answer")
    skew = ahead(clock, 0.0, answer.exchange or Exchange(moment.steady, steady()), moment)
    if abs(skew) > CLOCK_BOUND:
        told = f"{duration(abs(skew))} {'ahead' if skew > 0 else 'behind'}"
        yield Finding(Sight.WARNING, "clock", told, "set both clocks by NTP; ages are corrected meanwhile")
    else:
        yield Finding(Sight.GOOD, "clock", "agrees with ours")


def _newest(answer: QueryResult, plan: Plan) -> Iterator[Finding]:
    clock, newest = whole(answer.rows, "clock"), whole(answer.rows, "newest")
    if clock is None or newest is None:
        yield Finding(Sight.PROBLEM, "newest scrape", "none", "check the selector, and that the service is a target")
    elif (age := clock - newest) > plan.cadence.traffic_stale:
        yield Finding(Sight.PROBLEM, "newest scrape", f"{duration(age)} ago", "see why its targets are not scraped")
    else:
        yield Finding(Sight.GOOD, "newest scrape", f"{duration(max(0.0, age))} ago")


def _processes(answer: QueryResult) -> Iterator[Finding]:
    """Totals that see-saw between scrapes are several processes: what they grew by is nobody's."""
    for told in otherwise(answer.rows).values():
        fix = "scrape each process at its own address, or let one page add them up"
        yield Finding(Sight.PROBLEM, "processes", told, fix if TWO_PROCESSES in told else "see why it ends")


def _endpoints(answer: QueryResult, wording: Wording, labelled: QueryResult, other: str) -> Iterator[Finding]:
    cells = next(iter(sorted_by_time(answer.rows, wording.spec, "window").values()), None)
    found = cells.values if cells else {}
    missing = [endpoint for endpoint in wording.endpoints if "requests" not in found.get(endpoint, {})]
    untimed = [name for name in wording.endpoints if name not in missing and "p95" not in found.get(name, {})]
    known = len(wording.endpoints) - len(missing)
    if missing:
        told = f"{known} of {len(wording.endpoints)}, missing: {_several(missing)}"
        yield Finding(Sight.WARNING if known else Sight.PROBLEM, "endpoints", told, other or _mapped(wording, labelled))
    else:
        yield Finding(Sight.GOOD, "endpoints", f"{known} of {len(wording.endpoints)}")
    if untimed:
        yield Finding(
            Sight.PROBLEM,
            "durations",
            f"none for {_several(untimed)}",
            other or f"is {wording.spec.metrics.durations} a histogram, by {wording.by}?",
        )


def _mapped(wording: Wording, labelled: QueryResult) -> str:
    """Say which labels the counter has, where those that the settings name are not among them."""
    metrics = wording.spec.metrics
    there = sorted(
        {name for row in labelled.rows for name, value in row.labels.items() if value and name != "__name__"}
    )
    wanted = (metrics.method, metrics.endpoint, metrics.status)
    lacking = [label for label in wanted if label and label not in there]
    if there and lacking:
        return f"{metrics.requests}: {labels_seen(metrics, lacking, there)}"
    names = f"series need the labels {wording.needed}"
    return f"is {metrics.requests} right? {names}; an endpoint nobody asked for has none"


def _by_flag(wording: Wording, labelled: QueryResult, said: QueryResult) -> Iterator[Finding]:
    """Say whether the label that says who had the flag is there, and what it says."""
    variant, label = wording.spec.variant, clean(wording.spec.variant.label, 40)
    values = {row.labels.get(variant.label, "") for row in said.rows}
    odd = sorted(values - {variant.on, variant.off})
    fix = "name it with variant, or let the service label both metrics; without it nothing is compared"
    if label and not wording.parted:
        yield Finding(Sight.WARNING, "flag", f"queries.requests names no {VARIANT}", _MATCHER)
    elif values == {""}:
        there = {name for row in labelled.rows for name, value in row.labels.items() if value and name != "__name__"}
        yield Finding(
            Sight.WARNING,
            "flag",
            f"no line has label {label}; labels there: {clean(', '.join(sorted(there)), 60)}",
            fix,
        )
    elif odd:
        told = _several([f'"{clean(value, 30)}"' if value else "nothing" for value in odd])
        words = f'neither "{clean(variant.on, 20)}" nor "{clean(variant.off, 20)}"'
        yield Finding(Sight.WARNING, "flag", f"label {label} says {told}: counted as {words}", fix)
    elif values:
        yield Finding(Sight.GOOD, "flag", f"by label {label}")


def _pace(wording: Wording, plan: Plan, counted: float | None, span: Span) -> Iterator[Finding]:
    said = wording.spec.scrape_interval
    for name, length, least in (
        ("window", plan.windows.length, _WINDOW_SCRAPES),
        ("minute", plan.windows.minute, _MINUTE_SCRAPES),
    ):
        if length < least * said:
            told = f"{name} of {duration(length)} against a scrape each {duration(said)}"
            yield Finding(Sight.WARNING, "scrapes", told, f"scrape at least each {duration(length / least)}")
    if counted is None or wording.spec.queries.up:
        return
    if counted < _ENOUGH * span.length / said:
        real = duration(span.length / counted) if counted > 0 else "never"
        told = f"{counted:g} in the last {duration(span.length)}, one each {duration(said)} is expected"
        yield Finding(Sight.WARNING, "scrapes", told, f'is it new? Else write scrape_interval = "{real}"')
    else:
        yield Finding(Sight.GOOD, "scrapes", f"{counted:g} in the last {duration(span.length)}")


def _edges(answer: QueryResult, wording: Wording) -> Iterator[Finding]:
    """A bound inside a bucket makes the p95 near it a guess; one over all makes it unknown; the worst speaks."""
    if wording.spec.native or wording.spec.queries.p95:
        return
    ours, known = (ALL, *wording.endpoints), edges_of(answer.rows, wording.spec)
    found = [_bounds(wording.bound_ms, edges) for endpoint, edges in known.items() if edges and endpoint in ours]
    if found:
        yield min(found, key=_worst)


def _bounds(wanted: float, bounds: Sequence[float]) -> Finding:
    what = "bucket at the bound"
    if wanted > bounds[-1]:
        told = f"{wanted:g} ms lies over the highest bucket, {bounds[-1]:g} ms"
        return Finding(Sight.PROBLEM, what, told, "add buckets around the bound")
    if not any(math.isclose(wanted, bound, rel_tol=1e-6) for bound in bounds):
        low = max((bound for bound in bounds if bound < wanted), default=0.0)
        high = min(bound for bound in bounds if bound > wanted)
        told = f"{wanted:g} ms lies inside {low:g}–{high:g} ms"
        return Finding(Sight.WARNING, what, told, f"add a bucket at {wanted:g} ms")
    if math.isclose(wanted, bounds[-1], rel_tol=1e-6):
        told = f"{wanted:g} ms is the highest bucket"
        return Finding(Sight.WARNING, what, told, "add one above it, to see how far a p95 is over the bound")
    return Finding(Sight.GOOD, what, f"{wanted:g} ms")


def _worst(finding: Finding) -> int:
    return (Sight.PROBLEM, Sight.WARNING, Sight.GOOD).index(finding.sight)


def _down(answer: QueryResult) -> Iterator[Finding]:
    names = [clean(row.labels.get("instance", "?"), 60) for row in answer.rows]
    if names:
        told = f"{len(names)}: {_several(names)}"
        yield Finding(Sight.WARNING, "targets down", told, "they lower what a window is covered by")
    else:
        yield Finding(Sight.GOOD, "targets down", "none")


def _several(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
