"""The evening task is the report of the day: whoever does one does the other, once, through the same door."""

import contextlib
import errno
from datetime import UTC, datetime, timedelta

import pytest

from cockpit.engine.requests import RequestHandler
from cockpit.engine.task_runs import Runs
from cockpit.moves.mover import FlagMover
from cockpit.runtime.clock import Clock
from sessions.plan.loader import bundled
from sessions.values.entries import Draft
from sessions.values.requests import Act, Request
from tests.support.sessions.files import FailingDisk
from tests.support.watch.watching import FakeFlag, enter, made, put, session_in, written

FIRST = datetime(2026, 11, 2, tzinfo=UTC)


class Stopped(Clock):
    """A clock that stands where it is put."""

    at = FIRST + timedelta(hours=8)

    def now(self):
        return self.at


def _nothing(_work):
    """Nothing of this is done beside."""
    raise AssertionError


class Flown:
    """A session in its week, and the door to it, at a moment of one's choice."""

    def __init__(self, folder, files=None):
        plan, self.clock = bundled(), Stopped()
        self.folder = made(folder, plan)
        enter(self.folder, plan, 100, self.clock.now())
        put(self.folder, 100, Draft("week.started", "owner", "week", {}), at=self.clock.now())
        self.session = session_in(self.folder, self.clock, files)
        self.session.tz = UTC
        mover = FlagMover(self.session, FakeFlag(100), self.clock)
        runs = Runs({}, self.clock)
        self.door = RequestHandler(self.session, mover, runs, self.clock, _nothing, self.session.take)

    async def asked(self, day, hour, act, task=""):
        self.clock.at = FIRST + timedelta(days=day - 1, hours=hour)
        return await self.door.answer(Request(act, subject=task))

    def said(self):
        return [entry.kind for entry in self.session.state.entries if entry.kind in ("report.exported", "task.ticked")]

    def files(self):
        return sorted(path.name for path in (self.folder / "exports").glob("*"))


@pytest.fixture
def flown(tmp_path):
    with contextlib.ExitStack() as held:

        def opened(files=None):
            flight = Flown(tmp_path / "s", files)
            held.callback(flight.session.close)
            return flight

        yield opened


async def test_ticking_it_writes_the_report_of_the_day_which_says_so(flown):
    flight = flown()
    answer = await flight.asked(2, 18, Act.TICK, "d2.evening")
    assert answer.text == "report exported: exports/report-2026-11-03.md; ticked"
    assert flight.said() == ["report.exported", "task.ticked"]
    text = (flight.folder / "exports" / "report-2026-11-03.md").read_text("utf-8")
    assert "- done · Day 2: Compile the summary" in text
    assert "Catch up on" in text
    assert "Compile the summary" not in text.partition("## Asks")[2].partition("## ")[0]
    again = await flight.asked(2, 19, Act.TICK, "d2.evening")
    assert (again.ok, again.text) == (False, "ticked already")
    assert flight.said() == ["report.exported", "task.ticked"]


async def test_exporting_the_day_ticks_it_once_it_is_due_and_only_once(flown):
    flight = flown()
    for day, hour, ticks in ((2, 17, 0), (2, 18, 1), (2, 19, 1), (3, 0, 1), (3, 23, 2)):
        assert (await flight.asked(day, hour, Act.EXPORT)).ok
        assert flight.said().count("task.ticked") == ticks
    assert [entry.said("task") for entry in written(flight.folder, "task.ticked")] == ["d2.evening", "d3.evening"]
    assert flight.files() == ["report-2026-11-03.md", "report-2026-11-04.md"]


async def test_late_it_is_the_report_of_its_own_day_and_keeps_what_a_person_edited(flown):
    flight = flown()
    assert (await flight.asked(2, 17, Act.EXPORT)).ok
    path = flight.folder / "exports" / "report-2026-11-03.md"
    path.write_text("with an Ask of mine", "utf-8")
    answer = await flight.asked(4, 9, Act.TICK, "d2.evening")
    assert answer.ok
    assert "report-2026-11-03.md is kept: it was changed, or another export writes it now" in answer.text
    assert path.read_text("utf-8") == "with an Ask of mine"
    assert flight.files() == ["report-2026-11-03-2.md", "report-2026-11-03.md"]
    (tick,) = written(flight.folder, "task.ticked")
    assert tick.facts["late"] is True
    assert flight.session.judged(flight.clock.now()).week[5].late


async def test_one_of_a_later_day_writes_nothing(flown):
    flight = flown()
    answer = await flight.asked(2, 18, Act.TICK, "d3.evening")
    assert (answer.ok, answer.text) == (False, "a task of day 3, due Wed 04 Nov 18:00: not before its day")
    assert (flight.said(), flight.files()) == ([], [])


async def test_a_report_that_cannot_be_written_ticks_nothing(flown):
    disk = FailingDisk()
    flight = flown(disk)
    disk.op, disk.at, disk.code, disk.lasting = "fsync", 1, errno.ENOSPC, True
    answer = await flight.asked(2, 18, Act.TICK, "d2.evening")
    assert not answer.ok
    assert "d2.evening" not in flight.session.state.ticked
    assert flight.said() == []
