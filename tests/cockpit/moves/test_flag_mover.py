"""Moves through the Watch: intent, write, read back, result; drift, and moves that were left open."""

import asyncio
import threading

import pytest

from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from sessions.values.entries import Draft
from sessions.values.requests import Act, Request
from sessions.values.verdicts import Mark
from tests.support.sessions.files import FailingDisk
from tests.support.watch.moving import against_the_gate, broken_disk, moves, overruled
from tests.support.watch.watching import (
    FakeFlag,
    asked,
    documents,
    forever,
    kinds,
    lost,
    made,
    put,
    ready,
    refusing,
    ticking,
    traffic,
    until,
    watched,
    written,
)


def test_a_confirmed_advance_is_intended_confirmed_entered(tmp_path):
    flag = FakeFlag()
    with watched(made(tmp_path), traffic(), documents(), flag=flag) as door:
        ready(door)
        answer = asked(door, Act.ADVANCE, by="autopilot", percent=10)
    assert (answer.ok, flag.written) == (True, [10])
    first = kinds(tmp_path).index("flag.intended")
    intended, confirmed, entered = load(tmp_path / SESSION).entries[first : first + 3]
    assert [row.kind for row in (intended, confirmed, entered)] == ["flag.intended", "flag.confirmed", "phase.entered"]
    assert intended.said("intent") == confirmed.said("intent") == f"m{intended.seq}"
    assert (intended.phase, entered.phase, entered.by, intended.said("writer")) == (0, 10, "autopilot", "fake")


@pytest.mark.parametrize(
    ("on_write", "status", "told"),
    [
        (refusing, "refused", "flag move to 10 % refused: the back end says no"),
        (lost, "unknown", "flag move to 10 % unknown: connection reset"),
        (lambda _: False, "unknown", "flag move to 10 % unknown: written, but it reads 0 %"),
    ],
)
def test_row_70_what_did_not_happen_is_told_and_no_phase_is_entered(tmp_path, on_write, status, told):
    flag = FakeFlag(on_write=on_write)
    with watched(made(tmp_path), flag=flag) as door:
        answer = overruled(door)
        assert (answer.ok, answer.text, door.latest().state.phase) == (False, told, 0)
    assert f"flag.{status}" in kinds(tmp_path)
    assert "phase.entered" not in kinds(tmp_path)
    assert written(tmp_path, f"flag.{status}")[0].said("reason") in told


def test_row_70_no_answer_is_unknown_a_second_advance_waits_and_a_revert_goes(tmp_path):
    flag = FakeFlag(10, on_write=forever, on_read=None)
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        first = overruled(door)
        assert "unknown: no answer in 2 s" in first.text
        flag.on_read = refusing
        flag.on_write = None
        second = overruled(door) if door.latest().state.flag.status == "unknown" else first
        assert not second.ok
        flag.on_read = None
        assert asked(door, Act.REVERT).ok
        assert (flag.percent, door.latest().state.phase) == (0, 0)


def test_row_70_lost_answer_unreadable_flag_no_second_advance(tmp_path):
    flag = FakeFlag(10)

    def applies_then_drops(percent):
        flag.percent, flag.on_read = percent, refusing
        raise ConnectionError("reset")

    flag.on_write = applies_then_drops
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        assert overruled(door).text == "flag move to 25 % unknown: reset"
        assert overruled(door).text == "the last flag move has no known outcome yet: wait until the flag is read"
        assert flag.written == [25]
        flag.on_read = None
        until(door, lambda judgement: judgement.state.phase == 25)
        assert door.latest().state.flag.status == "confirmed"
    entered = written(tmp_path, "phase.entered")[-1]
    assert (entered.said("cause"), entered.by) == ("an open move was found done", "watch")


