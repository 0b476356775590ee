"""A door to no Watch at all: it holds what it is given and remembers what it was asked."""

from concurrent.futures import Future
from pathlib import Path

from cockpit.session.past import PastLooks, past_in
from sessions.gate.judgement import Judgement
from sessions.handover.peaks import Peaks
from sessions.reports.periods import Period
from sessions.values.requests import Answer, Request
from sessions.values.sheets import Exhibit
from sessions.week.past import Past


class FakeDoor:
    def __init__(self, judgement: Judgement, viewer: str = "") -> None:
        self.viewer = viewer
        self.follows = ""
        self.asked: list[Request] = []
        self.looked: list[str] = []
        self.folder = Path("/nowhere")
        self.answer = Answer(True, "done")
        self.fault: Exception | None = None
        self.looked_up: list[str] = []
        self.exhibits: tuple[Exhibit, ...] = ()
        self._judgement = judgement
        self._listeners = []

    def lacking(self) -> None:
        pass

    def latest(self) -> Judgement:
        return self._judgement

    def on_change(self, wake) -> None:
        self._listeners.append(wake)

    def ask(self, request: Request) -> "Future[Answer]":
        if self.fault is not None:
            raise self.fault
        self.asked.append(request)
        future: Future[Answer] = Future()
        future.set_result(self.answer)
        return future

    def look_up(self, sheet: str) -> "Future[tuple[Exhibit, ...]]":
        self.looked_up.append(sheet)
        future: Future[tuple[Exhibit, ...]] = Future()
        future.set_result(self.exhibits)
        return future

    def past(self, sheet: str) -> "Future[Past | None]":
        """Answer by the history in `folder`, at once; without one by what nobody measured."""
        future: Future[Past | None] = Future()
        self.looked.append(sheet)
        future.set_result(past_in(self.folder, self._judgement, sheet, self._judgement.tz))
        return future

    def peaks(self, period: Period) -> "Future[Peaks]":
        return PastLooks(self.folder, None).peaks(self._judgement, period)

    def turn(self, judgement: Judgement) -> None:
        self._judgement = judgement
        for wake in self._listeners:
            wake()
