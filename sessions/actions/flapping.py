"""What of a turn is entered: after the third in ten minutes one entry that it flaps, and one once that is over.

In between only what is new is entered: a word that it did not turn to before.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from sessions.gate.judgement import Judgement
from sessions.gate.waivers import standing
from sessions.state.reducer import State
from sessions.state.signals import FLAPS, TURNS, newest, span, young
from sessions.text.units import duration
from sessions.values.entries import Fact
from sessions.values.readings import Turn
from sessions.values.verdicts import WORST_FIRST, Level

MARKS = tuple(mark.value for mark in WORST_FIRST)
LEVELS = (Level.ACT.value, Level.BLIND.value, Level.WATCH.value, Level.CALM.value)


class Told(Struct, frozen=True):
    """What is entered of a turn: the word in force from now on, `more` facts, and what stands before the figures."""

    word: str
    more: Mapping[str, Fact] = {}
    about: str = ""


def flips(judgement: Judgement) -> tuple[Turn, ...]:
    """Return the turns of what flaps, that are no entries: they are kept beside the log."""
    marks = {name: standing(judgement.state, verdict) for name, verdict in judgement.verdicts.items()}
    words = {f"verdict.{name}": mark.value for name, mark in marks.items()}
    words |= {f"risk.{name}": said.level.value for name, said in judgement.risks.items()}
    known = ((name, newest(judgement.state, name)) for name in judgement.state.flaps if name in words)
    return tuple(
        Turn("watch", judgement.at, name, words[name], turn.times + 1)
        for name, turn in known
        if turn is not None and turn.word != words[name]
    )


def told(state: State, name: str, words: tuple[str, str], worst_first: tuple[str, ...], now: datetime) -> Told | None:
    """Return what is entered of a turn from one word to another, None where nothing is."""
    was, word = words
    if turn := newest(state, name):
        return _flapping(state, turn, words, worst_first, now)
    if word == was:
        return None
    before = young(state, name, now)
    if len(before) < TURNS:
        return Told(word)
    between = {was, word, *(one.word for one in before)}
    return _begun(between, word, len(before) + 1, now - before[0].at, worst_first)


def _flapping(
    state: State, turn: Turn, words: tuple[str, str], worst_first: tuple[str, ...], now: datetime
) -> Told | None:
    """What flaps is told again where it turns to what it has not been yet, and once it has stood for ten minutes."""
    flap, word = state.flaps[turn.name], words[1]
    if word not in flap.between:
        times = turn.times + (turn.word != word)
        return _begun({*flap.between, word}, word, times, now - flap.since, worst_first)
    if word != turn.word or now - turn.at < span(state.plan):
        return None
    about = f"flapped ({turn.times} times in {duration((turn.at - flap.since).total_seconds())}), now {word}:"
    return Told(word, {FLAPS: False, "times": turn.times}, about)


def _begun(between: set[str], word: str, times: int, lasted: timedelta, worst_first: tuple[str, ...]) -> Told:
    """While it flaps the worst of it is in force."""
    ranked = tuple(one for one in worst_first if one in between)
    about = f"flaps ({times} times in {duration(lasted.total_seconds())}, {' and '.join(ranked)}), now {word}:"
    return Told(ranked[0], {FLAPS: True, "between": ranked, "times": times, "now": word}, about)