def test_row_70_a_move_found_not_done_is_closed_as_refused(tmp_path):
    flag = FakeFlag(10)

    def drops(_percent):
        flag.on_read = refusing
        raise ConnectionError("reset")

    flag.on_write = drops
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        assert not overruled(door).ok
        flag.on_read = flag.on_write = None
        until(door, lambda judgement: judgement.state.flag.status not in ("intended", "unknown"))
        assert door.latest().state.phase == 10
        assert overruled(door).ok
    assert moves(tmp_path)[3:6] == ["flag.intended", "flag.unknown", "flag.refused"]


@pytest.mark.parametrize(("reads", "phase"), [(25, 25), (10, 10)])
def test_row_71_a_move_left_open_by_a_crash_is_closed_by_reading_back(tmp_path, reads, phase):
    made(tmp_path, percent=10)
    facts = {"intent": "m9", "percent": 25, "previous": 10, "writer": "fake"}
    put(tmp_path, 10, Draft("flag.intended", "owner", "flag 10 % -> 25 % intended", facts))
    flag = FakeFlag(reads)
    with watched(tmp_path, flag=flag) as door:
        until(door, lambda judgement: judgement.state.flag.status == "confirmed")
        assert (door.latest().state.phase, flag.written) == (phase, [])
    closed = [entry for entry in load(tmp_path / SESSION).entries if entry.facts.get("intent") == "m9"][1]
    assert closed.kind == ("flag.confirmed" if reads == 25 else "flag.refused")


def test_row_71_a_move_left_open_stays_open_while_the_flag_says_neither(tmp_path):
    made(tmp_path, percent=10)
    facts = {"intent": "m9", "percent": 25, "previous": 10, "writer": "fake"}
    put(tmp_path, 10, Draft("flag.intended", "owner", "flag 10 % -> 25 % intended", facts))
    with watched(tmp_path, flag=FakeFlag(50)) as door:
        until(door, lambda judgement: judgement.state.seen.flag)
        ticking(door)
        flag = next(row for row in door.latest().gate.conditions if row.name == "flag")
        assert (door.latest().state.flag.status, flag.mark) == ("intended", Mark.BREACH)
        assert flag.text == "reads 50 %, not 10 %"
        assert not overruled(door).ok


def test_row_73_drift_is_told_once_holds_the_gate_and_its_end_is_told(tmp_path):
    flag = FakeFlag(10)
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        until(door, lambda judgement: judgement.state.seen.flag)
        flag.percent = 100
        until(door, lambda judgement: judgement.state.flag.status == "drifted")
        ticking(door)
        row = next(row for row in door.latest().gate.conditions if row.name == "flag")
        assert (row.mark, row.text) == (Mark.BREACH, "reads 100 %, not 10 %")
        flag.percent = 10
        until(door, lambda judgement: judgement.state.flag.status == "confirmed")
    drifted = written(tmp_path, "flag.drifted")
    assert [(entry.counted("expected"), entry.counted("seen")) for entry in drifted] == [(10, 100)]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ({"percent": 50}, "the flag reads 50 %, not 10 %: nothing was moved"),
        ({"on_read": refusing}, "the flag cannot be read, nothing was moved: the back end says no"),
    ],
)
def test_row_73_drift_before_an_advance_moves_nothing(tmp_path, spoil, why):
    flag = FakeFlag(10)
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        until(door, lambda judgement: judgement.state.seen.flag)
        for name, value in spoil.items():
            setattr(flag, name, value)
        answer = overruled(door)
        assert (answer.ok, answer.text, flag.written) == (False, why, [])
    assert moves(tmp_path).count("flag.intended") == 1


def test_row_73_drift_stops_no_revert(tmp_path):
    flag = FakeFlag(10)
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        flag.percent = 77
        assert asked(door, Act.REVERT).ok
    assert flag.percent == 0


