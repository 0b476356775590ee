"""A disk that fails while the flag is moved: an advance is refused, protection goes on and says so."""

import errno

import pytest

from sessions.values.requests import Act
from sessions.values.verdicts import Mark
from tests.support.sessions.files import FailingDisk
from tests.support.watch.moving import broken_disk, overruled
from tests.support.watch.watching import FakeFlag, asked, kinds, made, until, watched, written


def test_row_3_a_journal_that_fails_refuses_an_advance(tmp_path):
    flag, disk = FakeFlag(10), FailingDisk()
    with watched(made(tmp_path, percent=10), flag=flag, files=disk) as door:
        until(door, lambda judgement: judgement.state.seen.flag)
        broken_disk(door, disk)
        answer = overruled(door)
        assert (answer.ok, flag.written) == (False, [])
        assert answer.text.startswith("NOT saved: ")
        assert "No space left on device" in answer.text
        again = overruled(door)
        assert again.text.startswith("the journal is not healthy: ")
        assert not asked(door, Act.NOTE, text="lost").ok
        journal = next(row for row in door.latest().gate.conditions if row.name == "journal")
        assert journal.mark is Mark.BREACH
    assert flag.written == []


def test_row_3_a_journal_that_fails_stops_no_revert_and_it_says_not_saved(tmp_path):
    flag, disk = FakeFlag(10), FailingDisk()
    with watched(made(tmp_path, percent=10), flag=flag, files=disk) as door:
        until(door, lambda judgement: judgement.state.seen.flag)
        broken_disk(door, disk, errno.EROFS)
        answer = asked(door, Act.REVERT)
        assert (answer.ok, flag.percent, door.latest().state.phase) == (True, 0, 0)
        assert "NOT saved" in answer.text
        assert not answer.saved
        unsaved = [entry for entry in door.latest().state.entries if entry.text.startswith("NOT saved: ")]
        assert {"flag.intended", "flag.confirmed", "phase.entered"} <= {entry.kind for entry in unsaved}
        assert "NOT saved" in door.latest().state.journal_fault
    assert kinds(tmp_path).count("phase.entered") == 1


@pytest.mark.parametrize(
    ("act", "facts"),
    [(Act.PAUSE, {}), (Act.FREEZE, {"subject": "capsules"}), (Act.STEP, {"subject": "duplication.freeze"})],
)
def test_row_3_protection_goes_on_unsaved(tmp_path, act, facts):
    flag, disk = FakeFlag(10), FailingDisk()
    with watched(made(tmp_path, percent=10), flag=flag, files=disk) as door:
        until(door, lambda judgement: judgement.state.seen.flag)
        broken_disk(door, disk)
        answer = asked(door, act, **facts)
        assert answer.ok
        assert "NOT saved" in answer.text
        assert not answer.saved
        state = door.latest().state
        assert state.paused or flag.switches["capsules-flow"]


def test_row_3_a_disk_with_room_again_takes_entries_again(tmp_path):
    disk = FailingDisk()
    with watched(made(tmp_path, percent=10), flag=FakeFlag(10), files=disk) as door:
        until(door, lambda judgement: judgement.state.seen.flag)
        broken_disk(door, disk)
        assert not asked(door, Act.NOTE, text="lost").ok
        disk.op = ""
        assert asked(door, Act.NOTE, text="kept").ok
        assert door.latest().state.journal_fault == ""
    assert [entry.text for entry in written(tmp_path, "note.written")] == ["kept"]
