"""Acting processes are killed between intent and result; the next cockpit closes what they left, honestly.

A process is counted where it died after its intent was on a disk, in the log or set aside, and before any result was.
"""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.cli.commands.sessions import begin
from cockpit.demo.world.flag_file import first_text
from cockpit.engine.opening import opened
from cockpit.runtime.clock import Clock
from cockpit.settings.file.wiring import Wiring
from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from sessions.storage.late_entries import NAME
from sessions.storage.spool import Spool
from sessions.values.entries import Draft, Entry
from tests.support.build import after
from tests.support.processes.kill_child import SLOW
from tests.support.watch.watching import FAST, enter, put, until

KILLS = int(os.environ.get("COCKPIT_KILLS", "6"))
WAYS = ("revert", "advance", "fuse's zero")
MINUTE = 60.0
RESULTS = ("flag.confirmed", "flag.refused", "flag.unknown")


@dataclass
class Flight:
    """A session over a flagd file; `before` are the entries that it had when the process was begun."""

    folder: Path
    flags: Path
    way: str
    before: tuple = ()

    @property
    def start(self):
        return 10 if self.way == "advance" else 25

    @property
    def weight(self):
        document = json.loads(self.flags.read_text("utf-8"))
        return document["flags"][FAST.flag]["targeting"]["fractional"][-2][1]

    def made(self):
        document = json.loads(first_text(FAST))
        share = document["flags"][FAST.flag]["targeting"]["fractional"]
        share[-2][1], share[-1][1] = self.start, 100 - self.start
        self.flags.write_text(json.dumps(document), "utf-8")
        self.folder.mkdir()
        begin(self.folder, "flight", FAST, Wiring(flag_file=str(self.flags)))
        for percent in (10, 25)[: 1 if self.start == 10 else 2]:
            enter(self.folder, FAST, percent)
        if self.way == "fuse's zero":
            lit = {"risk": "latency_spike", "deadline": after(-1, Clock().now()), "evidence": ()}
            blown = {"risk": "latency_spike", "evidence": ()}
            put(self.folder, 25, Draft("fuse.lit", "watch", "lit", lit), Draft("fuse.blown", "watch", "slow", blown))
        self.before = load(self.folder / SESSION).entries
        return self

    def acting(self):
        """Begin the process that moves the flag."""
        words = {
            "revert": ("revert", str(self.folder), "--reason", "drill"),
            "advance": ("advance", str(self.folder), "--to", "25", "--reason", "drill"),
            "fuse's zero": ("watch", str(self.folder)),
        }[self.way]
        command = [sys.executable, "-m", "tests.support.processes.kill_child", *words]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=Path.cwd())

    def news(self):
        """Return what the log and the spool tell of the flag since the process was begun."""
        found = load(self.folder / SESSION)
        aside = [item.draft for item in Spool(self.folder, found.created.isoformat()).read()]
        told: list[Entry | Draft] = [*found.entries[len(self.before) :], *aside]
        return [each for each in told if each.kind.startswith("flag.")]


def killed(flight, dice):
    """Kill a process at a random moment of its move; say whether that fell between intent and result."""
    child, limit = flight.acting(), time.monotonic() + MINUTE
    try:
        while not flight.news() and child.poll() is None:
            assert time.monotonic() < limit, "it never began to move"
            time.sleep(0.002)
        time.sleep(dice.uniform(0, 1.5 * SLOW))  # the random moment itself, not a wait for something
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
    told = flight.news()
    return [each.kind for each in told] == ["flag.intended"], told


def settled(flight):
    """Begin the next cockpit on the session, and leave it once it knows how the flag stands."""
    with opened(flight.folder, Clock(), None) as door:
        door.start()
        until(door, lambda judgement: _known(judgement.state) and door.lacking() is None, MINUTE)
        door.stop("known")


def _known(state):
    return state.flag.status in {"confirmed", "drifted"} and not state.fuses


def closed_honestly(flight, intent, at_death):
    found = load(flight.folder / SESSION)
    entries = found.entries
    assert entries[: len(flight.before)] == flight.before
    named = [entry for entry in entries if (entry.said("intent") or "") == intent]
    assert [entry.kind for entry in named].count("flag.intended") == 1
    assert [entry.kind for entry in named].count("flag.confirmed") <= 1
    assert len({entry.said(NAME) for entry in named if entry.said(NAME)}) == sum(bool(e.said(NAME)) for e in named)
    last = [entry for entry in entries if entry.kind in RESULTS][-1]
    phase = [entry.phase for entry in entries if entry.kind == "phase.entered"][-1]
    assert (last.kind, last.counted("percent"), phase) == ("flag.confirmed", flight.weight, flight.weight)
    assert not found.damage
    assert not Spool(flight.folder, found.created.isoformat()).read()
    if flight.way == "advance":
        assert flight.weight == at_death
    else:
        assert flight.weight == 10
    return entries


@pytest.mark.timeout(120 + 20 * KILLS)
@pytest.mark.parametrize("way", WAYS)
def test_rows_11_and_71_a_move_that_died_half_way_is_closed_as_it_is(tmp_path, way):
    dice, fell, tries = random.Random(11), 0, 0
    while fell < KILLS // len(WAYS):
        tries += 1
        assert tries <= 20 + 5 * KILLS
        flight = Flight(tmp_path / str(tries), tmp_path / f"{tries}.json", way).made()
        between, told = killed(flight, dice)
        at_death = flight.weight
        settled(flight)
        if between:
            fell += 1
            intent = told[0].facts["intent"]
            closed_honestly(flight, intent, at_death)
