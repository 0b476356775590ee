"""Random schedules of faults between the mover and the flag's back end, in virtual time.

Rows 70, 71, 72, 74 and 75. Whatever is answered late, never, twice or wrongly, and whenever the watch dies: nothing is
called confirmed that the back end does not hold, no advance is applied twice, and a revert comes to its end.
"""

import asyncio
import itertools
import os
import random
from dataclasses import dataclass

import pytest

from cockpit.engine.requests import RequestHandler
from cockpit.engine.task_runs import Runs
from cockpit.engine.watch_loop import Means, Watching
from cockpit.flags.interface.writer import FlagError
from cockpit.moves.mover import FlagMover
from cockpit.session.session import Session
from sessions.history.history import History
from sessions.state.pending import AGAIN
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import Journal, create
from sessions.values.requests import Act, Request
from tests.support.build import T0
from tests.support.faults.chaos_flag import DEADLINE, PLAN, Backend
from tests.support.faults.virtual import run_virtual
from tests.support.watch.watching import FakeFlag, enter

SEEDS, BATCH = int(os.environ.get("COCKPIT_SEEDS", "300")), 50


@dataclass
class WatchSummary:
    """One process' life: a session, what answers its requests, and its watch."""

    session: Session
    handler: RequestHandler
    watching: Watching
    ended: asyncio.Event
    task: asyncio.Task
    background: list


def begin(folder, backend, clock, confirmed):
    """Open the session and watch it, as a start does."""
    journal, background = Journal(folder / SESSION), []
    session = Session(folder, journal.open(clock.now()), journal, History(folder / HISTORY), None, clock.now())
    flag_mover = FlagMover(session, backend, clock)

    def publish(judgement):
        for entry in judgement.state.entries[confirmed["told"] :]:
            if entry.kind == "flag.confirmed":
                confirmed["all"].append((int(entry.counted("percent")), backend.held(entry.at)))
        confirmed["told"] = len(judgement.state.entries)

    def spawn(work):
        background.append(asyncio.ensure_future(work))

    watching = Watching(session, Means(lambda _watched: [], backend, seed=1), flag_mover, clock, publish)
    handler = RequestHandler(session, flag_mover, Runs({}, clock), clock, spawn, watching.take)
    ended = asyncio.Event()
    return WatchSummary(
        session, handler, watching, ended, asyncio.ensure_future(watching.run(ended, lambda: "over")), background
    )


async def killed(summary):
    """Let go of everything at once, as kill -9 does: nothing is written any more."""
    summary.session.close()
    for task in [summary.task, *summary.background, *summary.watching._background._tasks]:
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
    summary = begin(folder, backend, clock, confirmed)
    for _ in range(dice.randint(2, 5)):
        await asyncio.sleep(dice.uniform(0, 60))
        asking = asyncio.ensure_future(summary.handler.answer(request(dice, summary.session.state)))
        summary.background.append(asking)
        if dice.random() < 0.35:
            await asyncio.sleep(dice.uniform(0, 2 * DEADLINE))
            await killed(summary)
            summary = begin(folder, backend, clock, confirmed)
        elif dice.random() < 0.7:
            await asyncio.wait({asking})
    backend.mended = True
    await asyncio.gather(*backend.late)
    await asyncio.sleep(120)
    summary.watching.show()
    state, judgement = summary.session.state, summary.session.judged(clock.now())
    await killed(summary)
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

    summary = begin(folder, FakeFlag(10, on_write=refuse), clock, {"told": WHOLE_JOURNAL, "all": []})
    await asyncio.sleep(20)
    asked = clock.boot()
    answer = await summary.handler.answer(Request(Act.REVERT))
    summary.watching.show()
    await asyncio.sleep(60)
    await killed(summary)
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
