"""The retrospective as a file: written by a command and by its task of the week, noted, never over what was edited."""

import shutil
from datetime import timedelta

import pytest

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from sessions.storage.folders import HISTORY, SESSION
from sessions.values.entries import Draft
from sessions.values.requests import Act
from tests.support.sessions.kept import flown, keep
from tests.support.watch.watching import FAST, asked, enter, made, put, until, watched, written

WRITTEN = "retrospective.written"


@pytest.fixture(scope="module")
def flight(tmp_path_factory):
    return keep(flown(12), tmp_path_factory.mktemp("flights") / "flight")


@pytest.fixture
def mine(flight, tmp_path):
    return shutil.copytree(flight, tmp_path / "flight")


def in_week(folder, day):
    """Make a session in its week, that many days in."""
    made(folder)
    at = Clock().now() - timedelta(seconds=(day - 1) * FAST.week.day + 0.9 * FAST.week.day)
    enter(folder, FAST, 100, at)
    put(folder, 100, Draft("week.started", "owner", "7-day plan started"), at=at)
    return folder


def test_it_is_written_noted_and_judged_by_other_bounds(mine, capsys):
    assert run(["export", str(mine), "--retrospective"]) == 0
    path = mine / "exports" / "retrospective.md"
    assert capsys.readouterr().out == f"{path}\n"
    text = path.read_text("utf-8")
    assert all(f"### At {percent} %" in text for percent in (80, 120))
    assert "| soak |" in text
    (entry,) = written(mine, WRITTEN)
    assert (entry.by, entry.listed("files")) == ("cli", ("retrospective.md",))
    assert written(mine, "task.ticked") == [row for row in written(mine, "task.ticked") if row.seq < entry.seq]


def test_what_its_owner_wrote_is_never_overwritten(mine, capsys):
    first, second = (mine / "exports" / f"retrospective{more}.md" for more in ("", "-2"))
    assert run(["export", str(mine), "--retrospective"]) == 0
    assert run(["export", str(mine), "--retrospective"]) == 0
    assert list(first.parent.iterdir()) == [first]
    edited = first.read_text("utf-8").replace("## Keep\n", "## Keep\n\nThe fuse. It woke me in time.\n")
    first.write_text(edited, "utf-8")
    capsys.readouterr()
    assert run(["export", str(mine), "--retrospective"]) == 0
    told = capsys.readouterr()
    assert told.out == f"{second}\n"
    assert told.err.endswith("cockpit: retrospective.md is kept: it was changed, or another export writes it now\n")
    assert first.read_text("utf-8") == edited
    assert written(mine, WRITTEN)[-1].listed("files") == ("retrospective-2.md",)


def test_a_report_does_not_take_the_retrospective_for_its_own(mine):
    assert run(["export", str(mine), "--retrospective"]) == 0
    assert run(["export", str(mine)]) == 0
    assert {path.name for path in (mine / "exports").iterdir()} == {"retrospective.md", "report-flight.md"}


def test_elsewhere_and_without_readings_it_says_what_it_cannot(mine, tmp_path, capsys):
    for path in mine.glob(f"{HISTORY}*"):
        path.unlink()
    out = tmp_path / "out"
    assert run(["export", str(mine), "--retrospective", "--out", str(out)]) == 0
    text = (out / "retrospective.md").read_text("utf-8")
    assert "no reading is kept. By the log alone" in text
    assert "Not judged: " in text


@pytest.mark.parametrize("words", [("--day", "2026-11-23"), ("--since", "last"), ("--format", "md")])
def test_it_is_of_the_whole_flight(mine, words, capsys):
    before = (mine / SESSION).read_bytes()
    assert run(["export", str(mine), "--retrospective", *words]) == 2
    assert "--retrospective writes the whole flight as Markdown" in capsys.readouterr().err
    assert (mine / SESSION).read_bytes() == before


def test_a_place_that_takes_nothing_is_one_line(mine, tmp_path, capsys):
    target = tmp_path / "file"
    target.touch()
    assert run(["export", str(mine), "--retrospective", "--out", str(target)]) == 2
    assert f"{target}: cannot be written (File exists): choose another --out" in capsys.readouterr().err
    assert written(mine, WRITTEN) == []


@pytest.mark.parametrize(("day", "ticked"), [(7, ["d7.retrospective"]), (3, [])])
def test_writing_it_ticks_its_task_once_on_its_day_and_no_earlier(tmp_path, day, ticked):
    folder = in_week(tmp_path / "one", day)
    for _ in range(2):
        assert run(["export", str(folder), "--retrospective"]) == 0
    assert [entry.said("task") for entry in written(folder, "task.ticked")] == ticked


def test_ticking_its_task_writes_it(tmp_path):
    folder = in_week(tmp_path / "one", 7)
    with watched(folder) as door:
        assert asked(door, Act.TICK, subject="d7.morning").ok
        assert asked(door, Act.TICK, subject="d7.retrospective").ok
        until(door, lambda judgement: any(entry.kind == WRITTEN for entry in judgement.state.entries))
    (entry,) = written(folder, WRITTEN)
    assert (folder / "exports" / entry.listed("files")[0]).read_text("utf-8").startswith("# CL7 concierge · retro")
    assert [one.said("task") for one in written(folder, "task.ticked")] == ["d7.morning", "d7.retrospective"]


def test_where_it_cannot_be_written_a_note_says_so(tmp_path):
    folder = in_week(tmp_path / "one", 7)
    (folder / "exports").write_text("in the way", "utf-8")
    with watched(folder) as door:
        assert asked(door, Act.TICK, subject="d7.retrospective").ok
        until(door, lambda judgement: any(entry.kind == "note.written" for entry in judgement.state.entries))
    (note,) = written(folder, "note.written")
    assert note.text.startswith("the retrospective was not written: exit 2: cockpit: ")
