"""What a look for duplicates costs: through everything, and then only at what is new.

The server is yours by COCKPIT_TEST_MONGO_URI (a database of its own there), else the secantusd-rs that
COCKPIT_BENCH_SECANTUS_RS names; without either SecantusDB's Python server on far fewer documents.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from pymongo import MongoClient
from tools.row import Row

from cockpit.sources.database.client import Document, mongo_client
from cockpit.sources.database.database import Base
from cockpit.sources.interface.budget import Budget
from cockpit.sources.mongo.duplicates.business_keys import Shelf
from cockpit.sources.mongo.duplicates.incremental import IncrementalScan

LARGE, SMALL = (100_000, 1_000_000), (500, 5_000)
NEW = 100
LOOKS = 11
_BATCH = 5000
_PYTHON = "SecantusDB (Python)"


def measure(rounds: int) -> list[Row]:
    """Measure both sizes on one server, several looks each; a single round only proves that it works."""
    with _server() as (uri, name):
        sizes = LARGE if name != _PYTHON and rounds > 1 else SMALL
        (first, few), (whole, many) = (asyncio.run(_measured(uri, size, max(rounds, LOOKS))) for size in sizes)
    small, large = (f"{size:,} documents" for size in sizes)
    looked = f"{NEW} new documents each, {name}"
    return [
        Row("First look for duplicates, small", 1000 * first, "ms", "", f"{small}, {name}"),
        Row("First look for duplicates, large", 1000 * whole, "ms", "", f"{large}, {name}"),
        Row("Later look for duplicates, small", 1000 * median(few), "ms", "", looked),
        Row("Later look for duplicates, large", 1000 * median(many), "ms", "", looked),
        Row("Later look, large to small", median(many) / median(few), "x", "about 1", f"{large} to {small}"),
    ]


async def _measured(uri: str, size: int, looks: int) -> tuple[float, list[float]]:
    """Return the seconds of the look through everything, and of each later one."""
    client = mongo_client(uri)
    base, now = client[f"cockpit_test_{uuid.uuid4().hex}"], datetime.now(UTC)
    orders, shelf = base["orders"], Shelf(Base(base, Budget(), 30.0)["orders"], ("orderId",), "made")
    _fill(uri, base.name, size, now)

    async def count(_documents: object) -> int:
        return size

    scan = IncrementalScan(shelf, 3600.0, 180.0, 60.0, asyncio.Semaphore())
    try:
        begun = time.perf_counter()
        await scan.look(now, size, count)
        await scan.wait(600)
        whole, later = time.perf_counter() - begun, list[float]()
        found = scan.copies(now, size)
        assert found is not None
        assert found.duplicates == 1
        for turn in range(looks):
            at = now + timedelta(seconds=60 * (turn + 1))
            await orders.insert_many(_documents(range(size + turn * NEW, size + (turn + 1) * NEW), at))
            begun = time.perf_counter()
            await scan.look(at, size, count)
            later.append(time.perf_counter() - begun)
        assert scan._begun == now, "none of them looked through everything"
    finally:
        await scan.aclose()
        await client.close()
        with MongoClient[Document](uri) as other:
            other.drop_database(base.name)
    return whole, later


def _fill(uri: str, base: str, size: int, until: datetime) -> None:
    """Write documents with two indexes, one every half a second up to `until`, one of them twice."""
    with MongoClient[Document](uri) as client:
        orders = client[base]["orders"]
        orders.create_index("orderId")
        orders.create_index("made")
        for start in range(0, size, _BATCH):
            batch = _documents(range(start, min(start + _BATCH, size)), until)
            for document in batch:
                document["made"] -= timedelta(seconds=(size - int(document["orderId"][1:])) / 2)
            orders.insert_many(batch)
        orders.update_one({"orderId": "o1"}, {"$set": {"orderId": "o2"}})


def _documents(numbers: range, made: datetime) -> list[Document]:
    return [{"orderId": f"o{number}", "made": made, "shopperId": f"s{number % 5000}"} for number in numbers]


@contextmanager
def _server() -> Iterator[tuple[str, str]]:
    """Yield the address of a server and what it is."""
    if given := os.environ.get("COCKPIT_TEST_MONGO_URI"):
        yield given, "your server"
        return
    program = os.environ.get("COCKPIT_BENCH_SECANTUS_RS")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        (Path(folder) / "empty.toml").touch()
        kind = [program, "--log-file-max", "64MB"] if program else [sys.executable, "-m", "secantus"]
        place = ["--port", str(port), "--storage-path", f"{folder}/data", "--config", f"{folder}/empty.toml"]
        child = subprocess.Popen(
            [*kind, *place, "--cache-size", "1G"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _await(port, child)
            yield f"mongodb://127.0.0.1:{port}/?directConnection=true", "secantusd-rs" if program else _PYTHON
        finally:
            child.kill()
            child.wait()


def _await(port: int, child: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("the server did not start")
