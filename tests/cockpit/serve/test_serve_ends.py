"""A server ends, whoever hears of it and whenever it is told: with its code, with every process, and in silence."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import psutil
import pytest

from sessions.storage.folders import SESSION
from sessions.values.entries import Draft
from tests.support.peers.served import need_serve
from tests.support.processes.terminal import Terminal
from tests.support.watch.watching import made, put

pytestmark = [pytest.mark.timeout(170)]
ROOT = Path(__file__).parents[3]
SIGNALS = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]
ADDRESS = re.compile(rb"http://\S+")
LOST = {
    "stdout closed": (">&-", "stdout: is closed"),
    "stdin too": ("<&- >&-", "stdout: is closed"),
    "all closed": ("<&- >&- 2>&-", None),
    "full": (">/dev/full", "stdout: cannot be written (No space left on device)"),
    "both full": (">/dev/full 2>&1", None),
    "stderr closed, stdout full": (">/dev/full 2>&-", None),
}


@pytest.fixture
def folder(tmp_path):
    need_serve()
    return made(tmp_path / "one", percent=10)


def command(folder, shut=""):
    return ["sh", "-c", f'exec "$@" {shut}', "sh", sys.executable, "-m", "cockpit", "serve", str(folder)]


@pytest.mark.parametrize(("shut", "why"), LOST.values(), ids=LOST)
def test_an_address_that_nobody_can_read_serves_nobody(folder, shut, why):
    done = subprocess.run(command(folder, shut), capture_output=True, text=True, timeout=100, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert done.stdout == ""
    said = f"cockpit: {why}: nobody reads the address, so nothing is served\n" if why else ""
    assert done.stderr == said


def test_a_pipe_without_a_reader_serves_nobody(folder):
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as nobody:
        pipes = {"stdout": nobody, "stderr": subprocess.PIPE, "text": True}
        done = subprocess.run(command(folder), timeout=100, check=False, cwd=ROOT, **pipes)
    assert (done.returncode, done.stderr.count("\n"), "Broken pipe" in done.stderr) == (2, 1, True)


@pytest.mark.parametrize("shut", ["2>&-", "2>/dev/full", "<&-", "<&- 2>&-"])
@pytest.mark.parametrize("end", [signal.SIGTERM, None], ids=["by a signal", "with its session"])
def test_a_lost_stdin_or_stderr_changes_nothing(folder, shut, end):
    with subprocess.Popen(command(folder, shut), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as server:
        assert ADDRESS.search(server.stdout.readline())
        if end is None:
            put(folder, 10, Draft("session.concluded", "owner", "x", {"evidence": ()}))
        else:
            server.send_signal(end)
        said, errors = server.communicate(timeout=60)
    assert (server.returncode, errors) == (0 if end is None else 128 + end, b"")
    assert (b"concluded" in said) is (end is None)


@pytest.fixture
def terminal(folder):
    """A server in a pseudo-terminal of its own, and what shows that it was left as it was."""
    here = Terminal("serve", str(folder), program=("-X", "importtime", "-m", "cockpit"))
    yield here
    here.close()


def offspring(here):
    return psutil.Process(here.pid).children(recursive=True)


def left(here, number, children=()):
    """Everything has ended: the code names the signal, no child is left, the terminal was never touched."""
    assert here.wait(60) in {128 + number, -number}
    assert psutil.wait_procs(children, 60)[1] == []
    assert here.flags() == here.before
    assert b"\x1b" not in here.out
    assert b"Traceback" not in here.out
    assert b"Exception" not in here.out


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("moment", [b"cockpit.cli.outside.serve\r\n", b"textual_serve.app_service", b"http://"])
def test_a_signal_while_it_begins(terminal, number, moment):
    terminal.until(moment, 100)
    os.kill(terminal.pid, number)
    left(terminal, number)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("moment", ["opening", "painted", "leaving", "twice"])
async def test_a_signal_while_somebody_looks(terminal, number, moment):
    await asyncio.to_thread(terminal.until, b"/\r\n", 100)
    address = ADDRESS.search(terminal.out)[0].decode()
    async with aiohttp.ClientSession() as client, client.ws_connect(f"{address}ws?width=80&height=24") as socket:
        while moment != "opening" and b"Gate to" not in (await socket.receive_bytes(timeout=60)):
            pass
        children = offspring(terminal)
        if moment == "leaving":
            await socket.close()
        os.kill(terminal.pid, number)
        if moment == "twice":
            os.kill(terminal.pid, number)
        while not socket.closed:
            await socket.receive(timeout=60)
        await asyncio.to_thread(left, terminal, number, children)


def test_a_hangup_is_passed_over_where_the_caller_asked_for_that(folder):
    argv = ["nohup", *command(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as server:
        assert ADDRESS.search(server.stdout.readline())
        server.send_signal(signal.SIGHUP)
        put(folder, 10, Draft("session.concluded", "owner", "x", {"evidence": ()}))
        assert server.wait(60) == 0


@pytest.mark.parametrize("gone", ["deleted", "moved"])
def test_it_ends_where_its_session_is_gone(folder, gone):
    with subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as server:
        assert ADDRESS.search(server.stdout.readline())
        if gone == "deleted":
            (folder / SESSION).unlink()
        else:
            folder.rename(folder.with_name("elsewhere"))
        said, errors = server.communicate(timeout=60)
    assert (server.returncode, said, errors) == (0, b"the session is gone\n", b"")
