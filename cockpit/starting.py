"""What is written when a watch begins: since when nobody watched, who watches now, and what it can do."""

from collections.abc import Sequence
from datetime import datetime
from os import getpid
from socket import gethostname

from cockpit.gaps import absence
from cockpit.session import Session
from sessions.clean import clean
from sessions.entries import Draft, Fact
from sessions.rebuilt import ignored


def beginning(session: Session, now: datetime, runs: Sequence[str], answers: Sequence[str] = ()) -> list[Draft]:
    """Return the first entries of a watch that begins at `now`.

    `runs` are the tasks that it can run, `answers` the topics that it has a source for.
    """
    facts: dict[str, Fact] = {"pid": getpid(), "host": clean(gethostname(), 80), "runs": tuple(runs)}
    facts["answers"] = tuple(str(topic) for topic in answers)
    text = "; ".join(filter(None, ("watch started", ignored(session.state))))
    drafts, alive = [Draft("watch.started", "watch", text, facts)], session.last_alive()
    if alive is not None and session.state.seq > 1:
        cause = "the watch was gone" if session.state.watching else "nobody watched"
        drafts.insert(0, absence(min(alive, now), now, cause))
    return drafts
