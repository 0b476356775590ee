"""A real Unleash on a PostgreSQL of its own, both children on free ports, ended by their pids."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cockpit.demo.prometheus_child import is_ready, tethered
from cockpit.demo.world.database import free_port
from tests.support.peers.unleash_peer import ADMIN, CLIENT


def postgres_programs():
    """Return the folder with PostgreSQL's programs, the newest of Debian's first."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    folders = [*debian, *map(Path, os.get_exec_path())]
    programs = ("initdb", "postgres", "psql")
    return next((path for path in folders if all((path / name).exists() for name in programs)), None)


def needed():
    """Return the two programs; without them the test is skipped aloud."""
    unleash, postgres = shutil.which("unleash-server"), postgres_programs()
    if unleash is None or postgres is None or shutil.which("node") is None:
        pytest.skip("NOT PROVEN: Unleash needs node, PostgreSQL and what .ci/real puts on PATH")
    return unleash, postgres


@contextmanager
def unleash():
    """Yield the address of an Unleash that nobody else uses."""
    program, postgres = needed()
    with tempfile.TemporaryDirectory(prefix="unleash-") as name:
        folder = Path(name)
        with _database(folder, postgres) as port, _server(folder, program, port) as url:
            yield url


@contextmanager
def _database(folder, programs):
    """PostgreSQL refuses to be root's: then it is nobody's."""
    as_nobody, owner = [], None
    if os.geteuid() == 0:
        owner = pwd.getpwnam("nobody")
        as_nobody = [shutil.which("setpriv"), f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        folder.chmod(0o755)
    base = folder / "base"
    base.mkdir(0o700)
    if owner:
        os.chown(base, owner.pw_uid, owner.pw_gid)
    made = [*as_nobody, programs / "initdb", "-D", base / "data", "-A", "trust", "-U", "unleash", "--no-sync"]
    subprocess.run(made, check=True, capture_output=True, timeout=60, cwd=base if not owner else "/")
    port = free_port()
    held = [*as_nobody, "--pdeathsig", "KILL"] if as_nobody else []
    options = ["-D", base / "data", "-k", base, "-h", "127.0.0.1", "-p", port, "-F"]
    child = tethered([str(word) for word in (*held, programs / "postgres", *options)], folder / "postgres.log")
    try:
        create = [programs / "psql", "-h", "127.0.0.1", "-p", str(port), "-U", "unleash", "-c", "create database flags"]
        _until_done([*map(str, create), "postgres"], child, folder / "postgres.log")
        yield port
    finally:
        child.send_signal(signal.SIGINT)  # PostgreSQL ends its sessions, and itself
        child.wait(60)


def _until_done(command, child, log):
    for _ in range(600):
        if subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0:
            return
        try:
            child.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError(log.read_text("utf-8", "replace")[-2000:])


@contextmanager
def _server(folder, program, database):
    port = free_port()
    place = {"HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(port), "DATABASE_HOST": "127.0.0.1", "DATABASE_SSL": "false"}
    base = {"DATABASE_PORT": str(database), "DATABASE_NAME": "flags", "DATABASE_USERNAME": "unleash"}
    tokens = {"INIT_ADMIN_API_TOKENS": ADMIN, "INIT_CLIENT_API_TOKENS": CLIENT}
    quiet = {"CHECK_VERSION": "false", "SEND_TELEMETRY": "false", "LOG_LEVEL": "warn", "DATABASE_PASSWORD": "none"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (place | base | tokens | quiet).items():
            patch.setenv(name, value)
        child = tethered([program], folder / "unleash.log")
    try:
        assert is_ready(child, f"http://127.0.0.1:{port}/health"), (folder / "unleash.log").read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.kill()
        child.wait(60)


class Admin:
    """Another hand: somebody at Unleash's own screens."""

    def __init__(self, url):
        self._web = httpx.Client(
            base_url=f"{url}/api/admin", headers={"authorization": ADMIN}, trust_env=False, timeout=20
        )

    def ask(self, method, path, document=None):
        answer = self._web.request(method, path, json=document)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def make(self, name, *strategies, enabled=True):
        """Create a feature with these strategies in development."""
        self.ask("POST", "/projects/default/features", {"name": name, "type": "release"})
        where = f"/projects/default/features/{name}/environments/development"
        for each in strategies:
            self.ask("POST", f"{where}/strategies", each)
        if enabled:
            self.ask("POST", f"{where}/on")

    def strategies(self, name):
        return self.ask("GET", f"/projects/default/features/{name}/environments/development/strategies")

    def close(self):
        self._web.close()
