"""Unwatched time and moved clocks: after every wake the wall clock is compared with the time since boot."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from os import getpid
from socket import gethostname

from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from cockpit.session.session import Session, always
from sessions.actions.decision import Decision
from sessions.state.reducer import State
from sessions.storage.replay import ignored
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.entries import Draft, Fact
from sessions.values.sign_of_life import JUMP, Sign, alive_at, jumped, started

_MISSED_TICKS = 8


def sign(clock: Clock, state: State) -> Sign:
    """Return the moment by every clock there is."""
    return Sign(clock.now(), clock.boot(), clock.machine(), state.shifted)


def absence(since: datetime, until: datetime, cause: str) -> Draft:
    """Return the entry for a time that was not watched."""
    span = (until - since).total_seconds()
    text = f"not watching for {duration(span)}: {cause}" if span else cause
    return Draft("gap.found", "watch", text, {"since": since, "until": until, "cause": cause})


def moved(now: datetime, jump: float) -> Draft:
    """Return the entry of a clock that was set: no time passed, and every deadline keeps its distance."""
    text = f"the clock moved {'on' if jump > 0 else 'back'} by {duration(abs(jump))}: deadlines keep their distance"
    facts: dict[str, Fact] = {"since": now, "until": now, "cause": "clock", "moved": round(jump, 3)}
    return Draft("gap.found", "watch", text, facts)


def noticed(before: Sign, now: Sign, every: float) -> list[Draft]:
    """Return the gap between two looks of one process that ticks every `every` s; nothing if all is well.

    A machine that wakes may have its clock set as well: that first, and by the new clock how long nobody watched.
    """
    passed = now.boot - before.boot
    jump = jumped(before, now, passed)
    drafts = [moved(now.at, jump)] if abs(jump) > JUMP else []
    if passed > max(_MISSED_TICKS * every, JUMP):
        drafts.append(absence(before.at + timedelta(seconds=jump if drafts else 0.0), now.at, "asleep or stopped"))
    return drafts


class Timepiece:
    """Compares the clocks from look to look, and writes down what does not add up before anything is judged by it."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._before = sign(clock, session.state)

    def look(self) -> None:
        """Note a jump of the clock, or a time in which this process did not run."""
        before, now = self._before, sign(self._clock, self._session.state)
        every = self._session.state.plan.cadence.tick
        if noticed(before, now, every):
            self._session.act(lambda _: self._found(before, now, self._session.state), now.at, always)
        if now.at < before.at:
            self._session.put_back(now.at)
        self._before = Sign(now.at, now.boot, now.machine, self._session.state.shifted)

    def _found(self, before: Sign, now: Sign, latest: State) -> Decision:
        """Decided under the lock: another process may have noted a part of it in the meantime."""
        seen = Sign(now.at, now.boot, now.machine, latest.shifted)
        return Decision(tuple(noticed(before, seen, latest.plan.cadence.tick)))


def beginning(session: Session, now: Sign, runs: Sequence[str], answers: Sequence[str] = ()) -> list[Draft]:
    """Return the first entries of a watch that begins `now`.

    `runs` are the tasks that it can run, `answers` the topics that it has a source for.
    """
    facts: dict[str, Fact] = {"pid": getpid(), "host": clean(gethostname(), 80), "runs": tuple(runs)}
    facts["answers"] = tuple(str(topic) for topic in answers)
    text = "; ".join(filter(None, ("watch started", ignored(session.state))))
    return [*missed(session.state, session.last_sign(), now), Draft("watch.started", "watch", text, facts)]


def missed(state: State, before: Sign | None, now: Sign) -> list[Draft]:
    """Say since when nobody watched, by a clock that is first put right where it was moved in the meantime."""
    jump = started(before, replace(now, shifted=state.shifted), state.reached_at)
    drafts = [moved(now.at, jump)] if jump else []
    alive: datetime | None = alive_at(before, state.alive_at, state.shifted)
    if alive is None or state.seq <= 1:
        return drafts
    cause = "the watch was gone" if state.watching else "nobody watched"
    return [*drafts, absence(min(alive + timedelta(seconds=jump), now.at), now.at, cause)]
