"""A place that is told stories: what it would be told at each look, and what of it is true."""

from msgspec import Struct

from sessions.alarms.alarms import Heard, hear, standing
from sessions.alarms.quiet_hours import QuietHours
from sessions.alarms.stories import Saying, Story, due, followed, told
from sessions.gate.judgement import Judgement
from tests.support.build import after
from tests.support.sessions.calling import turned
from tests.support.sessions.flight import Pen

CRITERION, RISK = "latency", "latency_spike"


class Message(Struct, frozen=True):
    """What a place was told: when in s after T0, what of which cause, the worst part, how often it had stood."""

    at: float
    saying: Saying
    cause: str
    id: str
    spells: int


class Pager:
    """Looks at a session every `every` seconds and takes each message as sent."""

    def __init__(self, pen: Pen, quiet: QuietHours | None = None, every: float = 1.0) -> None:
        self.pen, self.quiet, self.every = pen, quiet, every
        self.stories: dict[str, Story] = {}
        self.messages: list[Message] = []
        self._heard: Heard | None = None
        self._at = 0.0

    def look(self, at: float) -> None:
        judgement = Judgement(self.pen.state, after(at))
        self._heard, ringing = hear(self._heard, judgement, self.quiet)
        found = standing(judgement, self._heard.failing)
        self.stories = dict(followed(self.stories, found, {one.cause for one in ringing}, judgement))
        stands = {one.cause for one in found}
        for cause, story in list(self.stories.items()):
            if (saying := due(story, judgement, self.quiet)) is not None:
                assert (saying is Saying.STANDS) == (cause in stands), "what is over is told as over"
                self.messages.append(Message(at, saying, cause, story.alarm.id, story.spells))
                self.stories[cause] = told(story, judgement)

    def until(self, at: float) -> "Pager":
        """Look from the last moment on, up to `at`."""
        while self._at <= at:
            self.look(self._at)
            self._at += self.every
        return self

    def said(self, saying: Saying | None = None) -> list[float]:
        return [one.at for one in self.messages if saying in (None, one.saying)]


def begin_breach(pen: Pen, at: float, *, fuse: float = 0.0) -> None:
    """A criterion breaches; with a fuse of so many seconds its risk acts too."""
    turned(pen, at, "breach", CRITERION)
    if fuse:
        pen.write(at, "risk.turned", "hot", risk=RISK, level="act")
        pen.write(at, "fuse.lit", "burns", risk=RISK, deadline=after(at + fuse), evidence=())


def end_breach(pen: Pen, at: float, *, fuse: float = 0.0) -> None:
    """It passes again."""
    turned(pen, at, "pass", CRITERION)
    if fuse:
        pen.write(at, "fuse.defused", "out", risk=RISK, reason="clean", evidence=())
        pen.write(at, "risk.turned", "calm", risk=RISK, level="calm")


def flapped(pager: Pager, spells, *, since: float = 60.0, fuse: float = 0.0) -> float:
    """Let it stand and be over for each of the `spells` (on, off), in s; return when the last one is over."""
    at = since
    for on, off in spells:
        pager.until(at - 1e-6)
        begin_breach(pager.pen, at, fuse=fuse)
        pager.look(at)
        pager.until(at + on - 1e-6)
        end_breach(pager.pen, at + on, fuse=fuse)
        pager.look(at + on)
        at += on + off
    return at
