"""The demo's Prometheus: it comes up, says why it cannot, and goes with whoever started it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from cockpit.demo.prometheus_child import ChildError, PrometheusChild
from cockpit.demo.world.tether import surroundings
from tests.support.peers.real_programs import program

SCRIPT = """
import sys, time
from pathlib import Path
from cockpit.demo.prometheus_child import PrometheusChild
child = PrometheusChild([], Path(sys.argv[1]))
with child:
    print(child.pid, flush=True)
    time.sleep(60)
"""


def test_without_the_program_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChildError, match="apt install prometheus"), PrometheusChild([], tmp_path):
        pass


def test_it_is_ready_when_it_is_given_and_gone_afterwards(tmp_path):
    program("prometheus")
    child = PrometheusChild([], tmp_path)
    with child as url:
        assert httpx.get(f"{url}/-/ready").status_code == 200
        pid = child.pid
    assert child.pid == 0
    assert not psutil.pid_exists(pid)


def test_it_says_where_to_look_when_it_does_not_start(tmp_path):
    program("prometheus")
    broken = PrometheusChild([], tmp_path, options=["--no-such-option"])
    with pytest.raises(ChildError, match=r"prometheus\.log"), broken:
        pass
    assert "no-such-option" in (tmp_path / "prometheus.log").read_text("utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is Linux'")
def test_it_dies_with_whoever_started_it(tmp_path):
    program("prometheus")
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    root = Path(__file__).parents[4]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings(), cwd=root)
    pid = int(parent.stdout.readline())
    assert psutil.pid_exists(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait(60)
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)
