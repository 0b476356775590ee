"""What the next phase will bring, by the traffic seen in this one: told before each advance, and holding nothing.

Nobody can see which requests come because of the flag. What was seen at a percentage grows at most as the percentage
does; what was seen at 0 % comes without the flag, and how much the flag adds to it only the plan can say.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from msgspec import Struct

from sessions.criteria.freshness import timely
from sessions.criteria.windows import WHOLE, Memory, counted_since
from sessions.expected.chances import in_span
from sessions.expected.promised import Promise, promises
from sessions.expected.remarks import Remark, a_window, apart, number, rare_events, roughly, thin_requests
from sessions.plan.model import Journey, Plan
from sessions.state.lapses import FLAG, stretches
from sessions.state.reducer import State
from sessions.values.percent import Percent
from sessions.values.readings import Traffic

_KNOWN = Memory[tuple[Remark, ...]]()
"""What was said last, by session: it changes when a window closes, and is asked for every second."""
_SEEN = Memory["Seen | None"]()
_TOUCH = timedelta(microseconds=1)
_WALKED = 2.0
"""So many bounds of a gap after the newest walk of a journey it is no longer walked."""


class Seen(Struct, frozen=True):
    """So many requests an hour were seen of an endpoint in this phase, in whole windows of `span` s together."""

    per_hour: float
    span: float


class _Step(Struct, frozen=True):
    """The step from the phase `now` to the next one at `then` %, with what is known of its traffic."""

    plan: Plan
    now: Percent
    then: Percent
    seen: Mapping[str, Seen]
    promised: Mapping[str, Promise]


def ahead(state: State, now: datetime) -> tuple[Remark, ...]:
    """Return what is to be said of each endpoint and journey at the next phase's percentage; nothing after the last.

    Of what neither was seen nor is promised nothing is said. A journey that is walked just now needs no word.
    """
    if not state.whole or state.plan.after(state.phase) is None:
        return ()
    seen = tuple([requests_seen(state, endpoint, now) for endpoint in state.plan.endpoints])
    found = _KNOWN.recall(state.name, (state.plan, state.phase, *seen), lambda: tuple(_remarks(state, seen)))
    return tuple(one for one in found if not (one.rare and walked(state, one.subject, now)))


def walked(state: State, journey: str, now: datetime) -> bool:
    """Whether a synthetic run of the journey reached the service lately."""
    sent = state.seen.sent.get(journey)
    return sent is not None and timely(sent.at, now) and (now - sent.at).total_seconds() <= _WALKED * state.plan.gap


def requests_seen(state: State, endpoint: str, now: datetime) -> Seen | None:
    """Return what was seen of an endpoint in the phase's whole windows; None where they are fewer than are judged.

    A window in which the flag was elsewhere tells of another percentage.
    """
    row = state.seen.windows.get(endpoint, ())
    closed = row[:-1] if row and not _over(row[-1]) else row
    if len(closed) < state.plan.windows.count:
        return None
    values = (state.plan, state.entered_at, state.moved_at, state.lapses, state.lapsing, *closed)
    return _SEEN.recall(endpoint, values, lambda: _requests_seen(state, closed, now))


def _requests_seen(state: State, closed: Iterable[Traffic], now: datetime) -> Seen | None:
    gone = stretches(state, now, (FLAG,))
    rows = [row for row in closed if _counts(state, row, now)]
    rows = [row for row in rows if not any(since < row.end and until > row.start for since, until in gone)]
    span = sum((row.end - row.start).total_seconds() for row in rows)
    if len(rows) < state.plan.windows.count or span <= 0:
        return None
    return Seen(3600 * sum(row.requests for row in rows) / span, span)


def _over(row: Traffic) -> bool:
    """Whether a reading was measured after its end."""
    return row.at >= row.end - _TOUCH


def _counts(state: State, row: Traffic, now: datetime) -> bool:
    """Whether a reading is a whole window of this phase that samples vouch for."""
    whole = _over(row) and row.covered >= WHOLE and timely(row.at, now)
    sound = math.isfinite(row.requests) and row.requests >= 0
    begun = counted_since(state)
    return whole and sound and begun is not None and row.start >= begun


def _remarks(state: State, rows: Sequence[Seen | None]) -> Iterator[Remark]:
    following = state.plan.after(state.phase)
    if following is None:
        return
    seen = {name: found for name, found in zip(state.plan.endpoints, rows, strict=True) if found is not None}
    step = _Step(state.plan, state.phase, following.percent, seen, promises(state.plan))
    for endpoint in step.plan.endpoints:
        rate = _requests(step, endpoint)
        if rate is not None and (found := thin_requests(step.plan, endpoint, _head(step, endpoint, rate), rate)):
            yield found
    for journey in step.plan.journeys:
        ways = [way for way in (_by_requests(step, journey), _as_said(step, journey)) if way is not None]
        if not ways:
            continue
        rate, head = min(ways, key=itemgetter(0))
        if found := rare_events(step.plan, journey.id, head, rate):
            yield found


def _requests(step: _Step, endpoint: str) -> float | None:
    """Return how many requests an hour of an endpoint may come at the next percentage; None where nobody can tell."""
    seen, promise = step.seen.get(endpoint), step.promised.get(endpoint)
    if step.now and seen is not None:
        return seen.per_hour * step.then / step.now
    if promise is None:
        return None
    return (seen.per_hour if seen else 0.0) + promise.per_hour * step.then / 100


def _by_requests(step: _Step, journey: Journey) -> tuple[float, str] | None:
    """Return how many events an hour there are at most, no more than requests, and the words for it."""
    endpoints = tuple(dict.fromkeys(journey.endpoints))
    known = [rate for endpoint in endpoints if (rate := _requests(step, endpoint)) is not None]
    if not endpoints or len(known) < len(endpoints):
        return None
    rate = sum(known)
    here = [step.seen[name] for name in endpoints if step.now and name in step.seen]
    if len(here) < len(endpoints):
        return rate, f"{apart(rate)} at {step.then} %"
    if not rate:
        return rate, f"no request seen at {step.now} % in {roughly(min(one.span for one in here))}"
    return rate, f"{apart(rate)} at {step.then} % by the requests seen at {step.now} %"


def _as_said(step: _Step, journey: Journey) -> tuple[float, str] | None:
    """Return how many events an hour the plan itself expects of a journey, and the words for it."""
    said = next((item for item in step.plan.expected if item.of == journey.id), None)
    if said is None:
        return None
    rate = said.per_hour * step.then / 100
    return rate, f"{apart(rate)} at {step.then} %"


def _head(step: _Step, endpoint: str, rate: float) -> str:
    seen, promise, plan = step.seen.get(endpoint), step.promised.get(endpoint), step.plan
    if step.now and seen is not None:
        here = f"{a_window(plan, seen.per_hour)} seen at {step.now} % in {roughly(seen.span)}"
        return f"{here}, {_figure(plan, rate)} at {step.then} % if all of it grows with the flag" if rate else here
    grows = f" by the growth of {' and '.join(promise.grows)}" if promise and promise.grows else ""
    head = f"{a_window(plan, rate)} at {step.then} %, {number(rate)} an hour{grows}"
    return f"{head} and {_figure(plan, seen.per_hour)} a window seen at 0 %" if seen and seen.per_hour else head


def _figure(plan: Plan, per_hour: float) -> str:
    return number(in_span(per_hour, plan.windows.length))
