"""Appending to the session file: what is acknowledged is on the disk, and no fault makes it less."""

import errno
import os
import tomllib
import zlib

import pytest

from sessions.file_format.checksums import Place
from sessions.storage.disk import FileOps
from sessions.storage.journal import JournalError, create, load
from tests.support.build import T0, after
from tests.support.sessions.files import SMALL_PLAN, FailingDisk, decided, flown, note, opened, turned, words


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.toml"


def test_entries_come_back_as_they_were_acknowledged(path):
    create(path, "flight", SMALL_PLAN, T0)
    journal, _ = opened(path)
    first = journal.append([note(1), turned(2)], phase=10, now=after(1))
    second = journal.append([decided(25)], phase=10, now=after(2))
    journal.close()
    assert load(path).entries == (*first, *second)
    assert [entry.seq for entry in (*first, *second)] == [1, 2, 3]
    assert [entry.phase for entry in (*first, *second)] == [10, 10, 25]
    assert second[0].listed("evidence")[0] == "latency pass 25 ms"


def test_the_file_is_toml_that_ends_each_block_with_its_checksum(path):
    flown(path)
    values = tomllib.loads(path.read_text())
    assert [row["seq"] for row in values["entry"]] == [1, 2, 3, 4, 5, 6]
    assert all(list(row)[:2] == ["seq", "at"] and list(row)[-2:] == ["text", "crc"] for row in values["entry"])


def test_reopening_goes_on_where_it_stopped(path):
    flown(path)
    journal, found = opened(path)
    (entry,) = journal.append([note(7)], phase=25, now=after(9))
    journal.close()
    assert (len(found.entries), entry.seq, load(path).entries[-1]) == (6, 7, entry)


def test_an_entry_is_synced_before_it_is_acknowledged(path):
    done = []

    class Listening(FileOps):
        def write(self, fd, data):
            done.append("write")
            return super().write(fd, data)

        def fsync(self, fd):
            done.append("fsync")
            super().fsync(fd)

    create(path, "flight", SMALL_PLAN, T0)
    journal, _ = opened(path, Listening())
    done.clear()
    journal.append([note(1), note(2), note(3)], phase=10, now=T0)
    journal.close()
    assert done == ["write", "fsync"]


def test_nothing_to_write_touches_nothing(path):
    before = flown(path)
    journal, _ = opened(path)
    assert journal.append([], phase=10, now=T0) == ()
    journal.close()
    journal.close()
    assert path.read_bytes() == before


def test_a_closed_journal_takes_no_entry(path):
    flown(path)
    journal, _ = opened(path)
    journal.close()
    with pytest.raises(JournalError, match="is not open"):
        journal.append([note(1)], phase=10, now=T0)
    assert journal.catch_up() == ()


def test_entries_of_other_processes_come_first_and_once(path):
    create(path, "flight", SMALL_PLAN, T0)
    one, _ = opened(path)
    two, _ = opened(path)
    one.append([note(1)], phase=10, now=after(1))
    assert words(two.append([note(2)], phase=10, now=after(2))) == [(1, "note 1"), (2, "note 2")]
    assert words(one.catch_up()) == [(2, "note 2")]
    assert one.catch_up() == ()
    assert words(one.append([note(3)], phase=10, now=after(3))) == [(3, "note 3")]
    assert words(two.append([], phase=10, now=after(4))) == [(3, "note 3")]
    one.close()
    two.close()
    assert words(load(path).entries) == [(1, "note 1"), (2, "note 2"), (3, "note 3")]


def test_foreign_entries_are_not_lost_when_our_own_is(path):
    create(path, "flight", SMALL_PLAN, T0)
    disk = FailingDisk()
    one, _ = opened(path, disk)
    two, _ = opened(path)
    two.append([note(1)], phase=10, now=after(1))
    disk.op, disk.at, disk.code = "write", disk.calls.get("write", 0) + 1, errno.ENOSPC
    with pytest.raises(JournalError):
        one.append([note(2)], phase=10, now=after(2))
    assert words(one.catch_up()) == [(1, "note 1")]
    assert words(one.append([note(3)], phase=10, now=after(3))) == [(2, "note 3")]
    one.close()
    two.close()


