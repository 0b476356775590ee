"""What the log does not have yet: entered in the order in which it happened, and one result of a move once."""

from itertools import count

import pytest

from sessions.state.reducer import replay
from sessions.storage.late_entries import late, missing
from sessions.storage.spool import Spool
from sessions.values import entries as made
from sessions.values.entries import Draft, unwritten
from tests.support.build import PLAN, T0, after

CONFIRMED = Draft("flag.confirmed", "watch", "flag reads 0 %", {"intent": "m2", "percent": 0})
ENTERED = Draft("phase.entered", "watch", "0 % entered", {"previous": 10, "evidence": ()}, 0)


@pytest.mark.parametrize("first", [0, 8, 9, 98, 99, 9_998, 99_999])
def test_what_happened_in_one_moment_is_entered_in_the_order_it_was_made(tmp_path, monkeypatch, state_folder, first):
    monkeypatch.setattr(made, "_NUMBERS", count(first))
    notes = [unwritten(Draft("note.written", "owner", str(number)), 10, T0) for number in range(4)]
    spool = Spool(tmp_path, "now")
    assert spool.keep(notes) == ""
    assert [item.draft.text for item in missing(replay(PLAN, ()), reversed(notes))] == ["0", "1", "2", "3"]
    assert [item.draft.text for item in spool.read()] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("first", [0, 7, 9, 97, 99])
def test_a_move_that_two_found_done_is_entered_once(monkeypatch, first):
    monkeypatch.setattr(made, "_NUMBERS", count(first))
    twice = [unwritten(draft, 10, at) for at in (T0, after(1)) for draft in (CONFIRMED, ENTERED)]
    state = replay(PLAN, ())
    kinds = [draft.kind for draft in late(state, missing(state, twice), after(2))]
    assert kinds == ["flag.confirmed", "phase.entered", "note.written", "note.written"]
