"""What the flag did so far, as the service saw it; all times are plan seconds since the world began."""

from collections.abc import Iterable
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from cockpit.demo.world.flag_file import Flags


class Leg(Struct, frozen=True):
    """A stretch at one percentage; the last one goes on."""

    percent: int
    began: float
    ended: float | None = None


class WatchSummary(Struct, frozen=True):
    """A stretch during which one switch was on; `ended` is None while it is."""

    switch: str
    began: float
    ended: float | None = None


class Course(Struct, frozen=True):
    """Every leg and every spell, oldest first."""

    legs: tuple[Leg, ...] = (Leg(0, 0.0),)
    spells: tuple[WatchSummary, ...] = ()

    @property
    def percent(self) -> int:
        """The share of shoppers now, in %."""
        return self.legs[-1].percent

    @property
    def switches(self) -> frozenset[str]:
        """The switches that are on now."""
        return frozenset(summary.switch for summary in self.spells if summary.ended is None)


def follow(course: Course, flags: Flags, now: float) -> Course:
    """Return the course after the flag file said `flags` at `now`; the same course where nothing changed."""
    if flags.percent != course.percent:
        last = replace(course.legs[-1], ended=now)
        course = replace(course, legs=(*course.legs[:-1], last, Leg(flags.percent, now)))
    if flags.switches != course.switches:
        course = replace(course, spells=_spells(course.spells, flags.switches, now))
    return course


def _spells(spells: Iterable[WatchSummary], on: frozenset[str], now: float) -> tuple[WatchSummary, ...]:
    closed = [
        replace(summary, ended=now) if summary.ended is None and summary.switch not in on else summary
        for summary in spells
    ]
    running = {summary.switch for summary in closed if summary.ended is None}
    return (*closed, *(WatchSummary(switch, now) for switch in sorted(on - running)))


def struck(course: Course, percent: int, delay: float, now: float) -> float | None:
    """Return the moment at which the first leg at `percent` or more had lasted `delay`; None if it never did."""
    leg = next((leg for leg in course.legs if leg.percent >= percent), None)
    if leg is None or (now if leg.ended is None else leg.ended) < leg.began + delay:
        return None
    return leg.began + delay


def lasting(course: Course, percent: int, delay: float, span: float, now: float) -> bool:
    """Say whether what strikes `delay` into the first leg at `percent` or more, for `span`, goes on at `now`."""
    since = struck(course, percent, delay, now)
    return since is not None and now < since + span


def fell(course: Course, since: float) -> bool:
    """Say whether the flag went down after `since`."""
    later = [leg for leg in course.legs if leg.ended is None or leg.ended > since]
    return any(after.percent < before.percent for before, after in pairwise(later))


def rested(course: Course, switch: str, span: float, since: float, now: float) -> bool:
    """Say whether `switch` was on for `span` at a stretch, counted from `since`."""
    return any(
        (now if summary.ended is None else summary.ended) - max(summary.began, since) >= span
        for summary in course.spells
        if summary.switch == switch
    )
