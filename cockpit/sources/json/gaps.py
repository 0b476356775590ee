"""The gaps between events of which only the newest is ever told: found by what did not come from poll to poll."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from sessions.values.readings import Beat


class Still(Struct, frozen=True):
    """What polls have shown of a journey: its newest event, since when nothing came, and until when that is known.

    `first` is when it was looked at first; without any event nothing has come since then.
    """

    first: datetime
    newest: datetime | None
    checked: datetime

    @property
    def since(self) -> datetime:
        """Since when nothing came."""
        return self.newest or self.first


def followed(still: Still | None, beat: Beat, bound: float) -> tuple[Still, Beat]:
    """Return what is known after one more poll, and its beat with the gap that has just ended, if it was one.

    A gap longer than `bound` s is told as far as a poll saw it: from the last event to the last poll that saw no
    newer one. A newest event that goes back was deleted, or the answer is old: it tells nothing.
    """
    if still is None:
        return Still(beat.at, beat.newest, beat.at), replace(beat, since=beat.at)
    beat, newest = replace(beat, since=still.first), beat.newest
    gone = still.newest is not None and (newest is None or newest < still.newest)
    if gone or beat.at < still.checked:
        return still, beat
    if newest is None or newest == still.newest:
        return replace(still, checked=beat.at), beat
    end = min(still.checked, newest)
    ended = end - still.since > timedelta(seconds=bound)
    after = Still(still.first, newest, beat.at)
    return after, replace(beat, gaps=((still.since, end),)) if ended else beat
