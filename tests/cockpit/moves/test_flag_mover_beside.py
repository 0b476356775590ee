"""Two processes that move one flag: what one of them closed, the other does not close again on what it knew before."""

import asyncio
from contextlib import contextmanager

import pytest

from cockpit.moves.mover import FlagMover
from cockpit.runtime.clock import Clock
from cockpit.session.session import just
from sessions.actions.dispatch import decide
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagValue
from sessions.values.requests import Act, Request
from tests.support.watch.moving import moves
from tests.support.watch.watching import FakeFlag, made, session_in, written

MOVED = ["flag.intended", "flag.confirmed", "phase.entered"]


@contextmanager
def two(folder):
    """Give the sessions of two processes over the same folder, in the phase of 10 %."""
    made(folder, percent=10)
    sessions = session_in(folder), session_in(folder)
    try:
        yield sessions
    finally:
        for session in sessions:
            session.close()


def advance(session, flag):
    request = Request(Act.ADVANCE, by="owner", percent=25, override=True, reason="drill")
    return asyncio.run(FlagMover(session, flag, Clock()).advance(lambda judgement: decide(judgement, request)))


def told(session, *drafts):
    """Write what another process writes."""
    session.act(just(drafts), Clock().now())


def entered(percent, previous):
    facts = {"previous": previous, "evidence": ()}
    return (
        Draft("flag.confirmed", "watch", f"flag reads {percent} %", {"intent": "m", "percent": percent}),
        Draft("phase.entered", "owner", f"{percent} % entered", facts, phase=percent),
    )


def intent(percent, previous):
    facts = {"intent": "m", "percent": percent, "previous": previous, "writer": "fake"}
    return Draft("flag.intended", "owner", f"flag {previous} % -> {percent} % intended", facts)


def test_row_71_a_move_its_process_has_closed_is_not_found_done_once_more(tmp_path):
    flag = FakeFlag(10)
    with two(tmp_path) as (here, there):
        flag.on_write = lambda _: there.hear()
        assert advance(here, flag).ok
        assert (there.state.flag.status, there.state.phase) == ("intended", 10)
        there.take([FlagValue("fake", Clock().now(), 25, ())])
        FlagMover(there, flag, Clock()).resolve()
        assert (there.state.flag.status, there.state.phase) == ("confirmed", 25)
    assert moves(tmp_path)[3:] == MOVED


def test_row_71_a_move_is_left_to_the_process_that_still_makes_it(tmp_path):
    flag, seen = FakeFlag(10), []
    with two(tmp_path) as (here, there):

        def meanwhile():
            there.hear()
            there.take([FlagValue("fake", Clock().now(), 25, ())])
            FlagMover(there, flag, Clock()).resolve()
            seen.append(there.state.flag.status)

        def write(_percent):
            flag.on_read = meanwhile

        flag.on_write = write
        assert advance(here, flag).ok
    assert (seen, moves(tmp_path)[3:]) == (["intended"], MOVED)


def test_a_flag_another_process_set_back_meanwhile_is_set_back_once(tmp_path):
    flag = FakeFlag(0)
    with two(tmp_path) as (here, there):
        facts = {"intent": "m9", "percent": 0, "reason": "it was found not done"}
        told(here, intent(0, 10), Draft("flag.refused", "watch", "refused", facts))
        there.hear()
        flag.on_read = lambda: told(here, *entered(0, 10))
        answer = asyncio.run(FlagMover(there, flag, Clock()).again())
        assert (answer.ok, answer.text, there.state.phase) == (True, "flag reads 0 %", 0)
    assert moves(tmp_path)[3:] == ["flag.intended", "flag.refused", "flag.confirmed", "phase.entered"]
    assert flag.written == []


@pytest.mark.parametrize(("then", "phase"), [((), 10), (entered(0, 10), 0)])
def test_a_move_that_was_overtaken_by_another_enters_no_phase(tmp_path, then, phase):
    """A revert does not wait for ever for whoever moves the flag; he may wake up after it."""
    flag = FakeFlag(10)
    with two(tmp_path) as (here, there):
        flag.on_write = lambda _: told(there, intent(0, 10), *then)
        answer = advance(here, flag)
        assert (answer.ok, here.state.phase) == (False, phase)
        assert answer.text == (then[0].text if then else "flag 10 % -> 0 % intended")
    assert "25 % entered" not in " ".join(entry.text for entry in written(tmp_path, "phase.entered"))


def test_that_users_get_the_value_is_told_once(tmp_path):
    flag = FakeFlag(10)
    with two(tmp_path) as (here, there):
        facts = {"intent": "m1", "percent": 10, "served": False}
        told(here, Draft("flag.confirmed", "watch", "flag reads 10 %, not served yet", facts))
        there.hear()
        for session in (here, there):
            asyncio.run(FlagMover(session, flag, Clock()).serve())
            assert session.state.flag.served
    assert [entry.text for entry in written(tmp_path, "flag.served")] == ["users get 10 % now"]