def test_catching_up_waits_for_nobody(path):
    create(path, "flight", SMALL_PLAN, T0)
    one, _ = opened(path)
    two, _ = opened(path)
    two.append([note(1)], phase=10, now=after(1))
    two._files.lock(two._fd)
    assert one.catch_up() == ()
    two._files.unlock(two._fd)
    assert words(one.catch_up()) == [(1, "note 1")]
    one.close()
    two.close()


def edit_longer(path):
    path.write_bytes(path.read_bytes() + b"# mine\n")


def edit_shorter(path):
    path.write_bytes(path.read_bytes()[:-1])


def edit_in_place(path):
    with path.open("r+b") as file:
        file.seek(40)
        file.write(b"X")
    os.utime(path, (1, 1))


def edit_by_rename(path):
    copy = path.with_suffix(".new")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def append_damaged(path):
    path.write_bytes(path.read_bytes() + b'\n[[entry]]\nseq = 7\ncrc = "00000000"\n')


@pytest.mark.parametrize("edit", [edit_shorter, edit_in_place, edit_by_rename, append_damaged])
def test_row_12_a_file_changed_by_an_editor_is_not_written_to(path, edit):
    flown(path)
    journal, _ = opened(path)
    edit(path)
    theirs = path.read_bytes()
    with pytest.raises(JournalError, match="no entry is saved any more, look at the file"):
        journal.append([note(7)], phase=10, now=T0)
    assert (journal.final, path.read_bytes()) == (True, theirs)
    journal.close()


def test_row_12_catching_up_notices_an_editor_too(path):
    flown(path)
    journal, _ = opened(path)
    edit_by_rename(path)
    assert journal.catch_up() == ()
    assert "replaced by another program" in journal.fault
    journal.close()


def test_row_12_lines_added_by_hand_are_set_aside_and_kept(path):
    flown(path)
    journal, _ = opened(path)
    edit_longer(path)
    recovered, own = journal.append([note(7)], phase=10, now=T0)
    journal.close()
    assert (recovered.kind, recovered.facts["bytes"], own.seq) == ("journal.recovered", 7, 8)
    assert path.with_name(recovered.said("file")).read_bytes() == b"# mine\n"
    assert load(path).damage is None


@pytest.mark.parametrize("moved", [False, True])
def test_row_13_a_file_deleted_or_moved_away(path, moved):
    flown(path)
    journal, _ = opened(path)
    path.rename(path.with_suffix(".bak")) if moved else path.unlink()
    with pytest.raises(JournalError, match="was deleted or moved away"):
        journal.append([note(7)], phase=10, now=T0)
    assert not path.exists()
    journal.close()


def test_a_foreign_entry_that_is_none_ends_the_journal(path):
    flown(path)
    journal, found = opened(path)
    body = b'\n[[entry]]\nseq = "7"\n'
    crc = zlib.crc32(body, found.end.crc)
    path.write_bytes(path.read_bytes() + body + b'crc = "%08x"\n' % crc)
    with pytest.raises(JournalError, match="has a foreign entry that"):
        journal.append([note(7)], phase=10, now=T0)
    journal.close()
    found = load(path)
    assert (found.damage.seq, len(found.entries)) == (7, 6)
    assert found.damage.what == "entry 7 lacks its seq, moment or phase"
    assert path.read_bytes().splitlines()[found.damage.line - 1 :][:2] == [b"[[entry]]", b'seq = "7"']


def test_row_21_a_full_file_takes_no_entry(path):
    flown(path)
    journal, _ = opened(path)
    journal._place = Place(64 * 2**20, 6, 0)
    with pytest.raises(JournalError, match="would exceed 64 MB"):
        journal._store([note(1)], 10, T0)
    journal.close()
