"""The demo world as the cockpit starts it: a process that answers, follows the flag, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient

from cockpit.demo import launch
from cockpit.demo.launch import DemoError, World
from cockpit.demo.temp_folder import PREFIX, claimed, sweep
from cockpit.demo.world.tether import surroundings
from sessions.plan.loader import plan_from, scaled
from tests.support.build import PLAN

FAST = scaled(PLAN, 240)
QUIET = scaled(plan_from({**PLAN.table, "windows": {**PLAN.table["windows"], "length": "1h"}}), 1200)
SOON = 60.0


def until(wanted, patience=SOON):
    """Ask again and again until the answer is true; AssertionError when it never is."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := wanted():
            return answer
        time.sleep(0.05)  # a pause between two looks, not a guess at how long it takes
    raise AssertionError("never came true")


def totals(address):
    text = urllib.request.urlopen(address.metrics_url, timeout=60).read().decode()
    found = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "http_requests_total" and sample.labels["status"] == "200":
                found[f"{sample.labels['method']} {sample.labels['endpoint']}"] += sample.value
    return found


def set_flag(address, percent, **switches):
    document = json.loads(address.flag_file.read_text())
    document["flags"][FAST.flag]["targeting"]["fractional"][1:] = [["on", percent], ["off", 100 - percent]]
    for name, variant in switches.items():
        document["flags"][name.replace("_", "-")]["defaultVariant"] = variant
    fresh = address.flag_file.with_suffix(".new")
    fresh.write_text(json.dumps(document))
    fresh.replace(address.flag_file)


def family(pid):
    world = psutil.Process(pid)
    return [world, *world.children(recursive=True)]


def gone(processes):
    return psutil.wait_procs(processes, timeout=SOON)[1] == []


@pytest.fixture(scope="module")
def flight():
    world = World(FAST, "calm", 1)
    with world as address, MongoClient(address.mongo_uri, timeoutMS=3000) as client:
        yield address, client[address.database]


def test_every_endpoint_is_walked_and_a_pool_of_its_windows_holds_enough(flight):
    address, _ = flight
    until(lambda: len(totals(address)) == len(PLAN.endpoints))
    before, began = totals(address), time.monotonic()
    until(lambda: min(totals(address)[name] - before[name] for name in PLAN.endpoints) >= FAST.windows.min_requests)
    assert time.monotonic() - began >= 3  # ten walks each way take 20 minutes of the plan: that is no crowd


def test_documents_grow_once_the_flag_lets_shoppers_in(flight):
    address, database = flight
    before = database.shortlists.count_documents({})
    set_flag(address, 100)
    until(lambda: database.shortlists.count_documents({}) >= before + 4)
    assert sum(database[name].estimated_document_count() for name in database.list_collection_names()) <= 20_000


def test_visitors_are_met_with_the_feature_and_without(flight):
    address, database = flight
    set_flag(address, 50)
    until(lambda: all(database.exposures.find_one({"flag": FAST.flag, "exposed": let_in}) for let_in in (True, False)))


def test_a_frozen_flow_grows_no_more_and_its_thaw_lets_it_grow(flight):
    address, database = flight
    set_flag(address, 100, capsules_flow="on")
    lists = database.shortlists.count_documents({})
    until(lambda: database.shortlists.count_documents({}) >= lists + 3)
    held = database.capsules.count_documents({})
    until(lambda: database.shortlists.count_documents({}) >= lists + 6)
    assert database.capsules.count_documents({}) == held
    set_flag(address, 100, capsules_flow="off")
    until(lambda: database.capsules.count_documents({}) > held)


def test_more_share_is_more_traffic_of_the_feature(flight):
    server, _ = flight
    with World(FAST, "calm", 1, mongo_uri=server.mongo_uri) as address:

        def lists(percent, seconds=4):
            set_flag(address, percent)
            time.sleep(0.5)  # the flag is looked at ten times a second; requests under way take up to 0.34 s
            before, began = totals(address)["POST /shortlists"], time.monotonic()
            until(lambda: time.monotonic() - began > seconds)
            return totals(address)["POST /shortlists"] - before

        until(lambda: len(totals(address)) == len(PLAN.endpoints))
        until(lambda: lists(100) > 1.3 * lists(0))  # a machine that is busy meanwhile may have no room for more


