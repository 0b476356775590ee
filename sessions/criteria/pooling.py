"""Windows with too few requests: each is judged together with the newest before it, until there are enough.

A pool passes and breaches by the letter over all of it. A window that nobody saw whole, that the flag was elsewhere in
or that cannot be read ends it: what lies before is not counted.
"""

import math
from collections.abc import Callable, Sequence

from msgspec import Struct

from sessions.criteria.scoring import Seat, too_few
from sessions.criteria.windows import Line, Memory, Slot
from sessions.plan.model import Plan
from sessions.text.units import figure, minutes
from sessions.values.readings import Traffic
from sessions.values.verdicts import Mark, Pool

_GRAIN = 1e-6


class Seats(Struct, frozen=True):
    """The seats of one subject judged alone, and whether any has too few requests."""

    alone: tuple[Seat, ...]
    sparse: bool


class Letter(Struct, frozen=True):
    """What a criterion says of windows.

    `alone` judges one; `hits` are the least and the most bad requests in one (None where it cannot be read), `fits` is
    whether so many hits of so many requests pass, `value` is the figure of some windows that pass or breach, None where
    they have none of their own. `untold` says why nobody can tell; `doubt` why a pool that would pass does not, empty
    where nothing speaks against it; `bad` says what a hit is, `bound` which share of hits passes and which breaches.
    `over` is whether the true figure of some windows is somewhere above their `value`.
    """

    alone: Callable[[Plan, Slot], Seat]
    hits: Callable[[Plan, Traffic], tuple[float, float] | None]
    fits: Callable[[Plan, float, float], bool]
    value: Callable[[Plan, Sequence[Traffic], Mark], float | None]
    untold: Callable[[Plan, Sequence[Traffic]], str]
    doubt: Callable[[Plan, float], str]
    bad: Callable[[Plan], str]
    bound: Callable[[Plan], tuple[str, str]]
    over: Callable[[Sequence[Traffic]], bool]
    kept: Memory[Seats]
    pooled: Memory[tuple[Seat, ...]]


def few(plan: Plan, reading: Traffic | None) -> bool:
    """Whether a window has too few requests to be judged alone; none at all are few."""
    return reading is not None and 0 <= reading.requests < plan.windows.min_requests


def seated(
    letter: Letter, plan: Plan, subject: str, line: Line, before: Callable[[], tuple[Slot, ...]]
) -> tuple[Seat, ...]:
    """Judge every window of a line; `before` gives the slots before it, asked for only where some have too few."""
    known = letter.kept.recall(subject, (plan, line.slots), lambda: _alone(letter, plan, line.slots))
    if not known.sparse or not plan.windows.pool:
        return known.alone
    past = before()
    return letter.pooled.recall(subject, (known, past), lambda: _together(letter, plan, known.alone, past))


def pool_seat(letter: Letter, plan: Plan, slots: Sequence[Slot], alone: Seat) -> Seat:
    """Judge the newest of these slots, which has too few requests, together with as many before it as are needed."""
    rows, enough = _gathered(letter, plan, slots)
    if not enough:
        return _thin(plan, alone, rows)
    slot, last = slots[-1], rows[-1]
    asked, (least, most) = _requests(rows), _hits(letter, plan, rows)
    pool = Pool(asked, (slot.end - last.start).total_seconds(), least if most - least < _GRAIN else None)
    over = letter.over(rows)
    if not letter.fits(plan, least, asked):
        value = letter.value(plan, rows, Mark.BREACH)
        return Seat(slot, Mark.BREACH, value, _over(letter, plan, pool, least), pool, over)
    if not letter.fits(plan, most, asked):
        return Seat(slot, Mark.THIN, alone.value, letter.untold(plan, rows), over=alone.over)
    if doubt := _diluted(letter, plan, rows[:-1]) or letter.doubt(plan, most):
        return Seat(slot, Mark.THIN, alone.value, doubt, over=alone.over)
    value = letter.value(plan, rows, Mark.PASS)
    return Seat(slot, Mark.PASS, value, "" if value is not None else _within(letter, plan, pool, most), pool, over)


