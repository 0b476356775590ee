"""For how much of a stretch a criterion passed: the turns of the log, without the time that nobody watched."""

from collections.abc import Iterator
from datetime import datetime

from sessions.gate.soak import unwatched_times
from sessions.state.model import UNWATCHED, State
from sessions.text.intervals import Stretch, clipped, total
from sessions.values.verdicts import Mark


def well(state: State, criterion: str, since: datetime, until: datetime) -> float:
    """Return the seconds of a stretch in which the criterion passed, as the log has it, and all was watched."""
    passed = clipped(_passes(state, criterion, until), since, until)
    unseen = unwatched_times(state, until)
    return total(passed) - sum(total(clipped(unseen, *one)) for one in passed)


def unseen(state: State, since: datetime, until: datetime) -> float:
    """Return the seconds of a stretch that nobody watched, or in which a source was dark."""
    return total(clipped(unwatched_times(state, until), since, until))


def _passes(state: State, criterion: str, until: datetime) -> Iterator[Stretch]:
    """Yield when it passed; with each phase it begins anew, and what was not seen stays unseen."""
    mark, since = Mark.WARMING, state.started_at or until
    for entry in state.entries:
        turned = entry.kind == "verdict.turned" and entry.said("criterion") == criterion
        if not turned and entry.kind != "phase.entered":
            continue
        if mark is Mark.PASS:
            yield since, entry.at
        mark, since = (_mark(entry.said("verdict")) if turned else _anew(mark)), entry.at
    if mark is Mark.PASS:
        yield since, until


def _anew(mark: Mark) -> Mark:
    return mark if mark in UNWATCHED else Mark.WARMING


def _mark(word: str) -> Mark:
    try:
        return Mark(word)
    except ValueError:
        return Mark.BLIND
