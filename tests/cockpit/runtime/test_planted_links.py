"""A name that the cockpit writes to, made a second name of something precious by somebody: that stays as it is."""

import contextlib
import os
import stat
from pathlib import Path

import pytest

from cockpit.cli.commands.demo import Flight, _session
from cockpit.demo.launch import Address
from cockpit.runtime.errors import BadInputError
from cockpit.session.export import write_export
from cockpit.settings.file.locate import NAME
from sessions.storage.disk import DISK, FileOps
from sessions.storage.folders import EXPORTS, HISTORY, SESSION, FolderError
from sessions.storage.journal import JournalError
from sessions.storage.locks import LOCK, TURN, watch_lock
from sessions.values.requests import Act
from tests.support.build import PLAN, T0
from tests.support.watch.watching import asked, made, traffic, watched

PRECIOUS = b"precious\n" * 1000
WAYS = {"hard link": lambda path, victim: os.link(victim, path), "symbolic link": Path.symlink_to}
FIXED = [LOCK, TURN, HISTORY, f"{HISTORY}-wal", SESSION, f"{EXPORTS}/report.md", NAME, "card.toml"]


def demo(folder):
    return Flight("calm", "scrape", 72.0, 7, True, "all", folder, 0)


def flown(folder):
    """Do all that writes into a session's folder by a fixed name; what is refused is refused."""
    with contextlib.suppress(JournalError), watched(folder, traffic()) as door:
        asked(door, Act.NOTE, text="hello")
    watch_lock(folder, T0, TURN).release()
    write_export(folder, "report.md", "text")
    address = Address("http://127.0.0.1:1", "", "d", folder / "flags.json", folder)
    with contextlib.suppress(BadInputError, FolderError):
        _session(demo(folder), PLAN, address, "")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FIXED)
def test_what_stands_behind_a_planted_name_is_not_touched(tmp_path, name, way):
    folder, victim = made(tmp_path / "one"), tmp_path / "victim"
    victim.write_bytes(PRECIOUS)
    victim.chmod(0o644)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    WAYS[way](path, victim)
    flown(folder)
    assert victim.read_bytes() == PRECIOUS
    assert stat.S_IMODE(victim.stat().st_mode) == 0o644
    assert victim.stat().st_uid == os.geteuid()


@pytest.mark.parametrize("name", [LOCK, TURN])
def test_a_lock_with_a_second_name_is_a_lock_all_the_same(tmp_path, name):
    (tmp_path / "victim").write_bytes(PRECIOUS)
    os.link(tmp_path / "victim", tmp_path / name)
    lock = watch_lock(tmp_path, T0, name)
    assert lock.mine
    other = watch_lock(tmp_path, T0, name)
    assert (other.taken, other.text) == (True, "watched by another process")
    lock.release()


@pytest.mark.parametrize("name", [LOCK, TURN])
def test_another_users_lock_file_is_not_written(tmp_path, name):
    class Theirs(FileOps):
        def status(self, fd):
            facts = list(super().status(fd))
            facts[stat.ST_UID] = os.geteuid() + 1
            return os.stat_result(facts)

    (tmp_path / name).write_bytes(PRECIOUS)
    lock = watch_lock(tmp_path, T0, name, Theirs())
    assert lock.mine
    assert (tmp_path / name).read_bytes() == PRECIOUS
    lock.release()


def test_exports_that_lead_elsewhere_are_not_followed(tmp_path):
    folder, elsewhere = made(tmp_path / "one"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    with contextlib.suppress(FileNotFoundError):
        (folder / EXPORTS).rmdir()
    (folder / EXPORTS).symlink_to(elsewhere)
    with pytest.raises(OSError, match="is a symbolic link"):
        write_export(folder, "report.md", "text", files=DISK)
    assert list(elsewhere.iterdir()) == []
    assert write_export(folder, "report.md", "text", elsewhere).read_text() == "text"


def test_settings_that_stand_where_a_demo_begins_are_kept(tmp_path):
    (tmp_path / NAME).write_text("# mine\n")
    address = Address("http://127.0.0.1:1", "", "d", tmp_path / "flags.json", tmp_path)
    with pytest.raises(BadInputError, match="choose another --out"):
        _session(demo(tmp_path), PLAN, address, "")
    assert (tmp_path / NAME).read_text() == "# mine\n"
