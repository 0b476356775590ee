"""Random schedules of faults between the helm and the flag's back end, in virtual time.

Rows 70, 71, 72, 74 and 75. Whatever is answered late, never, twice or wrongly, and whenever the watch dies: nothing is
called confirmed that the back end does not hold, no advance is applied twice, and a revert comes to its end.
"""

import asyncio
import itertools
import os
import random
from dataclasses import dataclass

import pytest

from cockpit.desk import Desk
from cockpit.flags.base import FlagError
from cockpit.helm import Helm
from cockpit.runs import Runs
from cockpit.session import Session
from cockpit.watching import Means, Watching
from sessions.folder import HISTORY, SESSION
from sessions.history import History
from sessions.journal import Journal, create
from sessions.owed import AGAIN
from sessions.requests import Act, Request
from tests.build import T0
from tests.cockpit.chaos_flag import DEADLINE, PLAN, Backend
from tests.cockpit.virtual import run_virtual
from tests.cockpit.watching import FakeFlag, enter

SEEDS, BATCH = int(os.environ.get("COCKPIT_SEEDS", "300")), 50


@dataclass
class Spell:
    """One process' life: a session, its desk, and its watch."""

    session: Session
    desk: Desk
    watching: Watching
    ended: asyncio.Event
    task: asyncio.Task
    errands: list


def begin(folder, backend, clock, confirmed):
    """Open the session and watch it, as a start does."""
    journal, errands = Journal(folder / SESSION), []
    session = Session(folder, journal.open(clock.now()), journal, History(folder / HISTORY), None, clock.now())
    helm = Helm(session, backend, clock)

    def publish(judgement):
        for entry in judgement.state.entries[confirmed["told"] :]:
            if entry.kind == "flag.confirmed":
                confirmed["all"].append((int(entry.counted("percent")), backend.held(entry.at)))
        confirmed["told"] = len(judgement.state.entries)

    def spawn(work):
        errands.append(asyncio.ensure_future(work))

    watching = Watching(session, Means(lambda _watched: [], backend, seed=1), helm, clock, publish)
    desk = Desk(session, helm, Runs({}, clock), clock, spawn, watching.take)
    ended = asyncio.Event()
    return Spell(session, desk, watching, ended, asyncio.ensure_future(watching.run(ended, lambda: "over")), errands)


async def killed(spell):
    """Let go of everything at once, as kill -9 does: nothing is written any more."""
    spell.session.close()
    for task in [spell.task, *spell.errands, *spell.watching._errands._tasks]:
        while not task.done():  # a time limit that runs out in the same instant swallows a cancellation
            task.cancel()
            await asyncio.wait({task}, timeout=0.001)


def request(dice, state):
    """Ask to go on against the gate, or back."""
    following = state.plan.after(state.phase)
    if following is not None and dice.random() < 0.6:
        return Request(Act.ADVANCE, percent=following.percent, override=True, reason="drill")
    return Request(Act.REVERT)


async def flown(folder, seed, clock):
    """Fly one schedule; return what must be looked at."""
    dice = random.Random(seed)
    backend, confirmed = Backend(random.Random(seed + 10**6)), {"told": 0, "all": []}
    spell = begin(folder, backend, clock, confirmed)
    for _ in range(dice.randint(2, 5)):
        await asyncio.sleep(dice.uniform(0, 60))
        asking = asyncio.ensure_future(spell.desk.answer(request(dice, spell.session.state)))
        spell.errands.append(asking)
        if dice.random() < 0.35:
            await asyncio.sleep(dice.uniform(0, 2 * DEADLINE))
            await killed(spell)
            spell = begin(folder, backend, clock, confirmed)
        elif dice.random() < 0.7:
            await asyncio.wait({asking})
    backend.mended = True
    await asyncio.gather(*backend.late)
    await asyncio.sleep(120)
    spell.watching.show()
    state, judgement = spell.session.state, spell.session.judged(clock.now())
    await killed(spell)
    return backend, confirmed["all"], state, judgement


def advances(entries):
    moves = (entry for entry in entries if entry.kind == "flag.intended")
    return [entry for entry in moves if entry.counted("percent") > entry.counted("previous")]


@pytest.mark.parametrize("batch", range(SEEDS // BATCH))
def test_rows_70_to_75_random_faults_confirm_nothing_that_is_not_so(tmp_path, batch):
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        folder = tmp_path / str(seed)
        folder.mkdir()
        create(folder / SESSION, "chaos", PLAN.table, T0)
        backend, confirmed, state, judgement = run_virtual(lambda clock, seed=seed, at=folder: flown(at, seed, clock))
        told = f"seed {seed}: {[(entry.kind, entry.text) for entry in state.entries]}"
        assert all(said in held for said, held in confirmed), told
        flag = next(row for row in judgement.gate.conditions if row.name == "flag")
        if state.flag.status == "confirmed":
            assert state.flag.percent == backend.percent, told
        else:
            assert (state.flag.status, flag.ok) == ("drifted", False), told
            assert backend.percent != state.phase, told
        writes = [percent for percent, _ in itertools.groupby(percent for _, percent in backend.applied)]
        ups = [percent for before, percent in itertools.pairwise([0, *writes]) if percent > before]
        assert len(ups) <= len(advances(state.entries)) + len(backend.late), told
        assert not judgement.state.journal_fault, told


async def refused(folder, clock):
    """Ask for a revert that the back end refuses for a minute; return when it was written, from the asking on."""
    written = []

    def refuse(percent):
        written.append((clock.boot(), percent))
        raise FlagError("503")

    spell = begin(folder, FakeFlag(10, on_write=refuse), clock, {"told": WHOLE_JOURNAL, "all": []})
    await asyncio.sleep(20)
    asked = clock.boot()
    answer = await spell.desk.answer(Request(Act.REVERT))
    spell.watching.show()
    await asyncio.sleep(60)
    await killed(spell)
    return answer, [(at - asked, percent) for at, percent in written]


WHOLE_JOURNAL = 10**6
"""More entries than there are: what was confirmed before is no part of the story."""


def test_row_74_a_revert_that_is_refused_is_tried_again_every_10_s(tmp_path):
    create(tmp_path / SESSION, "chaos", PLAN.table, T0)
    enter(tmp_path, PLAN, 10, at=T0)
    answer, tries = run_virtual(lambda clock: refused(tmp_path, clock))
    assert answer.text == "REVERT NOT DONE: flag move to 0 % refused: 503"
    assert {percent for _, percent in tries} == {0}
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(tries)]
    assert tries[0][0] == 0
    assert len(tries) >= 4
    assert all(AGAIN <= gap <= AGAIN + PLAN.cadence.tick for gap in gaps), gaps
