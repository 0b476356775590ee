"""An open session: state in memory, journal and history on disk, kept in step."""

import errno

import pytest

from cockpit.session.both_files import state_of
from cockpit.session.session import Session, always, just
from cockpit.settings.file.wiring import Wiring
from sessions.history.history import History
from sessions.storage.disk import DISK
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import Journal, JournalError, create, load
from sessions.values.entries import Draft
from sessions.values.sign_of_life import Sign
from tests.support.build import T0, after, window
from tests.support.sessions.files import FailingDisk
from tests.support.watch.watching import FAST, made

NOTE = Draft("note.written", "owner", "hello")


def opened(folder, files=None, now=T0):
    journal = Journal(folder / SESSION, files) if files else Journal(folder / SESSION)
    return Session(folder, journal.open(now), journal, History(folder / HISTORY), None, now, files or DISK)


def test_an_entry_is_on_disk_before_the_state_has_it(tmp_path):
    session = opened(made(tmp_path))
    entries = session.act(just([NOTE]), after(1)).entries
    assert load(tmp_path / SESSION).entries[-1] == entries[0] == session.state.entries[-1]
    session.close()


def test_no_draft_writes_nothing(tmp_path):
    session = opened(made(tmp_path))
    size = (tmp_path / SESSION).stat().st_size
    assert session.act(just([]), T0).entries == ()
    assert (tmp_path / SESSION).stat().st_size == size
    session.close()


def test_what_others_wrote_meanwhile_is_folded_in_first(tmp_path):
    session = opened(made(tmp_path))
    other = Journal(tmp_path / SESSION)
    other.open(T0)
    other.append([Draft("rollout.paused", "cli", "paused", {"cause": "by cli", "evidence": ()})], phase=0, now=T0)
    other.close()
    session.act(just([NOTE]), after(1))
    assert session.state.paused.cause == "by cli"
    assert [entry.kind for entry in session.state.entries][-2:] == ["rollout.paused", "note.written"]
    session.close()


def test_row_3_what_cannot_be_written_changes_no_state(tmp_path):
    disk = FailingDisk()
    session = opened(made(tmp_path), disk)
    disk.op, disk.at, disk.code, disk.lasting = "write", 1, errno.ENOSPC, True
    before = session.state.entries
    done = session.act(just([NOTE]), T0)
    assert (done.owed, "NOT saved" in done.unsaved) == (False, True)
    assert session.state.entries == before
    assert "No space left on device" in session.state.journal_fault
    session.close()


def test_row_3_a_protective_entry_that_cannot_be_written_is_kept_in_memory_and_marked(tmp_path):
    disk = FailingDisk()
    session = opened(made(tmp_path), disk)
    assert session.act(just([NOTE]), T0, always).unsaved == ""
    disk.op, disk.at, disk.code, disk.lasting = "write", disk.calls["write"] + 1, errno.ENOSPC, True
    said = session.act(
        just([Draft("rollout.paused", "watch", "paused", {"cause": "spike", "evidence": ()})]), T0, always
    )
    assert (said.owed, said.unsaved.startswith("NOT saved: ")) == (True, True)
    assert session.state.paused.cause == "spike"
    assert session.state.entries[-1].text == "NOT saved: paused"
    assert "No space left" in session.state.journal_fault
    session.close()
    assert load(tmp_path / SESSION).entries[-1].kind == "note.written"


def test_faults_have_an_origin_and_are_forgotten_one_by_one(tmp_path):
    session = opened(made(tmp_path))
    session.fault("sources", "one is gone", "one")
    session.fault("sources", "two is gone", "two")
    session.fault("judging", "judging failed")
    assert session.state.faults == {"sources": "one is gone; two is gone", "judging": "judging failed"}
    session.fault("sources", "", "one")
    session.fault("judging", "")
    assert session.state.faults == {"sources": "two is gone"}
    session.fault("sources", "", "two")
    assert (session.state.faults, session.state.journal_fault) == ({}, "")
    session.close()


def test_readings_are_seen_again_after_reopening(tmp_path):
    session = opened(made(tmp_path))
    session.take([window("POST /capsules", T0)])
    session.close()
    again = opened(tmp_path, now=after(900))
    assert again.state.seen.windows == session.state.seen.windows != {}
    again.close()


@pytest.mark.parametrize("spoil", ["missing", "garbage", "folder"])
def test_a_lost_history_loses_no_decision(tmp_path, spoil):
    session = opened(made(tmp_path, percent=25))
    session.take([window("POST /capsules", T0)])
    session.close()
    path = tmp_path / HISTORY
    path.unlink()
    if spoil == "garbage":
        path.write_bytes(b"no database at all" * 1000)
    if spoil == "folder":
        path.mkdir()
    again = opened(tmp_path)
    assert (again.state.phase, again.state.seen.windows) == (25, {})
    assert again.state.entries == session.state.entries
    again.close()


def test_the_last_sign_of_life_is_the_newest_of_both_files(tmp_path):
    session = opened(made(tmp_path))
    assert session.last_alive() is None
    session.act(just([NOTE]), after(5))
    assert session.last_alive() is None
    session.act(just([Draft("watch.started", "watch", "watch started", {"pid": 1, "host": "box"})]), after(10))
    assert session.last_alive() == after(10)
    session.beat(Sign(after(20), shifted=session.state.shifted))
    assert session.last_alive() == after(20)
    session.close()


def test_row_1_an_entry_set_aside_at_this_start_is_no_sign_of_an_earlier_watch(tmp_path):
    session = opened(made(tmp_path))
    session.act(just([Draft("watch.started", "watch", "watch started", {"pid": 1, "host": "box"})]), after(10))
    session.close()
    with (tmp_path / SESSION).open("ab") as file:
        file.write(b"[[entry]]\nseq = 3")
    journal = Journal(tmp_path / SESSION)
    again = Session(tmp_path, journal.open(after(900)), journal, History(tmp_path / HISTORY), None, after(900))
    assert again.state.entries[-1].kind == "journal.recovered"
    assert again.last_alive() == after(10)
    again.close()


def test_a_plan_that_is_not_readable_is_one_line(tmp_path):
    create(tmp_path / SESSION, "bad", {**FAST.table, "windows": "none"}, T0, Wiring().table())
    with pytest.raises(JournalError, match=r"the session's plan is not readable: windows: is no table") as error:
        state_of(load(tmp_path / SESSION))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("by", "who"), [("owner", "anna@night"), ("cli", "anna@night"), ("watch", ""), ("autopilot", "")]
)
def test_an_entry_of_a_person_says_who_it_was_and_no_other_does(tmp_path, by, who):
    journal = Journal(made(tmp_path) / SESSION)
    session = Session(tmp_path, journal.open(T0), journal, History(tmp_path / HISTORY), None, T0, person="anna@night")
    session.act(just([Draft("note.written", by, "hello")]), after(1))
    session.close()
    assert load(tmp_path / SESSION).entries[-1].said("who") == who
