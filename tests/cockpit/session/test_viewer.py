"""The viewer: it follows the files, ages to blind, and changes nothing."""

import threading

import pytest

import cockpit.session.viewer
from cockpit.session.both_files import look
from cockpit.session.followed import Followed
from cockpit.session.viewer import Viewer
from sessions.history.history import History
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import JournalError
from sessions.values.entries import Draft
from sessions.values.requests import Act
from sessions.values.verdicts import Level, Mark
from tests.support.watch.watching import (
    ShiftedClock,
    asked,
    documents,
    made,
    put,
    ready,
    traffic,
    until,
    watched,
)


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(cockpit.session.viewer, "_EVERY", 0.05)


def shown(folder, clock=None):
    return Viewer(folder, "opened read-only", clock or ShiftedClock(), None)


def test_it_sees_what_the_watch_sees(tmp_path):
    with watched(made(tmp_path), traffic(), documents()) as door:
        ready(door)
        seen = look(tmp_path, ShiftedClock(), None)
        assert seen.gate.open
        assert seen.state.entries == door.latest().state.entries


def test_row_t15_what_nobody_watches_any_more_ages_to_blind(tmp_path):
    with watched(made(tmp_path, percent=10), traffic(), documents()) as door:
        until(door, lambda judgement: judgement.verdicts["analytics"].mark is Mark.PASS)
    clock = ShiftedClock()
    viewer = shown(tmp_path, clock)
    assert viewer.latest().verdicts["analytics"].mark is Mark.PASS
    assert not viewer.latest().gate.open
    viewer.start()
    clock.wall = 600
    aged = until(viewer, lambda judgement: judgement.verdicts["analytics"].mark is Mark.BLIND)
    assert {verdict.mark for verdict in aged.verdicts.values()} == {Mark.BLIND}
    assert {risk.level for risk in aged.risks.values()} == {Level.BLIND}
    assert next(row for row in aged.gate.conditions if row.name == "running").text == "nobody watches"
    viewer.stop("over")


def test_it_follows_what_is_appended(tmp_path):
    viewer = shown(made(tmp_path))
    viewer.start()
    put(tmp_path, 0, Draft("note.written", "cli", "fresh news"))
    until(viewer, lambda judgement: judgement.state.entries[-1].text == "fresh news")
    viewer.stop("over")


@pytest.mark.parametrize("spoil", ["gone", "garbage", "folder"])
def test_row_13_a_file_that_goes_or_breaks_leaves_what_was_known_and_ages(tmp_path, spoil):
    with watched(made(tmp_path, percent=10), traffic(), documents()) as door:
        until(door, lambda judgement: judgement.verdicts["analytics"].mark is Mark.PASS)
    clock = ShiftedClock()
    viewer = shown(tmp_path, clock)
    viewer.start()
    (tmp_path / SESSION).unlink()
    if spoil == "garbage":
        (tmp_path / SESSION).write_bytes(b"\xff\x00garbage")
    if spoil == "folder":
        (tmp_path / SESSION).mkdir()
    clock.wall = 600
    aged = until(viewer, lambda judgement: judgement.verdicts["analytics"].mark is Mark.BLIND)
    assert (aged.state.phase, aged.gate.open) == (10, False)
    told = next(row for row in aged.gate.conditions if row.name == "journal")
    assert (told.mark, told.text.startswith("the session file cannot be read: ")) == (Mark.BREACH, True)
    viewer.stop("over")


def test_a_file_that_comes_back_is_read_again(tmp_path):
    viewer = shown(made(tmp_path, percent=10))
    viewer.start()
    (tmp_path / SESSION).rename(tmp_path / "aside")
    until(viewer, lambda judgement: judgement.state.journal_fault)
    (tmp_path / "aside").rename(tmp_path / SESSION)
    until(viewer, lambda judgement: not judgement.state.journal_fault)
    viewer.stop("over")


def test_a_watch_that_was_killed_watches_no_more(tmp_path):
    """It could not say so: its lock says it."""
    put(made(tmp_path, percent=10), 10, Draft("watch.started", "watch", "begun", {"pid": 1, "host": "h"}))
    assert Followed(tmp_path, ShiftedClock(), None).look().state.watching
    assert not shown(tmp_path).latest().state.watching


@pytest.mark.parametrize("act", list(Act))
def test_it_takes_no_act(tmp_path, act):
    viewer = shown(made(tmp_path))
    before = (tmp_path / SESSION).read_bytes()
    answer = asked(viewer, act, subject="capsules", text="x", reason="y")
    assert (answer.ok, answer.text) == (False, "this screen is read-only: opened read-only")
    assert (tmp_path / SESSION).read_bytes() == before


def test_looking_makes_and_changes_no_file(tmp_path):
    made(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    look(tmp_path, ShiftedClock(), None)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_history_that_is_no_database_shows_the_journal(tmp_path):
    made(tmp_path, percent=25)
    (tmp_path / HISTORY).write_bytes(b"garbage" * 500)
    assert look(tmp_path, ShiftedClock(), None).state.phase == 25


def test_nothing_there_is_one_line(tmp_path):
    with pytest.raises(JournalError, match="does not exist"):
        look(tmp_path, ShiftedClock(), None)


def test_a_screen_that_raises_leaves_it_going_and_stop_is_harmless_at_any_time(tmp_path):
    viewer = shown(made(tmp_path))
    viewer.stop("before the start")
    viewer = shown(tmp_path)
    viewer.on_change(lambda: 1 / 0)
    viewer.start()
    begun = viewer.latest().at
    until(viewer, lambda judgement: judgement.at > begun)
    viewer.stop("once")
    viewer.stop("twice")
    assert "viewer" not in [thread.name for thread in threading.enumerate()]


def test_readings_of_the_history_are_judged_by_the_viewers_clock(tmp_path):
    made(tmp_path)
    history = History(tmp_path / HISTORY)
    history.add(documents().work(ShiftedClock().now()))
    history.close()
    seen = look(tmp_path, ShiftedClock(), None)
    assert seen.verdicts["incidents"].mark is Mark.PASS
    late = ShiftedClock()
    late.wall = 3600
    assert look(tmp_path, late, None).verdicts["incidents"].mark is Mark.BLIND
