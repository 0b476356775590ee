"""The days before, asked of a session's folder by whoever looks: nothing is written, and no history is no fault."""

import contextlib
import threading

import pytest

from cockpit.session.past import PastLooks, past_in
from sessions.history.history import History
from sessions.storage.folders import HISTORY
from tests.support.faults.held_base import HeldDisk
from tests.support.screen.flown_week import BERLIN, at, history, judged


def test_any_process_asks_the_history_and_changes_nothing(tmp_path):
    now = at(3, 10)
    with contextlib.closing(history(tmp_path, now)):
        pass
    before = (tmp_path / HISTORY).read_bytes()
    past = PastLooks(tmp_path, BERLIN).look(judged(now), "d3.morning").result(60)
    assert past == past_in(tmp_path, judged(now), "d3.morning", BERLIN)
    assert [round(day.peaks.p95.p95_ms) for day in past.days if day.peaks.p95] == [323, 223, 123]
    assert (tmp_path / HISTORY).read_bytes() == before


def test_without_a_history_nothing_is_known_and_nothing_is_made(tmp_path):
    past = past_in(tmp_path / "none", judged(at(3, 10)), "d3.midday", BERLIN)
    assert (past.now.tickets, past.now.sizes) == (None, {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("task", ["d9.morning", "p2.growth", "latency_spike.inspect", ""])
def test_what_compares_with_nothing_asks_nothing(tmp_path, task):
    assert PastLooks(tmp_path, BERLIN).look(judged(at(3, 10)), task).result(60) is None


def test_a_door_that_ends_ends_what_is_still_asked(tmp_path, monkeypatch):
    """A query that is under way when the process ends takes the process with it."""
    now, disk = at(3, 10), HeldDisk()
    with contextlib.closing(history(tmp_path, now)):
        pass
    monkeypatch.setattr(History, "open_readonly", lambda path: History(path, disk, read_only=True))
    looks = PastLooks(tmp_path, BERLIN)
    disk.hold.set()
    asked, closing = looks.look(judged(now), "d3.morning"), threading.Thread(target=looks.close, daemon=True)
    assert disk.running.wait(60)
    closing.start()
    assert disk.met.wait(60)
    assert not asked.done()
    disk.hold.clear()
    disk.go.set()
    closing.join(60)
    assert not closing.is_alive()
    assert [day.peaks.p95 for day in asked.result(60).days] == [None] * 3
    disk.connect = None
    assert looks.look(judged(now), "d3.morning").result(60) == asked.result()
