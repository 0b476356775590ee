"""A log that another process writes to: it is waited for beside the event loop, never by holding it up."""

import asyncio
import contextlib

import pytest

from cockpit.runtime.clock import Clock
from cockpit.session.session import BRIEF, always, just, patiently
from sessions.actions.decision import Decision
from sessions.storage.folders import SESSION
from sessions.storage.journal import Journal, load
from sessions.values.entries import Draft
from tests.support.build import T0
from tests.support.watch.watching import made, session_in


def noted(text):
    return just([Draft("note.written", "owner", text)])


@pytest.fixture
def session(tmp_path):
    with contextlib.closing(session_in(made(tmp_path))) as opened:
        yield opened


@pytest.fixture
def other(tmp_path, session):
    """Another process in the middle of a write; `close` ends it."""
    journal = Journal(tmp_path / SESSION)
    journal.open(T0)
    session.files.lock(journal._fd)
    with contextlib.closing(journal):
        yield journal


def notes(folder):
    return [entry.text for entry in load(folder / SESSION).entries if entry.kind == "note.written"]


async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_all_else_goes_on_while_an_act_waits(session, other, tmp_path):
    waiting = asyncio.ensure_future(patiently(session, noted("one"), Clock()))
    await turns(200)
    assert not waiting.done()
    other.close()
    assert (await waiting).unsaved == ""
    assert notes(tmp_path) == ["one"]


async def test_acts_that_wait_are_written_in_the_order_in_which_they_were_asked(session, other, tmp_path):
    texts = [f"note {number}" for number in range(30)]
    waiting = [asyncio.ensure_future(patiently(session, noted(text), Clock())) for text in texts]
    await turns(50)
    other.close()
    await asyncio.gather(*waiting)
    assert notes(tmp_path) == texts


async def test_what_happened_waits_behind_nobody_and_is_owed_in_the_end(session, other):
    waiting = asyncio.ensure_future(patiently(session, noted("of a person"), Clock()))
    await turns(10)
    clock, begun = Clock(), Clock().boot()
    done = await patiently(session, noted("it happened"), clock, always)
    assert (done.owed, done.locked, waiting.done()) == (True, True, False)
    assert clock.boot() - begun >= BRIEF
    assert [item.draft.text for item in session.owes] == ["it happened"]
    waiting.cancel()


def test_a_brief_lock_decides_nothing_owes_nothing_and_is_no_fault(session, other):
    asked = []

    def decide(judgement):
        asked.append(judgement)
        return Decision((Draft("note.written", "watch", "once"),))

    done = session.act(decide, T0, always, brief=True)
    assert (done.locked, done.owed, asked, session.owes, session.state.journal_fault) == (True, False, [], (), "")
    other.close()
    assert session.act(decide, T0, always, brief=True).entries[-1].text == "once"
    assert len(asked) == 1
