"""A row for each session: what it says, what is told of one that is broken, and that it fits."""

import os

import pytest
from msgspec.structs import replace

import cockpit.tui.overview.looking
from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from cockpit.session.followed import Followed
from cockpit.tui.overview.looking import Looking, seen
from cockpit.tui.overview.row import asking_row, lines, row_of
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Gate
from sessions.state.model import Fuse
from sessions.storage.folders import SESSION
from sessions.values.entries import Draft
from sessions.values.readings import Topic
from tests.support.build import after
from tests.support.sessions.scenes import NOW, answered, flown
from tests.support.watch.watching import documents as told_by_documents
from tests.support.watch.watching import made, put, ready, traffic, watched
from widgets.base.styled import BAD, BLIND, GOOD, length, plain


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def text(row, width=80, now=None):
    return plain(lines(row, now or row.at, width))


def test_it_says_what_the_session_says(tmp_path):
    judgement = judge(replace(answered(flown(), Topic.QUEUE), name="x"), NOW)
    said = text(row_of(tmp_path / "concierge", judgement, "watched by 12"))
    for word in ("concierge", "25 %", "Phase 2", "HOLD", "soak ", " of 4h00m", "watched by 12", "answer 0s ago"):
        assert word in said


def test_the_gate_is_green_only_where_it_is_open_and_what_is_unseen_never(home):
    with watched(made(home / "one"), traffic(), told_by_documents()) as door:
        ready(door)
        row = seen(home / "one", Followed(home / "one", Clock(), None), Clock().now())
        assert (row.gate, row.tone, row.why) == ("OPEN", GOOD, "may go to 10 %")
        assert "watched by" in text(row)
    after_it = seen(home / "one", Followed(home / "one", Clock(), None), Clock().now())
    assert (after_it.gate, after_it.tone) == ("HOLD", BLIND)
    assert "nobody watches" in text(after_it)


def test_the_first_fuse_is_told_with_its_time_and_nothing_of_that_is_cut(tmp_path):
    fuses = {
        "csat": Fuse("csat", NOW, after(1000, NOW), "x"),
        "latency_spike": Fuse("latency_spike", NOW, after(600, NOW), "x"),
    }
    judgement = judge(replace(flown(), fuses=fuses), NOW)
    row = row_of(tmp_path / "a-name-that-is-longer-than-any-place-for-it-could-be-on-a-screen", judgement, "")
    assert row.tone == BAD
    for width in (60, 80, 120, 160, 200):
        assert "FUSE 10m00s left l" in text(row, width)
        assert "25 %" in text(row, width)
        assert max(map(length, lines(row, row.at, width))) <= width
    over = replace(judgement, at=after(660, NOW))
    assert "FUSE over 1m00s" in text(row_of(tmp_path, over, ""))


@pytest.mark.parametrize("width", [56, 60, 76, 80, 110, 156])
def test_what_does_not_fit_is_left_out_whole_and_counted(tmp_path, width):
    row = row_of(tmp_path / ("spring-" + "x" * 80 + "-end"), judge(flown(), NOW), "")
    reasons, shown = row.why.split("; "), lines(row, row.at, width)
    head, told = plain(shown[:1]), plain(shown[1:2])
    assert ("spring-" in head, "…" in head, "-end" in head) == (True, True, True)
    assert told.count("; ") + 1 == len(reasons) or f"+{len(reasons) - told.count('; ') - 1} more" in told
    for fact in plain(shown[2:]).strip().split(" · "):
        assert not fact or fact in {text for text, _ in row.facts}


def test_a_row_that_is_old_says_so(tmp_path):
    row = row_of(tmp_path, judge(flown(), NOW), "")
    assert "looked at" not in text(row)
    assert "looked at 12s ago" in text(row, now=after(12, NOW))
    assert "looked at" not in text(asking_row(tmp_path, NOW), now=after(99, NOW))


