"""Remarks, one line each, on a plan that needs more traffic than will come; they hold nothing.

Such a plan can be used: its gate then stays shut with `thin`. The remarks say so in advance.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from msgspec import Struct

from sessions.expected.chances import RARE, Supply, in_span, longer, supply, walk_every
from sessions.expected.promised import Promise, promises, silent_of
from sessions.plan.model import Plan
from sessions.text.units import duration, exact
from sessions.values.percent import Percent

_SMALLEST = 0.01
_LONG = 600.0


class Remark(Struct, frozen=True):
    """One line: of which endpoint or journey, what is to be expected of it, and what to do; `fix` may be empty.

    `thin` says that the plan's letter will not be kept, `rare` that it is about the events of a journey.
    """

    subject: str
    text: str
    fix: str = ""
    thin: bool = True
    rare: bool = False

    def __str__(self) -> str:
        return f"{self.subject}: {self.said}"

    @property
    def said(self) -> str:
        """What is said of the subject."""
        return f"{self.text}; {self.fix}" if self.fix else self.text


class Rate(Struct, frozen=True):
    """So many an hour are expected at `percent`."""

    percent: Percent
    per_hour: float


def remarks(plan: Plan) -> tuple[Remark, ...]:
    """Return what the plan's own numbers say against it: endpoints first, then journeys, then of what it says nothing.

    One remark tells all phases in which the same is to be expected of a subject.
    """
    known = promises(plan)
    found = [
        *(one for name in plan.endpoints if name in known for one in _of_endpoint(plan, name, known[name])),
        *(one for item in plan.journeys if item.id in known for one in _of_journey(plan, item.id, known[item.id])),
        *_of_soak(plan, known),
    ]
    return tuple(found)


def unsaid(plan: Plan) -> str:
    """Say of which endpoints and journeys a plan gives no rate; empty where it gives all."""
    names = silent_of(plan)
    return f"no rate is known of {', '.join(names)}: say one with [[expected]], or see what comes" if names else ""


def thin_requests(plan: Plan, endpoint: str, head: str, per_hour: float) -> Remark | None:
    """Return what so many requests an hour of an endpoint mean, `head` first; None where they are enough."""
    needed, pool = plan.windows.min_requests, plan.windows.pool
    found, pooled = supply(plan, per_hour), pool > plan.windows.length
    if found is Supply.ENOUGH:
        return None
    if found is Supply.POOLED and pooled:
        over = roughly(3600 * needed / per_hour)
        return Remark(endpoint, f"{head}: fewer than {needed}, judged pooled over about {over}", thin=False)
    how = "thin at times" if found is not Supply.THIN else "it will stay thin"
    if not pooled:
        return Remark(endpoint, f"{head}: {how}", f"pool, probe, or ask for fewer than {needed}")
    return Remark(endpoint, f"{head}: {how} even pooled over {span(pool)}", f"probe it, or ask for fewer than {needed}")


def rare_events(plan: Plan, journey: str, head: str, per_hour: float) -> Remark | None:
    """Return what so many events an hour of a journey mean, `head` first; None where a gap over the bound is rare.

    A journey with a rhythm is judged by its own.
    """
    if any(one.rhythm for one in plan.journeys if one.id == journey):
        return None
    chance = longer(plan, per_hour)
    if chance < RARE:
        return None
    many = f": {number(100 * chance)} % of its gaps will be" if per_hour > 0 else ""
    text = f"{head}, and no gap may be over {span(plan.gap)}{many}"
    return Remark(journey, text, f"{walk(plan)}set rhythm = true", rare=True)


def walk(plan: Plan) -> str:
    """Say which synthetic walk keeps the bound of a gap; empty where none can."""
    every = walk_every(plan)
    return f'walk it every {span(every)} (a journey source with every = "{span(every)}"), or ' if every else ""


def a_window(plan: Plan, per_hour: float) -> str:
    """Say `about 0.2 requests a window`."""
    said = amount(in_span(per_hour, plan.windows.length))
    return f"{said} request{'' if said == 'about 1' else 's'} a window"


def apart(per_hour: float) -> str:
    """Say `an event about every 25m`."""
    return f"an event about every {roughly(3600 / per_hour)}" if per_hour > 0 else "no event"


def amount(count: float) -> str:
    """Say `about 0.2`, `under 0.01` or `no`."""
    if count <= 0:
        return "no"
    return f"about {number(count)}" if count >= _SMALLEST else f"under {_SMALLEST}"


def number(count: float) -> str:
    """Say a figure with two digits, as finely as it is known."""
    return f"{count:.2g}" if 0 < count < 99.5 else f"{count:.0f}"


def roughly(seconds: float) -> str:
    """Say a span that is no more than expected: from ten minutes on in whole ones."""
    return span(60.0 * round(seconds / 60) if seconds >= _LONG else seconds)


def span(seconds: float) -> str:
    """Say a span as a plan writes it: `4m`, `25m`, `2h30m`."""
    text = duration(seconds)
    for zero in ("00m", "00s", "00h"):
        text = text.removesuffix(zero) if text != zero else text
    return text if seconds >= 1 else exact(seconds)


def _of_endpoint(plan: Plan, endpoint: str, promise: Promise) -> Iterator[Remark]:
    def head(rates: Sequence[Rate]) -> str:
        first, *others = rates
        more = [f"{number(in_span(one.per_hour, plan.windows.length))} at {one.percent} %" for one in others]
        also = f" ({', '.join(more)})" if more else ""
        return f"{a_window(plan, first.per_hour)} at {first.percent} %{also}, {number(first.per_hour)} an hour{grows}"

    grows = f" by the growth of {' and '.join(promise.grows)}" if promise.grows else ""
    for rates in _alike(plan, promise, lambda per_hour: supply(plan, per_hour)):
        if found := thin_requests(plan, endpoint, head(rates), rates[0].per_hour):
            yield found


def _of_journey(plan: Plan, journey: str, promise: Promise) -> Iterator[Remark]:
    def head(rates: Sequence[Rate]) -> str:
        first, *others = rates
        more = [f"{roughly(3600 / one.per_hour)} at {one.percent} %" for one in others if one.per_hour > 0]
        also = f" ({', '.join(more)})" if more else ""
        return f"{apart(first.per_hour)} at {first.percent} %{also}"

    for rates in _alike(plan, promise, lambda per_hour: longer(plan, per_hour) >= RARE):
        if found := rare_events(plan, journey, head(rates), rates[0].per_hour):
            yield found


def _of_soak(plan: Plan, known: Mapping[str, Promise]) -> Iterator[Remark]:
    """Compare the share of windows in which somebody comes with what a soak asks for, where all traffic is known."""
    if not all(name in known for name in plan.endpoints):
        return
    whole = Promise(sum(known[name].per_hour for name in plan.endpoints))
    for rates in _alike(plan, whole, lambda per_hour: _busy(plan, per_hour) < plan.soak.busy):
        first, *others = ((rate.percent, _busy(plan, rate.per_hour)) for rate in rates)
        if first[1] < plan.soak.busy:
            more = f" ({', '.join(f'{number(busy)} % at {percent} %' for percent, busy in others)})" if others else ""
            text = f"somebody comes in about {number(first[1])} % of its windows at {first[0]} %{more}"
            yield Remark(
                "soak", f"{text}, and {plan.soak.busy:g} % are asked for", "probe, or ask for fewer (soak.busy)"
            )


def _busy(plan: Plan, per_hour: float) -> float:
    """Return the % of windows in which somebody comes."""
    return -100 * math.expm1(-in_span(per_hour, plan.windows.length))


def _alike(plan: Plan, promise: Promise, sort: Callable[[float], object]) -> Iterator[Sequence[Rate]]:
    """Yield the phases' rates, those together of which the same is to be said."""
    rates = [Rate(phase.percent, promise.per_hour * phase.percent / 100) for phase in plan.phases if phase.percent]
    for _, rows in groupby(rates, lambda rate: sort(rate.per_hour)):
        yield list(rows)
