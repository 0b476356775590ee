"""What was sent to one place about one cause, and when: from the first message to the end. Pure.

A short turn is not sent. Flapping is sent when it begins, from time to time, and when it ends. Waiting messages are
judged again at each look, so that nothing over is sent as current.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from sessions.alarms.alarms import Alarm, rank, silent_until
from sessions.alarms.quiet_hours import QuietHours
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.state.model import State

MOMENT = timedelta(seconds=10)
"""How long something must stand before anybody is called."""
SHORTEST = timedelta(seconds=1)
"""No rehearsal makes that shorter than this."""
PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1))
"""How long after its first message a story may be told again, after its second, and so on; then always the last."""
CALM = timedelta(minutes=2)
"""Seconds that a cause must be over before its end is sent."""
FORGOTTEN = timedelta(hours=6)
"""What comes back later than this is a new story."""

_ALONE = ("incident", "revert")
"""Parts that are sent at once when they are new, whatever was sent about their cause."""


class Saying(StrEnum):
    """What a message says of a story: it stands, or it is over."""

    STANDS = "stands"
    OVER = "over"


class Story(Struct, frozen=True):
    """What a place knows of a cause: `alarm` as it last stood, `spells` that it stood since `since`, the last `at`.

    `over_at` is when the last spell ended, None while it stands. `told_at` is the newest message, None where there was
    none, and `seq` the newest entry then; `worst` is the least rank that was told, `rings` says that it called since,
    `ended` that its end was told.
    """

    alarm: Alarm
    since: datetime
    at: datetime
    spells: int = 1
    over_at: datetime | None = None
    told_at: datetime | None = None
    seq: int = 0
    messages: int = 0
    worst: int | None = None
    rings: bool = False
    ended: bool = False


def followed(
    known: Mapping[str, Story], standing: Iterable[Alarm], ringing: Collection[str], judgement: Judgement
) -> Mapping[str, Story]:
    """Return the stories by cause after one more look; `ringing` are the causes that call now.

    A cause that ended before any message has no story.
    """
    state, now = judgement.state, judgement.at
    stories = dict[str, Story]()
    for alarm in standing:
        stories[alarm.cause] = _stands(known.get(alarm.cause), alarm, alarm.cause in ringing, state, now)
    for cause, was in known.items():
        if cause in stories or was.told_at is None:
            continue
        over_at = was.over_at or now
        if now - over_at < FORGOTTEN / state.plan.speed:
            stories[cause] = replace(was, over_at=over_at, rings=False)
    return stories


def due(story: Story, judgement: Judgement, quiet: QuietHours | None = None) -> Saying | None:
    """Return the message that a place must get about a story now; None if there is none."""
    now, plan = judgement.at, judgement.state.plan
    urgent = story.over_at is None and story.alarm.urgent
    if quiet is not None and not urgent and quiet.over(now) > now:
        return None
    if story.over_at is not None:
        calm = _passed(story.over_at, CALM / plan.speed, now)
        rested = story.spells == 1 or _passed(story.told_at, pause(story, plan), now)
        return Saying.OVER if not story.ended and story.told_at is not None and calm and rested else None
    if silent_until(story.alarm, judgement.state.quieted, now) or not _passed(story.at, moment(plan), now):
        return None
    return Saying.STANDS if _news(story, judgement.state, now) else None


def told(story: Story, judgement: Judgement) -> Story:
    """Return the story after its message was sent."""
    now, seq = judgement.at, judgement.state.seq
    over = story.over_at is not None
    worst = rank(story.alarm.id)
    worst = worst if story.worst is None else min(worst, story.worst)
    return replace(story, told_at=now, seq=seq, messages=story.messages + 1, worst=worst, rings=False, ended=over)


def moment(plan: Plan) -> timedelta:
    """Return how long something must stand before anybody is called."""
    return max(MOMENT / plan.speed, SHORTEST)


def pause(story: Story, plan: Plan) -> timedelta:
    """Return how long after its newest message a story rests."""
    return PAUSES[min(max(story.messages, 1), len(PAUSES)) - 1] / plan.speed


def _stands(was: Story | None, alarm: Alarm, rings: bool, state: State, now: datetime) -> Story:
    if was is None:
        began = _spell(alarm, state)
        return Story(alarm, began, began, rings=rings)
    if was.over_at is None:
        return replace(was, alarm=alarm, rings=was.rings or rings)
    again = {"rings": was.ended or was.rings or rings, "ended": False, "spells": was.spells + 1}
    return replace(was, alarm=alarm, at=now, over_at=None, **again)


def _spell(alarm: Alarm, state: State) -> datetime:
    """Return since when it stands without a break: what comes back soon is the same alarm, but a new spell of it."""
    rows = (state.raised[part] for part in alarm.parts if part in state.raised)
    return min((row.back_at or row.at for row in rows), default=alarm.at)


def _news(story: Story, state: State, now: datetime) -> bool:
    """Whether a story that stands is to be told now: for the first time, as it got worse, or again after a pause."""
    if story.told_at is None or story.worst is None or rank(story.alarm.id) < story.worst:
        return True
    since, zeros = story.told_at, _zeros(story, state)
    rows = [state.raised[part] for part in story.alarm.parts if part in state.raised]
    fresh = {row.id for row in rows if row.seq > story.seq}
    if any(name.partition(".")[0] in _ALONE for name in fresh):
        return True
    if any(since < zero <= now - moment(state.plan) for _, zero in zeros.values()):
        return True
    # However often it was told of others, of a fuse there must be time to act.
    halves = [lit + (zero - lit) / 2 - since for name, (lit, zero) in zeros.items() if name in fresh]
    return (story.rings or bool(halves)) and _passed(since, min([pause(story, state.plan), *halves]), now)


def _zeros(story: Story, state: State) -> Mapping[str, tuple[datetime, datetime]]:
    """Return by the part's id when each fuse of a story was lit, and when it is at zero."""
    names = {part: part.removeprefix("fuse.") for part in story.alarm.parts if part.startswith("fuse.")}
    fuses = {part: state.fuses[name] for part, name in names.items() if name in state.fuses}
    return {part: (fuse.lit_at, fuse.deadline) for part, fuse in fuses.items()}


def _passed(since: datetime | None, span: timedelta, now: datetime) -> bool:
    """Whether a span is over; a clock that went back holds nothing up."""
    return since is None or not timedelta() <= now - since < span
