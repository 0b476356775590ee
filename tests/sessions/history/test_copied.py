"""A history of somebody else's folder is copied only where it is a plain file for which there is room."""

import os
import shutil

import pytest

from sessions.history.copied import kept
from sessions.history.history import History
from sessions.values.readings import Topic
from tests.support.build import T0, pulse


def link_to(target):
    return lambda path: path.symlink_to(target)


@pytest.mark.parametrize(
    "made",
    [link_to("/dev/zero"), link_to("/dev/urandom"), link_to("/proc/self"), os.mkfifo, os.mkdir],
    ids=["zero", "random", "folder", "pipe", "made folder"],
)
@pytest.mark.parametrize("end", ["", "-wal"])
def test_what_is_no_plain_file_is_not_copied(tmp_path, made, end):
    path = tmp_path / "history.sqlite"
    if end:
        path.write_bytes(b"")
    made(tmp_path / f"history.sqlite{end}")
    found = kept(path)
    assert found.readings == ()
    assert "cannot be read" in found.fault


def test_what_has_no_room_is_not_copied(tmp_path, monkeypatch):
    path = tmp_path / "history.sqlite"
    history = History(path)
    history.add([pulse(Topic.TRAFFIC, T0)])
    history.close()
    assert kept(path).readings
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 10))
    assert "no room for a copy" in kept(path).fault