@pytest.mark.parametrize("broken", [False, True])
def test_row_70_a_first_advance_of_unknown_outcome_is_set_back(tmp_path, broken):
    flag, disk = FakeFlag(), FailingDisk()

    def applies_then_drops(percent):
        flag.percent, flag.on_read, flag.on_write = percent, refusing, None
        raise ConnectionError("reset")

    flag.on_write = applies_then_drops
    with watched(made(tmp_path), traffic(), documents(), flag=flag, files=disk) as door:
        ready(door)
        assert asked(door, Act.ADVANCE, percent=10).text == "flag move to 10 % unknown: reset"
        if broken:
            broken_disk(door, disk)
        unread = asked(door, Act.REVERT)
        assert not unread.ok
        assert unread.text.startswith("REVERT NOT DONE: flag move to 0 % unknown: written, not read back")
        assert flag.written == [10, 0]
        flag.on_read = None
        until(door, lambda judgement: judgement.state.flag.status == "confirmed")
        assert (flag.percent, door.latest().state.phase, door.latest().state.flag.percent) == (0, 0, 0)


def test_row_73_a_flag_somebody_raised_before_the_first_phase_is_set_back(tmp_path):
    flag = FakeFlag()
    with watched(made(tmp_path), flag=flag) as door:
        flag.percent = 50
        until(door, lambda judgement: judgement.state.flag.status == "drifted")
        answer = asked(door, Act.REVERT)
        assert (answer.ok, answer.text) == (True, "flag set back to 0 %: by hand")
        assert (flag.written, door.latest().state.flag.status) == ([0], "confirmed")
        until(door, lambda judgement: judgement.state.seen.flag.percent == 0)
        assert asked(door, Act.REVERT).text == "nothing to revert: the flag is at 0 %"


def test_row_79_the_same_wish_twice_is_one_move(tmp_path):
    flag = FakeFlag(10)
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        flag.on_read = lambda: asyncio.sleep(0.05)
        wish = against_the_gate(door)
        answers = [future.result(60) for future in [door.ask(wish) for _ in range(4)]]
        assert [answer.ok for answer in answers].count(True) == 1
        assert (flag.written, door.latest().state.phase) == ([25], 25)
    assert moves(tmp_path).count("phase.entered") == 2


def test_row_79_two_reverts_go_back_one_phase(tmp_path):
    flag = FakeFlag(25)
    with watched(made(tmp_path, percent=25), flag=flag) as door:
        flag.on_write = lambda _: asyncio.sleep(0.05)
        answers = [future.result(60) for future in [door.ask(Request(Act.REVERT)) for _ in range(3)]]
        assert [answer.ok for answer in answers] == [True, False, False]
        assert (flag.percent, door.latest().state.phase) == (10, 10)


def test_row_74_a_revert_that_fails_is_loud(tmp_path):
    flag = FakeFlag(10, on_write=refusing)
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        answer = asked(door, Act.REVERT)
        assert answer.text == "REVERT NOT DONE: flag move to 0 % refused: the back end says no"
        assert door.latest().state.phase == 10


def test_a_switch_that_fails_is_told_and_written_down(tmp_path):
    flag = FakeFlag(10, on_switch=refusing)
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        answer = asked(door, Act.FREEZE, subject="capsules")
        assert answer.ok
        assert "Capsules NOT frozen: switch capsules-flow is not on: the back end says no" in answer.text
        assert "capsules" in door.latest().state.frozen
    (told,) = written(tmp_path, "switch.refused")
    assert told.text == "Capsules NOT frozen: switch capsules-flow is not on: the back end says no"


def test_the_end_in_the_middle_of_a_move_leaves_an_open_intent_for_the_next_start(tmp_path):
    flag = FakeFlag(10)

    def applies_and_hangs(percent):
        flag.percent = percent
        return asyncio.sleep(3600)

    flag.on_write = applies_and_hangs
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        pending = door.ask(against_the_gate(door))
        until(door, lambda _: flag.written)
        ending = threading.Thread(target=door.stop, args=("killed",))
        ending.start()
        assert pending.result(60).text == "nobody watches: nothing was done"
        ending.join()
    assert moves(tmp_path)[-1] == "flag.intended"
    flag.on_write = None
    with watched(tmp_path, flag=flag) as door:
        until(door, lambda judgement: judgement.state.phase == 25)
    assert flag.written == [25]