def test_what_is_not_judged_is_not_open(tmp_path):
    judgement = replace(judge(flown(), NOW), gate=Gate("", None, ()))
    assert row_of(tmp_path, judgement, "").gate == "HOLD"


def newer(folder):
    path = folder / SESSION
    path.write_text(path.read_text("utf-8").replace("format = 1", "format = 99", 1), "utf-8")


def damaged(folder):
    path = folder / SESSION
    path.write_bytes(path.read_bytes().replace(b'by = "owner"', b'by = "nobody"', 1))


def foreign(folder):
    (folder / SESSION).write_text("\x1b]0;gotcha\x07", "utf-8")


def a_folder(folder):
    (folder / SESSION).unlink()
    (folder / SESSION).mkdir()


def a_link(folder):
    (folder / SESSION).rename(folder / "other")
    (folder / SESSION).symlink_to(folder / "other")


def a_pipe(folder):
    (folder / SESSION).unlink()
    os.mkfifo(folder / SESSION)


TROUBLES = {
    newer: "format 99",
    damaged: "damaged",
    foreign: "is not TOML",
    a_folder: "is a folder",
    a_link: "link",
    a_pipe: "",
}


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: one.__name__)
def test_what_is_broken_is_told_in_its_row_and_the_others_live(home, trouble):
    trouble(made(home / "bad"))
    made(home / "good", percent=10)
    looking = Looking(Clock())
    looking.look()
    rows = {row.folder.name: row for row in looking.rows}
    assert rows["good"].percent == "10 %"
    assert (rows["bad"].gate, rows["bad"].tone) == ("UNREAD", BLIND)
    assert TROUBLES[trouble] in rows["bad"].why
    assert "\x1b" not in text(rows["bad"])
    assert str(home) not in text(rows["bad"], 400)


def test_a_defect_in_judging_one_takes_no_other_away(home, monkeypatch):
    made(home / "one")

    def fails(*_):
        raise ZeroDivisionError("x")

    monkeypatch.setattr(cockpit.tui.overview.looking, "row_of", fails)
    looking = Looking(Clock())
    looking.look()
    assert looking.rows[0].why == "cannot be judged: ZeroDivisionError: x"


def test_one_that_comes_and_one_that_goes(home):
    made(home / "one")
    looking = Looking(Clock())
    looking.look()
    (home / "one").rename(home / "two")
    looking.look()
    assert [row.folder.name for row in looking.rows] == ["two"]


def test_they_go_by_name_and_those_that_ended_come_last(home):
    for name in ("c", "a", "b"):
        made(home / name)
    put(home / "a", 0, Draft("session.concluded", "owner", "x", {"evidence": ()}))
    looking = Looking(Clock())
    looking.look()
    assert [row.folder.name for row in looking.rows] == ["b", "c", "a"]
    assert looking.rows[-1].gate == "ENDED"


def test_without_a_terminal_it_prints_once_and_writes_nothing(home, capsys):
    made(home / "one")
    before = {path.name: path.stat().st_mtime_ns for path in (home / "one").iterdir()}
    assert run(["sessions", "--live"]) == 0
    assert "Pre-flight" in capsys.readouterr().out
    assert {path.name: path.stat().st_mtime_ns for path in (home / "one").iterdir()} == before


def test_without_a_session_it_says_what_to_do(home, capsys):
    assert run(["sessions", "--live"]) == 0
    assert "cockpit init" in capsys.readouterr().out


def test_what_is_slow_to_read_is_read_less_often(home, monkeypatch):
    made(home / "one")
    times = iter([0.0, 0.0, 5.0, *[10.0] * 9])
    monkeypatch.setattr("cockpit.tui.overview.looking.time.monotonic", lambda: next(times))
    looking = Looking(Clock())
    looking.look()
    looks, before = [], looking.rows[0]
    monkeypatch.setattr(cockpit.tui.overview.looking, "seen", lambda *facts: looks.append(facts) or before)
    looking.look()
    assert looks == []
