"""The one door between a screen (or a command) and the Watch."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a door is no more than its shape: what stands behind it, whoever opens it loads
    from cockpit.session.session import Lacking
    from cockpit.session.sheet_looks import Exhibits
    from sessions.gate.judgement import Judgement
    from sessions.handover.peaks import Peaks
    from sessions.reports.periods import Period
    from sessions.values.requests import Answer, Request
    from sessions.week.past import Past


class WatchInterface(Protocol):
    """What a screen knows of the Watch. All of it may be called from any thread and returns at once.

    `viewer` is empty when acts are taken, else the reason why this screen only looks. `follows` says who watches
    instead of this process, empty while it does itself.
    """

    viewer: str
    follows: str

    def lacking(self) -> "Lacking | None":
        """Say which entries the log lacks, None if it lacks none."""
        ...

    def latest(self) -> "Judgement":
        """Return the newest judgement."""
        ...

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` from the Watch's thread after each new judgement; `wake` must only pass the word on."""
        ...

    def ask(self, request: "Request") -> "Future[Answer]":
        """Ask for an act; the future holds what became of it."""
        ...

    def look_up(self, sheet: str) -> "Future[Exhibits]":
        """Let the sources look up what the sheet of a task, or of a `risk.step`, asks for, or `@name` alone.

        It only reads.

        What cannot be looked up is an exhibit that says why.
        """
        ...

    def past(self, sheet: str) -> "Future[Past | None]":
        """Ask the history for what the sheet of a task, or of a `risk.step`, compares with; it only reads.

        None if that compares with nothing.
        """
        ...

    def peaks(self, period: "Period") -> "Future[Peaks]":
        """Ask the history for the peaks that the report of a period tells; it only reads."""
        ...


class Listeners:
    """Callbacks of screens. One that raises is a screen that died, and takes nothing with it."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def add(self, wake: Callable[[], None]) -> None:
        """Tell this one too."""
        self._listeners.append(wake)

    def call(self) -> None:
        """Tell all of them."""
        for wake in self._listeners:
            with contextlib.suppress(Exception):
                wake()
