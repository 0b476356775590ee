"""The page that is written again and again: whole or not at all, never over another's, and its end is told."""

import errno
import signal
import stat

import pytest

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from cockpit.session.live_report import NAME, SHARE, LiveReport
from sessions.storage.folders import SESSION
from sessions.values.entries import Draft
from tests.support.processes.program import Program
from tests.support.watch.watching import kinds, made, put


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "session", percent=10)


@pytest.fixture
def said():
    return []


def live(folder, said, **facts):
    return LiveReport(folder, Clock(), 10.0, said.append, **facts)


def test_one_file_for_its_owner_alone_and_no_entry(folder, said):
    before = (folder / SESSION).read_bytes()
    report = live(folder, said)
    for _ in range(3):
        assert report.write() is False
    assert [path.name for path in (folder / "exports").iterdir()] == [NAME]
    assert stat.S_IMODE(report.path.stat().st_mode) == 0o600
    assert (folder / SESSION).read_bytes() == before
    assert said == []


def test_it_tells_what_is_new(folder, said):
    report = live(folder, said)
    report.write()
    put(folder, 10, Draft("note.written", "owner", "the new look is liked"))
    report.write()
    assert "the new look is liked" in report.path.read_text("utf-8")


def test_another_run_goes_on_in_the_same_file(folder, said):
    live(folder, said).write()
    other = live(folder, said)
    other.write()
    assert other.path.name == NAME
    assert len(list((folder / "exports").iterdir())) == 1


def test_two_at_once_share_one_file_that_is_always_whole(folder, said):
    one, other = live(folder, said), live(folder, said)
    for number in range(3):
        for report in (one, other):
            put(folder, 10, Draft("note.written", "owner", f"note {number} of {id(report)}"))
            report.go_on()
            assert f"note {number} of {id(report)}" in report.path.read_text("utf-8")
    other.go_on("the command that wrote it was ended")
    one.go_on()
    assert "not refreshed any more" not in one.path.read_text("utf-8")
    assert (said, [path.name for path in (folder / "exports").iterdir()]) == ([], [NAME])


def test_two_sessions_in_one_place_keep_a_file_each(folder, said, tmp_path):
    out, second = tmp_path / "shared", made(tmp_path / "second", percent=25)
    reports = [LiveReport(one, Clock(), 10.0, said.append, out) for one in (folder, second)]
    for report in (*reports, *reports):
        report.write()
    assert sorted(path.name for path in out.iterdir()) == ["report-live-2.html", NAME]
    again = LiveReport(second, Clock(), 10.0, said.append, out)
    again.write()
    assert again.path.name == "report-live-2.html"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_what_somebody_edited_is_kept(folder, said, when):
    report = live(folder, said)
    report.write()
    edited = report.path.read_text("utf-8").replace("Now", "Mine")
    report.path.write_text(edited, "utf-8")
    if when == "before":
        report = live(folder, said)
    for _ in range(3):
        report.write()
    assert (folder / "exports" / NAME).read_text("utf-8") == edited
    assert sorted(path.name for path in (folder / "exports").iterdir()) == ["report-live-2.html", NAME]
    assert len(said) == (when == "meanwhile")


def test_a_full_disk_leaves_the_last_good_one_and_is_told_once(folder, said, monkeypatch):
    report = live(folder, said)
    report.write()
    good = report.path.read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("cockpit.session.live_report.write_export", full)
        assert [report.go_on() for _ in range(3)] == [False] * 3
    assert report.path.read_bytes() == good
    assert len(said) == 1
    assert "No space left on device" in said[0]
    assert "stays" in said[0]
    report.go_on()
    assert said[1:] == [f"{report.path}: is written again"]
    assert report.path.read_bytes() != good


def test_a_session_that_is_gone_or_damaged_writes_no_page(folder, said):
    report = live(folder, said)
    report.write()
    good = report.path.read_bytes()
    path = folder / SESSION
    path.write_bytes(path.read_bytes().replace(b'by = "owner"', b'by = "nobody"', 1))
    report.go_on()
    path.unlink()
    report.go_on()
    assert report.path.read_bytes() == good
    assert len(said) == 2


def test_what_is_slow_is_written_less_often_and_stale_later(folder, said, monkeypatch):
    report = live(folder, said)
    times = iter([0.0, 7.0, 7.0, 8.0])
    monkeypatch.setattr("cockpit.session.live_report.time.monotonic", lambda: next(times))
    report.write()
    assert report.pause == SHARE * 7.0
    report.write()
    assert f'data-stale="{3 * SHARE * 7 + 5}"' in report.path.read_text("utf-8")


def test_it_ends_with_its_session(folder, said):
    put(folder, 10, Draft("session.concluded", "owner", "x", {"evidence": ()}))
    report = live(folder, said)
    assert report.write() is True
    assert "the session is concluded" in report.path.read_text("utf-8")


def test_a_signal_while_a_page_is_written_has_a_last_page_too(folder, monkeypatch, capfd):
    """It came after the page was written, and before the command waited for anything."""
    monkeypatch.setattr("cockpit.cli.outside.export_live.streams.say", lambda _: signal.raise_signal(signal.SIGTERM))
    assert run(["export", str(folder), "--format", "html", "--live", "--every", "3600"]) == 128 + signal.SIGTERM
    assert "the command that wrote it was ended" in (folder / "exports" / NAME).read_text("utf-8")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_the_page_says_so(folder, number):
    with Program("export", str(folder), "--format", "html", "--live", "--every", "3600") as program:
        program.said(NAME)
        assert program.end(number) == (128 + number, "")
    assert "the command that wrote it was ended" in (folder / "exports" / NAME).read_text("utf-8")
    assert "report.exported" not in kinds(folder)


@pytest.mark.parametrize(
    "words",
    [
        ["--live"],
        ["--live", "--format", "md"],
        ["--live", "--format", "html", "--day", "2026-11-23"],
        ["--live", "--format", "html", "--since", "last"],
        ["--live", "--format", "html", "--retrospective"],
        ["--every", "5"],
        ["--live", "--format", "html", "--every", "0"],
        ["--live", "--format", "html", "--out", "/proc/nowhere"],
    ],
)
def test_what_does_not_go_together_is_one_line(folder, capfd, words):
    assert run(["export", str(folder), *words]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
