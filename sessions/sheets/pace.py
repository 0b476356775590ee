"""Events of each journey against the requests of its endpoints, now and in the pre-flight: the seed baseline.

Nothing is compared but what was counted over the same time: where requests or events are not known for all of it, that
is said, and there is no ratio.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from sessions.gate.judgement import Judgement
from sessions.plan.model import Journey, Plan
from sessions.sheets.past import Asked, Before, Pace
from sessions.state.model import State
from sessions.statistics.chance import proved
from sessions.text.units import duration, minutes
from sessions.values.presence import VOUCHED
from sessions.values.readings import Beat, Traffic
from sessions.values.sheets import Count, Exhibit, Row, Section
from sessions.values.verdicts import Mark

LOOKED_UP = "journey_events"
"""The look-up that counts events."""
SPANS = (600.0, 3600.0)
"""Over so many seconds back events and requests are counted, on the plan's clock."""
_SEED = 6 * 3600.0
"""So many seconds of the pre-flight, the last of it, tell the seed baseline, on the plan's clock."""


def served(rows: Sequence[Traffic], since: datetime, until: datetime) -> tuple[float, float]:
    """Return the requests in a stretch that an event should have come of, and for how many seconds they are known.

    A window that sticks out counts with the part of it that lies within.
    """
    found = known = 0.0
    for row in rows:
        end = min(row.end, max(row.at, row.start))
        whole = (end - row.start).total_seconds()
        inside = (min(end, until) - max(row.start, since)).total_seconds()
        if inside > 0 and whole > 0:
            found += row.served * inside / whole
            known += row.covered * inside
    return found, known


def requests_in(
    windows: Mapping[str, Sequence[Traffic]], journey: Journey, since: datetime, until: datetime
) -> tuple[float, float]:
    """Return the requests of a journey's endpoints in a stretch, and for how many seconds those of each are known."""
    told = [served(windows.get(endpoint, ()), since, until) for endpoint in dict.fromkeys(journey.endpoints)]
    return sum(count for count, _ in told), min((known for _, known in told), default=0.0)


def seed(judgement: Judgement, asked: Asked) -> Before:
    """Ask a history for the pace of each journey before the first shopper; absent where nothing tells it."""
    state = judgement.state
    until = min((at for percent, at in state.visits if percent > 0), default=None)
    paces = ((one.id, _seed(state.plan, one, until, asked)) for one in state.plan.journeys) if until else ()
    return Before(seed={name: pace for name, pace in paces if pace is not None}, flown=until is not None)


def _seed(plan: Plan, journey: Journey, until: datetime, asked: Asked) -> Pace | None:
    """Add up the looks at the events, as many as fit beside each other, each with the requests of the same time."""
    since = until - timedelta(seconds=_SEED / plan.speed)
    windows = {name: _windows(asked, name, since, until) for name in dict.fromkeys(journey.endpoints)}
    ends, pace = until, Pace()
    for beat in reversed(asked.series("beat", journey.id, since, until)):
        if not isinstance(beat, Beat) or beat.at > ends:
            continue
        span = (beat.at - beat.since).total_seconds()
        requests, known = requests_in(windows, journey, beat.since, beat.at)
        if 0 < VOUCHED * span <= known:
            ends, pace = beat.since, Pace(pace.events + beat.count, pace.requests + requests, pace.span + span)
    return pace if pace.span else None


def _windows(asked: Asked, endpoint: str, since: datetime, until: datetime) -> tuple[Traffic, ...]:
    """Return the windows measured in a time span; one that reaches into the phase also covers that."""
    return tuple(row for row in asked.series("window", endpoint, since, until) if isinstance(row, Traffic))


def per_request(
    judgement: Judgement, _tz: tzinfo | None, before: Before | None, exhibits: Sequence[Exhibit]
) -> Iterator[Section]:
    """Lay out the events of each journey for each request of its endpoints, beside the seed baseline."""
    plan, rows = judgement.state.plan, list[Row]()
    for journey in plan.journeys:
        known = before.seed.get(journey.id) if before else None
        counts = [(one.at, count) for one in exhibits for count in one.counts if count.subject == journey.id]
        rows += [_row(judgement.state, journey, span / plan.speed, counts, known) for span in SPANS]
    yield Section("Events per request", tuple(rows), _lacks(plan, before))


def _row(
    state: State, journey: Journey, span: float, counts: Sequence[tuple[datetime, Count]], known: Pace | None
) -> Row:
    what = f"{journey.id}, last {minutes(span)}"
    at, events = next(((at, one.number) for at, one in counts if math.isclose(one.span, span)), (None, 0))
    if at is None:
        return Row(what, "events not counted", _bound(state.plan, journey, known), mark=Mark.BLIND)
    requests, told = requests_in(state.seen.windows, journey, at - timedelta(seconds=span), at)
    if told < VOUCHED * span:
        said = f"{events:,} events, requests known for {duration(told)} of it"
        return Row(what, said, _bound(state.plan, journey, known), at, Mark.BLIND)
    pace = Pace(events, requests, span)
    fewer = known is not None and _fewer(state.plan, pace, known)
    said = f"{_said(pace)}{', fewer than chance explains' if fewer else ''}"
    return Row(what, said, _bound(state.plan, journey, known), at, Mark.THIN if fewer else None)


def _said(pace: Pace) -> str:
    counts = f"{pace.events:,} events, {pace.requests:,.0f} requests"
    return f"{pace.events / pace.requests:.2f}: {counts}" if pace.requests >= 1 else counts


def _bound(plan: Plan, journey: Journey, known: Pace | None) -> str:
    """Say what it is laid beside: the pre-flight, else the plan's own numbers, else nothing."""
    if known is not None and known.requests >= 1:
        return f"seed {_said(known)} in {duration(known.span)}"
    promised = _promised(plan, journey)
    return f"{promised:.2f} by the plan" if promised is not None else ""


def _promised(plan: Plan, journey: Journey) -> float | None:
    """Return how many events a request leaves by the plan, where it names both; what is only assumed is no number."""
    said = {one.of: one.per_hour for one in plan.expected}
    names = dict.fromkeys(journey.endpoints)
    if journey.id not in said or not names or not all(name in said for name in names):
        return None
    requests = sum(said[name] for name in names)
    return said[journey.id] / requests if requests > 0 else None


def _fewer(plan: Plan, now: Pace, then: Pace) -> bool:
    """Whether the seed had more events for its requests, and that is no chance."""
    both = now.requests + then.requests
    return both > 0 and proved(then.events, then.events + now.events, then.requests / both, plan.confidence)


def _lacks(plan: Plan, before: Before | None) -> str:
    """Say which journeys have no seed baseline, and why."""
    if before is None:
        return "the seed baseline is not known"
    lacking = [one.id for one in plan.journeys if (pace := before.seed.get(one.id)) is None or pace.requests < 1]
    if not lacking:
        return ""
    if not before.flown:
        return "no seed baseline before the first phase is entered"
    still = [name for name in lacking if name in before.seed]
    why = "no request came" if len(still) == len(lacking) else "events and requests were not seen together"
    return f"no seed baseline for {', '.join(lacking)}: {why} in the pre-flight"
