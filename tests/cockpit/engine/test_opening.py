"""Opening a session: a Watch where the file is sound, whoever watches already; else a viewer."""

import subprocess
import sys

import pytest

from cockpit.engine.opening import opened
from cockpit.engine.watch import Watch
from cockpit.runtime.clock import Clock
from cockpit.session.viewer import Viewer
from sessions.storage.folders import SESSION
from sessions.storage.journal import JournalError
from sessions.storage.locks import watch_lock
from sessions.values.requests import Act
from tests.support.watch.watching import asked, kinds, made, until, written

HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sessions.storage.locks import watch_lock
lock = watch_lock(Path(sys.argv[1]), datetime.now(UTC))
print(lock.mine, flush=True)
sys.stdin.read()
"""


def test_a_sound_session_nobody_watches_is_watched(tmp_path):
    with opened(made(tmp_path), Clock(), None) as door:
        assert isinstance(door, Watch)
        assert door.viewer == ""
        door.start()
        assert asked(door, Act.NOTE, text="hello").ok
        door.stop("over")
    assert kinds(tmp_path)[-1] == "watch.stopped"


def test_row_10_a_session_another_process_watches_is_followed_and_may_be_acted_on(tmp_path):
    made(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"True\n"
        with opened(tmp_path, Clock(), None) as door:
            door.start()
            assert (door.viewer, door.follows.startswith(f"watched by process {child.pid} since ")) == ("", True)
            assert asked(door, Act.PAUSE).ok
            assert not door.latest().state.watching
            child.kill()  # row 11: a killed holder holds nothing
            until(door, lambda judgement: judgement.state.watching)
            assert door.follows == ""
    assert kinds(tmp_path)[:3] == ["session.started", "rollout.paused", "watch.started"]


def test_row_18_a_damaged_file_is_shown_and_not_touched(tmp_path):
    path = made(tmp_path, percent=10) / SESSION
    lines = path.read_bytes().split(b"\n")
    spot = next(index for index, line in enumerate(lines) if line.startswith(b'kind = "flag.intended"'))
    lines[spot + 1] = b'by = "nobody"'
    path.write_bytes(b"\n".join(lines))
    before = path.read_bytes()
    with opened(tmp_path, Clock(), None) as door:
        assert isinstance(door, Viewer)
        assert "open it read-only, or restore a copy" in door.viewer
        assert str(path) in door.viewer
        door.start()
        assert not asked(door, Act.REVERT).ok
        assert not door.latest().gate.open
        assert door.latest().state.journal_fault
        door.stop("over")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff\xfe\x00", b"a = [[[[["])
def test_row_20_what_is_no_session_file_is_one_line_and_frees_the_lock(tmp_path, content):
    (tmp_path / SESSION).write_bytes(content)
    with pytest.raises(JournalError) as error, opened(tmp_path, Clock(), None):
        pass
    assert "\n" not in str(error.value)
    assert (tmp_path / SESSION).read_bytes() == content
    lock = watch_lock(tmp_path, Clock().now())
    assert lock.mine
    lock.release()


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(JournalError, match="does not exist"), opened(tmp_path / "none", Clock(), None):
        pass


def test_row_1_a_torn_end_is_set_aside_and_the_session_is_watched(tmp_path):
    path = made(tmp_path) / SESSION
    whole = path.read_bytes()
    path.write_bytes(whole + b"[[entry]]\nseq = 2\nat = 2026-")
    with opened(tmp_path, Clock(), None) as door:
        assert isinstance(door, Watch)
    assert written(tmp_path, "journal.recovered")[0].counted("bytes") == 28


def test_the_door_is_free_again_after_leaving(tmp_path):
    made(tmp_path)
    for _ in range(3):
        with opened(tmp_path, Clock(), None) as door:
            assert isinstance(door, Watch)
            door.start()
            until(door, lambda judgement: judgement.state.watching)
            door.stop("over")
    assert kinds(tmp_path).count("watch.started") == kinds(tmp_path).count("watch.stopped") == 3
