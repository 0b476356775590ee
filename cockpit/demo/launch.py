"""Starting and ending the demo world from the cockpit: one child process on a leash.

Nothing of the `demo` extra is imported here; the child does that.
"""

import atexit
import contextlib
import difflib
import json
import os
import select
import signal
import subprocess
import sys
import time
import uuid
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from cockpit.demo.temp_folder import claimed, removed, sweep
from cockpit.demo.world.flag_file import first_text
from cockpit.demo.world.scenarios import SCENARIOS
from cockpit.demo.world.tether import surroundings
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.leash import LEASH
from sessions.plan.model import Plan
from sessions.text.clean import clean

READY_SECONDS = 30.0
END_SECONDS = 6.0
MISSING = "the demo needs its extra: pip install 'cockpit[demo]'"
NO_WHEEL = "the demo's database knows Python 3.11 to 3.13: use one, or set COCKPIT_MONGO_URI to a MongoDB of yours"


class DemoError(BadInputError):
    """The demo cannot start; the text is one line for the owner."""


class Address(Struct, frozen=True):
    """Where the world is: what the sources watch and what the flag writer writes."""

    metrics_url: str
    mongo_uri: str
    database: str
    flag_file: Path
    folder: Path


class World:
    """The demo world as a child process; a context manager that gives its Address.

    Without `folder` it lives in a temporary one that goes with it; in a given folder the flag file and the log stay.
    Without `mongo_uri` it brings its own server; `port` is the service's, 0 takes a free one.
    Raises DemoError for an unknown scenario.
    """

    def __init__(  # noqa: PLR0913 (a world is ordered whole)
        self,
        plan: Plan,
        scenario: str,
        seed: int,
        folder: Path | None = None,
        mongo_uri: str | None = None,
        *,
        port: int = 0,
    ) -> None:
        check_scenario(scenario)
        self._plan = plan
        self._scenario = scenario
        self._seed = seed
        self._given = folder
        self._uri = mongo_uri or ""
        self._port = port
        self._database = f"cockpit_demo_{uuid.uuid4().hex[:12]}"
        self._folder: Path | None = None
        self._claim: int | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> Address:
        """Start the world and wait until it answers. Raises DemoError."""
        check_extra(with_server=not self._uri)
        sweep(time.time())
        if self._given is not None:
            self._folder = self._given
            LEASH.hold_folder(self._given / "mongo")
        else:
            self._folder, self._claim = claimed()
        atexit.register(self.stop)
        try:
            return self._start(self._folder)
        except BaseException:
            self.stop()
            raise

    def _start(self, folder: Path) -> Address:
        flag_file = folder / "flags.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            flag_file.write_text(first_text(self._plan), "utf-8")
            self._child = self._spawn(folder)
            LEASH.hold_group(self._child.pid, END_SECONDS)
        except OSError as error:
            raise DemoError(clean(f"the demo world cannot start: {error}")) from error
        self._order(self._child, folder, flag_file)
        where = self._ready(self._child, folder / "world.log")
        return Address(where["metrics_url"], where["mongo_uri"], self._database, flag_file, folder)

    def _spawn(self, folder: Path) -> subprocess.Popen[bytes]:
        """Start the child in a session of its own: ctrl+c in the terminal is for the cockpit alone.

        It finds modules where we found them, never in the folder one happens to stand in.
        """
        with (folder / "world.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "cockpit.demo.world"],
                env=surroundings(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                pass_fds=() if self._claim is None else (self._claim,),
            )

    def _order(self, child: subprocess.Popen[bytes], folder: Path, flag_file: Path) -> None:
        order = {
            "plan": self._plan.table,
            "scenario": self._scenario,
            "seed": self._seed,
            "folder": str(folder),
            "flag_file": str(flag_file),
            "database": self._database,
            "uri": self._uri,
            "port": self._port,
            "remove": self._given is None,
        }
        assert child.stdin is not None  # noqa: S101 (a pipe was asked for)
        try:
            child.stdin.write(json.dumps(order, default=dict).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:
            return  # it ended already; its log says why

    def _ready(self, child: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
        """Wait for the child's one line."""
        assert child.stdout is not None  # noqa: S101 (a pipe was asked for)
        if not select.select([child.stdout], [], [], READY_SECONDS)[0]:
            raise DemoError(f"the demo world did not start within {READY_SECONDS:.0f} s: {_last_line(log)}")
        line = child.stdout.readline()
        if not line:
            raise DemoError(f"the demo world did not start: {_last_line(log)}")
        where: dict[str, str] = json.loads(line)
        return where

    def keep_time(self, path: Path) -> None:
        """Let the world tell in a new file how far its clock lies behind. Raises OSError if it cannot be made."""
        path.touch(0o600, exist_ok=False)
        child = self._child
        if child is not None and child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it ended; whoever watches will see it
                child.stdin.write(json.dumps(str(path.absolute())).encode() + b"\n")
                child.stdin.flush()

    def stop(self) -> None:
        """End the world and all it started, and remove what it left. May be called twice."""
        atexit.unregister(self.stop)
        child, self._child = self._child, None
        if child is not None and _end(child) != 0 and self._uri:
            _drop(self._uri, self._database)
        if self._folder is not None:
            removed(self._folder if self._given is None else self._folder / "mongo")
        if self._claim is not None:
            os.close(self._claim)
        self._folder = self._claim = None

    def __enter__(self) -> Address:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def check_scenario(name: str) -> None:
    """Refuse a scenario that does not exist. Raises DemoError naming all, and the nearest."""
    if name in SCENARIOS:
        return
    near = difflib.get_close_matches(name, SCENARIOS, n=1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    raise DemoError(f'unknown scenario "{clean(name, 40)}", {hint}known: {", ".join(SCENARIOS)}')


def check_extra(*, with_server: bool) -> None:
    """Refuse to start without what the demo needs. Raises DemoError saying what to do."""
    if find_spec("aiohttp") is None:
        raise DemoError(MISSING)
    if not with_server or find_spec("secantus") is not None:
        return
    if sys.version_info >= (3, 14):
        raise DemoError(NO_WHEEL)
    raise DemoError(MISSING)


def _drop(uri: str, database: str) -> None:
    """Remove the database of a world that was killed and could not do it itself."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    with contextlib.suppress(PyMongoError, ValueError), MongoClient[dict[str, object]](uri, timeoutMS=1000) as client:
        client.drop_database(database)


def _end(child: subprocess.Popen[bytes]) -> int:
    """Let go of the leash, wait until the child is gone, sweep its process group, and return how it ended.

    The group is swept before the child is reaped: until then its id cannot belong to anybody else.
    """
    assert child.stdin is not None  # noqa: S101 (pipes were asked for)
    assert child.stdout is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError):
        child.stdin.close()
    deadline = time.monotonic() + END_SECONDS
    while (left := deadline - time.monotonic()) > 0 and select.select([child.stdout], [], [], left)[0]:
        if not os.read(child.stdout.fileno(), 4096):
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody may be left in it
        os.killpg(child.pid, signal.SIGKILL)
    LEASH.let_go_group(child.pid)
    child.stdout.close()
    return child.wait()


def _last_line(log: Path) -> str:
    """Return the last line the child wrote, cleaned."""
    try:
        lines = log.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        return "no log"
    return clean(next((line for line in reversed(lines) if line.strip()), "it said nothing"), 200)
