"""Time and the Watch: a clock that jumps, a machine that slept, a watch that was killed; nothing is lost by it."""

import os
import signal
import subprocess
import sys

import pytest

from sessions.values import readings as r
from tests.support.watch.watching import (
    FakeFlag,
    ShiftedClock,
    documents,
    fresh,
    kinds,
    made,
    session_in,
    short_fuse,
    ticking,
    traffic,
    until,
    watched,
    written,
)

CHILD = """
import sys
from pathlib import Path
from tests.support.watch.watching import documents, traffic, watched, until
with watched(Path(sys.argv[1]), traffic(), documents()) as door:
    until(door, lambda judgement: judgement.state.baseline)
    print("watching", flush=True)
    sys.stdin.read()
"""


def gaps(judgement):
    return [entry for entry in judgement.state.entries if entry.kind == "gap.found"]


def jumps(judgement):
    return [entry for entry in gaps(judgement) if "moved" in entry.facts]


@pytest.mark.parametrize("jump", [7200, -7200])
def test_rows_25_and_26_a_clock_that_jumps_moves_no_deadline_and_costs_no_soak(tmp_path, jump):
    """Row 26: what was measured by the other time is forgotten, and all is seen afresh."""
    clock, plan = ShiftedClock(), short_fuse("60m")
    made(tmp_path, plan, percent=25, ago=5)
    with watched(tmp_path, traffic(plan, lambda: 2400.0), documents(plan), flag=FakeFlag(25), clock=clock) as door:
        before = until(door, lambda judgement: judgement.state.fuses).state
        clock.wall = jump
        after_it = until(door, jumps).state
        fuse, was = after_it.fuses["latency_spike"], before.fuses["latency_spike"]
        assert abs((fuse.deadline - was.deadline).total_seconds() - jump) < 2
        assert abs((after_it.entered_at - before.entered_at).total_seconds() - jump) < 2
        assert all((hole.until - hole.since).total_seconds() < 10 for hole in after_it.holes)
        until(door, lambda judgement: all(fresh(topic)(judgement) for topic in (r.Topic.TRAFFIC, r.Topic.FLAG)))
        until(door, lambda judgement: judgement.state.seen.health[r.Topic.TRAFFIC].good_at > jumps(judgement)[0].at)
    told = written(tmp_path, "gap.found")[-1]
    assert told.text == f"the clock moved {'on' if jump > 0 else 'back'} by 2h00m: deadlines keep their distance"
    assert abs(told.counted("moved") - jump) < 2


def test_row_28_29_a_machine_that_slept_is_a_gap(tmp_path):
    clock = ShiftedClock()
    with watched(made(tmp_path), clock=clock) as door:
        ticking(door)
        clock.wall = clock.boot_shift = 3600
        until(door, lambda judgement: judgement.state.holes)
    slept = written(tmp_path, "gap.found")[0]
    assert slept.said("cause") == "asleep or stopped"
    assert slept.text.startswith("not watching for 1h00m: asleep")


def test_row_30_a_clean_stop_and_a_later_start_leave_a_gap(tmp_path):
    with watched(made(tmp_path)):
        pass
    clock = ShiftedClock()
    clock.wall = clock.boot_shift = 1800
    with watched(tmp_path, clock=clock) as door:
        assert door.latest().state.watching
    gap = written(tmp_path, "gap.found")[0]
    assert gap.said("cause") == "nobody watched"
    assert 1795 < (gap.dated("until") - gap.dated("since")).total_seconds() < 1810


def test_the_first_start_of_a_session_finds_no_gap(tmp_path):
    with watched(made(tmp_path)):
        pass
    assert "gap.found" not in kinds(tmp_path)


def killed(folder):
    """Let a child watch the session, and kill it."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"watching\n"
        os.kill(child.pid, signal.SIGKILL)
        child.wait(60)


def test_row_11_30_after_a_kill_the_next_start_finds_the_gap_and_the_same_state(tmp_path):
    killed(made(tmp_path))
    before = session_in(tmp_path)
    before.close()
    known = before.state
    assert (known.watching, known.seen.flag.percent, len(known.seen.sizes)) == (True, 0, 3)
    with watched(tmp_path) as door:
        gap = written(tmp_path, "gap.found")[0]
        state = door.latest().state
        assert gap.said("cause") == "the watch was gone"
        assert (state.baseline, state.baseline_at) == (known.baseline, known.baseline_at)
        assert (state.phase, state.entered_at, state.flag) == (known.phase, known.entered_at, known.flag)
        assert state.verdicts == known.verdicts
        assert state.seen.windows == known.seen.windows
    said = kinds(tmp_path)
    found = said.index("gap.found")
    assert (said[found : found + 2], said[-1]) == (["gap.found", "watch.started"], "watch.stopped")
