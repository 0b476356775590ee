"""A door to a flight that is flown again: it shows one moment after the other, back and forth, and takes no act."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from queue import Empty, SimpleQueue

from cockpit.session.interface import Listeners
from cockpit.session.sheet_looks import Exhibits, at_once, untold
from sessions.gate.judgement import Judgement
from sessions.handover.peaks import Peaks
from sessions.history.queries import Worth
from sessions.replay.flight import Moment
from sessions.reports.periods import Period
from sessions.values.readings import Reading
from sessions.values.requests import Answer, Request
from sessions.week.cell import past_of
from sessions.week.past import Past

REFUSAL = "this is a replay: it cannot act"
NO_LOOKS = "a replay asks no source: what was looked up is in the log, with its task"
NO_PAST = "a replay asks no history"
KEPT = 2_000
"""So many moments are kept to step back to; what is older is flown again."""
_LONGEST = 1.0
"""Seconds that playing waits for the next moment at most: time in which nobody watched passes in one step."""

Fly = Callable[[], Iterator[Moment]]


class _NoHistory:
    """Whatever it is asked, it keeps nothing of before."""

    def highest(self, _worth: Worth, _since: datetime, _until: datetime) -> Sequence[Reading]:
        raise LookupError(NO_PAST)

    def series(self, _kind: str, _subject: str, _since: datetime, _until: datetime) -> Sequence[Reading]:
        raise LookupError(NO_PAST)

    def newest(self, _kind: str, _since: datetime, _until: datetime) -> Sequence[Reading]:
        raise LookupError(NO_PAST)


class Course:
    """The moments of a flight by number, from 0 on. Raises ValueError if there is none."""

    def __init__(self, fly: Fly) -> None:
        self._fly = fly
        self._coming = fly()
        self._kept: deque[Moment] = deque(maxlen=KEPT)
        self._flown = 0
        if self.at(0) is None:
            raise ValueError("no moment of it can be judged")

    def at(self, number: int) -> Moment | None:
        """Return that moment, None after the last one."""
        if number < self._flown - len(self._kept):
            self._coming, self._flown = self._fly(), 0
            self._kept.clear()
        while self._flown <= number:
            moment = next(self._coming, None)
            if moment is None:
                return None
            self._kept.append(moment)
            self._flown += 1
        return self._kept[number - self._flown]

    def entered(self, number: int, way: int) -> int | None:
        """Return the next moment before or after one at which the log is longer than before; None without any."""
        here = self._seq(number)
        while (number := number + way) >= 0 and self.at(number) is not None:
            if way > 0 and self._seq(number) != here:
                return number
            if way < 0 and (not number or self._seq(number - 1) != self._seq(number)):
                return number
        return None

    def _seq(self, number: int) -> int:
        moment = self.at(number)
        return moment.judgement.state.seq if moment else -1


class Replayed:
    """Shows a flight by its `course`, `speed` times as fast as it was. It starts stopped, at the first moment."""

    viewer = REFUSAL
    follows = ""

    def __init__(self, course: Course, speed: float) -> None:
        self._course = course
        self._speed = speed
        self._number = 0
        self._playing = False
        self._moment = self._found(0)
        self._wanted: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._listeners = Listeners()
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def start(self) -> None:
        """Begin to listen to what is wanted."""
        self._thread.start()

    def stop(self, _reason: str) -> None:
        """End it. Harmless twice, and before the start."""
        self._wanted.put(None)
        if self._thread.ident is not None:
            self._thread.join(5)

    def lacking(self) -> None:
        """A replay does nothing that a log could lack."""

    def latest(self) -> Judgement:
        """Return what is judged of the moment that is shown."""
        return self._moment.judgement

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` from the replay's thread whenever another moment is shown."""
        self._listeners.add(wake)

    def ask(self, _request: Request) -> "Future[Answer]":
        """Refuse: what is over is acted on no more."""
        answer: Future[Answer] = Future()
        answer.set_result(Answer(False, REFUSAL))
        return answer

    def look_up(self, sheet: str) -> "Future[Exhibits]":
        """Look nothing up, and say so: the sources know only what is now."""
        return at_once(untold(self._moment.judgement, sheet, NO_LOOKS))

    def past(self, sheet: str) -> "Future[Past | None]":
        """Refuse where a sheet compares with what was before: a replay asks no history."""
        answer: Future[Past | None] = Future()
        try:
            answer.set_result(past_of(self._moment.judgement, sheet, _NoHistory(), None))
        except LookupError as error:
            answer.set_exception(error)
        return answer

    def peaks(self, _period: Period) -> "Future[Peaks]":
        """Refuse: a replay asks no history."""
        answer: Future[Peaks] = Future()
        answer.set_exception(LookupError(NO_PAST))
        return answer

    def step(self, way: int) -> "Future[bool]":
        """Stop, and show the moment before or after; the answer is whether that changed anything."""
        return self._want(lambda: self._to(self._number + way))

    def entry(self, way: int) -> "Future[bool]":
        """Stop, and show the moment of the entry before or after; the answer is whether that changed anything."""
        return self._want(lambda: self._to(self._course.entered(self._number, way)))

    def play(self) -> "Future[bool]":
        """Play on, or stop; the answer is whether it plays now, which it does not where nothing follows."""
        return self._want(self._turn)

    def _want(self, what: Callable[[], bool]) -> "Future[bool]":
        done = Future[bool]()
        self._wanted.put(lambda: done.set_result(what()))
        return done

    @property
    def playing(self) -> bool:
        """Whether it is playing."""
        return self._playing

    def _turn(self) -> bool:
        self._playing = not self._playing and self._course.at(self._number + 1) is not None
        return self._playing

    def _to(self, number: int | None) -> bool:
        played, self._playing = self._playing, False
        if number is None or number < 0 or self._course.at(number) is None:
            return played
        self._show(number)
        return True

    def _run(self) -> None:
        while True:
            try:
                wanted = self._wanted.get(timeout=self._pause() if self._playing else None)
            except Empty:
                self._go_on()
                continue
            if wanted is None:
                return
            wanted()
            self._listeners.call()

    def _go_on(self) -> None:
        """Show the next moment; the last one ends the playing."""
        if self._course.at(self._number + 1) is None:
            self._playing = False
        else:
            self._show(self._number + 1)
        self._listeners.call()

    def _pause(self) -> float:
        """Return how many seconds the moment that is shown lasts."""
        following = self._course.at(self._number + 1)
        lasts = (following.at - self._moment.at).total_seconds() / self._speed if following else 0.0
        return min(max(lasts, 0.001), _LONGEST)

    def _show(self, number: int) -> None:
        self._number, self._moment = number, self._found(number)

    def _found(self, number: int) -> Moment:
        moment = self._course.at(number)
        if moment is None:
            raise ValueError(number)
        return moment
