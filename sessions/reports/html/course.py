"""The background of every chart: phases, stops, unseen times and moves of a period."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from sessions.gate.judgement import Judgement
from sessions.gate.soak import unwatched_times
from sessions.reports.effects import Rank
from sessions.reports.episodes import Episode
from sessions.reports.periods import Period
from sessions.text.intervals import Stretch, clipped, joined
from sessions.values.entries import Entry
from sessions.values.percent import Percent

_FINEST = 200
"""Stretches that lie closer than this part of the period are drawn as one."""


class Stay(Struct, frozen=True):
    """Something that lasted, from when until when, in words."""

    since: datetime
    until: datetime
    words: str


class Move(Struct, frozen=True):
    """One step of the rollout: when, to how many per cent, and whether it went back."""

    at: datetime
    percent: Percent
    back: bool


class Course(Struct, frozen=True):
    """What happened in a period, by what is drawn of it; all of it lies within `since`..`until`."""

    since: datetime
    until: datetime
    phases: tuple[Stay, ...]
    paused: tuple[Stay, ...]
    fuses: tuple[Stay, ...]
    frozen: tuple[Stay, ...]
    troubles: tuple[Stay, ...]
    unseen: tuple[Stay, ...]
    moves: tuple[Move, ...]

    def share(self, at: datetime) -> float:
        """Return where a moment lies, 0 at the beginning and 1 at the end; what lies outside is drawn at the edge."""
        whole = (self.until - self.since).total_seconds()
        return min(max((at - self.since).total_seconds() / whole, 0.0), 1.0) if whole > 0 else 0.0


def course(judgement: Judgement, period: Period, episodes: Sequence[Episode]) -> Course:
    """Return the course of a period."""
    state, now = judgement.state, judgement.at
    ends = [*(at for _, at in state.visits[1:]), now]
    phases = [(at, end, f"{percent} %") for (percent, at), end in zip(state.visits, ends, strict=True)]
    pauses = [(one.since, one.until) for one in state.pauses] + ([(state.paused.at, now)] if state.paused else [])
    frozen = [(span.since, span.until) for _, span in state.freezes] + [(at, now) for at in state.frozen.values()]
    bad = [stretch for one in episodes if one.rank > Rank.WATCH for stretch in one.times]
    return Course(
        period.since,
        period.until,
        tuple(Stay(*span, words) for *pair, words in phases for span in clipped([(pair[0], pair[1])], *_ends(period))),
        _stays(pauses, period, "paused"),
        _stays(_fuses(state.entries, now), period, "fuse"),
        _stays(frozen, period, "frozen"),
        _stays(bad, period, "episode"),
        _stays(unwatched_times(state, now), period, "not watched"),
        tuple(_moves(state.entries, period)),
    )


def _ends(period: Period) -> Stretch:
    return period.since, period.until


def _stays(stretches: Iterable[Stretch], period: Period, words: str) -> tuple[Stay, ...]:
    """Return stretches within a period; those that lie too close to be told apart are one."""
    air = timedelta(seconds=period.seconds / _FINEST)
    within = clipped(stretches, *_ends(period))
    wide = joined((start, end + air) for start, end in within)
    return tuple(Stay(start, min(end - air, period.until), words) for start, end in wide)


def _fuses(entries: Sequence[Entry], now: datetime) -> Iterator[Stretch]:
    """From lit to put out or blown; a new phase leaves none."""
    lit = dict[str, datetime]()
    for entry in entries:
        if entry.kind == "fuse.lit":
            lit.setdefault(entry.said("risk"), entry.happened)
        elif entry.kind in ("fuse.defused", "fuse.blown"):
            if (since := lit.pop(entry.said("risk"), None)) is not None:
                yield since, entry.happened
        elif entry.kind == "phase.entered":
            yield from ((since, entry.happened) for since in lit.values())
            lit.clear()
    yield from ((since, now) for since in lit.values())


def _moves(entries: Sequence[Entry], period: Period) -> Iterator[Move]:
    for entry in entries:
        if entry.kind == "phase.entered" and period.since <= entry.happened <= period.until:
            yield Move(entry.happened, entry.phase, entry.phase < entry.counted("previous"))
