"""The days before, asked of a session's folder by whoever looks: nothing is written, and no history is no fault."""

import contextlib

import pytest

from cockpit.session.past import asked_past, past_in
from sessions.storage.folders import HISTORY
from tests.support.screen.flown_week import BERLIN, at, history, judged


def test_any_process_asks_the_history_and_changes_nothing(tmp_path):
    now = at(3, 10)
    with contextlib.closing(history(tmp_path, now)):
        pass
    before = (tmp_path / HISTORY).read_bytes()
    past = asked_past(tmp_path, judged(now), "d3.morning", BERLIN).result(60)
    assert past == past_in(tmp_path, judged(now), "d3.morning", BERLIN)
    assert [round(day.peaks.p95.p95_ms) for day in past.days if day.peaks.p95] == [323, 223, 123]
    assert (tmp_path / HISTORY).read_bytes() == before


def test_without_a_history_nothing_is_known_and_nothing_is_made(tmp_path):
    past = past_in(tmp_path / "none", judged(at(3, 10)), "d3.midday", BERLIN)
    assert (past.now.tickets, past.now.sizes) == (None, {})
    assert not list(tmp_path.iterdir())


def test_a_task_that_is_none_is_told_to_whoever_asked(tmp_path):
    with pytest.raises(KeyError, match=r"d9\.morning"):
        asked_past(tmp_path, judged(at(3, 10)), "d9.morning", BERLIN).result(60)
