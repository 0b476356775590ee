"""A history that is broken, locked or in the way: told, set aside, begun anew; never in the way of the Watch."""

import sqlite3

import pytest

from sessions import readings as r
from sessions.history import History
from sessions.sign import Sign
from tests.build import T0, after

ALWAYS = (after(-(10**7)), after(10**7))


def broken(history_path):
    history_path.write_bytes(b"this is no database" * 100)


def broken_inside(history_path):
    history = History(history_path)
    history.add([r.Csat("mongo", after(n), n, 0) for n in range(2_000)])
    history.close()
    data = bytearray(history_path.read_bytes())
    data[4_096:] = b"\xaa" * (len(data) - 4_096)
    history_path.write_bytes(data)


@pytest.mark.parametrize("spoil", [broken, broken_inside])
def test_a_broken_history_is_set_aside_and_a_new_one_begun(history_path, spoil):
    spoil(history_path)
    spoilt = history_path.read_bytes()
    history = History(history_path)
    assert history.recent() == []
    assert f"{history_path}: history is not kept" in history.fault
    history.add([r.Csat("mongo", T0, 1, 0)])
    assert (history.fault, history.recent()) == ("", [r.Csat("mongo", T0, 1, 0)])
    history.close()
    assert history_path.with_name("history.sqlite.broken").read_bytes() == spoilt


def locked(history_path):
    other = sqlite3.connect(history_path)
    other.execute("BEGIN EXCLUSIVE")
    return other.close


def folder_in_its_place(history_path):
    history_path.unlink(missing_ok=True)
    history_path.mkdir()
    return history_path.rmdir


def link_in_its_place(history_path):
    history_path.rename(history_path.with_name("elsewhere"))
    history_path.symlink_to(history_path.with_name("elsewhere"))
    return history_path.unlink


@pytest.mark.parametrize("hinder", [locked, folder_in_its_place, link_in_its_place])
def test_a_history_that_cannot_be_written_is_told_and_tried_again(history_path, hinder):
    History(history_path).add([])
    first = History(history_path)
    first.beat(Sign(T0))
    first.close()
    free = hinder(history_path)
    history = History(history_path)
    history.add([r.Csat("mongo", T0, 1, 0)])
    history.beat(Sign(T0))
    assert "history is not kept" in history.fault
    assert "\n" not in history.fault
    free()
    history.add([r.Csat("mongo", after(1), 2, 0)])
    assert (history.fault, [one.answers for one in history.recent()]) == ("", [2])
    history.close()


def test_a_row_that_is_no_reading_is_left_out(history_path, history):
    history.add([r.Csat("mongo", T0, 1, 0)])
    with sqlite3.connect(history_path) as db:
        for number, (kind, body) in enumerate(
            [
                ("csat", "{}"),
                ("csat", "no json"),
                ("csat", "[]"),
                ("moon", "{}"),
                ("window", '{"at": 5}'),
                ("csat", "null"),
            ]
        ):
            db.execute("INSERT INTO readings VALUES (?, 'x', ?, ?, ?)", (kind, number, T0.isoformat(), body))
    db.close()
    assert history.between(*ALWAYS) == [r.Csat("mongo", T0, 1, 0)]
    assert history.fault == ""


def test_all_of_a_batch_or_nothing(history_path, history):
    history.add([r.Csat("mongo", T0, 1, 0)])
    with sqlite3.connect(history_path) as db:
        db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON readings WHEN new.kind = 'size' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    db.close()
    history.add([r.Csat("mongo", after(1), 2, 0), r.Size("mongo", after(1), "x", 1, 0)])
    assert "history is not kept" in history.fault
    assert [one.at for one in history.recent()] == [T0]


def test_looking_leaves_a_broken_history_where_it_is(history_path):
    broken(history_path)
    looker = History.open_readonly(history_path)
    assert looker.recent() == []
    looker.close()
    assert [file.name for file in history_path.parent.iterdir()] == ["history.sqlite"]
