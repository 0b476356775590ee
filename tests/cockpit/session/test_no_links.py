"""A disk on which no file can have two names: a stick, a share. Everything is made there as elsewhere."""

import errno
import os

import pytest

from cockpit.session.export import write_export
from sessions.history.history import History
from sessions.storage.disk import FileOps
from sessions.storage.journal import JournalError, create, load
from sessions.values.readings import Topic
from tests.support.build import T0, pulse
from tests.support.sessions.files import SMALL_PLAN, names


class Stick(FileOps):
    """Knows no second name for a file; says so as such disks do."""

    def __init__(self, said):
        self.said = said

    def link(self, source, target):
        raise OSError(self.said, os.strerror(self.said))


@pytest.fixture(params=[errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK], ids=errno.errorcode.get)
def stick(request):
    return Stick(request.param)


def test_a_session_is_made_and_never_over_another(tmp_path, stick):
    path = tmp_path / "session.toml"
    create(path, "flight", SMALL_PLAN, T0, files=stick)
    before = path.read_bytes()
    assert load(path).name == "flight"
    with pytest.raises(JournalError, match="exists already"):
        create(path, "other", SMALL_PLAN, T0, files=stick)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["session.toml"]


def test_a_history_is_made(tmp_path, stick):
    history = History(tmp_path / "history.sqlite", stick)
    history.add([pulse(Topic.TRAFFIC, T0)])
    assert history.fault == ""
    assert len(history.recent()) == 1
    history.close()
    assert names(tmp_path)[0] == "history.sqlite"


def test_a_report_is_written_and_what_a_person_changed_is_kept(tmp_path, stick):
    first = write_export(tmp_path, "report.md", "one", files=stick)
    assert write_export(tmp_path, "report.md", "one", files=stick) == first  # two at one moment
    first.write_text("edited")
    second = write_export(tmp_path, "report.md", "two", files=stick)
    assert (first.read_text(), second.name, second.read_text()) == ("edited", "report-2.md", "two")
    assert names(tmp_path / "exports") == ["report-2.md", "report.md"]


def test_where_the_name_cannot_be_given_nothing_is_left(tmp_path, stick):
    def broken(source, target):
        raise OSError(errno.EIO, "broken")

    stick.rename = broken
    with pytest.raises(JournalError, match="cannot be created"):
        create(tmp_path / "session.toml", "flight", SMALL_PLAN, T0, files=stick)
    assert names(tmp_path) == []
