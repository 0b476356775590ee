"""What stands in the history's place and is none of ours: set aside under a name of its own, said, begun anew."""

import os
import sqlite3
from contextlib import closing

import pytest

from sessions.history.history import History
from sessions.history.queries import TABLES, Worth
from sessions.values import readings as r
from sessions.values.sign_of_life import Sign
from tests.support.build import T0, after, window
from tests.support.faults.bases import CORRUPT, ERROR, FailingBase, on_disk
from tests.support.sessions.files import names

READINGS = (
    "CREATE TABLE readings (kind TEXT, subject TEXT, slot TEXT, at TEXT, body TEXT, PRIMARY KEY (kind, subject, slot))"
)


def csat(second):
    return r.Csat("mongo", after(second), second, 0)


def garbage(path):
    path.write_bytes(b"this is no database" * 100)


def broken_inside(path):
    history = History(path)
    history.add([csat(second) for second in range(2_000)])
    history.close()
    data = bytearray(path.read_bytes())
    data[4_096:] = b"\xaa" * (len(data) - 4_096)
    path.write_bytes(data)


def schema(*statements):
    def spoil(path):
        with closing(sqlite3.connect(path)) as db, db:
            for statement in statements:
                db.executescript(statement)
        db.close()

    return spoil


FOREIGN = {
    "garbage": garbage,
    "broken inside": broken_inside,
    "text": lambda path: path.write_text("x"),
    "a folder": lambda path: path.mkdir(),
    "a full folder": lambda path: (path / "deep" / "er").mkdir(parents=True),
    "a link": lambda path: path.symlink_to(path.with_name("elsewhere")),
    "a pipe": os.mkfifo,
    "lacks a column": schema(READINGS.replace(" at TEXT,", "")),
    "has a column more": schema(READINGS.replace("body TEXT,", "body TEXT, more TEXT,")),
    "other order": schema(READINGS.replace("slot TEXT, at TEXT", "at TEXT, slot TEXT")),
    "other type": schema(READINGS.replace("body TEXT", "body BLOB")),
    "no key": schema(READINGS.replace(", PRIMARY KEY (kind, subject, slot)", "")),
    "a view": schema("CREATE VIEW readings AS SELECT 1 AS kind"),
    "a view alike": schema("CREATE TABLE t (kind, subject, slot, at, body); CREATE VIEW readings AS SELECT * FROM t"),
    "a broken view": schema("CREATE VIEW readings AS SELECT * FROM nowhere"),
    "an index": schema("CREATE TABLE t (a); CREATE INDEX readings ON t (a)"),
    "the case of its name": schema(READINGS.replace("TABLE readings", "TABLE Readings").replace(" at TEXT,", "")),
    "another sign": schema("CREATE TABLE beats (at TEXT)"),
    "another anchor": schema("CREATE TABLE anchor (one INTEGER PRIMARY KEY, seq INTEGER)"),
    "a newer version": schema(TABLES, "PRAGMA user_version = 7"),
    "a trigger": schema(TABLES, "CREATE TRIGGER no BEFORE INSERT ON readings BEGIN SELECT RAISE(ABORT, 'no'); END"),
    "a constraint": schema(
        TABLES, "CREATE UNIQUE INDEX one ON readings (kind)", "INSERT INTO readings VALUES ('csat', '', '0', '0', '')"
    ),
}


@pytest.mark.parametrize("spoil", FOREIGN.values(), ids=FOREIGN)
def test_row_8_it_is_set_aside_and_a_new_one_begun_and_said(history_path, spoil):
    spoil(history_path)
    before = history_path.lstat().st_ino
    history = History(history_path)
    history.add([csat(0)])
    history.beat(Sign(after(1)))
    assert f"{history_path}: was no good (" in history.fault
    assert history.fault.endswith("): set aside as history.sqlite.broken, a new one is begun")
    assert "\n" not in history.fault
    assert history.recent() == [csat(0)]
    assert len(on_disk(history_path)) == 1
    assert history_path.with_name("history.sqlite.broken").lstat().st_ino == before
    history.beat(Sign(after(700)))
    assert history.fault == ""
    history.close()


