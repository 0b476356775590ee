"""What the previous watch sent to a place.

A watch that dies loses its messages: the next watch sends them, and none twice.
"""

from collections.abc import Iterable
from datetime import datetime

from sessions.alarms.alarms import Alarm, alone, rank, standing
from sessions.alarms.stories import Story
from sessions.gate.judgement import Judgement
from sessions.state.reducer import State
from sessions.values.entries import Entry

OVER = "over."
"""What the id of a cause begins with where its end was told."""

_TOLD = ("notice.sent", "notice.failed")


def messages_to(state: State, channel: str) -> list[Entry]:
    """Return the entries of all messages to `channel` that were sent or failed; each lists what it was about."""
    return [entry for entry in state.entries if entry.kind in _TOLD and entry.said("channel") == channel]


def recalled(judgement: Judgement, channel: str) -> dict[str, Story]:
    """Return the stories that `channel` knows from before: those that stand, and those whose end it was not told."""
    state, messages = judgement.state, messages_to(judgement.state, channel)
    stands = standing(judgement)
    causes = {alarm.cause for alarm in stands}
    past = [(alone(state, row), row.over_at) for row in state.raised.values() if row.over_at is not None]
    alarms = [*((alarm, None) for alarm in stands), *(one for one in past if one[0].cause not in causes)]
    stories = ((alarm.cause, _story(alarm, messages, over_at)) for alarm, over_at in alarms)
    return {cause: story for cause, story in stories if story is not None}


def _story(alarm: Alarm, messages: Iterable[Entry], over_at: datetime | None) -> Story | None:
    """Return the story of an alarm where anything was told of it since it began, and its end was not."""
    known = [(entry, set(entry.listed("alarms"))) for entry in messages if entry.at >= alarm.at]
    about = [(entry, parts & set(alarm.parts)) for entry, parts in known if parts & set(alarm.parts)]
    ends = [entry.seq for entry, parts in known if {f"{OVER}{part}" for part in alarm.parts} & parts]
    if not about or (ends and ends[-1] >= about[-1][0].seq):
        return None
    newest = about[-1][0]
    return Story(
        alarm,
        since=alarm.at,
        at=alarm.at,
        over_at=over_at,
        told_at=newest.at,
        seq=newest.seq,
        messages=len(about),
        worst=min(rank(part) for _, parts in about for part in parts),
    )
