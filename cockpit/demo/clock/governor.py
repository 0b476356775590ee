"""How fast the demo may go: pure, told each tenth of a second what is late, it answers with a pace from 0.05 to 1.

Late is what would spoil a measurement: a loop that answers a request late, a watch that does not poll in time, an
answer that takes as long as the pause to the next. All is counted in seconds of the demo, so a slower clock makes it
less late.
"""

from msgspec import Struct

SLOWEST, PATIENT = 0.05, 0.2
"""As slow as it goes for a loop that is late, and for an answer that is: who never answers must not stop the demo."""
WORLD_LATE, WATCH_LATE = 0.06, 0.15
"""Seconds of the demo by which each loop may be late: a p95 of 340 ms must stay under 500, polls come each 250."""
SILENT, NOBODY = 0.7, 30.0
"""Seconds without a word of the watch after which it is stuck, and after which nobody watches."""
ROOM, LATE, MUCH, STUCK = 0.5, 1.0, 2.0, 8.0
"""Below the first there is room to speed up; over the others it slows down, fast, and at once as far as it goes."""

_SMOOTH = 0.25
_DOWN_EVERY, _CALM = 0.3, 1.0
_DOWN, _FAST_DOWN, _UP = 0.85, 0.6, 1.08
_SAY_BELOW, _SAY_AFTER, _SAY_EVERY = 0.9, 1.0, 2.0


class Signs(Struct, frozen=True):
    """What is late: both loops in seconds, the answers waited for as shares, and how long the watch said nothing."""

    world: float = 0.0
    watch: float = 0.0
    answers: float = 0.0
    silent: float = 0.0


class Governor(Struct, frozen=True):
    """Keeps the pace of the demo clock; `said` is the pace that the screen shows, 0 for none."""

    pace: float = 1.0
    world: float = 0.0
    watch: float = 0.0
    slowed_at: float = 0.0
    late_at: float = float("-inf")
    below_at: float | None = None
    said: float = 0.0
    said_at: float = float("-inf")

    def pressure(self, signs: Signs) -> float:
        """Return how late the latest is; from 1 on the demo goes too fast."""
        return max(self.loops(signs), signs.answers)

    def loops(self, signs: Signs) -> float:
        """Return how late the later of both loops is."""
        stuck = STUCK if SILENT < signs.silent < NOBODY else 0.0
        return max(self.world / WORLD_LATE, self.watch / WATCH_LATE, stuck)

    def after(self, signs: Signs, now: float) -> "Governor":
        """Return where it is `now`, in seconds that only grow."""
        world = self.world + _SMOOTH * (signs.world * self.pace - self.world)
        watch = self.watch + _SMOOTH * (signs.watch * self.pace - self.watch)
        smooth = Governor(self.pace, world, watch)
        pressure = smooth.pressure(signs)
        slowest = SLOWEST if smooth.loops(signs) > LATE else min(self.pace, PATIENT)
        pace, slowed_at, late_at = self.pace, self.slowed_at, self.late_at
        if pressure >= STUCK:
            pace, slowed_at = slowest, now
        elif pressure > LATE and now - slowed_at >= _DOWN_EVERY:
            pace, slowed_at = max(slowest, pace * (_FAST_DOWN if pressure > MUCH else _DOWN)), now
        elif pressure < ROOM and now - late_at >= _CALM:
            pace = min(1.0, pace * _UP)
        late_at = now if pressure > LATE else late_at
        return self._told(Governor(pace, world, watch, slowed_at, late_at, self.below_at, self.said, self.said_at), now)

    def _told(self, new: "Governor", now: float) -> "Governor":
        """Tell a pace that stays below for a while, every now and then, and no more once it is whole again."""
        below_at = None if new.pace >= _SAY_BELOW else now if new.below_at is None else new.below_at
        said, said_at = new.said, new.said_at
        if new.pace == 1:
            said = 0.0
        elif (said or (below_at is not None and now - below_at >= _SAY_AFTER)) and now - said_at >= _SAY_EVERY:
            said, said_at = new.pace, now
        return Governor(new.pace, new.world, new.watch, new.slowed_at, new.late_at, below_at, said, said_at)