def test_a_newer_set_aside_never_takes_the_place_of_an_older_one(history_path):
    for number in range(1, 4):
        history_path.write_text(f"garbage {number}")
        history = History(history_path)
        history.beat(Sign(T0))
        history.close()
    found = [history_path.with_name(f"history.sqlite.broken{end}").read_text() for end in ("", "-2", "-3")]
    assert found == ["garbage 1", "garbage 2", "garbage 3"]


def test_what_belongs_to_it_goes_with_it(history_path):
    other = sqlite3.connect(history_path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE beats (at TEXT)")
    other.execute("INSERT INTO beats VALUES ('yesterday')")
    history = History(history_path)
    history.add([csat(0)])
    history.close()
    assert names(history_path.parent) == [
        "history.sqlite",
        *(f"history.sqlite.broken{end}" for end in ("", "-shm", "-wal")),
    ]
    other.close()
    with closing(sqlite3.connect(history_path.with_name("history.sqlite.broken"))) as db, db:
        assert db.execute("SELECT at FROM beats").fetchone() == ("yesterday",)
    db.close()


@pytest.mark.parametrize("kind", [CORRUPT, ERROR])
def test_memory_is_written_again_into_the_new_one(history_path, kind):
    disk = FailingBase(kind=kind)
    history = History(history_path, disk)
    history.add([window("a", after(300 * n)) for n in range(5)])
    history.beat(Sign(T0))
    history.anchor("flight", 7, "0000abcd")
    disk.op, disk.at = "statement", disk.calls["statement"] + 2
    disk.lasting = kind is ERROR
    history.add([csat(0)])
    disk.op = ""
    history.add([csat(1)])
    assert len(on_disk(history_path)) == 7
    assert (history.last_beat().at, history.anchored().seq) == (T0, 7)
    history.close()


def test_a_disk_that_breaks_every_file_fills_no_folder(history_path):
    disk = FailingBase("statement", 1, CORRUPT, lasting=True)
    history = History(history_path, disk)
    for second in range(20):
        history.add([csat(second)])
        history.recent()
    assert [name for name in names(history_path.parent) if "broken" in name] == ["history.sqlite.broken"]
    assert "cannot be written (database disk image is malformed)" in history.fault
    assert history.recent() == [csat(second) for second in range(20)]
    history.close()


def test_what_cannot_be_set_aside_is_told(history_path):
    garbage(history_path)
    history = History(history_path, FailingBase("rename", lasting=True))
    history.add([csat(0)])
    assert "it cannot be set aside: Input/output error): what is measured is kept in memory" in history.fault
    assert history.recent() == [csat(0)]
    assert names(history_path.parent) == ["history.sqlite"]
    history.close()


def test_a_question_that_fails_sets_no_good_file_aside(history_path, history):
    history.add([csat(0)])
    for _ in range(3):
        assert history.highest(Worth("csat", "nonsense"), T0, after(1)) == []
        assert "cannot be read (no such column: nonsense)" in history.fault
    assert history.recent() == [csat(0)]
    assert "history.sqlite.broken" not in names(history_path.parent)


@pytest.mark.parametrize("spoil", FOREIGN.values(), ids=FOREIGN)
def test_who_only_looks_tells_it_and_leaves_it_where_it_is(history_path, spoil):
    spoil(history_path)
    before = names(history_path.parent)
    looker = History.open_readonly(history_path)
    looker.recent()
    looker.last_beat()
    sound = spoil in (FOREIGN["a trigger"], FOREIGN["a constraint"])
    assert (looker.fault == "") is sound
    assert "\n" not in looker.fault
    looker.close()
    assert [name for name in names(history_path.parent) if not name.endswith(("-wal", "-shm"))] == before


def test_a_history_of_an_older_cockpit_is_taken_on(history_path):
    history = History(history_path)
    history.add([csat(0)])
    history.close()
    schema("DROP TABLE anchor", "DROP TABLE looked")(history_path)
    history = History(history_path)
    history.anchor("flight", 3, "00000000")
    assert (history.recent(), history.anchored().seq, history.fault) == ([csat(0)], 3, "")
    history.close()


def test_a_table_that_is_dropped_meanwhile_is_made_again(history_path, history):
    history.add([csat(0)])
    schema("DROP TABLE readings")(history_path)
    history.add([csat(1)])
    assert (history.recent(), history.fault) == ([csat(1)], "")
