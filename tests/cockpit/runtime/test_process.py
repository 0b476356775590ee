"""A program that is run: what it prints, how it ends, and that nothing of it stays."""

import asyncio
import contextlib
import subprocess
import sys
import uuid
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.demo.world.tether import surroundings
from cockpit.runtime.subprocess import Ended, _Lines, _Tail, run_lines, run_printing, run_program
from cockpit.settings.schema.secrets import Secrets

PATIENCE = 60.0


def python(text):
    return [sys.executable, "-c", text]


async def lines_of(argv, patience=PATIENCE, limit=1_000_000):
    lines = []
    ended = await run_lines(argv, patience, lines.append, limit)
    return ended, lines


async def until(true):
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - the system tells nobody
            await asyncio.sleep(0.01)


async def gone(pid):
    await until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


async def test_lines_come_cleaned_from_both_streams_and_the_exit_is_told():
    text = "import sys; print('one\\n\\x1b[2Jtwo'); print('err', file=sys.stderr); sys.stdout.write('end'); sys.exit(3)"
    ended, lines = await lines_of(python(text))
    assert ended == Ended(3)
    assert sorted(lines) == ["^[[2Jtwo", "end", "err", "one"]


async def test_a_line_is_told_while_the_program_still_runs():
    heard, lines = asyncio.Event(), []

    def on_line(line):
        lines.append(line)
        heard.set()

    text = "import time; print(1, flush=True); time.sleep(600)"
    run = asyncio.ensure_future(run_lines(python(text), PATIENCE, on_line, 1000))
    async with asyncio.timeout(PATIENCE):
        await heard.wait()
    assert (lines, run.done()) == (["1"], False)
    run.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await run


async def test_whoever_asks_a_question_gets_no_answer():
    ended, lines = await lines_of(python("input()"))
    assert ended == Ended(1)
    assert lines[-1] == "EOFError: EOF when reading a line"


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["/nonexistent/program"], "/nonexistent/program: No such file or directory"),
        (["a\0b"], "a^@b: embedded null byte"),
    ],
)
async def test_a_program_that_cannot_be_run_says_so(argv, reason):
    assert await lines_of(argv) == (Ended(None, reason, begun=False), [])


async def test_a_timeout_ends_the_whole_group():
    ours = f"600.{uuid.uuid4().int}"
    ended, _ = await lines_of(["sh", "-c", f"sleep {ours} & sleep {ours}"], patience=0.3)
    assert ended == Ended(None, "no end in 0.3 s")
    await until(lambda: not any(ours in (each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])))


async def test_a_cancelled_run_leaves_nothing():
    heard, pids = asyncio.Event(), []

    def on_line(line):
        pids.append(int(line))
        heard.set()

    text = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    run = asyncio.ensure_future(run_lines(python(text), PATIENCE, on_line, 1000))
    async with asyncio.timeout(PATIENCE):
        await heard.wait()
    run.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await run
    assert not psutil.pid_exists(pids[0])  # reaped, not a zombie


async def test_what_a_program_leaves_running_ends_with_it_and_its_pipes_are_not_waited_for():
    text = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid)
"""
    ended, lines = await lines_of(python(text))
    assert ended == Ended(0)
    await gone(int(lines[0]))


async def test_one_that_leaves_the_group_keeps_nobody_waiting():
    text = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid)
"""
    ended, lines = await lines_of(python(text))
    psutil.Process(int(lines[0])).kill()
    assert ended == Ended(0)


async def test_output_that_never_ends_is_ended():
    ended, lines = await lines_of(python("while True: print('y' * 10)"), limit=300_000)
    assert ended == Ended(None, "printed over 300,000 bytes")
    assert 0 < len(lines) <= 300_000 / 11


async def test_of_a_flood_only_the_last_lines_are_told():
    ended, lines = await lines_of(python("print('y\\n' * 100_000, end='last')"))
    assert ended == Ended(0)
    assert len(lines) < 50_000
    assert lines[-1] == "last"


async def test_garbage_is_text_and_of_a_line_without_end_the_beginning_is_told():
    _, lines = await lines_of(python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe\\n' + b'x' * 50_000)"))
    assert lines[0] == "\ufffd\ufffd"
    assert lines[1:] == ["x" * 399 + "…"]


async def test_a_program_is_let_go_of_also_where_its_caller_is_cancelled_twice(monkeypatch):
    made, begun = [], asyncio.Event()
    loop = asyncio.get_running_loop()
    real = loop.subprocess_exec

    async def kept(*words, **options):
        pair = await real(*words, **options)
        made.append(pair[0])
        begun.set()
        return pair

    monkeypatch.setattr(loop, "subprocess_exec", kept)
    run = asyncio.create_task(run_printing(python("import time; time.sleep(60)"), 60.0, 100))
    await begun.wait()
    await asyncio.sleep(0)
    run.cancel()
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert [transport.is_closing() for transport in made] == [True]
    ended: Any = made[0]
    await asyncio.wait_for(ended._wait(), 60)  # the system tells of its end a moment later


CANARY = "k7#Zq9w!Rt4mLp0v"


def shows_some(text):
    """Whether four letters of the secret that stand together can be seen."""
    return any(CANARY[at : at + 4] in text for at in range(len(CANARY) - 3))


@pytest.mark.slow
@given(
    st.sampled_from([0, 1, 60, 70, 78, 390, 396, 1590, 4080, 4090, 4096, 9000]),
    st.sampled_from([0, 3, 300, 4090, 4096, 8190]),
    st.sampled_from(["x", "\U0001d518", " ", "\u00e4", "\r"]),
    st.integers(1, 5000),
)
def test_no_cut_lets_a_part_of_a_secret_through(before, after, filling, piece):
    """Masked is what is told; so it must never begin in the middle of a secret, nor end there unseen."""
    secrets = Secrets({})
    secrets.keep(CANARY)
    whole = f"first\n{filling * before}{CANARY}{filling * after}".encode()
    heard, complaint = [], _Tail()
    lines = _Lines(heard.append)
    for at in range(0, len(whole), piece):
        complaint.take(whole[at : at + piece])
        lines.take(whole[at : at + piece])
    lines.finish()
    assert not any(shows_some(secrets.scrub(text)) for text in (*heard, complaint.last))


async def test_bytes_of_both_streams_come_as_they_are():
    out, errors = [], []
    text = "import sys; sys.stdout.buffer.write(b'{\\n}'); sys.stderr.write('why')"
    ended = await run_program(python(text), PATIENCE, out.append, errors.append, 100)
    assert (ended, b"".join(out), b"".join(errors)) == (Ended(0), b"{\n}", b"why")


def test_a_killed_cockpit_takes_its_programs_along_with_all_they_started():
    ours = f"600.{uuid.uuid4().int}"
    text = f"""
import asyncio, sys
from cockpit.runtime.subprocess import run_lines
def say(line):
    print(line, flush=True)
asyncio.run(run_lines(["sh", "-c", "sleep {ours} & echo up; sleep {ours}"], 600, say, 99))
"""
    with subprocess.Popen(python(text), env=surroundings(), stdout=subprocess.PIPE) as cockpit:
        assert cockpit.stdout.readline() == b"up\n"
        cockpit.kill()
    asyncio.run(
        until(lambda: not any(ours in (each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])))
    )
