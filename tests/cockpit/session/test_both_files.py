"""A session's two files know of each other: a cut session file is damage, a broken history is told where it is read."""

import json
import sqlite3
from contextlib import closing

import pytest

from cockpit.__main__ import run
from cockpit.engine.opening import opened
from cockpit.runtime.clock import Clock
from cockpit.session.both_files import LATE, anchor_of, loaded, look, state_of, with_history
from cockpit.session.viewer import Viewer
from sessions.file_format.blocks import OPENING
from sessions.history.history import History
from sessions.storage.folders import HISTORY, SESSION
from sessions.values.entries import Draft
from sessions.values.readings import Csat
from sessions.values.requests import Act
from sessions.values.sign_of_life import Sign
from tests.support.build import after
from tests.support.faults.bases import locked
from tests.support.sessions.preflight import calm_preflight
from tests.support.watch.watching import ShiftedClock, asked, documents, made, put, ready, traffic, until, watched


def flown(folder):
    """A session that was watched and written to, and is over."""
    with watched(made(folder), traffic(), documents()) as door:
        ready(door)
        for number in range(3):
            assert asked(door, Act.NOTE, text=f"note {number}").ok
    return folder


def cut(folder, blocks=2):
    """Cut the session file at a block's end; return what is left."""
    whole = (folder / SESSION).read_bytes()
    left = whole[: [at for at in range(len(whole)) if whole.startswith(OPENING, at)][-blocks]]
    (folder / SESSION).write_bytes(left)
    return left


def said(capsys, *words):
    code = run([*words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_every_entry_that_is_written_is_anchored_once_it_is_on_the_disk(tmp_path):
    folder = flown(tmp_path)
    last = loaded(folder).entries[-1]
    assert last.kind == "watch.stopped"
    assert (anchor_of(folder).seq, anchor_of(folder).crc) == (last.seq, last.crc)


def test_whoever_opens_it_anchors_what_others_wrote(tmp_path):
    put(made(tmp_path), 0, Draft("note.written", "cli", "by a command"))
    assert anchor_of(tmp_path) is None
    with opened(tmp_path, Clock(), None):
        pass
    assert anchor_of(tmp_path).seq == 2


def test_row_11_a_cut_session_is_a_viewer_and_stays_as_it_is(tmp_path):
    left = cut(flown(tmp_path))
    with opened(tmp_path, Clock(), None) as door:
        assert isinstance(door, Viewer)
        assert "are missing: the file was cut short after entry" in door.viewer
        door.start()
        assert not asked(door, Act.NOTE, text="x").ok
        assert "are missing" in door.latest().state.journal_fault
        assert not door.latest().gate.open
        door.stop("over")
    assert (tmp_path / SESSION).read_bytes() == left


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("status", "one"), 2),
        (("status", "one", "--json"), 2),
        (("check", "one"), 2),
        (("note", "hello", "one"), 2),
        (("pause", "one"), 2),
        (("task", "list", "one"), 2),
        (("export", "one"), 2),
        (("doctor", "one"), 20),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_row_11_every_command_says_so_and_none_writes(home, capsys, words, code):
    folder = flown(home / "one")
    left = cut(folder)
    found, out, err = said(capsys, *words)
    assert (found, err.count("\n")) == (code, int(code == 2))
    assert "are missing: the file was cut short after entry" in out + err
    assert (folder / SESSION).read_bytes() == left


def test_row_11_a_viewer_sees_a_file_that_is_cut_while_it_looks(tmp_path):
    viewer = Viewer(flown(tmp_path), "opened read-only", ShiftedClock(), None)
    assert viewer.latest().state.journal_fault == ""
    cut(tmp_path)
    assert "are missing" in viewer._files.look().state.journal_fault


def test_without_its_history_it_goes_on_and_so_does_a_copy(tmp_path):
    cut(flown(tmp_path))
    (tmp_path / HISTORY).unlink()
    with opened(tmp_path, Clock(), None) as door:
        door.start()
        assert asked(door, Act.NOTE, text="on").ok
        door.stop("over")
    assert loaded(tmp_path).damage is None


def garbage(folder, _):
    (folder / HISTORY).write_bytes(b"garbage" * 200)
    return lambda: None


def another_schema(folder, _):
    (folder / HISTORY).unlink()
    with closing(sqlite3.connect(folder / HISTORY)) as db:
        db.execute("CREATE TABLE readings (kind TEXT, body TEXT)")
    return lambda: None


def gone(folder, _):
    for file in folder.glob(f"{HISTORY}*"):
        file.unlink()
    return lambda: None


def held(folder, now):
    with closing(History(folder / HISTORY)) as history:
        history.beat(Sign(after(-40, now)))
    return locked(folder / HISTORY)


def unwritten(folder, now):
    with closing(History(folder / HISTORY)) as history:
        history.beat(Sign(after(-40, now)))
    return lambda: None


FAULTS = {
    garbage: "cannot be read (file is not a database)",
    another_schema: "cannot be read (has another table readings)",
    gone: "cannot be read (is not there)",
    held: "is locked by another process since ",
    unwritten: "although the session is watched: nothing newer is seen here",
}


@pytest.mark.parametrize(("spoil", "words"), FAULTS.items(), ids=lambda value: getattr(value, "__name__", None))
def test_row_8_status_check_and_doctor_say_what_is_wrong_with_the_history(home, capsys, spoil, words):
    holding = []
    folder = calm_preflight(home / "one", holding)
    free = spoil(folder, Clock().now())
    code, out, _ = said(capsys, "check", "one")
    assert words in out.splitlines()[0]
    assert out.startswith({0: "may advance: ", 10: "hold: ", 30: "blind: "}[code])  # 10: just begun, still asked
    _, out, _ = said(capsys, "status", "one")
    assert next(line for line in out.splitlines() if words in line).startswith("  fault    history ")
    assert sum(words in line for line in out.splitlines()) == 1
    for command in ("status", "check"):
        table = json.loads(said(capsys, command, "one", "--json")[1])
        assert words in table["faults"]["history"]
    code, out, _ = said(capsys, "doctor", "one")
    assert code == 20
    assert words in out
    free()
    holding.pop().release()


def test_a_history_that_nobody_has_begun_is_no_fault(home, capsys):
    made(home / "one")
    assert json.loads(said(capsys, "status", "one", "--json")[1])["faults"] == {}


def test_the_history_of_a_watched_session_that_is_written_is_no_fault(tmp_path):
    with watched(made(tmp_path), traffic(), documents()) as door:
        ready(door)
        with closing(History.open_readonly(tmp_path / HISTORY)) as history:
            last = history.last_beat().at
        state = state_of(loaded(tmp_path))
        assert with_history(tmp_path, state, last + LATE).faults == {}
    assert with_history(tmp_path, state, after(900, last)).faults == {}


def test_row_8_a_history_that_is_deleted_under_a_running_watch_comes_back_with_what_it_knew(tmp_path):
    with watched(made(tmp_path), traffic(), documents()) as door:
        ready(door)
        gone(tmp_path, None)
        with closing(History.open_readonly(tmp_path / HISTORY)) as history:
            until(door, lambda _: any(isinstance(one, Csat) for one in history.recent()))
    assert anchor_of(tmp_path).seq == loaded(tmp_path).entries[-1].seq
    assert look(tmp_path, Clock(), None).state.faults == {}
