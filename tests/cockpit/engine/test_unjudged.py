"""A defect in judging stands between nobody and the flag: by key, by command, and where a fuse has blown."""

import pytest

from sessions.gate import evaluate as judging
from sessions.values.entries import Draft
from sessions.values.requests import Act
from tests.cockpit.moves.test_fault_table import WAYS, Flight
from tests.support.build import after
from tests.support.faults.breaking import Broken
from tests.support.watch.watching import FAST, Clock, FakeFlag, asked, enter, made, put, until, watched, written


@pytest.fixture
def defective(monkeypatch):
    def broken(_state, _now):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(judging, "_JUDGES", dict.fromkeys(judging._JUDGES, broken))


@pytest.mark.parametrize("way", WAYS)
def test_a_revert_needs_no_judgement(tmp_path, state_folder, capsys, defective, way):
    flight, disk = Flight(tmp_path, state_folder, way), Broken()
    flight.opened(disk)
    if way == "command":
        flight.shut()
    told = flight.reverted(disk, capsys)
    assert (flight.weight, "10 %" in told) == (10, True)
    assert flight.settled()[2:] == [10]


def test_a_watch_that_cannot_judge_reverts_what_has_blown_takes_acts_and_says_so(tmp_path, defective):
    flag, now = FakeFlag(25), Clock().now()
    made(tmp_path)
    enter(tmp_path, FAST, 10)
    enter(tmp_path, FAST, 25)
    facts = {"risk": "latency_spike", "evidence": ()}
    lit = Draft("fuse.lit", "watch", "fuse lit", {**facts, "deadline": after(-1, now)})
    put(tmp_path, 25, lit, Draft("fuse.blown", "watch", "not resolved in time: slow", facts))
    with watched(tmp_path, flag=flag) as door:
        seen = until(door, lambda judgement: judgement.state.phase == 10 and judgement.state.faults)
        assert (flag.percent, seen.gate.open) == (10, False)
        assert "judging failed: ZeroDivisionError" in seen.state.faults["judging"]
        assert asked(door, Act.PAUSE).ok
        assert asked(door, Act.REVERT).ok
        assert flag.percent == 0
        assert not asked(door, Act.ADVANCE).ok
    assert [entry.phase for entry in written(tmp_path, "phase.entered")] == [10, 25, 10, 0]
