"""The demo's own SecantusDB child, and records on their way into it."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import uuid

import psutil
import pytest
from pymongo import AsyncMongoClient

from cockpit.demo.world import database as db
from cockpit.demo.world.document_writer import LIMIT, Records
from cockpit.demo.world.seed import past
from cockpit.demo.world.shop import KEYS
from tests.support.build import PLAN, T0

KEY = {"shopperId": "s1", "lookId": "l1"}


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    server = db.Server(tmp_path_factory.mktemp("secantus"))
    yield asyncio.run(server.start())
    server.end()


@pytest.fixture
async def database(uri):
    async with db.client(uri) as client:
        name = f"cockpit_test_{uuid.uuid4().hex}"
        yield client[name]
        await client.drop_database(name)


async def test_the_past_and_its_indexes_fill_a_database(database):
    seed, records = past(PLAN, random.Random(1), T0), Records(database, 0)
    await db.index(database)
    await records.fill(seed)
    counts = {name: await database[name].count_documents({}) for name in seed}
    assert counts == {name: len(documents) for name, documents in seed.items()}
    assert records.total == sum(counts.values())
    for name, fields in KEYS.items():
        indexes = await database[name].index_information()
        assert [(field, 1) for field in fields] in [list(index["key"]) for index in indexes.values()]


async def test_what_is_pending_is_written_once_and_together(database):
    records = Records(database, 0)
    assert records.insert("csat", {"score": 5, "ts": T0})
    assert records.upsert("capsules", KEY, {"status": "held"})
    records.update("csat", {"score": 5}, {"score": 4})
    assert await database.capsules.count_documents({}) == 0
    for _ in range(2):
        await records.flush()
    assert [doc["score"] async for doc in database.csat.find()] == [4]
    assert await database.capsules.count_documents(KEY) == 1
    assert records.total == 2


async def test_an_upsert_finds_what_is_there_already(database):
    await database.capsules.insert_one({**KEY, "status": "released"})
    records = Records(database, 1)
    records.upsert("capsules", KEY, {"status": "held"})
    await records.flush()
    assert [doc["status"] async for doc in database.capsules.find(KEY)] == ["released"]


async def test_deleting_gives_room_back(database):
    records = Records(database, LIMIT - 2)
    assert records.insert("csat", {"score": 5})
    assert records.insert("csat", {"score": 1})
    assert not records.insert("csat", {"score": 3})
    await records.flush()
    assert await records.delete("csat", {"score": {"$lt": 3}}) == 1
    assert records.total == LIMIT - 1
    assert records.insert("csat", {"score": 3})


async def test_a_dead_server_makes_records_wait_row_61(tmp_path):
    server = db.Server(tmp_path)
    async with AsyncMongoClient(await server.start(), timeoutMS=300, serverSelectionTimeoutMS=300) as client:
        records = Records(client["cockpit_test"], 0)
        server.end()
        records.insert("csat", {"score": 5})
        await records.flush()
        assert not records.healthy
        assert len(records._pending["csat"]) == 1
        assert await records.delete("csat", {}) == 0


async def test_the_server_ends_with_its_owner_and_leaves_no_process(tmp_path):
    server = db.Server(tmp_path)
    await server.start()
    child = psutil.Process(server._child.pid)
    assert "secantus" in " ".join(child.cmdline())
    server.end()
    assert not child.is_running()


async def test_a_port_that_is_taken_is_tried_anew(tmp_path, monkeypatch, uri):
    taken, free = int(uri.split(":")[2].split("/")[0]), db.free_port()
    ports = iter((taken, free))
    monkeypatch.setattr(db, "free_port", lambda: next(ports))
    monkeypatch.setattr(db, "_listens", patient(db._listens, taken))
    server = db.Server(tmp_path)
    try:
        assert str(free) in await server.start()
    finally:
        server.end()


def patient(listens, taken):
    """Let the child on the taken port end before it is asked."""

    async def wait(child, port):
        if port == taken:
            await asyncio.to_thread(child.wait)
        return await listens(child, port)

    return wait


async def test_a_server_that_never_listens_is_told_in_one_line(tmp_path, monkeypatch):
    async def never(*_):
        return False

    monkeypatch.setattr(db, "_listens", never)
    with pytest.raises(db.DatabaseError, match="COCKPIT_MONGO_URI"):
        await db.Server(tmp_path).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_tethered_program_dies_with_its_parent():
    script = (
        "import os, subprocess, sys\n"
        "argv = [sys.executable, '-m', 'cockpit.demo.world.tether', str(os.getpid())]\n"
        "child = subprocess.Popen([*argv, sys.executable, '-c', 'print(1, flush=True); input()'],\n"
        "                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
        assert psutil.wait_procs([child], timeout=60)[1] == []


def test_a_tether_without_its_parent_starts_nothing():
    if sys.platform != "linux":
        pytest.skip("only Linux ends a child with its parent")
    argv = [sys.executable, "-m", "cockpit.demo.world.tether", "1", sys.executable, "-c", "print('alive')"]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
