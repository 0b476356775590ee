"""The world, one process beside the cockpit: `python -m cockpit.demo.world`, orders and leash on stdin.

The first line of stdin is the order. When stdin ends, the process that started the world is gone, and the world ends
too.
"""

import asyncio
import json
import logging
import os
import random
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from msgspec import Struct
from pymongo.errors import PyMongoError

from cockpit.demo.clock.keeper import Keeper
from cockpit.demo.watchdog import Watchdog
from cockpit.demo.world import database as db
from cockpit.demo.world.backoffice import Backoffice
from cockpit.demo.world.changes_file import ChangesFile
from cockpit.demo.world.document_writer import Records
from cockpit.demo.world.faults import NAME as FAULTS
from cockpit.demo.world.faults import FaultLog
from cockpit.demo.world.flag_file import Course, FlagFile, OtherHand, follow
from cockpit.demo.world.scenarios import SCENARIOS, Scenario, Scene
from cockpit.demo.world.seed import past
from cockpit.demo.world.service import application
from cockpit.demo.world.shop import Shop
from cockpit.demo.world.traffic.monitor import Monitor
from cockpit.demo.world.traffic.shoppers import Shoppers
from cockpit.runtime.pace.paced_loop import PacedLoop
from sessions.plan.loader import plan_from
from sessions.plan.model import Plan
from sessions.text.clean import clean

TICK = 0.1
EVENTS = "analytics_events"
BATCH, LONGEST_BATCH = 36.0, 0.5
"""Documents are written together each so many seconds of the plan, and each so many seconds at most: a command of the
embedded server costs more than the documents in it. A journey's events may be twenty times as far apart."""
WRITTEN, FORGIVEN = 60.0, 5.0
"""Seconds of the plan within which all of them must be written; seconds after which the server is gone, not slow."""

_log = logging.getLogger(__name__)


class PortError(Exception):
    """Somebody else listens there; the text is one line for the owner."""


class Order(Struct, frozen=True):
    """What the world is to be: `uri` is empty if it brings its own server, `remove` says the folder is its own."""

    plan: Plan
    scenario: Scenario
    seed: int
    folder: Path
    flag_file: Path
    database: str
    uri: str
    port: int
    remove: bool


def order_from(line: str) -> Order:
    """Read the order. Raises KeyError, ValueError."""
    said: Mapping[str, Any] = json.loads(line)
    folder, scenario = Path(said["folder"]), SCENARIOS[said["scenario"]]
    flag_file, plan = Path(said["flag_file"]), plan_from(said["plan"])
    return Order(
        plan, scenario, said["seed"], folder, flag_file, said["database"], said["uri"], said["port"], said["remove"]
    )


async def live(order: Order, watchdog: Watchdog, clock: Keeper) -> None:
    """Start the world, report its address, and run it until the leash is released. Removes its files."""
    leash, loop = asyncio.wrap_future(watchdog.let_go), asyncio.get_running_loop()
    loop.add_reader(0, _hear, loop, clock)
    server = db.Server(order.folder)
    run = asyncio.ensure_future(_run(order, server, clock))
    try:
        await asyncio.wait({leash, run}, return_when=asyncio.FIRST_COMPLETED)
        if run.done():
            run.result()
        if isinstance(loop, PacedLoop):
            loop.hasten()
        await cancelled(run)
    finally:
        clock.end()
        if order.uri and leash.done():
            await _drop(order)
        server.end()
        shutil.rmtree(order.folder / "mongo", ignore_errors=True)
        if order.remove and leash.done():
            shutil.rmtree(order.folder, ignore_errors=True)


