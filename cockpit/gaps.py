"""Time that nobody watched: found at the start, and after every wake by the wall clock against the time since boot."""

from datetime import datetime

from sessions.entries import Draft, Fact
from sessions.figures import duration

_JUMP = 2.0
_MISSED_TICKS = 8


def absence(since: datetime, until: datetime, cause: str) -> Draft:
    """Return the entry of a stretch that nobody watched."""
    span = (until - since).total_seconds()
    text = f"not watching for {duration(span)}: {cause}" if span else cause
    return Draft("gap.found", "watch", text, {"since": since, "until": until, "cause": cause})


def _moved(now: datetime, jump: float) -> Draft:
    """Return the entry of a clock that was set: no time passed, and every deadline keeps its distance."""
    text = f"the clock moved {'on' if jump > 0 else 'back'} by {duration(abs(jump))}: deadlines keep their distance"
    facts: dict[str, Fact] = {"since": now, "until": now, "cause": "clock", "moved": round(jump, 3)}
    return Draft("gap.found", "watch", text, facts)


def noticed(since: datetime, now: datetime, ran: float, every: float) -> Draft | None:
    """Return the gap between two ticks `every` s apart that took `ran` s since boot, None where all is well."""
    jump = (now - since).total_seconds() - ran
    if abs(jump) > _JUMP:
        return _moved(now, jump)
    if ran > max(_MISSED_TICKS * every, _JUMP):
        return absence(since, now, "asleep or stopped")
    return None
