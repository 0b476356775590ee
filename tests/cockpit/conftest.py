"""A MongoDB-wire server for the tests: yours by COCKPIT_TEST_MONGO_URI, else one child process per run. And a home."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid

import psutil
import pytest
from pymongo import MongoClient, WriteConcern

from cockpit.sources.database.client import mongo_client

LOGINS = {"reader": "read", "writer": "readWrite", "owner": "dbOwner", "nobody": None}


class Server:
    """A SecantusDB child on a free port, ended by its pid."""

    def __init__(self, folder, *options):
        self.folder, self.options = folder, options
        self.port = free_port()
        self.uri = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        self.start()

    def start(self):
        (self.folder / "empty.toml").touch()
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--storage-path", str(self.folder / "data")]
        quiet = ["--config", str(self.folder / "empty.toml"), "--cache-size", "128M", "--enable-test-commands"]
        with (self.folder / "server.log").open("ab") as log:
            command = [sys.executable, "-m", "secantus", *place, *quiet, *self.options]
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.await_port()

    def await_port(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.child.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError((self.folder / "server.log").read_text("utf-8", "replace")[-2000:])

    def signal(self, number):
        os.kill(self.child.pid, number)
        while number == signal.SIGSTOP and psutil.Process(self.child.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.01)

    def end(self):
        if self.child.poll() is None:
            self.signal(signal.SIGCONT)
            self.child.kill()
        self.child.wait(60)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory):
    given = os.environ.get("COCKPIT_TEST_MONGO_URI")
    if given:
        yield given
        return
    server = Server(tmp_path_factory.mktemp("mongo"))
    yield server.uri
    server.end()


def owned():
    """Skip what ends or spoils its server where that is somebody's."""
    if os.environ.get("COCKPIT_TEST_MONGO_URI"):
        pytest.skip("this test ends its server, and COCKPIT_TEST_MONGO_URI is somebody's")


@pytest.fixture
def own_server(tmp_path):
    """A server that the test may kill, stop or spoil."""
    owned()
    server = Server(tmp_path)
    yield server
    server.end()


@pytest.fixture(scope="session")
def guarded(tmp_path_factory):
    """A server that asks for a login; its users are called by what they may do. Ask for it in one group of xdist."""
    owned()
    server = Server(tmp_path_factory.mktemp("guarded"))
    with MongoClient(server.uri) as client:
        for name, role in LOGINS.items():
            roles = [{"role": role, "db": "shop"}] if role else []
            client.shop.command("createUser", name, pwd="pw", roles=roles, mechanisms=["SCRAM-SHA-256"])
        # What is in the server's journal before this is there when it begins again.
        client.shop.capsules.with_options(write_concern=WriteConcern(j=True)).insert_one({"status": "held"})
    server.end()
    server.options = ("--auth",)
    server.start()
    yield server
    server.end()


@pytest.fixture
def mongo_base(mongo_uri):
    """The name of a database that is the test's own, dropped afterwards."""
    name = f"cockpit_test_{uuid.uuid4().hex}"
    with MongoClient(mongo_uri, serverSelectionTimeoutMS=5000) as client:
        assert name not in client.list_database_names()
        yield name
        client.drop_database(name)


@pytest.fixture
async def mongo(mongo_uri):
    """The cockpit's own client."""
    client = mongo_client(mongo_uri)
    yield client
    await client.close()


@pytest.fixture
async def base(mongo, mongo_base):
    return mongo[mongo_base]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the test's own sessions live."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def held():
    """The rights to watch that the test takes, given back at its end."""
    rights = []
    yield rights
    for right in rights:
        right.release()


@pytest.fixture(autouse=True, scope="session")
def _nobodys_settings(tmp_path_factory):
    """No settings file of whoever runs the tests is found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("nobodys-config")))
        yield