def _alone(letter: Letter, plan: Plan, slots: Sequence[Slot]) -> Seats:
    return Seats(tuple([letter.alone(plan, slot) for slot in slots]), any(few(plan, slot.reading) for slot in slots))


def _together(letter: Letter, plan: Plan, alone: Sequence[Seat], past: Sequence[Slot]) -> tuple[Seat, ...]:
    slots = (*past, *(seat.slot for seat in alone))
    return tuple(
        pool_seat(letter, plan, slots[:until], seat) if few(plan, seat.slot.reading) else seat
        for until, seat in enumerate(alone, len(past) + 1)
    )


def _gathered(letter: Letter, plan: Plan, slots: Sequence[Slot]) -> tuple[list[Traffic], bool]:
    """Return the newest windows that can be judged together, the newest first, and whether they are enough."""
    rows, asked, windows = list[Traffic](), 0.0, plan.windows
    for slot in reversed(slots):
        row, back = slot.reading, (slots[-1].end - slot.start).total_seconds()
        if row is None or slot.elsewhere or back > windows.pool + _GRAIN or not _readable(letter, plan, row):
            break
        rows.append(row)
        asked += row.requests
        if asked >= windows.min_requests:
            return rows, True
    return rows, False


def _readable(letter: Letter, plan: Plan, row: Traffic) -> bool:
    return 0 <= row.requests < math.inf and letter.hits(plan, row) is not None


def _hits(letter: Letter, plan: Plan, rows: Sequence[Traffic]) -> tuple[float, float]:
    counted = [letter.hits(plan, row) or (0.0, row.requests) for row in rows]
    return sum(least for least, _ in counted), sum(most for _, most in counted)


def _requests(rows: Sequence[Traffic]) -> float:
    return sum(row.requests for row in rows)


def _thin(plan: Plan, alone: Seat, rows: Sequence[Traffic]) -> Seat:
    """Say how far the pool came; one window alone says it already."""
    if len(rows) < 2:
        return alone
    back = (rows[0].end - rows[-1].start).total_seconds()
    asked = too_few(_requests(rows) + _GRAIN, plan.windows.min_requests, back)
    return Seat(alone.slot, Mark.THIN, alone.value, asked, over=alone.over)


def _diluted(letter: Letter, plan: Plan, newer: Sequence[Traffic]) -> str:
    """Say what the windows newer than the oldest have that no window of the least size may; empty where they do not.

    However busy the oldest was, it does not make up for that.
    """
    least, most = _hits(letter, plan, newer)
    if letter.fits(plan, most, plan.windows.min_requests):
        return ""
    needed = plan.windows.min_requests
    counted = f"{least:.0f} of {_requests(newer):.0f} requests {letter.bad(plan)}: too few, {needed} needed"
    return letter.untold(plan, newer) if letter.fits(plan, least, needed) else counted


def _over(letter: Letter, plan: Plan, pool: Pool, least: float) -> str:
    """Say `16 % over 500 ms > 5 %: 9 of 55 requests in 40 min`."""
    least_of = "" if pool.hits is not None else "at least "
    return f"{least_of}{_share(letter, plan, pool, least, 1)} in {minutes(pool.seconds)}"


def _within(letter: Letter, plan: Plan, pool: Pool, most: float) -> str:
    """Say what a pool says if it has no value of its own."""
    return f"{'' if pool.hits is not None else 'at most '}{_share(letter, plan, pool, most, 0)}"


def _share(letter: Letter, plan: Plan, pool: Pool, hits: float, side: int) -> str:
    share = figure(100 * hits / pool.requests if pool.requests else 0.0, "%")
    return f"{share} {letter.bad(plan)} {letter.bound(plan)[side]}: {hits:.0f} of {pool.requests:.0f} requests"
