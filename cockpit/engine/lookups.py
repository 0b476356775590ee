"""What sources look up for a sheet: opened on first use, in any process, and never polled."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from cockpit.http.driver_logging import quieten_drivers
from cockpit.runtime.clock import Clock
from cockpit.runtime.tasks import died_of
from cockpit.session.sheet_looks import Looks
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import SecretError
from cockpit.settings.schema.walk import secrets_of
from cockpit.sources.interface.shows import MOST, Shows, cleaned
from cockpit.sources.interface.source import SourceError
from cockpit.sources.opening import Opener
from cockpit.sources.showing import ADD, shows_openings
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.values.sheets import Exhibit, Row

NOBODY = "cockpit.toml"
GRACE = 1.0
"""Seconds that a source may take beyond its own deadline to say why it has no answer."""

_TITLES = {name: name.replace("_", " ").capitalize() for name in ADD}


class Opening(Protocol):
    """One source that may be opened to look up some names; `why` it cannot after all."""

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """What it can look up."""
        ...

    @property
    def why(self) -> str:
        """Why it cannot, known without opening it; empty if it can."""
        ...

    async def open(self) -> Shows:
        """Open it. Raises anything."""
        ...


class Lookups:
    """The looks of one process, all on one event loop. `scrub` masks secrets in the rows."""

    def __init__(self, openings: Sequence[Opening], clock: Clock, scrub: Callable[[str], str] = str) -> None:
        self._openings = openings
        self._clock = clock
        self._scrub = scrub
        self._open: dict[str, asyncio.Task[Shows]] = {}

    async def look_up(self, names: Iterable[str]) -> tuple[Exhibit, ...]:
        """Ask every source that can look up any of the names, all at the same time. Raises nothing."""
        now, wanted = self._clock.now(), tuple(dict.fromkeys(names))
        asked = [(one, name) for name in wanted for one in self._able(name)]
        answers = await asyncio.gather(*(self._asked(one, name, now) for one, name in asked))
        known = {name for _, name in asked}
        missing = [_missing(name, now) for name in wanted if name not in known]
        return tuple(self._masked(one) for one in (*(one for answer in answers for one in answer), *missing))

    def _able(self, name: str) -> Sequence[Opening]:
        """Return the source that can look it up; if none can, one that says why."""
        known = [one for one in self._openings if name in one.names]
        return [one for one in known if not one.why] or known

    async def aclose(self) -> None:
        """Close every source that was opened."""
        opened, self._open = self._open, {}
        for task in opened.values():
            task.cancel()
        for shows in await asyncio.gather(*opened.values(), return_exceptions=True):
            if not isinstance(shows, BaseException):
                await asyncio.gather(shows.aclose(), return_exceptions=True)

    async def _asked(self, opening: Opening, name: str, now: datetime) -> Sequence[Exhibit]:
        if opening.why:
            return [_told(opening.name, name, now, opening.why)]
        try:
            shows = await self._opened(opening)
            async with asyncio.timeout(shows.deadline + GRACE):
                return await shows.show(name, now) or [_told(opening.name, name, now, "it told nothing")]
        except TimeoutError:
            return [_told(opening.name, name, now, "no answer in time")]
        except (SourceError, SecretError) as error:
            return [_told(opening.name, name, now, str(error))]
        except Exception as error:  # noqa: BLE001 - a look may die of anything; the others must not
            return [_told(opening.name, name, now, died_of(error))]

    async def _opened(self, opening: Opening) -> Shows:
        """Open a source once, however many ask for it at once; one that could not be opened is tried again."""
        task = self._open.get(opening.name)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            self._open[opening.name] = task = asyncio.ensure_future(opening.open())
        return await asyncio.shield(task)

    def _masked(self, one: Exhibit) -> Exhibit:
        """Mask secrets and clean the text, whatever its origin; cut what is too long."""
        rows = tuple(self._row(row) for row in one.rows[:MOST])
        title, trouble = clean(self._scrub(one.title), 80), clean(self._scrub(one.trouble), 300)
        return replace(one, title=title, rows=rows, trouble=trouble)

    def _row(self, row: Row) -> Row:
        what, value, bound = map(self._scrub, (row.what, row.value, row.bound))
        return cleaned(Row(what, value, bound, row.at, row.mark))


def looks_by(settings: Settings, environ: Mapping[str, str] | None = None, clock: Clock | None = None) -> Looks:
    """Return what looks up by these settings where no watch runs: sources are opened for one sheet, then closed."""

    def look(plan: Plan, names: Sequence[str]) -> tuple[Exhibit, ...]:
        secrets = secrets_of(settings, os.environ if environ is None else environ)
        quieten_drivers(secrets.scrub)
        openings = shows_openings(settings, Opener(settings, plan, secrets, clock=clock or Clock()).order_for)
        return asyncio.run(_once(Lookups(openings, clock or Clock(), secrets.scrub), names))

    return look


async def _once(lookups: Lookups, names: Sequence[str]) -> tuple[Exhibit, ...]:
    try:
        return await lookups.look_up(names)
    finally:
        await lookups.aclose()


def _missing(name: str, now: datetime) -> Exhibit:
    what = ADD.get(name, "nothing known")
    return _told(NOBODY, name, now, f"no source in cockpit.toml shows this: {what}")


def _told(source: str, name: str, now: datetime, why: str) -> Exhibit:
    return Exhibit(source, now, name, _TITLES.get(name, clean(name, 40)), (), clean(why, 300))
