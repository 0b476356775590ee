"""The synthetic monitor of the concierge's team: it runs every journey, with the flag and without it.

Shoppers are too rare for a window of five minutes. The monitor's requests give the plan enough traffic.
"""

import asyncio
from itertools import count

import aiohttp

from cockpit.demo.world.scenarios import Scene
from cockpit.demo.world.traffic.headers import RUN_ID, SYNTHETIC
from cockpit.demo.world.traffic.request import send

EVERY = 120.0
"""Seconds of the plan between two walks with the flag; as often one goes without it."""

SOONEST = 0.05
"""Seconds between two walks that one core carries well, beside all else: in a very fast world they are rarer."""

STEPS = (
    "GET /concierge",
    "POST /shortlists",
    "POST /capsules",
    "POST /returns",
    "POST /stylist/tickets",
    "POST /csat",
)


class Monitor:
    """Runs until cancelled. A run takes as long as the service does; the next one does not wait for it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._numbers = count(1)
        self._walks: set[asyncio.Task[None]] = set()

    async def walk(self, session: aiohttp.ClientSession) -> None:
        """Begin a run with the flag and one without it, again and again, evenly."""
        loop = asyncio.get_running_loop()
        apart = max(EVERY / self._scene.speed, SOONEST)
        due = loop.time()
        while True:
            for flag in (True, False):
                await asyncio.sleep(due - loop.time())
                due = max(due + apart / 2, loop.time() - apart)
                if not self._scene.effects.unwalked:
                    self._begin(session, flag=flag)

    def _begin(self, session: aiohttp.ClientSession, *, flag: bool) -> None:
        walk = asyncio.create_task(_walked(session, f"monitor-{next(self._numbers)}", flag=flag))
        self._walks.add(walk)
        walk.add_done_callback(self._walks.discard)


async def _walked(session: aiohttp.ClientSession, run: str, *, flag: bool) -> None:
    """Send every step; the service knows the walk by its headers, and writes its events but no documents."""
    for endpoint in STEPS:
        await send(session, endpoint, {}, flag=flag, headers={SYNTHETIC: "1", RUN_ID: run})
