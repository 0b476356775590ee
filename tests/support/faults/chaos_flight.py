"""One flight through bad weather, in virtual time: watches and commands over one session, each a process of its own.

What each of them acknowledged is written down, with what the flag held since it was asked for: another hand may move it
while what was done waits for the log.
"""

import asyncio
import contextlib
import io
import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cockpit.cli.commands import act as acting
from cockpit.cli.revert import flag_first as reverting
from cockpit.engine.opening import Parts, open_session
from cockpit.engine.requests import RequestHandler
from cockpit.engine.task_runs import Runs
from cockpit.engine.watch_loop import Means, Watching
from cockpit.moves.mover import FlagMover
from cockpit.runtime.errors import BadInputError
from cockpit.session.session import Session, always, just
from sessions.storage.folders import FolderError
from sessions.storage.glance import glance
from sessions.storage.journal import JournalError
from sessions.storage.locks import watch_lock
from sessions.storage.spool import Spool
from sessions.values.entries import Draft
from sessions.values.requests import Act, Request
from tests.support.build import after
from tests.support.faults.chaos_disk import Killed, Process, Weather
from tests.support.faults.chaos_flag import Backend


@dataclass
class Said:
    """An act that a process called done, by its word; what the flag held meanwhile, and whether the process died."""

    word: str
    act: Act
    text: str
    held: set[int]
    process: Process


@dataclass
class Write:
    """A write to the flag: what it held then, and what it had just been read at (None: it could not be read)."""

    at: datetime
    percent: int
    comment: str
    held: int
    read: int | None
    top: int


@dataclass
class Record:
    """All that must be true in the end."""

    said: list[Said] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    entries: list[Any] = field(default_factory=list)
    unkept: str = ""


class Wire:
    """One process' way to the flag."""

    name, moves = "chaos", True

    def __init__(self, flight, process):
        self.flight, self.backend, self.process = flight, flight.backend, process
        self.last = None

    async def read(self, now):
        self.last = None
        self.process.alive()
        value = await self.backend.read(now)
        self.process.alive()
        self.last = value.percent
        return value

    async def write(self, percent, *, expected="", comment=""):
        self.process.alive()
        self.flight.wrote(Write(self.flight.clock.now(), percent, comment, self.backend.percent, self.last, 0))
        await self.backend.write(percent, expected=expected, comment=comment)
        self.process.alive()

    async def renew(self):
        return self.flight.dice.random() < 0.3

    async def verify(self, percent, now):
        return ""

    def by_hand(self, percent):
        return (f"set it to {percent} %",)

    async def aclose(self):
        pass


@dataclass
class WatchSummary:
    """One watch's life."""

    process: Process
    session: Session
    handler: RequestHandler
    watching: Watching
    ended: asyncio.Event
    task: asyncio.Task
    background: list

    async def killed(self):
        """Let go of everything at once, as kill -9 does."""
        self.process.bury()
        for task in [self.task, *self.background, *self.watching._background._tasks]:
            await gone(task)


