"""Finding a session, making one, and who may watch it."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sessions.storage.folders import FolderError, create_folder, find, home, prepare, sessions
from sessions.storage.locks import watch_lock
from tests.support.build import T0


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def made(name, changed=1_000):
    folder = create_folder(name)
    (folder / "session.toml").write_text("format = 1\n")
    os.utime(folder / "session.toml", (changed, changed))
    return folder


def test_home_is_the_users_data_folder_unless_said_otherwise(at_home, monkeypatch):
    assert home() == at_home
    monkeypatch.delenv("COCKPIT_HOME")
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: Path("/data") / name)
    assert home() == Path("/data/cockpit/sessions")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_row_23_a_new_folder_is_for_its_owner_alone(at_home, umask):
    old = os.umask(umask)
    try:
        folder = create_folder("cl7")
    finally:
        os.umask(old)
    assert folder == at_home / "cl7"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (at_home, folder, folder / "exports")]
    assert modes == [0o700, 0o700, 0o700]


@pytest.mark.parametrize("name", ["cl7", "CL7 concierge", "a.b-c_d+1", "Größe", "7", "x" * 80])
def test_good_names(name):
    assert create_folder(name).name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".x",
        "a/b",
        "/etc",
        "a\nb",
        "a\0b",
        "\x1b[2J",
        " a",
        "a ",
        "a.",
        "-x",
        "x" * 81,
        "a\u202eb",
        "\u3164",
        "\u115f\u1160",
        "a\uffa0",
        "a\u2800b",
        "a\\b",
        "~",
    ],
)
def test_bad_names_are_one_printable_line(at_home, name):
    with pytest.raises(FolderError, match="is not a name for a session: use letters") as caught:
        create_folder(name)
    assert str(caught.value).isprintable()
    assert not at_home.exists()


def test_a_name_is_taken_once(at_home):
    made("cl7")
    with pytest.raises(FolderError, match="exists already: open it, or choose another name"):
        create_folder("cl7")
    (at_home / "gone").symlink_to(at_home / "nowhere")
    with pytest.raises(FolderError, match="exists already"):
        create_folder("gone")


def test_any_folder_can_be_prepared_once(tmp_path):
    out = tmp_path / "deep" / "out"
    assert prepare(out) == out
    assert prepare(out) == out
    (out / "session.toml").touch()
    with pytest.raises(FolderError, match="holds a session already: choose another folder"):
        prepare(out)


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "file"))
    with pytest.raises(FolderError, match=r"cannot be made \(.*\): choose another place"):
        create_folder("cl7")


def test_sessions_are_listed_the_last_changed_first(at_home):
    assert sessions() == []
    made("old", 100), made("new", 300), made("middle", 200)
    (at_home / "no session").mkdir()
    (at_home / "file").touch()
    assert [(name, path, at.timestamp()) for name, path, at in sessions()] == [
        ("new", at_home / "new", 300),
        ("middle", at_home / "middle", 200),
        ("old", at_home / "old", 100),
    ]


def test_a_session_is_found_by_name_by_path_or_as_the_newest(at_home, tmp_path, monkeypatch):
    old, new = made("old", 100), made("new", 300)
    away = prepare(tmp_path / "away")
    (away / "session.toml").touch()
    assert find(None) == new
    assert find("old") == old
    assert find(str(old)) == old
    assert find(str(old / "session.toml")) == old
    assert find(str(away)) == away
    monkeypatch.chdir(tmp_path)
    assert find("away") == Path("away")
    assert find("./away/session.toml") == Path("away")
    monkeypatch.chdir(away)
    assert (find(".") / "session.toml").exists()
    assert (find("session.toml") / "session.toml").exists()


@pytest.mark.parametrize(
    ("which", "line"),
    [
        ("cl8", 'cl8: no such session: did you mean "cl7"?'),
        ("zebra", "zebra: no such session: `cockpit sessions` lists those there are"),
        ("/no/where", "/no/where: no such session: `cockpit sessions` lists those there are"),
        ("\x1b[2J\0", "^[[2J^@: no such session: `cockpit sessions` lists those there are"),
        ("~nobody-here/x", "~nobody-here/x: no such session: `cockpit sessions` lists those there are"),
        ("", ": no such session: `cockpit sessions` lists those there are"),
        ("x" * 5_000, "x" * 119 + "…: no such session: `cockpit sessions` lists those there are"),
    ],
)
def test_an_unknown_session_is_one_line(which, line):
    made("cl7")
    with pytest.raises(FolderError) as caught:
        find(which)
    assert str(caught.value) == line


def test_without_any_session_it_says_how_to_start():
    with pytest.raises(FolderError, match="no session yet: set one up with `cockpit init`"):
        find(None)


def test_row_10_the_second_watch_learns_who_is_first(tmp_path):
    first = watch_lock(tmp_path, T0)
    second = watch_lock(tmp_path, T0)
    assert (first.mine, second.mine) == (True, False)
    assert (second.pid, second.since) == (os.getpid(), T0)
    assert second.text == f"watched by process {os.getpid()} since 2026-11-23 10:00 UTC"
    second.release()
    assert not watch_lock(tmp_path, T0).mine
    first.release()
    third = watch_lock(tmp_path, T0)
    assert third.mine
    third.release()


def test_row_11_a_killed_watch_frees_its_lock_at_once(tmp_path):
    program = (
        "import sys; from pathlib import Path; from datetime import *; from sessions.storage.locks import watch_lock\n"
        "watch_lock(Path(sys.argv[1]), datetime.now(UTC)); print(flush=True); sys.stdin.read()"
    )
    root = str(Path(__file__).parents[3])
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    )
    with child:
        assert child.stdout.readline() == b"\n"
        held = watch_lock(tmp_path, T0)
        child.kill()
        child.wait()
        free = watch_lock(tmp_path, T0)
    assert (held.mine, held.pid, free.mine) == (False, child.pid, True)
    free.release()


@pytest.mark.parametrize("text", ["", "nonsense", "12", "12 someday", "x 2026-11-23T10:00:00+00:00", "\x1b[2J \x1b"])
def test_a_holder_that_does_not_say_who_it_is(tmp_path, text):
    first = watch_lock(tmp_path, T0)
    (tmp_path / "watch.lock").write_text(text)
    assert watch_lock(tmp_path, T0).text == "watched by another process"
    first.release()


@pytest.mark.parametrize("spoil", [Path.mkdir, lambda path: path.symlink_to("else"), os.mkfifo])
def test_a_lock_that_cannot_be_one_is_one_line(tmp_path, spoil):
    spoil(tmp_path / "watch.lock")
    lock = watch_lock(tmp_path, T0)
    assert (lock.mine, lock.taken) == (False, False)
    assert re.search(r"watch\.lock: cannot be locked \(.*\): make room, or mend its folder", lock.fault)
    assert "\n" not in lock.fault


def test_no_folder_no_lock(tmp_path):
    assert "cannot be locked" in watch_lock(tmp_path / "none", T0).fault
