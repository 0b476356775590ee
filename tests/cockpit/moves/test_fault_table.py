"""Every cell of the table in docs/reliability.md: whatever is broken, a revert is written, read back, and told.

A row is a state of one of the session's files, a column the way that the revert is asked for. The flag is a real file.
"""

import asyncio
import errno
import json
import re
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from cockpit.cli.commands.sessions import begin
from cockpit.cli.revert.flag_first import revert
from cockpit.demo.world.flag_file import first_text
from cockpit.engine.requests import RequestHandler
from cockpit.engine.task_runs import Runs
from cockpit.flags.flagd.writer import FlagdFile
from cockpit.moves.mover import FlagMover
from cockpit.runtime.clock import Clock
from cockpit.runtime.tasks import BackgroundTasks
from cockpit.session.session import Session
from cockpit.settings.file.wiring import Wiring
from sessions.history.history import History
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import Journal, load
from sessions.values.entries import Draft
from sessions.values.requests import Act, Request
from tests.support.build import after
from tests.support.faults.breaking import (
    HISTORY_FILE,
    LOCKS,
    SESSION_FILE,
    SPOOL,
    Broken,
    come_back,
    damage,
    locked,
    vanish,
)
from tests.support.watch.watching import FAST, enter, put

STATES = ("full", "read-only", "vanished", "locked", "damaged", "permission", "I/O error")
TARGETS = (SESSION_FILE, LOCKS, HISTORY_FILE, SPOOL)
WAYS = ("key", "command", "fuse's zero")
CODES = {"full": errno.ENOSPC, "read-only": errno.EROFS, "permission": errno.EACCES, "I/O error": errno.EIO}


class Flight:
    """A session at 25 % over a flag file; as `way` says it is open already, or a command comes anew."""

    def __init__(self, tmp_path, state, way):
        self.folder, self.state, self.way = tmp_path / "s", state, way
        self.flags = tmp_path / "flags.json"
        document = json.loads(first_text(FAST))
        share = document["flags"][FAST.flag]["targeting"]["fractional"]
        share[-2][1], share[-1][1] = 25, 75
        self.flags.write_text(json.dumps(document), "utf-8")
        self.folder.mkdir()
        begin(self.folder, "flight", FAST, Wiring(flag_file=str(self.flags)))
        enter(self.folder, FAST, 10)
        enter(self.folder, FAST, 25)
        if way == "fuse's zero":
            now = Clock().now()
            lit = {"risk": "latency_spike", "deadline": after(-1, now), "evidence": ()}
            put(
                self.folder,
                25,
                Draft("fuse.lit", "watch", "fuse lit", lit),
                Draft("fuse.blown", "watch", "not resolved in time: slow", {"risk": "latency_spike", "evidence": ()}),
            )
        self.session = None

    def opened(self, files):
        """Open the session as a watch does, and leave what a watch leaves."""
        journal, now = Journal(self.folder / SESSION, files), Clock().now()
        opened = journal.open(now)
        self.session = Session(self.folder, opened, journal, History(self.folder / HISTORY, files), None, now, files)
        self.session.leave_card()
        return self.session

    def shut(self):
        self.session.close()
        self.session = None

    def reverted(self, files, capsys) -> str:
        """Revert; return what was told."""
        if self.way == "command":
            code = revert(str(self.folder), "drill", files=files)
            told = capsys.readouterr()
            assert code == 0 or "NOT saved anywhere" in told.err or "cannot be written to" in told.err
            assert "Traceback" not in told.err
            return told.out
        answer = asyncio.run(self._asked())
        assert answer.ok, answer.text
        return answer.text

    async def _asked(self):
        clock = Clock()
        flag_mover = FlagMover(self.session, FlagdFile(self.flags, FAST.flag), clock)
        if self.way == "fuse's zero":
            return await flag_mover.again()
        background = BackgroundTasks(print)
        handler = RequestHandler(self.session, flag_mover, Runs({}, clock), clock, background.spawn, self.session.take)
        return await handler.answer(Request(Act.REVERT, reason="drill"))

    @property
    def weight(self):
        document = json.loads(self.flags.read_text("utf-8"))
        return document["flags"][FAST.flag]["targeting"]["fractional"][-2][1]

    def settled(self):
        """Enter what is owed, as the next cockpit does; return the phases that the log says were entered."""
        if self.session is not None:
            self.session.settle(Clock().now())
            self.session.close()
        journal = Journal(self.folder / SESSION)
        now = Clock().now()
        with closing(
            Session(self.folder, journal.open(now), journal, History(self.folder / HISTORY), None, now)
        ) as last:
            last.settle(now)
            assert last.owes == ()
        entries = load(self.folder / SESSION).entries
        return [entry.phase for entry in entries if entry.kind == "phase.entered"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("state", STATES)
def test_rows_3_to_13_a_revert_is_written_read_back_and_told(  # noqa: PLR0917 (a cell has three names)
    tmp_path, state_folder, capsys, state, target, way
):
    flight = Flight(tmp_path, state_folder, way)
    disk = Broken()
    flight.opened(disk)
    if way == "command":
        flight.shut()
    with ExitStack() as stack:
        if state in CODES:
            disk.target, disk.code, disk.deaf = target, CODES[state], state in ("permission", "I/O error")
        elif state == "locked":
            stack.enter_context(locked(flight.folder, state_folder, target))
        else:
            {"vanished": vanish, "damaged": damage}[state](flight.folder, state_folder, target)
        told = flight.reverted(disk, capsys)
        assert flight.weight == 10
        assert re.search(r"10 %", told)
    disk.target = ""
    if state == "vanished":
        come_back(flight.folder, state_folder, target)
    if (state, target) in {("damaged", SESSION_FILE), ("vanished", SESSION_FILE)}:
        return  # a person mends the file first; what is set aside waits for that
    assert flight.settled()[2:] == [10]


@pytest.mark.parametrize("way", WAYS)
def test_t4_an_error_at_the_nth_call_stops_no_revert(tmp_path, state_folder, capsys, way):
    """The n-th call on any file fails, for every n of the act."""
    nth, calls = 1, 1
    while nth <= calls:
        home = tmp_path / str(nth)
        home.mkdir()
        flight = Flight(home, state_folder, way)
        disk = Broken(nth=0)
        flight.opened(disk)
        if way == "command":
            flight.shut()
        disk.calls, disk.nth = 0, nth
        told = flight.reverted(disk, capsys)
        calls, disk.nth = disk.calls, 0
        assert (flight.weight, "10 %" in told) == (10, True), nth
        assert flight.settled()[2:] == [10], nth
        nth += 1
    assert nth > 10


def test_row_24_the_table_is_the_owners_too():
    page = (Path(__file__).parents[3] / "docs" / "reliability.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    for state in STATES:
        assert any(line.lower().startswith(f"| {state}".lower()) for line in rows), state
    for target in TARGETS:
        assert any(target in line.lower() for line in rows[:1]), target
