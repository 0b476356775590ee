"""A history that is locked, or in whose place something else stands: told, kept in memory, written once it can be."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

from sessions.history.file import PATIENCE
from sessions.history.history import History
from sessions.values import readings as r
from sessions.values.sign_of_life import Sign
from tests.support.build import T0, after
from tests.support.faults.bases import BUSY, FULL, IOERR, FailingBase, locked, on_disk

ALWAYS = (after(-(10**7)), after(10**7))


def csat(second):
    return r.Csat("mongo", after(second), second, 0)


def rollback_journal(history_path):
    """Without the log that lets readers go on a lock keeps them out too."""
    with closing(sqlite3.connect(history_path)) as db, db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()


@pytest.mark.parametrize("before", [lambda _: None, rollback_journal])
def test_row_8_locked_for_40_s_it_says_so_goes_on_from_memory_and_writes_all_of_it_then(history_path, before):
    begun = History(history_path)
    begun.add([csat(0)])
    begun.close()
    before(history_path)
    history = History(history_path)
    history.beat(Sign(T0))
    free = locked(history_path)
    for second in range(1, 41):
        history.add([csat(second)])
        history.beat(Sign(after(second)))
        history.anchor("flight", second, "00000000")
        seen = [one.answers for one in history.recent()]
        assert seen[-1] == second
        assert len(history.between(after(1), after(second))) == second
    said = f"{history_path}: is locked by another process since 10:00:01 UTC: what is measured is kept in memory"
    assert history.fault.startswith(said)
    assert (history.last_beat().at, history.anchored().seq) == (after(40), 40)
    free()
    history.beat(Sign(after(41)))
    assert history.fault == ""
    assert [at for _, _, at in on_disk(history_path)] == [
        one.at.isoformat(timespec="microseconds") for one in map(csat, range(41))
    ]
    history.close()
    again = History.open_readonly(history_path)
    assert (again.last_beat().at, again.anchored().seq) == (after(41), 40)
    again.close()


def test_a_lock_that_comes_and_goes_is_no_fault(history_path, history):
    history.beat(Sign(T0))
    for second in range(0, 30, 3):
        free = locked(history_path)
        history.add([csat(second)])
        assert history.fault == ""
        free()
        history.beat(Sign(after(second + 1)))
    assert len(on_disk(history_path)) == 10


def test_only_the_first_call_waits_for_a_lock(history_path):
    disk = FailingBase(kind=BUSY)
    history = History(history_path, disk)
    history.beat(Sign(T0))
    free = locked(history_path)
    disk.patience.clear()
    for second in range(5):
        history.add([csat(second)])
        history.recent()
        history.changed()
    assert disk.patience == [round(PATIENCE * 1000), *[0] * 14]
    assert 5 * PATIENCE <= 0.25
    free()
    history.beat(Sign(after(9)))
    history.beat(Sign(after(10)))
    assert disk.patience[-1] == round(PATIENCE * 1000)
    history.close()


def test_what_is_written_by_a_process_that_ends_is_waited_for(history_path):
    disk = FailingBase(kind=BUSY)
    history = History(history_path, disk)
    history.beat(Sign(T0))
    disk.op, disk.at = "statement", disk.calls["statement"] + 2
    history.add([csat(1)])
    assert on_disk(history_path) == []
    history.close()
    assert len(on_disk(history_path)) == 1


@pytest.mark.parametrize("kind", [FULL, IOERR])
def test_a_full_or_failing_disk_is_told_at_once_and_nothing_is_lost(history_path, kind):
    disk = FailingBase(kind=kind)
    history = History(history_path, disk)
    history.add([csat(0)])
    disk.op, disk.at, disk.lasting = "statement", disk.calls["statement"], True
    for second in range(1, 30):
        history.add([csat(second)])
    assert f"cannot be written ({kind[2]}): what is measured is kept in memory" in history.fault
    assert [one.answers for one in history.recent()] == list(range(30))
    assert f"cannot be read ({kind[2]})" in history.fault
    assert "\n" not in history.fault
    disk.op = ""
    history.beat(Sign(after(30)))
    assert history.recent() == [csat(second) for second in range(30)]
    assert history.fault == ""
    history.close()


def test_reading_well_hides_no_failure_to_write(history_path):
    history = History(history_path)
    history.beat(Sign(T0))
    free = locked(history_path)
    history.add([csat(1)])
    history.beat(Sign(after(9)))
    history.changed()
    history.recent()
    assert "is locked by another process" in history.fault
    free()
    history.beat(Sign(after(10)))
    assert history.fault == ""
    history.close()


def test_no_rights_and_a_folder_that_is_gone_are_told(tmp_path):
    history = History(tmp_path / "gone" / "history.sqlite")
    history.add([csat(1)])
    assert "cannot be written (No such file or directory)" in history.fault
    assert history.recent() == [csat(1)]
    (tmp_path / "gone").mkdir()
    history.beat(Sign(after(2)))
    assert (history.recent(), history.fault) == ([csat(1)], "")
    history.close()
    history = History(
        tmp_path / "gone" / "history.sqlite",
        FailingBase("connect", kind=(sqlite3.OperationalError, 14, "unable to open database file"), lasting=True),
    )
    history.beat(Sign(T0))
    assert "cannot be written (unable to open database file)" in history.fault
    history.close()


def test_a_row_that_is_no_reading_is_left_out(history_path, history):
    history.add([r.Csat("mongo", T0, 1, 0)])
    rows = ["{}", "no json", "[]", "null"]
    with closing(sqlite3.connect(history_path)) as db, db:
        for number, (kind, body) in enumerate(
            [*(("csat", row) for row in rows), ("moon", "{}"), ("window", '{"at": 5}')]
        ):
            db.execute("INSERT INTO readings VALUES (?, 'x', ?, ?, ?)", (kind, number, T0.isoformat(), body))
    db.close()
    assert history.between(*ALWAYS) == [r.Csat("mongo", T0, 1, 0)]
    assert history.fault == ""


@pytest.mark.parametrize("at", range(1, 12))
def test_all_of_a_batch_or_nothing(history_path, at):
    disk = FailingBase(kind=IOERR)
    history = History(history_path, disk)
    history.add([csat(0)])
    disk.op, disk.at = "statement", disk.calls["statement"] + at
    history.add([csat(1), r.Size("mongo", after(1), "x", 1, 0)])
    assert len(on_disk(history_path)) in (1, 3)
    history.close()
    assert len(on_disk(history_path)) == 3


def test_a_reading_that_no_file_could_hold_hides_no_other(history):
    beyond = r.Csat("mongo", datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))), 1, 0)
    half = r.Size("mongo", T0, "x\ud800", 1, 0)
    history.add([half, beyond, csat(1)])
    assert [type(one) for one in history.recent()] == [r.Size, r.Csat]
    assert history.recent()[0].collection == "x<U+D800>"
    assert history.fault == ""


@pytest.mark.slow
def test_after_a_very_long_lock_the_backlog_is_written_over_several_calls_and_what_is_lost_is_told(history_path):
    history = History(history_path)
    history.beat(Sign(T0))
    free = locked(history_path)
    for minutes in range(21):
        history.add([csat(1_000 * minutes + second) for second in range(1_000)])
    free()
    counts = []
    for call in range(5):
        history.beat(Sign(after(call)))
        counts.append(len(on_disk(history_path)))
    assert counts == [5_000, 10_000, 15_000, 20_000, 20_000]
    assert history.fault == f"{history_path}: could not be written for long: 1,000 readings are lost to the charts"
    history.close()
