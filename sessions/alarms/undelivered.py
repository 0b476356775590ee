"""What stands and a place was never told of.

A watch that dies takes its messages with it: whoever watches next tells them.
"""

from datetime import datetime

from sessions.alarms.alarms import Alarm, silent_until, standing
from sessions.alarms.quiet_hours import QuietHours
from sessions.gate.judgement import Judgement
from sessions.state.reducer import State

_TOLD = ("notice.sent", "notice.failed")


def told_to(state: State, channel: str) -> list[tuple[datetime, tuple[str, ...]]]:
    """Return every message to `channel` that was sent or failed: when, and the ids of what it was about."""
    return [
        (entry.at, entry.listed("alarms"))
        for entry in state.entries
        if entry.kind in _TOLD and entry.said("channel") == channel
    ]


def untold(judgement: Judgement, channel: str, quiet: QuietHours | None = None) -> tuple[Alarm, ...]:
    """Return the alarms that stand, and of which no message to `channel` was sent or failed since they began.

    Neither what is acknowledged nor what waits for the morning is among them: that rings by itself.
    """
    state, now = judgement.state, judgement.at
    told = told_to(state, channel)

    def news(alarm: Alarm) -> bool:
        waits = quiet is not None and not alarm.urgent and quiet.over(now) > now
        known = any(at >= alarm.at and set(parts) & set(alarm.parts) for at, parts in told)
        return not (waits or known or silent_until(alarm, state.quieted, now))

    return tuple(alarm for alarm in standing(judgement) if news(alarm))
