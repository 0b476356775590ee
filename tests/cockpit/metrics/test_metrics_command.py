"""`cockpit watch --metrics` as a program, read by a Prometheus; what is refused begins no watch."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from cockpit.__main__ import run
from sessions.storage.folders import SESSION
from tests.support.peers.real_programs import prometheus
from tests.support.processes.program import Program
from tests.support.watch.metrics_page import series_of
from tests.support.watch.watching import FAST, kinds, made


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "session", FAST)


@pytest.fixture
def watch(folder):
    with Program("watch", str(folder), "--metrics", "127.0.0.1:0") as program:
        program.said("metrics at ")
        yield program


def place(program):
    return next(line.removeprefix("metrics at ") for line in program.lines if line.startswith("metrics at "))


def page(program):
    with urllib.request.urlopen(place(program), timeout=60) as answer:
        return answer.read().decode()


def test_it_tells_of_the_watch_while_it_goes_on(folder, watch):
    watch.said("watch.started")
    first = series_of(page(watch))
    assert first["cockpit_watching",] == 1
    assert first["cockpit_phase_ratio",] == 0
    assert "process_start_time_seconds" in {key[0] for key in first}
    watch.said("CSAT never answered")
    assert (
        series_of(page(watch))["cockpit_judgement_timestamp_seconds",] > first["cockpit_judgement_timestamp_seconds",]
    )
    code, errors = watch.end(signal.SIGTERM)
    assert (code, errors) == (128 + signal.SIGTERM, "")
    with pytest.raises(OSError, match="refused"):
        page(watch)
    assert kinds(folder)[-1] == "watch.stopped"


def test_a_real_prometheus_reads_it(tmp_path, watch):
    target = re.search(r"http://(.+)/metrics", place(watch))[1]
    (tmp_path / "prometheus").mkdir()
    with prometheus(tmp_path / "prometheus", [target]) as url:
        for name in ("cockpit_watching", "cockpit_verdict{state='unknown'}", "cockpit_source_polls_total"):
            assert answers(f"{url}/api/v1/query?query={name}".replace("'", "%22")), name


def answers(address):
    """Ask until there is something; the test's own limit ends it."""
    while True:
        with urllib.request.urlopen(address, timeout=60) as answer:
            if found := json.load(answer)["data"]["result"]:
                return found


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--metrics", "nowhere"], "is no address"),
        (["--metrics", "0.0.0.0:0"], "others on the network"),
        (["--metrics-public"], "needs --metrics HOST:PORT"),
        (["--metrics", "192.0.2.1:9464", "--metrics-public"], "Cannot assign requested address: choose another"),
    ],
)
def test_what_is_refused_begins_no_watch(folder, capfd, words, why):
    before = (folder / SESSION).read_bytes()
    assert run(["watch", str(folder), *words]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert why in err
    assert (folder / SESSION).read_bytes() == before


def test_nor_does_a_port_in_use(folder, capfd):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["watch", str(folder), "--metrics", f"127.0.0.1:{taken.getsockname()[1]}"]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "Address already in use" in err
    assert "watch.started" not in kinds(folder)


def test_without_it_nothing_of_it_is_loaded():
    loaded = "import sys; from cockpit.cli.main import asked; asked(['watch', '--help']) if 0 else asked(['watch'])"
    script = (
        f"{loaded}; print([name for name in sys.modules if name.startswith(('prometheus', 'http.server', 'textual'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
