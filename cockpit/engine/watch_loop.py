"""What the process does that watches a session: polls, judges, protects, writes, and brings to an end what is owed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from msgspec import Struct, field

from cockpit.engine.gaps import Timepiece, beginning, sign
from cockpit.engine.poller import Poller
from cockpit.flags.interface.writer import FlagWriter
from cockpit.moves.mover import FlagMover
from cockpit.notices.dispatcher import NoticeDispatcher
from cockpit.notices.notice import Notice
from cockpit.runtime.clock import Clock
from cockpit.runtime.tasks import BackgroundTasks, died_of, forever
from cockpit.session.session import Session, always, just, patiently
from cockpit.sources.flag import FlagReadBack
from cockpit.sources.interface.source import Source
from sessions.actions.decision import Decision, Move
from sessions.actions.evidence import turns
from sessions.actions.flapping import flips
from sessions.criteria.freshness import usable
from sessions.gate.judgement import Judgement
from sessions.safety.automatic import duties, revert_due
from sessions.state.pending import rest, revert_owed, switches_owed
from sessions.text.clean import clean
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagStatus
from sessions.values.readings import Reading, Topic

PATIENCE = 2.0

Switches = Sequence[tuple[str, bool]]

OpenSource = Callable[[], Awaitable[Sequence[Source]]]
OpenSources = Callable[[datetime | None], Sequence[OpenSource]]
"""Opens each source by itself inside the Watch's own loop, told until when somebody watched: drivers load there and not
before the first paint, and one that is slow to open delays no other."""


class Means(Struct, frozen=True):
    """What a watch is given: its sources, the flag, what it can run and answers for, who tells others, the mask."""

    open_sources: OpenSources
    writer: FlagWriter
    runs: Sequence[str] = ()
    answers: Sequence[Topic] = ()
    dispatcher: NoticeDispatcher = field(default_factory=lambda: NoticeDispatcher(()))
    scrub: Callable[[str], str] = str
    seed: int | None = None


class Watching:
    """One spell of watching. `publish` shows each new judgement."""

    def __init__(
        self, session: Session, means: Means, flag_mover: FlagMover, clock: Clock, publish: Callable[[Judgement], None]
    ) -> None:
        self._session = session
        self._means = means
        self._flag_mover = flag_mover
        self._clock = clock
        self._publish = publish
        self._rng = random.Random(means.seed)  # noqa: S311 - jitter needs no secrecy
        self._background = BackgroundTasks(self._told)
        self._pollers: list[Poller] = []
        self._sources: list[Source] = []
        self._hurried: set[tuple[str, datetime]] = set()
        self._revert_at = self._look_at = clock.boot()
        self._timepiece = Timepiece(session, clock)
        self._over = self._waited = False

    async def run(self, ended: asyncio.Event, reason: Callable[[], str]) -> None:
        """Watch until `ended`; the last entry says the reason."""
        watched = self._session.last_alive()
        await self._begin()
        self._poll([FlagReadBack(self._means.writer, self._session.state.plan.cadence)])
        self._background.spawn(forever("its clock", self._tick, self._told))
        for opening in self._means.open_sources(watched):
            self._background.spawn(self._open(opening))
        await ended.wait()
        await self._end(reason())
        await self._let_go()

    def take(self, readings: Sequence[Reading]) -> None:
        """Keep what was measured, and act on it."""
        if self._over:  # from a source that swallowed its cancellation: the session is closed already
            raise asyncio.CancelledError
        self.look()
        self._session.take(usable(self._session.state, readings, self._clock.now()))
        self._flag_mover.resolve()
        self.show()

    def show(self) -> None:
        """Judge, do what is due, write it, show it. A fault in judging closes the gate instead of the watch."""
        self.look()
        now = self._clock.now()
        try:
            judgement, switches = self._judged(now)
            wanted = revert_due(judgement)
        except Exception as error:  # noqa: BLE001 - a defect in judging must hold the gate, not end the watch
            self._session.fault("judging", f"judging failed: {died_of(error)}")
            self._unjudged(self._session.known(now))
            return
        if "judging" in judgement.state.faults:
            self._session.fault("judging", "")
            judgement = self._session.judged(now)
        for name, on in switches:
            self._background.spawn(self._set(name, on=on), f"switch {name}")
        self._settle_what_is_owed(judgement, wanted)
        self._hurry_for_fuses(judgement)
        self._show(judgement)

    def _unjudged(self, known: Judgement) -> None:
        """A revert that was decided before goes on, and the screen says that nothing is judged."""
        self._settle_what_is_owed(known, revert_due(known))
        self._publish(known)

    def look(self) -> None:
        """Note where the clock jumped or this process stood still, before anything is judged by that clock."""
        self._timepiece.look()

    def _judged(self, now: datetime) -> tuple[Judgement, Switches]:
        """Judge, and write what is due, decided under the lock: another may just have acted.

        Where another process writes just now it waits for the next turn, and no longer.
        """
        judgement = self._session.judged(now)
        if flipped := flips(judgement):
            self._session.take(flipped)
            judgement = self._session.judged(now)
        if not self._session.owes and not _due(judgement).drafts:
            return judgement, ()
        done = self._session.act(_due, now, always, brief=not self._waited)
        self._waited = done.locked and not done.owed
        return self._session.judged(now), done.decision.switches

    async def _begin(self) -> None:
        """Say that somebody watches, and since when nobody did."""
        here = sign(self._clock, self._session.state)
        now = here.at
        self._session.end_runs()
        runs, answers = self._means.runs, self._means.answers
        first = beginning(self._session, here, runs, answers)
        await patiently(self._session, just(first), self._clock, always)
        self._session.put_back(now)
        self._timepiece = Timepiece(self._session, self._clock)
        self._session.beat(sign(self._clock, self._session.state))
        self._session.leave_card()
        self._show(self._session.known(now))

    async def _end(self, reason: str) -> None:
        text = f"watch stopped ({reason}), the flag stays at {self._session.state.flag.percent} %"
        stopped = Draft("watch.stopped", "watch", text, {"reason": reason})
        await patiently(self._session, just([stopped]), self._clock, always)
        self._session.beat(sign(self._clock, self._session.state))
        self._session.end_runs()
        self._over = True
        self._publish(self._session.known(self._clock.now()))

    async def _let_go(self) -> None:
        """End every task and connection; abandon one that does not end, the session is closed already."""
        await self._background.let_go(PATIENCE)
        closing = [asyncio.ensure_future(source.aclose()) for source in self._sources]
        await asyncio.wait([*closing, asyncio.ensure_future(self._means.dispatcher.aclose())], timeout=PATIENCE)

    async def _open(self, opening: OpenSource) -> None:
        """Without its sources the session opens all the same, and every criterion says that it is blind.

        It is tried again until it goes well.
        """
        part, stale = f"opening {id(opening)}", self._session.state.plan.cadence.traffic_stale
        while True:
            try:
                with self._clock.waiting(part, stale / 4, stale):
                    more = await opening()
            except Exception as error:  # noqa: BLE001 - a driver may fail in any way; the owner reads it on the screen
                why = clean(self._means.scrub(str(error)), 120)
                self._session.fault("sources", f"sources cannot be opened: {why}", part)
                await asyncio.sleep(rest(self._session.state.plan))
            else:
                self._session.fault("sources", "", part)
                return self._poll(more)

    def _poll(self, more: Sequence[Source]) -> None:
        """Begin to poll `more`, and remember to close it."""
        self._sources.extend(more)
        for source in more:
            poller = Poller(source, self._clock, self.take, self._rng, self._means.scrub, self._told)
            self._pollers.append(poller)
            self._background.spawn(poller.run())

    async def _tick(self) -> None:
        """Judge on the clock even when nothing arrives."""
        await asyncio.sleep(self._session.state.plan.cadence.tick)
        self._session.beat(sign(self._clock, self._session.state))
        self._session.hear()
        self.show()

    def _show(self, judgement: Judgement) -> None:
        """Show a judgement here, and tell elsewhere what is to be told."""
        self._publish(judgement)
        for notice in self._means.dispatcher.due(judgement):
            self._background.spawn(self._tell(notice), "its notices")

    async def _tell(self, notice: Notice) -> None:
        if sent := await self._means.dispatcher.send(notice):
            await patiently(self._session, just(sent), self._clock, always)

    def _settle_what_is_owed(self, judgement: Judgement, wanted: Move | None) -> None:
        """A revert that is due goes at once, then again after a rest; what else is not proved is looked at again.

        A try of a person in this process is one too: the next comes a rest after it.
        """
        now, pause = self._clock.boot(), rest(judgement.state.plan)
        resting = revert_owed(judgement.state) and now < self._flag_mover.tried_at + pause
        if self._flag_mover.busy:
            return
        if wanted is not None:
            if now >= self._revert_at and not resting:
                self._revert_at = now + pause
                self._background.spawn(self._revert(), "a revert")
            return
        self._revert_at = now
        if now >= self._look_at:
            self._look_at = now + pause
            self._look(judgement)

    def _look(self, judgement: Judgement) -> None:
        """Read an open move back; without one set what is not set, and ask what users get."""
        if judgement.state.flag.open:
            self._pollers[0].hurry()
        else:
            self._background.spawn(self._catch_up(switches_owed(judgement.state, judgement.at)), "its switches")

    async def _revert(self) -> None:
        await self._flag_mover.again()
        if self._session.state.flag.status == FlagStatus.UNKNOWN:
            self._background.spawn(self._flag_mover.chase(), "a look at the flag")
        self.show()

    async def _catch_up(self, owed: Sequence[tuple[str, bool]]) -> None:
        for name, on in owed:
            await self._set(name, on=on)
        await self._flag_mover.serve()

    async def _set(self, name: str, *, on: bool) -> None:
        await self._flag_mover.switch(name, on=on)

    def _hurry_for_fuses(self, judgement: Judgement) -> None:
        """At a fuse's zero nothing is decided on old numbers: every source is asked once more, now."""
        zeros = {(fuse.risk, fuse.deadline) for fuse in judgement.state.fuses.values() if fuse.deadline <= judgement.at}
        if zeros - self._hurried:
            for poller in self._pollers:
                poller.hurry()
        self._hurried = zeros

    def _told(self, part: str, why: str) -> None:
        """Report a part that failed by a defect: the screen shows it and the gate holds until it works again."""
        self._session.fault("watch", f"the watch lost {part or 'a part'}: {why}" if why else "", part)


def _due(judgement: Judgement) -> Decision:
    """Return all that is to be written now, protection first."""
    due = duties(judgement)
    return Decision((*due.drafts, *turns(judgement)), due.switches)
