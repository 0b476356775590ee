"""The gaps of one journey's events that are in force: told by one look, and not filled by what a later look found.

A union of what was told, whatever its order: of two looks at the same time the later one speaks.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from sessions.values.readings import Beat, Spans

Look = tuple[datetime, datetime, datetime]
"""From when until when a journey was looked through for all of its gaps, and at what time."""


class Told(Struct, frozen=True):
    """All that was told of a journey: each gap with when it was last told, and the looks that may have filled one."""

    gaps: Mapping[tuple[datetime, datetime], datetime] = {}
    looks: tuple[Look, ...] = ()

    @property
    def in_force(self) -> Spans:
        """The gaps that no later look contradicts, oldest first."""
        left = (gap for gap, at in self.gaps.items() if not any(_over(look, gap, at) for look in self.looks))
        return tuple(sorted(left))


def with_beat(told: Told, beat: Beat, oldest: datetime | None) -> Told:
    """Return what was told with one more beat; what ended before `oldest` is forgotten."""
    looks = [(since, until, beat.at) for since, until in beat.looked]
    if not beat.gaps and not looks:
        return told
    gaps = dict(told.gaps)
    for gap in beat.gaps:
        gaps[gap] = max(beat.at, gaps.get(gap, beat.at))
    every = {*told.looks, *looks}
    kept = sorted(look for look in every if not any(other != look and _within(look, other) for other in every))
    if oldest is None:
        return Told(gaps, tuple(kept))
    young = {gap: at for gap, at in gaps.items() if gap[1] > oldest}
    return Told(young, tuple(look for look in kept if look[1] > oldest))


def _over(look: Look, gap: tuple[datetime, datetime], at: datetime) -> bool:
    return look[2] > at and look[0] <= gap[0] and gap[1] <= look[1]


def _within(look: Look, other: Look) -> bool:
    """Whether another look says all that this one does."""
    return other[0] <= look[0] and look[1] <= other[1] and look[2] <= other[2]
