"""Every command with a stdout that is closed, full or read by nobody: what was done is done, and the code says that."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from tests.support.build import after
from tests.support.peers.served import need_serve
from tests.support.sessions.forged import course, forged, row

ROOT = Path(__file__).parents[3]
PAUSED = row("rollout.paused", by="owner", phase=25, cause="owner", at=after(5))
FROZEN = row("flow.frozen", by="owner", phase=25, flow="capsules", cause="owner", at=after(5))
BURNS = row("fuse.lit", phase=25, risk="latency_spike", deadline=datetime.now(UTC) + timedelta(hours=9), at=after(5))
OPENED = row("incident.opened", by="owner", phase=25, incident="i1", severity="P1", at=after(5))
TICKED = row("task.ticked", by="owner", phase=25, task="p2.growth", done=True, at=after(5))
DOES = {
    "note hello {one}": (),
    "observe {one}": (),
    "decide hold --reason slow {one}": (),
    "feedback good support fine {one}": (),
    "pause {one}": (),
    "resume {one}": (PAUSED,),
    "advance --to 50 --reason known {one}": (),
    "revert {one}": (),
    "freeze capsules {one}": (),
    "thaw capsules {one}": (FROZEN,),
    "incident open P2 slow {one}": (),
    "incident resolve i1 {one}": (OPENED,),
    "waive latency --reason known {one}": (),
    "defuse --reason known {one}": (BURNS,),
    "extend {one}": (BURNS,),
    "step csat.cause {one}": (),
    "acknowledge {one}": (BURNS,),
    "task tick p2.growth {one}": (),
    "task untick p2.growth {one}": (TICKED,),
    "task run p2.growth {one} --config {settings}": (),
    "export {one}": (),
    "export --retrospective {one}": (),
    "plan check {plan}": (),
    "new another": (),
    "trust {plain}": (),
}
"""What is done, each after the entries that let it be done; all of it ends with 0."""
REFUSES = {
    "check {one}": 30,  # nobody watches
    "doctor {one}": 20,  # it names no source
    "conclude {one}": 10,  # no 7-day plan runs
    "advance {one}": 10,
    "adopt {one} --plan {plan}": 10,  # a phase was entered
    "init another --metrics http://127.0.0.1:1/metrics": 20,  # nobody answers there
    "task tick nothing {one}": 2,
    "open {one}": 2,  # no terminal
    "demo --headless --until nowhere": 2,  # a whole flight is flown by .ci/wheel
}
"""What is said or refused, with its code."""
ACTS = [*DOES, *REFUSES]
TELLS = [
    "sessions",
    "sessions --live",
    "status {one}",
    "status --json {one}",
    "replay {one}",
    "keys",
    "plan show",
    "task list {one}",
]
TELLS += ["--version", "--help", "task look csat.cause {one}", "schema", "completion bash"]
WATCHES = ["watch", "serve"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "plan.toml").write_bytes((ROOT / "sessions/plan/cl7.toml").read_bytes())
    return tmp_path


def begun(place, number, before=(), *, trusting=False):
    folder = place / f"{number}"
    folder.mkdir()
    forged(folder / "one" / SESSION, [*course(), *before])
    for name in ("settings", "plain"):
        argv = json.dumps([sys.executable, "-c", "print(1)"])
        (folder / f"{name}.toml").write_text(f'[activities."p2.growth"]\nargv = {argv}\n', "utf-8")
    if trusting:
        assert ended("trust {settings}", folder).returncode == 0
    return folder


def command(words, folder):
    places = {"one": folder / "one", "plan": folder.parent / "plan.toml"}
    places |= {name: folder / f"{name}.toml" for name in ("settings", "plain")}
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
            folder = begun(place, number, DOES.get(words, ()), trusting="{settings}" in words)
            found = ended(words, folder, **facts)
            assert "Traceback" not in found.stderr
            assert "Exception" not in found.stderr
            yield found, [entry.kind for entry in load(folder / "one" / SESSION).entries]


@pytest.mark.parametrize("words", ACTS)
def test_row_12_what_was_done_is_done_whoever_hears_of_it(place, words):
    (heard, did), *others = unheard(words, place)
    assert heard.returncode == REFUSES.get(words, 0), heard.stderr
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


def test_a_server_whose_address_was_read_goes_on_without_a_reader(place):
    """Its address is read and the pipe shut: it is served until a signal, and writes nothing into the session."""
    need_serve()
    folder = begun(place, 0)
    before = (folder / "one" / SESSION).read_bytes()
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command("serve {one}", folder), text=True, cwd=folder, **streams) as server:
        address = re.search(r"http://\S+", server.stdout.readline())[0]
        server.stdout.close()
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGTERM)
        said = server.stderr.read()
        assert server.wait(60) == 128 + signal.SIGTERM
    assert said == ""
    assert (folder / "one" / SESSION).read_bytes() == before