async def cancelled(task: asyncio.Future[None]) -> None:
    """Cancel a task until it has ended: the database driver may swallow the cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=TICK)


async def _drop(order: Order) -> None:
    """Remove our database from a server that is not ours."""
    async with db.client(order.uri) as client:
        try:
            await client.drop_database(order.database)
        except PyMongoError:
            _log.warning("database %s could not be dropped", order.database)


async def _run(order: Order, server: db.Server, clock: Keeper) -> None:
    """Seed the database, open the service, let shoppers in, and keep it all moving."""
    uri = order.uri or await server.start()
    now, scene = clock.now(), Scene(order.plan.speed)
    documents = past(order.plan, _rng(order, "past"), now)
    async with db.client(uri) as client:
        database = client[order.database]
        records = Records(database, 0)
        await db.index(database)
        await records.fill({name: rows for name, rows in documents.items() if name != EVENTS})
        # Last of all, and up to this moment: the monitor walks on from there.
        await records.fill({EVENTS: past(order.plan, _rng(order, "past"), clock.now())[EVENTS]})
        shop = Shop(order.plan, scene, records, documents)
        shoppers = Shoppers(order.plan, scene, _rng(order, "shoppers"), documents)
        backoffice = Backoffice(scene, shop, records, _rng(order, "backoffice"), now)
        changes = ChangesFile(order.folder, order.plan.flag, order.plan.speed)
        changes.begin(now)
        runner = web.AppRunner(application(shop, scene, _rng(order, "service"), clock.now), access_log=None)
        await runner.setup()
        try:
            base = await _open(runner, order.port)
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(base, connector=connector) as session, asyncio.TaskGroup() as group:
                group.create_task(_watch_flag(order, scene, changes, clock))
                group.create_task(_write(backoffice, records, order.plan.speed, clock))
                group.create_task(shoppers.crowd(session))
                group.create_task(Monitor(scene).walk(session))
                _say({"metrics_url": f"{base}/metrics", "mongo_uri": uri})
        finally:
            await runner.cleanup()


async def _open(runner: web.AppRunner, port: int) -> str:
    """Listen on loopback and return the address. Raises PortError."""
    try:
        await web.TCPSite(runner, "127.0.0.1", port, shutdown_timeout=0.1).start()
    except OSError as error:
        raise PortError(f"port {port} is taken: choose another one, or 0 for a free one") from error
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def _rng(order: Order, part: str) -> random.Random:
    """Return the dice of one part: no part's luck hangs on how often another one throws."""
    return random.Random(f"{order.seed} {part}")  # noqa: S311 (shoppers, not secrets)


async def _watch_flag(order: Order, scene: Scene, changes: ChangesFile, clock: Keeper) -> None:
    """Follow the flag file, let the scenario answer, and tell what turned."""
    file, other = FlagFile(order.flag_file, order.plan.flag), OtherHand(order.flag_file, order.plan.flag)
    course = Course()
    began, faults = clock.boot(), FaultLog(order.folder / FAULTS)
    while True:
        now, before = (clock.boot() - began) * scene.speed, (scene.flags, scene.effects)
        scene.flags = file.read()
        course = follow(course, scene.flags, now)
        scene.effects = order.scenario(course, now, scene.speed)
        changes.tell(before, (scene.flags, scene.effects), clock.now())
        other.turn(scene.effects.strange)
        faults.note(scene.effects, clock.now())
        await asyncio.sleep(TICK)


def batch(speed: float) -> float:
    """Return for how many seconds documents come together before they are written: as a real client would batch."""
    return min(max(BATCH / speed, TICK), LONGEST_BATCH)


async def _write(backoffice: Backoffice, records: Records, speed: float, clock: Keeper) -> None:
    """Let the back office work and write what came together; a group cancels once, and the driver may swallow it."""
    us = asyncio.current_task()
    while us is not None and not us.cancelling():
        await backoffice.work(clock.now())
        with clock.waiting("records", max(WRITTEN / speed, TICK), FORGIVEN):
            await records.flush()
        await asyncio.sleep(batch(speed))


def _hear(loop: asyncio.AbstractEventLoop, clock: Keeper) -> None:
    """Hear where the clock is to be told: the session is made once the world is there. Its end is the watchdog's."""
    said = os.read(0, 65536)
    if not said:
        loop.remove_reader(0)
    elif path := said.decode().strip():
        clock.keep(Path(json.loads(path)))


def _say(words: Mapping[str, str]) -> None:
    """Tell the parent, once, where the world is."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _give_up(why: str) -> int:
    sys.stderr.write(why + "\n")
    return 1


def main() -> int:
    """Read the order and live; 1 with one line on stderr where that is impossible."""
    watchdog = Watchdog()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        return 0  # whoever began to order a world is gone
    try:
        order = order_from(line)
        clock = Keeper(order.plan.speed)
        with asyncio.Runner(loop_factory=clock.loop) as runner:
            runner.run(live(order, watchdog, clock))
    except PyMongoError as error:
        return _give_up(f"no use of the MongoDB server: {clean(error, 90)}")
    except (db.DatabaseError, PortError, OSError) as error:
        return _give_up(clean(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
