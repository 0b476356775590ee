"""Looking up what a sheet asks the sources for: in the background, one look for each task at a time."""

import asyncio
import logging
from collections.abc import Callable

from cockpit.session.interface import WatchInterface
from sessions.plan.model import Plan
from sessions.sheets.sheet import wanted
from sessions.text.clean import clean
from sessions.values.sheets import Exhibit

_LOG = logging.getLogger(__name__)


class Looks:
    """What was looked up, by task. `changed` is called whenever there is more to show."""

    def __init__(self, door: WatchInterface, plan: Plan, changed: Callable[[], None]) -> None:
        self._door = door
        self._plan = plan
        self._changed = changed
        self._found: dict[str, tuple[Exhibit, ...]] = {}
        self._trouble: dict[str, str] = {}
        self._busy: set[str] = set()

    def found(self, task: str) -> tuple[Exhibit, ...]:
        """Return what the newest look found, nothing before there was one."""
        return self._found.get(task, ())

    def trouble(self, task: str) -> str:
        """Say why the newest look found nothing, empty where it did."""
        return self._trouble.get(task, "")

    def busy(self, task: str) -> bool:
        """Whether the sources are being asked."""
        return task in self._busy

    async def look(self, task: str, *, again: bool = False) -> None:
        """Ask once, or `again`; a task that asks for nothing is not asked about. Raises nothing."""
        known = task in self._found and not again
        if known or task in self._busy or not wanted(self._plan.sheet(task)):
            return
        self._busy.add(task)
        self._changed()
        try:
            self._found[task] = await asyncio.wrap_future(self._door.look_up(task))
            self._trouble[task] = ""
        except Exception as error:  # noqa: BLE001 - the sources are asked in another thread: a fault is one line here
            _LOG.exception("looking up %s failed", task)
            self._trouble[task] = f"cannot be looked up: {type(error).__name__}: {clean(error, 120)}"
        finally:
            self._busy.discard(task)
            self._changed()
