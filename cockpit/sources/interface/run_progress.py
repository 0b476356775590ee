"""The progress of a run: a reading with its lines so far."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sessions.text.clean import clean
from sessions.values.readings import Run

Say = Callable[[Run], None]
MOST_LINES = 200
_DICE = random.SystemRandom()


def run_id(at: datetime) -> str:
    """Return a unique name for a run that sorts by time: `20261123T140210-4f9a1c`."""
    return f"{at:%Y%m%dT%H%M%S}-{_DICE.randrange(16**6):06x}"


class Told:
    """One run that began at `now`. Of many lines the newest are kept; `scrub` masks secrets in each."""

    def __init__(  # noqa: PLR0913 (a run is told whole)
        self,
        source: str,
        name: str,
        now: datetime,
        say: Say,
        *,
        journey: str = "",
        scrub: Callable[[str], str] = str,
    ) -> None:
        self.id = run_id(now)
        self._source, self._name, self._journey = source, name, journey
        self._begun, self._steady = now, time.perf_counter()
        self._say, self._scrub = say, scrub
        self._lines: tuple[str, ...] = ()
        self._sent: datetime | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self._steady

    def keep(self, text: str) -> None:
        """Keep one more line, to be shown with the next one."""
        self._lines = (*self._lines, clean(self._scrub(text), 300))[-MOST_LINES:]

    def line(self, text: str) -> None:
        """Tell one more line."""
        self.keep(text)
        self.tell()

    def tell(self) -> None:
        """Report the progress."""
        self._say(self._run())

    def sent(self) -> None:
        """Note that every request was answered as wanted: the service had this traffic."""
        self._sent = self._now()

    def ended(self, text: str, *, ok: bool = False) -> Run:
        """Tell the last line and return the whole run."""
        self.keep(text)
        run = self._run(done=True, ok=ok)
        self._say(run)
        return run

    def _run(self, *, done: bool = False, ok: bool = False) -> Run:
        facts = (self._source, self._now(), self._name, self.id, self._begun, self._lines)
        return Run(*facts, done=done, ok=ok, journey=self._journey, sent=self._sent)

    def _now(self) -> datetime:
        return self._begun + timedelta(seconds=self.elapsed)
