"""A history that is deleted, moved or replaced under whoever has it open: begun anew, with what memory knows."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from sessions.history.history import History
from sessions.history.queries import Look
from sessions.values import readings as r
from sessions.values.sign_of_life import Sign
from tests.support.build import T0, after, minute, window
from tests.support.faults.bases import on_disk
from tests.support.sessions.files import names


def csat(second):
    return r.Csat("mongo", after(second), second, 0)


def deleted(path):
    path.unlink()


def deleted_with_its_log(path):
    for file in path.parent.glob("history.sqlite*"):
        file.unlink()


def moved_away(path):
    path.rename(path.with_name("elsewhere"))


def folder_instead(path):
    path.unlink()
    path.mkdir()


def emptied(path):
    path.unlink()
    path.touch()


def replaced(path):
    """By another good one, as a restored copy is."""
    with closing(History(path.with_name("other"))) as other:
        other.add([r.Size("mongo", T0, "other", 1, 0)])
    path.with_name("other").replace(path)


AWAY = [deleted, deleted_with_its_log, moved_away, folder_instead, emptied, replaced]


@pytest.mark.parametrize("away", AWAY)
def test_row_8_it_is_begun_anew_with_what_memory_knows_and_said(history_path, away):
    known = [window("a", after(300 * n)) for n in range(40)] + [minute("a", after(15 * n)) for n in range(60)]
    history = History(history_path)
    history.add(known)
    history.beat(Sign(T0))
    history.look(Look(T0, 3))
    history.anchor("flight", 9, "0000abcd")
    away(history_path)
    history.beat(Sign(after(1)))
    assert f"{history_path}: was " in history.fault
    assert [one for one in history.recent() if not isinstance(one, r.Size)] == sorted(known, key=lambda one: one.at)
    with closing(sqlite3.connect(history_path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with closing(History.open_readonly(history_path)) as again:
        assert [one for one in again.recent() if not isinstance(one, r.Size)] == sorted(known, key=lambda one: one.at)
        assert (again.last_beat().at, again.last_look(), again.anchored().seq) == (after(1), Look(T0, 3), 9)
        assert again.fault == ""
    history.beat(Sign(after(700)))
    assert history.fault == ""
    history.close()


def test_a_log_of_the_one_before_is_not_played_into_the_one_that_took_its_place(history_path):
    history = History(history_path)
    history.add([csat(second) for second in range(300)])
    replaced(history_path)
    history.add([csat(301)])
    with closing(sqlite3.connect(history_path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM readings WHERE subject = 'other'").fetchone() == (1,)
    history.close()


def test_the_log_of_the_one_that_took_its_place_stays(history_path):
    history = History(history_path)
    history.add([csat(0)])
    for file in history_path.parent.glob("history.sqlite*"):
        file.unlink()
    other = History(history_path)
    other.add([csat(second) for second in range(1, 50)])
    history.add([csat(50)])
    assert len(on_disk(history_path)) == 51
    other.add([csat(51)])
    history.close()
    other.add([csat(52)])
    assert len(on_disk(history_path)) == 53
    other.close()


def test_two_that_have_it_open_begin_one_new_one(history_path):
    both = [History(history_path), History(history_path)]
    for number, one in enumerate(both):
        one.add([csat(number)])
    history_path.unlink()
    for number, one in enumerate(both):
        one.add([csat(10 + number)])
    assert len(on_disk(history_path)) == 4
    for one in both:
        one.add([csat(20)])
        one.close()
    assert names(history_path.parent) == ["history.sqlite"]


def test_it_is_again_and_again(history_path, history):
    for second in range(10):
        history.add([csat(second)])
        deleted_with_its_log(history_path)
    history.add([csat(10)])
    assert len(on_disk(history_path)) == 11


def test_whoever_only_looks_follows(history_path):
    history = History(history_path)
    history.add([csat(0)])
    looker = History.open_readonly(history_path)
    assert looker.changed()
    assert not looker.changed()
    history_path.unlink()
    assert (looker.recent(), looker.fault.endswith("is not there): what was measured before is not seen")) == ([], True)
    history.add([csat(1)])
    assert looker.changed()
    assert (looker.recent(), looker.fault) == ([csat(0), csat(1)], "")
    looker.close()
    history.close()


def test_a_copied_folder_is_a_history_of_its_own(history_path, history, tmp_path):
    history.add([csat(0)])
    (tmp_path / "copy").mkdir()
    for file in tmp_path.glob("history.sqlite*"):
        shutil.copy(file, tmp_path / "copy")
    with closing(History(tmp_path / "copy" / "history.sqlite")) as copy:
        copy.add([csat(1)])
        assert copy.recent() == [csat(0), csat(1)]
    assert (history.recent(), history.fault) == ([csat(0)], "")


@pytest.mark.parametrize("size", [0, 100, 5_000])
def test_cut_short_in_its_place_it_never_raises_and_is_whole_again_on_the_next_opening(history_path, size):
    history = History(history_path)
    history.add([csat(second) for second in range(500)])
    with history_path.open("r+b") as file:
        file.truncate(size)
    for second in range(500, 520):
        history.add([csat(second)])
        history.recent()
    history.close()
    again = History(history_path)
    again.add([csat(600)])
    again.close()
    with closing(sqlite3.connect(history_path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(on_disk(history_path)) >= 1