async def gone(task):
    """End a task of a dead process; a time limit that runs out in the same instant swallows a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.001)
    if not task.cancelled():
        task.exception()


class Printed(io.StringIO):
    """What a command prints; what the flag held since the command began when it said that a move is done."""

    def __init__(self, backend):
        super().__init__()
        self.backend, self.told, self.begun = backend, [], asyncio.get_running_loop().time()

    def write(self, text):
        self.told.append((text, self.backend.held_since(self.begun)))
        return super().write(text)


class Flight:
    """A session, its flag, its weather, and who works on it."""

    def __init__(self, folder, seed, clock, state, record):
        self.folder, self.clock, self.record = folder, clock, record
        self.dice = random.Random(seed)
        self.backend = Backend(random.Random(seed + 10**6))
        self.weather = Weather(random.Random(seed + 2 * 10**6), state)
        self.summary, self.words, self.fair = None, 0, False
        self.top = 0

    def wrote(self, write):
        write.top = self.top
        if "entered" in write.comment:
            self.top = max(self.top, write.percent)
        self.record.writes.append(write)

    def process(self, mortal=0.3):
        """Return a new process; some are to die at one of their calls on the disk."""
        process = Process(self.weather)
        if not self.fair and self.dice.random() < mortal:
            process.left = self.dice.randrange(600)
        return process

    def word(self):
        self.words += 1
        return f"drill-{self.words}."

    async def watch(self):
        """Watch for ever: whenever the process dies another is begun."""
        while True:
            process = self.process()
            try:
                self.summary = self._begun(process)
            except (Killed, BadInputError, JournalError):
                process.bury()
                await asyncio.sleep(self.dice.uniform(1, 8))
                continue
            await process.over.wait()
            dead, self.summary = self.summary, None
            await dead.killed()
            await asyncio.sleep(self.dice.uniform(0.1, 1))

    def _begun(self, process):
        background, wire, clock = [], Wire(self, process), self.clock
        session = open_session(self.folder, clock, None, process)
        watch_lock(self.folder, clock.now(), files=process)
        flag_mover, means = FlagMover(session, wire, clock), Means(lambda _watched: [], wire, seed=1)
        watching = Watching(session, means, flag_mover, clock, lambda _judgement: None)

        def spawn(work):
            background.append(asyncio.ensure_future(work))

        handler, ended = (
            RequestHandler(session, flag_mover, Runs({}, clock), clock, spawn, watching.take),
            asyncio.Event(),
        )
        task = asyncio.ensure_future(watching.run(ended, lambda: "over"))
        return WatchSummary(process, session, handler, watching, ended, task, background)

    async def pressed(self, summary, request, word):
        """Ask as a key does."""
        begun = asyncio.get_running_loop().time()
        answer = await summary.handler.answer(request)
        if answer.ok and not summary.process.dead:
            summary.watching.show()
            held = self.backend.held_since(begun)
            self.record.said.append(Said(word, request.act, answer.text, held, summary.process))

    async def called(self, request, word):
        """Ask as a command does; its process ends with the answer."""
        process, out = self.process(0.2), Printed(self.backend)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                code = await (
                    self._reverted(request, process) if request.act is Act.REVERT else self._act(request, process)
                )
        except (Killed, BadInputError, FolderError, JournalError):
            code = -1
        finally:
            process.bury()
        done = [held for text, held in out.told if word in text and "NOT" not in text]
        if code in {0, 1} and done:
            self.record.said.append(Said(word, request.act, out.getvalue(), done[0], process))

    async def _reverted(self, request, process):
        seen = glance(str(self.folder), process)
        spool = Spool(seen.folder, seen.head.created.isoformat(), process)
        return await reverting._reverted(reverting.Way(seen, Wire(self, process), spool, request.reason))

    async def _act(self, request, process):
        session = open_session(self.folder, self.clock, None, process)
        means = Means(lambda _watched: [], Wire(self, process), seed=1)
        return await acting._acted(request, Parts(session, means, Runs({}, self.clock)))

    def request(self, word):
        """Return what is asked for next: on against the gate, back, a pause, a note."""
        dice, summary = self.dice, self.summary
        following = summary.session.state.plan.after(summary.session.state.phase) if summary else None
        chance = dice.random()
        if following is not None and chance < 0.4:
            return Request(Act.ADVANCE, percent=following.percent, override=True, reason=word)
        if chance < 0.75:
            return Request(Act.REVERT, reason=word)
        if chance < 0.85:
            return Request(Act.PAUSE, text=word)
        return Request(Act.RESUME) if chance < 0.9 else Request(Act.NOTE, text=word)

    def blow(self):
        """A fuse is at its zero."""
        now, session = self.clock.now(), self.summary.session
        if session.state.phase and not session.state.fuses:
            lit = {"risk": "latency_spike", "deadline": after(-1, now), "evidence": ()}
            blown = Draft(
                "fuse.blown", "watch", "not resolved in time: slow", {"risk": "latency_spike", "evidence": ()}
            )
            with contextlib.suppress(Killed):
                session.act(just([Draft("fuse.lit", "watch", "fuse lit", lit), blown]), now, always)

    async def change_weather(self):
        while True:
            await asyncio.sleep(self.dice.uniform(0.1, 40))
            self.weather.turn()

    async def meddle(self):
        """Somebody else's hand is on the flag."""
        while True:
            await asyncio.sleep(self.dice.uniform(5, 60))
            self.backend.apply(self.dice.choice((0, 0, 5, 10, 25, 50)))

    async def step(self):
        """Something is asked, or happens; sometimes whoever watches is killed meanwhile."""
        dice, word = self.dice, self.word()
        await asyncio.sleep(dice.uniform(0, 40))
        chance = dice.random()
        if chance < 0.15 and self.summary:
            self.blow()
        request, summary = self.request(word), self.summary
        by_key = summary is not None and (dice.random() < 0.65 or not all(visit.done() for visit in self.visits))
        if not by_key and not all(visit.done() for visit in self.visits):
            return
        asking = asyncio.ensure_future(self.pressed(summary, request, word) if by_key else self.called(request, word))
        (summary.background if by_key else self.visits).append(asking)
        if dice.random() < 0.3:
            await asyncio.sleep(dice.uniform(0, 10))
            if self.summary:
                self.summary.process.kill()
        elif dice.random() < 0.7 or not by_key:
            await asyncio.wait({asking}, timeout=300)

    async def flown(self):
        """Fly, let all faults pass, watch on, begin anew, watch on; return the last state."""
        self.visits = []
        watch, *weather = [asyncio.ensure_future(work) for work in (self.watch(), self.change_weather())]
        weather += [asyncio.ensure_future(self.meddle())] if self.dice.random() < 0.4 else []
        for _ in range(self.dice.randint(2, 5)):
            await self.step()
        for each in weather:
            await gone(each)
        self.weather.faults.clear()
        self.fair = self.backend.mended = True
        if self.summary:
            self.summary.process.left = -1
        await asyncio.gather(*self.backend.late)
        await asyncio.sleep(50)
        assert all(visit.done() for visit in self.visits)
        await self._end()
        await asyncio.sleep(100)
        self.summary.watching.show()
        state = self.summary.session.state
        await gone(watch)
        await self.summary.killed()
        return state

    async def _end(self):
        """End the watch, in order or not; what it owes then is on the disk."""
        summary = self.summary
        summary.watching.show()
        lacking = summary.session.lacking()
        if lacking is not None and not lacking.kept:
            self.record.unkept = str(summary.session.owes)
        if self.dice.random() < 0.5:
            summary.ended.set()
            await asyncio.wait({summary.task})
        summary.process.kill()


async def fly(folder, seed, clock, state, record):
    """Fly one schedule; return what the flag held in the end, and the last state."""
    flight = Flight(folder, seed, clock, state, record)
    last = await flight.flown()
    return flight.backend.percent, last
