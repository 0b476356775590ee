"""The demo's database: a SecantusDB child on a free port, or a server of yours; its indexes and its end."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from os import getpid
from pathlib import Path

from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from cockpit.demo.world.document_writer import Document
from cockpit.demo.world.shop import KEYS
from cockpit.demo.world.tether import surroundings

INDEXES: dict[str, Sequence[Sequence[tuple[str, int]]]] = {
    "analytics_events": [[("journey", 1), ("ts", 1)], [("ts", 1)]],
    "stylistTickets": [[("status", 1), ("createdAt", 1)]],
    "capsules": [[("status", 1), ("expiresAt", 1)]],
    "returns": [[("status", 1), ("updatedAt", 1)]],
    "csat": [[("ts", 1)]],
    "request_log": [[("ts", 1)]],
    "exposures": [[("flag", 1), ("ts", 1)], [("ts", 1)]],
    "triage_log": [[("level", 1), ("ts", 1)], [("ts", 1)]],
}
"""What is polled, and what is pruned."""

START_SECONDS = 15.0
_TRIES = 3


class DatabaseError(Exception):
    """The database did not start; the text is one line for the owner."""


class Server:
    """A SecantusDB child process in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    async def start(self) -> str:
        """Start it and return its URI once it listens; try another port if its own is taken. Raises DatabaseError."""
        for _ in range(_TRIES):
            port = free_port()
            self._child = self._spawn(port)
            if await _listens(self._child, port):
                return f"mongodb://127.0.0.1:{port}/?directConnection=true"
            self.end()
        raise DatabaseError("SecantusDB did not start, see world.log, or set COCKPIT_MONGO_URI to a server of yours")

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        """Start the child; the empty settings file keeps settings of other servers out."""
        settings = self._folder / "secantusd.toml"
        settings.touch()
        tether = [sys.executable, "-P", "-m", "cockpit.demo.world.tether", str(getpid())]
        server = [sys.executable, "-P", "-m", "secantus", "--host", "127.0.0.1", "--port", str(port)]
        options = ["--storage-path", str(self._folder / "mongo"), "--cache-size", "256M"]
        quiet = ["--config", str(settings), "--log-level", "WARNING"]
        return subprocess.Popen(  # noqa: S603 (our own interpreter)
            [*tether, *server, *options, *quiet],
            stdin=subprocess.DEVNULL,
            stdout=sys.__stderr__,
            env=surroundings(),
        )

    def end(self) -> None:
        """Kill the child: what it holds is thrown away anyway."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listens(child: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until somebody accepts on `port`; False when the child ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.03)
        else:
            writer.close()
            return child.poll() is None
    return False


def client(uri: str) -> AsyncMongoClient[Document]:
    """Return the world's own client. Raises PyMongoError for a URI that is none."""
    return AsyncMongoClient(uri, timeoutMS=15000, serverSelectionTimeoutMS=1500, appname="cockpit-demo", tz_aware=True)


async def index(database: AsyncDatabase[Document]) -> None:
    """Create the indexes of what is polled. Raises PyMongoError."""
    keyed = {name: [[(field, 1) for field in fields]] for name, fields in KEYS.items()}
    for name in INDEXES.keys() | keyed.keys():
        keys = [*INDEXES.get(name, ()), *keyed.get(name, ())]
        await database[name].create_indexes([IndexModel(list(fields)) for fields in keys])
