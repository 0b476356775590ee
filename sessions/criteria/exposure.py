"""Exposure: the share of users who have the flag, as counted from events, against the share who should.

Only what was counted since the flag was confirmed, and a settle time after it, is compared: caches take a while.
"""

import math
from datetime import datetime, timedelta

from sessions.criteria.freshness import current, freshness, timely, unjudged
from sessions.criteria.windows import stamp
from sessions.state.reducer import State
from sessions.text.units import counted, duration
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent
from sessions.values.readings import Exposure, Topic
from sessions.values.verdicts import Mark, Verdict

NAME = "exposure"
LEAST = 160
"""Users that are needed: with so many the interval reaches less than 10 points to either side, whatever the share."""
KEPT = 120
"""Users that are enough once it is judged, so that a number about the least does not turn it to and fro."""

TOLERANCE = 2.0
"""Points by which the interval may miss the intended share, but never more than half of that: at 0 % none."""

_Z = 2.5758293035489004
"""Standard deviations to either side that hold 99 %."""

_FINE = 5.0
"""In percentage points: a narrower interval is shown with a decimal."""

Count = tuple[datetime, int, int]
"""Since when, how many users, how many of them with the flag."""


def judge(state: State, now: datetime) -> Verdict:
    """Judge the exposure at `now`; the value is the share seen in %, the bound the share intended."""
    fresh = freshness(state, Topic.EXPOSURE, now)
    if not fresh.ok:
        return unjudged(NAME, fresh)
    met = state.seen.exposure
    if met is None or not current(state, Topic.EXPOSURE, met.at, now):
        return Verdict(NAME, Mark.SILENT, text="not counted", since=met.at if met else fresh.good_at)
    if wrong := _nonsense(met) or _quiet(state, met):
        return Verdict(NAME, Mark.SILENT, text=wrong, since=min(met.newest or met.since, met.at))
    begun = _confirmed(state)
    if begun is None:
        status = state.flag.status if state.flag.served else "not served"
        return Verdict(NAME, Mark.WARMING, text=f"waits: flag {status}", since=met.at)
    return _compared(state, met, begun + timedelta(seconds=settle(state)), now)


def settle(state: State) -> float:
    """Return the seconds after a move in which users may still have what they had: one window."""
    return state.plan.windows.length


def interval(exposed: float, users: float) -> tuple[float, float]:
    """Return the share of users in % between which the true one lies, 99 times of 100 (Wilson); users > 0."""
    share, square = exposed / users, _Z * _Z / users
    middle = (share + square / 2) / (1 + square)
    reach = _Z * math.sqrt(share * (1 - share) / users + square / users / 4) / (1 + square)
    # None and all are edges of their own intervals: no rounding may lift them off.
    return 100 * (middle - reach) if exposed else 0.0, 100 * (middle + reach) if exposed < users else 100.0


def _counts(met: Exposure) -> tuple[Count, ...]:
    return tuple(sorted(((met.since, met.users, met.exposed), *met.later)))


def _nonsense(met: Exposure) -> str:
    """Say which count cannot be, empty where all can."""
    for since, users, exposed in _counts(met):
        sound = math.isfinite(users) and math.isfinite(exposed) and 0 <= exposed <= users and timely(since, met.at)
        if not sound:
            return f"makes no sense: {exposed:,} of {users:,} users"
    return ""


def _quiet(state: State, met: Exposure) -> str:
    """Say since when nobody was met, where that is longer than a gap may be; a source may not tell the newest event."""
    if not met.users:
        return f"no event in {duration((met.at - met.since).total_seconds())}"
    age = (met.at - met.newest).total_seconds() if met.newest is not None else 0.0
    return f"no event for {duration(age)}" if age > state.plan.gap else ""


def _confirmed(state: State) -> datetime | None:
    """Return since when users should be met at the phase's percentage; None while that is not known."""
    flag = state.flag
    if flag.status == FlagStatus.NONE and state.phase == 0:
        return state.entered_at
    return flag.at if (flag.status, flag.percent, flag.served) == (FlagStatus.CONFIRMED, state.phase, True) else None


def _compared(state: State, met: Exposure, since: datetime, now: datetime) -> Verdict:
    """Compare by the longest span that began late enough."""
    counts = _counts(met)
    fit = next((count for count in counts if count[0] >= since), None)
    if fit is None:
        eta = max(now, since + (met.at - counts[-1][0]))
        return Verdict(NAME, Mark.WARMING, text=f"counts from {stamp(state, since)}", since=met.at, eta=eta)
    if fit[1] < _needed(state) and not (state.phase == 0 and fit[2]):
        return _few(met, fit, since, now)
    return _share(state.phase, fit, met.at)


def _needed(state: State) -> int:
    return KEPT if state.verdicts.get(NAME) in (Mark.PASS, Mark.BREACH) else LEAST


def _few(met: Exposure, fit: Count, since: datetime, now: datetime) -> Verdict:
    """Too few users: more may come until the whole span is counted, then it is thin."""
    begun, users, _ = fit
    full, text = met.at - _counts(met)[0][0], counted(users, "users")
    if met.at - begun >= full:
        return Verdict(
            NAME, Mark.THIN, text=f"{text} in {duration(full.total_seconds())} < {LEAST} needed", since=met.at
        )
    coming = (met.at - begun) * ((LEAST - users) / users) if users else full
    return Verdict(
        NAME,
        Mark.WARMING,
        text=f"{text} < {LEAST} needed",
        since=met.at,
        eta=max(now, min(since + full, met.at + coming)),
    )


def _share(percent: Percent, fit: Count, at: datetime) -> Verdict:
    """Nobody may have a flag that is at 0 %; else the interval must reach the intended share, give or take."""
    _, users, exposed = fit
    low, high = interval(exposed, users)
    off = min(TOLERANCE, percent / 2)
    near = low - off <= percent <= high + off
    share, digits = 100 * exposed / users, 1 if high - low < _FINE else 0
    seen = f"{share:.{digits}f} % seen ({low:.{digits}f}-{high:.{digits}f} %, {counted(users, 'users')})"
    mark = Mark.PASS if near else Mark.BREACH
    return Verdict(NAME, mark, "", share, float(percent), "%", f"{percent} % intended, {seen}", at)
