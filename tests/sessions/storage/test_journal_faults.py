"""A disk that fails: every call of the journal, every way, and what was acknowledged is still there."""

import errno
import os
import random
from itertools import product
from pathlib import Path

import pytest

from sessions.storage.disk import FileOps
from sessions.storage.journal import Journal, JournalError, LockedError, create, load
from tests.support.build import T0, after
from tests.support.sessions.files import (
    SMALL_PLAN,
    FailingDisk,
    StingyDisk,
    decided,
    flown,
    names,
    note,
    opened,
    turned,
    words,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.toml"


def test_a_lock_held_too_long_is_told_and_tried_again(path):
    create(path, "flight", SMALL_PLAN, T0)
    disk = FailingDisk()
    journal, _ = opened(path, disk)
    disk.op, disk.at, disk.code = "lock", 1, errno.EWOULDBLOCK
    with pytest.raises(LockedError, match=r"locked by another process: see who has it with `fuser .*`, and try again"):
        journal.append([note(1)], phase=10, now=T0)
    assert (journal.fault, journal.final) == ("", False)
    journal.append([note(1)], phase=10, now=T0)
    assert journal.fault == ""
    journal.close()


def test_row_3_a_full_disk_is_told_and_success_clears_it(path):
    before = flown(path)
    disk = FailingDisk("write", 1, errno.ENOSPC)
    journal, _ = opened(path, disk)
    with pytest.raises(JournalError, match=r"session\.toml: entry NOT saved \(No space left on device\): make room"):
        journal.append([note(7)], phase=10, now=T0)
    assert "entry NOT saved" in journal.fault
    assert path.read_bytes() == before
    assert words(journal.append([note(8)], phase=10, now=T0)) == [(7, "note 8")]
    assert journal.fault == ""
    journal.close()
    assert words(load(path).entries)[-1] == (7, "note 8")


@pytest.mark.parametrize("keep", [1, 2, 20, 60, 110, 130])
def test_row_4_part_of_a_block_is_taken_back(path, keep):
    before = flown(path)
    journal, _ = opened(path, FailingDisk("write", 1, errno.ENOSPC, keep))
    with pytest.raises(JournalError, match="NOT saved"):
        journal.append([note(7)], phase=10, now=T0)
    assert path.read_bytes() == before
    journal.append([note(8)], phase=10, now=T0)
    journal.close()
    assert (len(load(path).entries), load(path).damage, load(path).torn) == (7, None, b"")


def test_row_5_what_cannot_be_taken_back_ends_the_journal(path):
    class Dying(FailingDisk):
        def ftruncate(self, fd, size):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    flown(path)
    journal, _ = opened(path, Dying("write", 1, errno.ENOSPC, 30))
    with pytest.raises(JournalError, match="cannot be removed"):
        journal.append([note(7)], phase=10, now=T0)
    assert journal.final
    with pytest.raises(JournalError, match="no entry is saved any more"):
        journal.append([note(8)], phase=10, now=T0)
    journal.close()
    assert (len(load(path).entries), len(load(path).torn)) == (6, 30)


def test_row_6_after_a_failed_fsync_the_disk_is_never_asked_again(path):
    flown(path)
    disk = FailingDisk("fsync", 2)
    journal, _ = opened(path, disk)
    with pytest.raises(JournalError, match="entry 7 is not proved saved"):
        journal.append([note(7)], phase=10, now=T0)
    asked = disk.calls["fsync"]
    with pytest.raises(JournalError, match="sound disk"):
        journal.append([note(8)], phase=10, now=T0)
    assert (journal.catch_up(), journal.final, disk.calls["fsync"]) == ((), True, asked)
    journal.close()


@pytest.mark.parametrize("most", [1, 2, 7, 100])
def test_row_7_short_and_interrupted_writes_make_one_whole_block(path, most):
    create(path, "flight", SMALL_PLAN, T0)
    journal, _ = opened(path, StingyDisk(most))
    entries = journal.append([note(1), note(2)], phase=10, now=T0)
    journal.close()
    assert load(path).entries == entries


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_row_8_a_file_we_may_not_write_is_one_line(path, code):
    before = flown(path)
    with pytest.raises(JournalError, match=r"session\.toml: cannot be opened \(.*\): open it with --read-only"):
        Journal(path, FailingDisk("open", 1, code)).open(T0)
    assert path.read_bytes() == before


def test_row_9_a_disk_that_turns_read_only(path):
    before = flown(path)
    journal, _ = opened(path, FailingDisk("write", 1, errno.EROFS, lasting=True))
    for number in (7, 8):
        with pytest.raises(JournalError, match="Read-only file system"):
            journal.append([note(number)], phase=10, now=T0)
    assert "NOT saved" in journal.fault
    journal.close()
    assert path.read_bytes() == before


OPS = ("open", "chmod", "status", "named", "read", "write", "fsync", "ftruncate", "link", "unlink", "lock")
CODES = (errno.EIO, errno.ENOSPC, errno.EINTR)


def fly_over(path: Path, disk: FileOps) -> list[tuple[int, str]]:
    """Create, write, tear, reopen, write on a failing disk; return what was acknowledged."""
    ledger: list[tuple[int, str]] = []
    try:
        create(path, "flight", SMALL_PLAN, T0, None, disk)
        first = Journal(path, disk)
        ledger += words(first.open(T0).entries)
        for number in (1, 2):
            ledger += words(first.append([note(number), decided(number)], phase=10, now=after(number)))
        first.close()
        with path.open("ab") as file:
            file.write(b"\n[[entry]]\nseq = 5\nat = 20")
        second = Journal(path, disk)
        ledger += [row for row in words(second.open(after(3)).entries) if row not in ledger]
    except JournalError:
        return ledger
    for number in (4, 5):
        try:
            ledger += words(second.append([turned(number)], phase=10, now=after(number)))
        except JournalError:
            continue
    second.close()
    return ledger


def healthy_after(path: Path, ledger: list[tuple[int, str]]) -> None:
    """What was acknowledged is in the file, in its place; the next start is clean and takes an entry."""
    if not path.exists():
        assert ledger == []
        return
    journal = Journal(path)
    found = journal.open(after(10))
    assert found.damage is None
    assert set(ledger) <= set(words(found.entries))
    assert len(set(ledger)) == len(ledger)
    (entry,) = journal.append([note(99)], phase=10, now=after(11))
    journal.close()
    again = load(path)
    assert (again.entries[-1], again.torn, again.damage) == (entry, b"", None)


def calls_of_a_healthy_flight(folder: Path) -> dict[str, int]:
    disk = FailingDisk()
    fly_over(folder / "session.toml", disk)
    return disk.calls


@pytest.mark.slow
@pytest.mark.parametrize("op", OPS)
def test_rows_3_to_9_no_fault_at_any_call_loses_what_was_acknowledged(tmp_path, op):
    (tmp_path / "healthy").mkdir()
    calls = calls_of_a_healthy_flight(tmp_path / "healthy")[op]
    keeps = (0, 1, 40) if op == "write" else (0,)
    for at, code, keep, lasting in product(range(1, calls + 1), CODES, keeps, (False, True)):
        if code == errno.EINTR and keep:
            continue  # an interrupted write that wrote is a short write
        folder = tmp_path / f"{at}-{code}-{keep}-{lasting}"
        folder.mkdir()
        disk = FailingDisk(op, at, code, keep, lasting)
        ledger = fly_over(folder / "session.toml", disk)
        assert disk.struck
        healthy_after(folder / "session.toml", ledger)


def test_no_failed_creation_leaves_a_session_or_a_draft(tmp_path):
    for op in ("open", "chmod", "write", "link"):
        with pytest.raises(JournalError, match="cannot be created"):
            create(tmp_path / "session.toml", "flight", SMALL_PLAN, T0, None, FailingDisk(op, 1, errno.ENOSPC, 20))
        assert names(tmp_path) == []


def lost(raw: bytes, rng: random.Random) -> list[bytes]:
    """What a power cut may leave of a write that was not fsynced."""
    cut = rng.randrange(1, len(raw))
    hole = rng.randrange(11, len(raw) - 60)
    return [
        b"",
        bytes(len(raw)),
        rng.randbytes(len(raw)),
        raw[:cut] + bytes(len(raw) - cut),
        raw[:cut] + rng.randbytes(40).replace(b"crc", b"___"),
        raw[:hole] + bytes(40) + raw[hole + 40 :],
        bytes(4096) + raw,
    ]


@pytest.mark.parametrize("seed", range(12))
def test_row_2_a_power_cut_loses_nothing_that_was_fsynced(path, seed):
    rng = random.Random(seed)
    synced = flown(path, 5)
    before = words(load(path).entries)
    journal, _ = opened(path)
    journal.append([turned(seed)], phase=10, now=after(6))
    journal.close()
    unsynced = path.read_bytes()[len(synced) :]
    for left in lost(unsynced, rng):
        path.write_bytes(synced + left)
        journal, found = opened(path)
        journal.close()
        assert (journal.fault, found.damage, words(found.entries)[:5]) == ("", None, before)
        extra = [entry.kind for entry in found.entries[5:]]
        assert extra == (["journal.recovered"] if left else [])
        assert not left or path.with_name(found.entries[-1].said("file")).read_bytes() == left


def test_an_unfinished_end_that_cannot_be_set_aside_is_left_alone(path):
    data = flown(path) + b"\n[[entry]]\nse"
    path.write_bytes(data)
    journal, found = opened(path, FailingDisk("write", 1, errno.ENOSPC))
    assert (len(found.entries), found.torn) == (6, b"\n[[entry]]\nse")
    assert "unfinished entry that cannot be set aside (No space left on device)" in journal.fault
    journal.close()
    assert path.read_bytes() == data
    assert names(path.parent) == ["session.toml"]


def test_an_unrecorded_recovery_is_recorded_with_the_next_entry(path):
    path.write_bytes(flown(path) + b"\n[[entry]]\nse")
    journal, found = opened(path, FailingDisk("write", 2, errno.ENOSPC))
    assert (len(found.entries), "NOT saved" in journal.fault, journal.final) == (6, True, False)
    entries = journal.append([note(8)], phase=10, now=T0)
    journal.close()
    assert [(entry.seq, entry.kind) for entry in entries] == [(7, "journal.recovered"), (8, "note.written")]
    assert journal.fault == ""
