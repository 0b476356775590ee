"""The command source with real programs: what they print is read, however they end nothing of them is left."""

import asyncio
import os
import sys
import time

import psutil
import pytest

from cockpit.runtime.finding import Sight
from cockpit.settings.models.json_answers import Command
from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.command import OUTPUT_LIMIT, open_source
from sessions.values.readings import Tickets
from tests.support.build import PLAN, T0
from tests.support.sources.ordering import SLOW, order, spec


def running(*argv, plan=SLOW, topic="queue", timeout=0.0):
    (source,) = open_source(order(plan), Command(topic=topic, argv=argv, timeout=timeout))
    return source


def python(code, **how):
    return running(sys.executable, "-c", code, **how)


async def refused(source):
    with pytest.raises(SourceError) as told:
        await source.read(T0)
    return str(told.value)


async def gone(pid):
    """Wait until a process has ended; a zombie of our own has not, one that init has yet to collect has."""
    deadline = time.monotonic() + 60
    while lives(pid):
        assert time.monotonic() < deadline, psutil.Process(pid).status()
        await asyncio.sleep(0.01)


def lives(pid):
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE or process.ppid() == os.getpid()
    except psutil.NoSuchProcess:
        return False


async def told_pid(path):
    """Wait until a program has written its id."""
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return int(path.read_text())


async def test_what_it_prints_is_read():
    found = await running("/bin/sh", "-c", 'echo "{\\"open\\": 3}"').read(T0)
    assert isinstance(found[0], Tickets)
    assert found[0].open == 3
    assert found[1].ok


async def test_no_shell_reads_the_words_and_the_window_stands_in_them():
    code = "import json, sys; print(json.dumps([dict(endpoint=sys.argv[3], requests=1, errors=0)])) if sys.argv[1:3]"
    code += " == ['$(id)', '2026-11-23T09:55:00Z/2026-11-23T10:00:00Z'] else print(sys.argv)"
    words = ("$(id)", "{start}/{end}", PLAN.endpoints[0])
    found = await running(sys.executable, "-c", code, *words, topic="traffic").read(T0)
    assert found[0].end == T0


async def test_it_has_our_environment_no_input_and_no_terminal(monkeypatch):
    monkeypatch.setenv("COCKPIT_TEST_WORD", "7")
    code = """
import json, os, sys
try:
    os.open("/dev/tty", os.O_RDWR)
except OSError:
    assert sys.stdin.read() == ""
    print(json.dumps({"open": int(os.environ["COCKPIT_TEST_WORD"])}))
"""
    assert (await python(code).read(T0))[0].open == 7


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('first\\n  no \\x1b[31mlogin')", "exit 1: no ^[[31mlogin"),
        ("import sys; sys.exit(3)", "exit 3"),
        ("import os; os.kill(os.getpid(), 9)", "ended by signal 9"),
        ("import sys; sys.stderr.buffer.write(b'\\xff\\xfe' * 50_000); sys.exit(1)", "exit 1: "),
        ("print('nonsense')", "not JSON at line 1, column 1"),
        ("print()", "empty answer"),
        ("import os; os.write(1, os.urandom(999) + b'\\xff')", "not JSON"),
        ("print('{\"open\": NaN}')", "NaN in the JSON is no number"),
        ("print('[' * 100_000)", "JSON nested too deeply"),
    ],
)
async def test_row_44_a_program_that_tells_nothing(code, said):
    found = await refused(python(code))
    assert found.startswith(said)
    assert len(found) < 110
    assert found.isprintable()


async def test_a_program_that_is_missing_or_no_program():
    assert await refused(running("/no/such/program")) == "/no/such/program: No such file or directory"
    assert await refused(running("/")) == "/: Permission denied"


async def test_output_that_never_ends_is_cut_off(tmp_path):
    code = f"import os\nprint(os.getpid(), file=open({str(tmp_path / 'pid')!r}, 'w'), flush=True)\n"
    found = await refused(python(code + "while True: print('x' * 9999)"))
    assert found == f"printed over {OUTPUT_LIMIT:,} bytes"
    await gone(await told_pid(tmp_path / "pid"))


CHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1], "w") as file:
    print(child.pid, file=file, flush=True)
time.sleep(600)
"""


async def test_row_42_at_its_deadline_the_whole_group_ends(tmp_path):
    source = running(sys.executable, "-c", CHILD, str(tmp_path / "pid"), timeout=2)
    assert await refused(source) == "no end in 1.7 s"
    await gone(await told_pid(tmp_path / "pid"))


async def test_whoever_is_cancelled_leaves_no_program_behind(tmp_path):
    others = {child.pid for child in psutil.Process(os.getpid()).children(recursive=True)}
    reading = asyncio.create_task(running(sys.executable, "-c", CHILD, str(tmp_path / "pid")).read(T0))
    pid = await told_pid(tmp_path / "pid")
    ours = psutil.Process(os.getpid()).children(recursive=True)
    children = [child for child in ours if child.pid not in others]
    assert pid in {child.pid for child in children}
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    for child in children:
        await gone(child.pid)


async def test_examining_runs_it_once():
    found = await python("print('{\"open\": 3}')").examine(T0)
    assert [(item.sight, item.what) for item in found] == [(Sight.GOOD, "desk")]


def test_the_settings_say_the_rest():
    (source,) = open_source(order(PLAN), spec("command", 'argv = ["x"]\ntopic = "csat"\nevery = "9s"\ntimeout = "4s"'))
    assert (source.name, source.interval, source.deadline) == ("desk", 9, 4)
