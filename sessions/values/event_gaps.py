"""The gaps of one journey's events that are in force: told by one look, and not filled by what a later look found.

A union of what was told, whatever its order: of two looks at the same time the later one speaks.
"""

from datetime import datetime

from msgspec import Struct

from sessions.values.readings import Beat, Spans

Look = tuple[datetime, datetime, datetime]
"""From when until when a journey was looked through for all of its gaps, or had one, and at what time."""


class Told(Struct, frozen=True):
    """All that was told of a journey: each gap with when it was last told, and the looks that may have filled one."""

    gaps: tuple[Look, ...] = ()
    looks: tuple[Look, ...] = ()

    @property
    def in_force(self) -> Spans:
        """The gaps that no later look contradicts, oldest first."""
        return tuple((gap[0], gap[1]) for gap in self.gaps if not any(_over(look, gap) for look in self.looks))


def with_beat(told: Told, beat: Beat, oldest: datetime | None) -> Told:
    """Return what was told with one more beat; what ended before `oldest` is forgotten."""
    looks = [(since, until, beat.at) for since, until in beat.looked]
    if not beat.gaps and not looks:
        return told
    newest = {(since, until): at for since, until, at in told.gaps}
    for gap in beat.gaps:
        newest[gap] = max(beat.at, newest.get(gap, beat.at))
    gaps = sorted((since, until, at) for (since, until), at in newest.items() if oldest is None or until > oldest)
    every = {*told.looks, *looks}
    kept = sorted(look for look in every if not any(other != look and _within(look, other) for other in every))
    return Told(tuple(gaps), tuple(look for look in kept if oldest is None or look[1] > oldest))


def _over(look: Look, gap: Look) -> bool:
    """Whether a look is later than a gap was told, and reaches over all of it."""
    return look[2] > gap[2] and look[0] <= gap[0] and gap[1] <= look[1]


def _within(look: Look, other: Look) -> bool:
    """Whether another look says all that this one does."""
    return other[0] <= look[0] and look[1] <= other[1] and look[2] <= other[2]
