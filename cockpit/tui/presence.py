"""Whether the owner looks: while a screen is up it leaves a sign; after an absence it tells what of.

All that touches the disk runs on one other thread, in order: the screen paints on. Leaving ends the query under way.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TypeVar

from cockpit.session.interface import WatchInterface
from sessions.criteria.freshness import asked
from sessions.handover.absence import Since, since_last
from sessions.handover.handover import Absence, handover
from sessions.handover.peaks import peaks
from sessions.history.history import History
from sessions.history.queries import Look
from sessions.storage.folders import HISTORY

_LOG = logging.getLogger(__name__)
EVERY = 2.0
"""Seconds between two signs."""
SHORT, LONG = 300.0, 3600.0
"""Seconds of absence, of a plan at speed 1: after the one what happened is told, after the other that nothing did."""
_BACK, _LATE = 3 * EVERY, 30.0
"""Seconds that no absence is shorter than, however fast the plan: after a start, and where the screen was up all along
and a busy machine was late with a sign."""
_LOOK_ROUND = 0.25

Found = TypeVar("Found")


class Presence:
    """Look at one session. `patience` is how long in seconds the first round of the sources is waited for.

    A screen that only looks leaves no sign: nothing of its session is written.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        tz: tzinfo | None = None,
        *,
        signs: bool = True,
        patience: float = 5.0,
    ) -> None:
        self._history = History(folder / HISTORY) if signs else History.open_readonly(folder / HISTORY)
        self._thread = ThreadPoolExecutor(1, "presence")
        self._clock = clock
        self._tz = tz
        self._signs = signs
        self._patience = patience
        self._opened = clock()
        self._last: Look | None = None
        self._least = _BACK

    async def watch(self, door: WatchInterface, tell: Callable[[Absence], None]) -> None:
        """Look until cancelled; `tell` of each absence that is worth it, also of one that the machine slept through."""
        try:
            await self._glance(door, tell, self._opened)
            while True:
                await asyncio.sleep(EVERY)
                await self._glance(door, tell, self._clock())
        finally:
            self._thread.shutdown(
                wait=False, cancel_futures=True
            )  # the call that may still run is not cancelled with us
            threading.Thread(target=self._history.close, name="presence ends").start()  # ends its query, then closes

    def _apart(self, call: Callable[..., Found], *given: object) -> Awaitable[Found]:
        """Run a call on the thread that the history belongs to."""
        return asyncio.get_running_loop().run_in_executor(self._thread, call, *given)

    async def _glance(self, door: WatchInterface, tell: Callable[[Absence], None], now: datetime) -> None:
        self._last = self._last or await self._apart(self._history.last_look)
        try:
            if absence := await self._absence(door, now):
                tell(absence)
        except Exception:  # noqa: BLE001 - what cannot be told must not end the signs
            _LOG.exception("the hand-over failed")
        self._last, self._least = Look(self._clock(), door.latest().state.seq), _LATE
        if self._signs:
            await self._apart(self._history.look, self._last)

    async def _absence(self, door: WatchInterface, now: datetime) -> Absence | None:
        """Return the absence that ends now, None if it was short, or nothing happened and it was not long.

        What was never watched has nothing to hand over.
        """
        starts = (entry.at for entry in door.latest().state.entries if entry.kind == "watch.started")
        if self._since(door, now) is None or not any(at < now for at in starts):
            return None
        await self._looked_round(door, now)
        since = self._since(door, now)
        if since is None:
            return None
        judgement = door.latest()
        absence = Absence(since, await self._apart(peaks, self._history.highest, judgement.state, since))
        told = await self._apart(handover, judgement, absence, self._tz)
        return None if told.quiet and since.away < LONG / judgement.state.plan.speed else absence

    def _since(self, door: WatchInterface, now: datetime) -> Since | None:
        """A clock that was moved is known once the watch has written it down: so this is asked twice."""
        state = door.latest().state
        since = since_last(state, self._last, now)
        return since if since.away >= max(SHORT / state.plan.speed, self._least) else None

    async def _looked_round(self, door: WatchInterface, now: datetime) -> None:
        """Wait until every source was asked since the owner is back: what they fill in belongs to the absence."""
        for _ in range(round(self._patience / _LOOK_ROUND)):
            known = asked(door.latest().state).values()
            if door.follows or (known and all(health.tried_at >= now for health in known)):
                return
            await asyncio.sleep(_LOOK_ROUND)
