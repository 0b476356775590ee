"""Completion as an owner meets it: a real shell, the line of the page, a word begun, tab, enter."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cockpit.__main__ import run
from cockpit.demo.world.scenarios import SCENARIOS
from tests.support.watch.watching import made

ROOT = Path(__file__).parents[4]
SHELLS = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config", "-i"]}
BEFORE = {"bash": "", "zsh": "autoload -U compinit; compinit -u; ", "fish": ""}
ODD = ["two words", "it's mine", "ob\\ack", "pa$HOME", "qu(ote)", "st;ar*", "ün ï", "wi:th", 'xy"z"']
PAGE = (ROOT / "docs" / "commands.md").read_text("utf-8")


def lines_of_the_page():
    found = re.findall(r"^\| (bash|zsh|fish) \| `.+` \| `([^`]+)` \|$", PAGE, re.MULTILINE)
    return {shell: line.replace(r"\|", "|") for shell, line in found}


@pytest.fixture
def cockpit(tmp_path, monkeypatch):
    """A `cockpit` on the path that completes as ours does, and else writes down what it was called with."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    (tmp_path / "bin").mkdir()
    stub = tmp_path / "bin" / "cockpit"
    ours = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m cockpit "$@"'
    noted = f"""exec "{sys.executable}" -c '
import json, os, sys
draft, path = sys.argv[1] + ".draft", sys.argv[1]
open(draft, "w").write(json.dumps(sys.argv[2:])), os.replace(draft, path)' "{tmp_path / "called"}" "$@" """
    stub.write_text(
        f'#!/bin/sh\nif [ -n "$_ARGCOMPLETE" ] || [ "$1" = completion ]; then {ours}; fi\n{noted}\n', "utf-8"
    )
    stub.chmod(0o755)
    return tmp_path


def in_shell(shell, folder, typed):
    """Type a line into a real shell on a terminal of its own; return what the command was called with."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} on this machine")
    called = folder / "called"
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        keep = {name: value for name, value in os.environ.items() if name.startswith(("LD_", "COCKPIT_", "FPATH"))}
        env = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8"}
        os.execve(program, [program, *SHELLS[shell]], {**keep, **env})
    try:
        os.write(fd, f"{BEFORE[shell]}{lines_of_the_page()[shell]}; echo rea''dy\n".encode())
        until(fd, lambda seen: "ready" in shown(seen))
        os.write(fd, f"{typed}\t\n".encode())
        until(fd, lambda _: called.exists())
    finally:
        os.close(fd)
        os.waitpid(pid, 0)
    return json.loads(called.read_text("utf-8"))


def shown(data):
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>][0-9A-Z]?|\x07|\r", b"", data).decode("utf-8", "replace")


def until(fd, done):
    """Read until what was heard will do, for a minute at most."""
    seen, end = b"", time.monotonic() + 60
    while not done(seen):
        assert time.monotonic() < end, shown(seen)
        if select.select([fd], [], [], 0.05)[0]:
            seen += os.read(fd, 4096)
    return seen


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_arrives_whole(cockpit, shell, name):
    made(cockpit / "home" / name)
    made(cockpit / "home" / "another")
    assert in_shell(shell, cockpit, f"cockpit status {name[:2]}") == ["status", name]


def words(line, env=()):
    """What a shell is offered at the end of a line."""
    asked = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_SHELL": "fish", "COMP_LINE": line}
    asked |= {"COMP_POINT": str(len(line.encode())), "COMP_TYPE": "9", "_ARGCOMPLETE_STDOUT_FILENAME": "/dev/stdout"}
    command = [sys.executable, "-m", "cockpit"]
    done = subprocess.run(
        command,
        env={**os.environ, **asked, **dict(env)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return [word.partition("\t")[0].strip() for word in done.stdout.split("\n") if word.strip()]


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("cockpit st", {"status", "step"}),
        ("cockpit task ", {"list", "look", "run", "tick", "untick"}),
        ("cockpit export --", {"--day", "--since", "--format", "--out", "--retrospective"}),
        ("cockpit export --format ", {"md", "html", "json"}),
        ("cockpit demo --scenario ", set(SCENARIOS)),
        ("cockpit demo --traffic ", {"scrape", "prometheus", "probe"}),
        ("cockpit completion ", {"bash", "zsh", "fish"}),
        ("cockpit open fi", {"first"}),
        ("cockpit task tick p1", {"p1.wf7"}),
        ("cockpit task tick d1", {"d1.morning", "d1.evening"}),
        ("cockpit task look csat", {"csat.cause"}),
        ("cockpit step support_queue", {"support_queue.sla"}),
        ("cockpit freeze ", {"capsules", "returns"}),
        ("cockpit waive ", {"latency", "errors", "growth"}),
        ("cockpit advance --to ", {"10", "25", "50", "100"}),
        ("cockpit decide ", {"go", "hold", "revert"}),
        ("cockpit defuse --risk lat", {"latency_spike"}),
    ],
)
def test_what_may_stand_there_is_offered(tmp_path, line, some):
    made(tmp_path / "first")
    assert some <= set(words(line, {"COCKPIT_HOME": str(tmp_path)}.items()))


@pytest.mark.parametrize("line", ["cockpit open ", "cockpit task tick "])
@pytest.mark.parametrize("torn", [b"", b"\xff\x00", b"format = 99\n[plan]\nphases = 3\n"])
def test_a_session_that_cannot_be_read_disturbs_no_line(tmp_path, line, torn):
    made(tmp_path / "first")
    (tmp_path / "first" / "session.toml").write_bytes(torn)
    assert set(words(line, {"COCKPIT_HOME": str(tmp_path)}.items())) <= {
        "first",
        "-h",
        "--help",
        "--config",
        "--read-only",
    } | {"--finding", "--look", "--metrics", "--metrics-public", "--reason"}


def test_a_name_that_a_terminal_would_obey_is_not_offered(tmp_path):
    for name in ("good", "evil\x1b]0;x\x07", "two\nlines", "\u3164"):
        made(tmp_path / name)
    offered = words("cockpit open ", {"COCKPIT_HOME": str(tmp_path)}.items())
    assert "good" in offered
    assert not any("evil" in word or "two" in word or "\u3164" in word for word in offered)


def test_a_shell_that_asks_starts_nothing(tmp_path):
    """Whatever the line says, it is only completed."""
    assert words("cockpit new other ", {"COCKPIT_HOME": str(tmp_path)}.items()) is not None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_its_shell_reads(capsys, shell):
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "cockpit" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True, timeout=60)


def test_another_shell_is_one_line(capsys):
    assert run(["completion", "tcsh"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
