"""What a door is asked for when a sheet is opened: which look-ups, and the answer where nothing can be looked up."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.values.sheets import Exhibit

ALONE = "@"
"""The prefix of a look-up that is asked for separately."""
Found = TypeVar("Found")
Exhibits = tuple[Exhibit, ...]
Looks = Callable[[Plan, Sequence[str]], Exhibits]
"""Looks up names for a session of that plan, and returns when all have answered. Raises nothing."""


def names_of(plan: Plan, sheet: str) -> tuple[str, ...]:
    """Return what is to be looked up for the sheet of a task or of a `risk.step`, nothing if it has none.

    `@name` asks for one look-up by itself, for any plan.
    """
    if sheet.startswith(ALONE):
        return (sheet[1:],)
    from sessions.sheets.sheet import sheet_kind, wanted

    return wanted(sheet_kind(plan, sheet))


def untold(judgement: Judgement, sheet: str, why: str) -> Exhibits:
    """Return the exhibits of a sheet that nobody looks up."""
    names = names_of(judgement.state.plan, sheet)
    return tuple(Exhibit("", judgement.at, name, _titled(name), (), why) for name in names)


def _titled(name: str) -> str:
    return name.replace("_", " ").capitalize()


def at_once(found: Exhibits) -> "Future[Exhibits]":
    """Return what is known already."""
    future: Future[Exhibits] = Future()
    future.set_result(found)
    return future


def beside(work: Callable[[], Found]) -> "Future[Found]":
    """Do it on a separate daemon thread, so that neither the screen nor the end of the process waits for it."""
    future: Future[Found] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever asked has it
            future.set_exception(error)

    threading.Thread(target=run, name="looks", daemon=True).start()
    return future