def test_a_scenario_acts_in_the_running_world(flight):
    server, database = flight
    with World(QUIET, "duplicates", 1, mongo_uri=server.mongo_uri) as address:
        capsules = database.client[address.database].capsules
        set_flag(address, 10)
        until(lambda: capsules.count_documents({"_id": {"$regex": "^twin-"}}) == 3)
        set_flag(address, 10, capsules_flow="on")
        until(lambda: capsules.count_documents({"_id": {"$regex": "^twin-"}}) == 0)


def test_stopping_leaves_no_process_and_no_folder():
    world = World(FAST, "calm", 1)
    address = world.start()
    processes = family(world._child.pid)
    assert len(processes) == 2
    assert address.folder.is_dir()
    world.stop()
    assert gone(processes)
    assert not address.folder.exists()
    world.stop()


def test_your_own_server_is_used_and_our_database_dropped(flight):
    address, database = flight
    world = World(FAST, "calm", 1, mongo_uri=address.mongo_uri)
    with world as own:
        assert own.mongo_uri == address.mongo_uri
        assert len(family(world._child.pid)) == 1
        assert os.getsid(world._child.pid) != os.getsid(0)  # the terminal's ctrl+c is not for it
        assert own.database in database.client.list_database_names()
    assert own.database not in database.client.list_database_names()


def test_your_own_server_is_left_clean_even_when_the_world_is_killed(flight):
    address, database = flight
    world = World(FAST, "calm", 1, mongo_uri=address.mongo_uri)
    with world as own:
        os.kill(world._child.pid, signal.SIGKILL)
    assert own.database not in database.client.list_database_names()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_killed_world_takes_its_database_along_and_your_folder_keeps_only_flags_and_log(tmp_path):
    world = World(FAST, "calm", 1, tmp_path)
    world.start()
    processes = family(world._child.pid)
    assert (tmp_path / "mongo").is_dir()
    os.kill(processes[0].pid, signal.SIGKILL)
    assert gone(processes[1:])
    world.stop()
    assert {path.name for path in tmp_path.iterdir()} == {"changes.jsonl", "flags.json", "world.log", "secantusd.toml"}


COCKPIT = """
import sys
from cockpit.demo.launch import World
from sessions.plan.loader import bundled, scaled
world = World(scaled(bundled(), 240), "calm", 1)
print(world.start().folder, world._child.pid, flush=True)
sys.stdin.read()
"""


def test_a_cockpit_that_is_killed_leaves_no_process_and_no_folder():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", COCKPIT], env=surroundings(), **pipes) as cockpit:
        folder, pid = cockpit.stdout.readline().decode().split()
        processes = family(int(pid))
        assert len(processes) == 2
        cockpit.kill()
        assert gone(processes)
        until(lambda: not Path(folder).exists())


def test_the_next_demo_sweeps_what_a_killed_one_left_and_nothing_else(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, lock = claimed()
    os.close(lock)
    lived_in, lock = claimed()
    foreign = tmp_path / f"{PREFIX}foreign"
    foreign.mkdir()
    sweep(time.time())
    assert left.exists()
    sweep(time.time() + 61)
    assert sorted(tmp_path.iterdir()) == sorted((lived_in, foreign))
    os.close(lock)


def missing(*names):
    return lambda name: None if name in names else object()


@pytest.mark.parametrize("name", ["aiohttp", "secantus"])
def test_a_missing_extra_is_one_line(monkeypatch, name):
    monkeypatch.setattr(launch, "find_spec", missing(name))
    monkeypatch.setattr(sys, "version_info", (3, 12))
    with pytest.raises(DemoError, match=r"^the demo needs its extra: pip install 'cockpit\[demo\]'$"):
        World(FAST, "calm", 1).start()


def test_a_python_without_a_wheel_asks_for_a_server(monkeypatch):
    monkeypatch.setattr(launch, "find_spec", missing("secantus"))
    monkeypatch.setattr(sys, "version_info", (3, 14))
    with pytest.raises(DemoError, match="COCKPIT_MONGO_URI"):
        World(FAST, "calm", 1).start()


def test_a_taken_port_is_one_line_and_nothing_stays(monkeypatch, tmp_path, flight):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port} is taken") as told:
            World(FAST, "calm", 1, mongo_uri=flight[0].mongo_uri, port=port).start()
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_one_line(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"mongodb://someone:secret@127.0.0.1:{nobody.getsockname()[1]}/?directConnection=true"
        with pytest.raises(DemoError, match="did not start") as told:
            World(FAST, "calm", 1, tmp_path, mongo_uri=uri).start()
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DemoError, match="cannot start"):
        World(FAST, "calm", 1, tmp_path / "file").start()
