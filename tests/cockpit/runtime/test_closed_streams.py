"""Commands whose stdin, stdout or stderr is closed, full or read by nobody: a line or silence, and the same code."""

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from tests.support.sessions.forged import course, forged

COMMANDS = {
    "status": 0,
    "check": 30,
    "export": 0,
    "open": 2,
    "task list": 0,
    "doctor": 20,
    "note hello": 0,
}
WRITES = {"export": ["report.exported"], "note hello": ["note.written"]}
ENDS = [ends for many in (1, 2, 3) for ends in combinations((0, 1, 2), many)]


@pytest.fixture
def one(home):
    return forged(home / "one" / SESSION, course()).parent


def ran(words, folder=(), ends=(), **streams):
    """Run a command with those of its streams closed, as a shell does it."""
    shut = " ".join(("<&-", ">&-", "2>&-")[end] for end in ends)
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [
        "sh",
        "-c",
        f'exec "$@" {shut}',
        "sh",
        sys.executable,
        "-m",
        "cockpit",
        *words.split(),
        *map(str, folder),
    ]
    return subprocess.run(command, text=True, timeout=60, check=False, cwd=Path(__file__).parents[3], **streams)


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("ends", ENDS, ids=lambda ends: "".join(map(str, ends)))
def test_row_12_closed_streams_end_in_a_line_or_in_silence(one, words, ends):
    ended = ran(words, [one], ends)
    assert ended.returncode == COMMANDS[words], ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "Exception" not in ended.stderr
    assert len(ended.stderr.splitlines()) <= 1, ended.stderr
    found = load(one / SESSION)
    assert (found.damage, found.torn) == (None, b"")
    assert [entry.kind for entry in found.entries[5:]] == WRITES.get(words, [])


@pytest.mark.parametrize("words", ["status", "sessions", "keys", "--version"])
def test_row_12_a_stdout_that_takes_nothing_is_a_line_and_no_success(one, words):
    with Path("/dev/full").open("w") as full:
        ended = ran(words, [one] if words == "status" else (), stdout=full)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert "No space left on device" in ended.stderr


def test_what_was_done_is_said_to_be_done_where_stdout_takes_nothing(one):
    with Path("/dev/full").open("w") as full:
        ended = ran("export", [one], stdout=full)
    assert ended.returncode == 0
    assert ended.stderr.startswith(
        "cockpit: stdout: cannot be written (No space left on device); what was done is done"
    )
    assert load(one / SESSION).entries[-1].kind == "report.exported"


@pytest.mark.parametrize("words", ["status", "nope"])
def test_a_stderr_that_takes_nothing_changes_no_code(one, words):
    with Path("/dev/full").open("w") as full:
        assert ran(words, [one], stderr=full).returncode == (2 if words == "nope" else 0)


def test_a_reader_that_has_seen_enough_is_no_error(one):
    reads, writes = os.pipe()
    os.close(reads)
    ended = ran("status", [one], stdout=writes)
    os.close(writes)
    assert (ended.returncode, ended.stderr) == (1, "")
