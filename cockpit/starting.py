"""What is written when a watch begins: a clock that was moved, since when nobody watched, who watches now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from os import getpid
from socket import gethostname

from cockpit.gaps import absence, moved
from cockpit.session import Session
from sessions.clean import clean
from sessions.entries import Draft, Fact
from sessions.rebuilt import ignored
from sessions.sign import Sign, alive_at, started
from sessions.state import State


def beginning(session: Session, now: Sign, runs: Sequence[str], answers: Sequence[str] = ()) -> list[Draft]:
    """Return the first entries of a watch that begins `now`.

    `runs` are the tasks that it can run, `answers` the topics that it has a source for.
    """
    facts: dict[str, Fact] = {"pid": getpid(), "host": clean(gethostname(), 80), "runs": tuple(runs)}
    facts["answers"] = tuple(str(topic) for topic in answers)
    text = "; ".join(filter(None, ("watch started", ignored(session.state))))
    return [*missed(session.state, session.last_sign(), now), Draft("watch.started", "watch", text, facts)]


def missed(state: State, before: Sign | None, now: Sign) -> list[Draft]:
    """Say since when nobody watched, by a clock that is first put right where it was moved meanwhile."""
    jump = started(before, replace(now, shifted=state.shifted), state.reached_at)
    drafts = [moved(now.at, jump)] if jump else []
    alive: datetime | None = alive_at(before, state.alive_at, state.shifted)
    if alive is None or state.seq <= 1:
        return drafts
    cause = "the watch was gone" if state.watching else "nobody watched"
    return [*drafts, absence(min(alive + timedelta(seconds=jump), now.at), now.at, cause)]
