"""Every command with a stdout that is closed, full or read by nobody: what was done is done, and the code says that."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from tests.support.sessions.forged import course, forged

ROOT = Path(__file__).parents[3]
ACTS = [
    "check {one}",
    "note hello {one}",
    "observe hello {one}",
    "decide hold --reason slow {one}",
    "feedback good support fine {one}",
    "pause {one}",
    "resume {one}",
    "conclude {one}",
    "advance {one}",
    "revert {one}",
    "freeze capsules {one}",
    "thaw capsules {one}",
    "incident open P2 slow {one}",
    "waive latency --reason known {one}",
    "defuse --reason known {one}",
    "extend {one}",
    "step csat.cause {one}",
    "acknowledge {one}",
    "task tick nothing {one}",
    "task untick nothing {one}",
    "task run nothing {one}",
    "export {one}",
    "export --retrospective {one}",
    "doctor {one}",
    "plan check {plan}",
    "new another",
    "open {one}",
    "trust {plan}",
    "demo --headless --until nowhere",
]
TELLS = ["sessions", "status {one}", "status --json {one}", "replay {one}", "keys", "plan show", "task list {one}"]
TELLS += ["--version", "--help", "task look csat.cause {one}"]
WATCHES = ["watch"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "plan.toml").write_bytes((ROOT / "sessions/plan/cl7.toml").read_bytes())
    return tmp_path


def begun(place, number):
    folder = place / f"{number}"
    folder.mkdir()
    forged(folder / "one" / SESSION, course())
    return folder


def command(words, folder):
    places = {"one": folder / "one", "plan": folder.parent / "plan.toml"}
    return [sys.executable, "-m", "cockpit", *words.format(**places).split()]


def ended(words, folder, stdout=subprocess.PIPE, shut=""):
    argv = ["sh", "-c", f'exec "$@" {shut}', "sh", *command(words, folder)]
    env = {**os.environ, "COCKPIT_HOME": str(folder / "home"), "COCKPIT_STATE": str(folder / "state")}
    streams = {"stdin": subprocess.DEVNULL, "stdout": stdout, "stderr": subprocess.PIPE}
    return subprocess.run(argv, text=True, timeout=100, check=False, cwd=folder, env=env, **streams)


def unheard(words, place):
    """Yield how it ends with each stdout, and what it did meanwhile; the first is heard."""
    reads, writes = os.pipe()
    os.close(reads)
    with Path("/dev/full").open("w") as full, os.fdopen(writes, "w") as nobody:
        for number, facts in enumerate(({}, {"shut": ">&-"}, {"stdout": full}, {"stdout": nobody})):
            folder = begun(place, number)
            found = ended(words, folder, **facts)
            assert "Traceback" not in found.stderr
            assert "Exception" not in found.stderr
            yield found, [entry.kind for entry in load(folder / "one" / SESSION).entries]


@pytest.mark.parametrize("words", ACTS)
def test_row_12_what_was_done_is_done_whoever_hears_of_it(place, words):
    (heard, did), *others = unheard(words, place)
    for other, did_too in others:
        assert (other.returncode, did_too) == (heard.returncode, did), other.stderr
    for other, _ in others[1:]:
        more = len(other.stderr.splitlines()) - len(heard.stderr.splitlines())
        assert more == bool(heard.stdout), other.stderr
        assert ("what was done is done" in other.stderr) is bool(heard.stdout)


@pytest.mark.parametrize("words", TELLS)
def test_row_12_who_only_tells_and_is_not_heard_did_nothing(place, words):
    (heard, _), (closed, _), (full, _), (nobody, _) = unheard(words, place)
    assert heard.returncode == 0, heard.stderr
    assert heard.stdout
    assert closed.returncode == 0
    assert (full.returncode, len(full.stderr.splitlines())) == (2, 1)
    assert (nobody.returncode, nobody.stderr) == (1, heard.stderr)


def test_every_command_is_in_one_of_the_tables(place):
    told = ended("--help", begun(place, 0)).stdout
    known = set(re.findall(r"^  ([a-z]+) ", told.partition("commands:")[2], re.MULTILINE))
    assert {words.split()[0] for words in (*ACTS, *TELLS, *WATCHES)} - {"--version", "--help"} == known


def test_a_watch_that_nobody_reads_any_more_goes_on_watching(place):
    folder = begun(place, 0)
    env = {**os.environ, "COCKPIT_STATE": str(folder / "state")}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command("watch {one}", folder), text=True, cwd=folder, env=env, **streams) as watch:
        assert watch.stdout.readline()
        watch.stdout.close()
        for number in range(3):
            assert ended(f"note n{number} {{one}}", folder).returncode == 0
        assert watch.poll() is None
        watch.send_signal(signal.SIGTERM)
        said = watch.stderr.read()
        assert watch.wait(60) == 128 + signal.SIGTERM
    assert "Traceback" not in said
    kinds = [entry.kind for entry in load(folder / "one" / SESSION).entries]
    assert kinds[-1] == "watch.stopped"
    assert kinds.count("note.written") == 3
