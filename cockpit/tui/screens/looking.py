"""What a sheet shows, asked for in the background: the sources' look-ups, and earlier figures."""

import asyncio
import logging
from collections.abc import Callable

from msgspec import Struct

from cockpit.session.interface import WatchInterface
from sessions.sheets.sheet import wanted
from sessions.text.clean import clean
from sessions.values.sheets import Exhibit
from sessions.week.past import Past

_LOG = logging.getLogger(__name__)


class Found(Struct, frozen=True):
    """What a look found: what the sources told, and the past. `trouble` says why it found nothing, or no past."""

    exhibits: tuple[Exhibit, ...] = ()
    past: Past | None = None
    trouble: str = ""


NOTHING = Found()


class Looker:
    """What was looked up, by task. `changed` is called whenever there is more to show."""

    def __init__(self, door: WatchInterface, changed: Callable[[], None]) -> None:
        self._door = door
        self._changed = changed
        self._found: dict[str, Found] = {}
        self._busy: set[str] = set()

    def found(self, task: str) -> Found:
        """Return what the newest look found, nothing before there was one."""
        return self._found.get(task, NOTHING)

    def busy(self, task: str) -> bool:
        """Whether it is being asked for."""
        return task in self._busy

    async def look(self, task: str, *, again: bool = False) -> None:
        """Ask once, or `again`; a task that asks for nothing is not asked about. Raises nothing."""
        if task in self._busy or (task in self._found and not again):
            return
        self._busy.add(task)
        self._changed()
        try:
            self._found[task] = await self._asked(task)
        except Exception as error:  # noqa: BLE001 - asked in other threads: a fault there is one line here
            _LOG.exception("looking up %s failed", task)
            self._found[task] = Found(trouble=f"cannot be looked up: {type(error).__name__}: {clean(error, 120)}")
        finally:
            self._busy.discard(task)
            self._changed()

    async def _asked(self, task: str) -> Found:
        judgement = self._door.latest()
        asks = bool(wanted(judgement.state.plan.sheet(task)))
        exhibits = await asyncio.wrap_future(self._door.look_up(task)) if asks else ()
        try:
            past = await asyncio.wrap_future(self._door.past(task))
        except LookupError as error:
            return Found(exhibits, None, clean(error.args[0], 120))
        return Found(exhibits, past)
