"""What is kept of what is trusted: by path and content, the owner's alone, and a spare copy for a revert."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.settings.trust.records import every, forget, record, recorded, recorded_last

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TEXTS = ["", "a = 1\r\n", 'a = "\u202e ÿ 𝄞"\n', "'''\n\"\"\"\n\\x", "x" * 2**20]


@pytest.fixture
def kept(state_folder):
    """Return the files in which records stand."""
    return lambda: sorted((state_folder / "trusted").glob("*.toml"))


@pytest.fixture
def spare():
    return Path(os.environ["COCKPIT_HOME"]) / ".trusted"


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_the_very_text_is_kept(tmp_path, text):
    path = tmp_path / "cockpit.toml"
    record(path, text, AT)
    found = recorded(path)
    assert found is not None
    assert (found.text, found.at, found.path) == (text, AT, str(path))
    assert [each.path for each in every()] == [str(path)]


def test_nobody_else_can_read_it(tmp_path, kept):
    before = os.umask(0)
    try:
        record(tmp_path / "cockpit.toml", "", AT)
    finally:
        os.umask(before)
    (file,) = kept()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_one_path_has_one_record_and_is_trusted_no_more_when_told(tmp_path, kept, spare):
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    for text in ("a", "b"):
        record(one, text, AT)
    assert len(kept()) == len(list(spare.iterdir())) == 1
    assert (recorded(one).text, recorded(other)) == ("b", None)
    assert (forget(one), forget(one), recorded_last(one), list(every())) == (True, False, None, [])


def test_a_link_and_its_file_are_one_and_a_hard_link_is_another(tmp_path):
    path, soft, hard = (tmp_path / name for name in ("a.toml", "soft.toml", "hard.toml"))
    path.write_text("", "utf-8")
    soft.symlink_to(path)
    os.link(path, hard)
    record(soft, "", AT)
    assert recorded(path) == recorded(soft) is not None
    assert recorded(hard) is None


ODD = {
    "others may write it": lambda file: file.chmod(0o666),
    "its text was edited": lambda file: file.write_text(file.read_text("utf-8").replace("mine", "them"), "utf-8"),
    "it was cut": lambda file: file.write_bytes(file.read_bytes()[:-30]),
    "it is no UTF-8": lambda file: file.write_bytes(b"\xff\xfe"),
    "it is not TOML": lambda file: file.write_text("[[[", "utf-8"),
    "it says nothing": lambda file: file.write_text("", "utf-8"),
    "it is a folder": lambda file: (file.unlink(), file.mkdir()),
    "it is a link": lambda file: (file.rename(file.with_suffix(".there")), file.symlink_to(file.with_suffix(".there"))),
    "it is a pipe": lambda file: (file.unlink(), os.mkfifo(file)),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_others_could_have_put_there_is_no_trust(tmp_path, kept, odd):
    path = tmp_path / "cockpit.toml"
    record(path, "mine", AT)
    ODD[odd](kept()[0])
    assert recorded(path) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_record_of_another_user_is_no_trust(tmp_path, kept):
    path = tmp_path / "cockpit.toml"
    record(path, "mine", AT)
    os.chown(kept()[0], 12345, 12345)
    assert recorded(path) is None


def test_a_record_under_the_name_of_another_is_no_trust(tmp_path, kept):
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    record(one, "mine", AT)
    (mine,) = kept()
    record(other, "theirs", AT)
    theirs = next(file for file in kept() if file != mine)
    shutil.copy(theirs, mine)
    assert recorded(one) is None


def test_only_a_revert_goes_by_the_spare_copy(tmp_path, state_folder, spare):
    path = tmp_path / "cockpit.toml"
    record(path, "mine", AT)
    shutil.rmtree(state_folder)
    assert recorded(path) is None
    assert recorded_last(path).text == "mine"
    (copy,) = spare.iterdir()
    copy.chmod(0o666)
    assert recorded_last(path) is None


def test_where_no_spare_copy_can_be_written_the_record_stands(tmp_path, spare):
    spare.parent.rmdir()
    spare.parent.write_text("", "utf-8")
    record(tmp_path / "cockpit.toml", "mine", AT)
    assert recorded(tmp_path / "cockpit.toml").text == "mine"
