"""The helm: moves the flag and its switches, each act as intent, write, read back, result.

Every process of a session has one, and a lock lets one of them move at a time. A revert goes the shortest way: no
drift check, no version, and neither a journal fault nor another process that will not let go stops it.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from cockpit.clock import Clock
from cockpit.flags.base import FlagWriter
from cockpit.lasttry import move_at_last
from cockpit.mover import Order, Outcome, move, reads, unserved
from cockpit.outcomes import asker_of, concluded, found, found_done, intended, intent_of, served, still_open
from cockpit.session import Session
from sessions.clean import clean
from sessions.decision import Decision, Move, refused
from sessions.duties import duties
from sessions.entries import Draft, Fact
from sessions.folder import TURN, watch_lock
from sessions.judgement import Judgement
from sessions.owed import revert_owed
from sessions.readings import FlagValue
from sessions.requests import Answer
from sessions.steering import WATCH

BACK = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds after an unknown outcome at which the flag is read back; after the last the old value counts as not done."""
_PAUSE = 0.02

Decide = Callable[[Judgement], Decision]


class Helm:
    """Steers one session's flag; one move at a time."""

    def __init__(self, session: Session, writer: FlagWriter, clock: Clock) -> None:
        self._session = session
        self._writer = writer
        self._clock = clock
        self._turning = asyncio.Lock()
        self.tried_at = -math.inf
        """When this process last tried to move the flag, in s of the boot clock."""

    @property
    def busy(self) -> bool:
        """Whether a move of this process is under way."""
        return self._turning.locked()

    async def move(self, decide: Decide) -> Answer:
        """Move the flag as `decide` says, judged again when it is noted, and enter the phase once it reads back.

        Raises JournalError when an advance cannot be noted.
        """
        async with self._turn() as alone:
            wanted = decide(self._session.judged(self._clock.now()))
            if wanted.move is None:
                return Answer(False, wanted.refusal)
            if wanted.move.by == WATCH:
                return await self._moved_by_duty(wanted.move, decide)
            if self._protects(wanted.move):
                return await self._moved(decide, expected="")
            return await self._advanced(decide, alone=alone)

    async def again(self) -> Answer:
        """Do the revert that a duty calls for, or that was asked for and is not done yet; as long as it is one."""
        due = duties(self._session.judged(self._clock.now())).move

        def decide(judgement: Judgement) -> Decision:
            latest = duties(judgement).move
            still = due is not None and latest is not None and latest.percent == due.percent
            return Decision(move=due) if still else refused("no revert is due any more")

        return await self.move(decide)

    async def chase(self) -> None:
        """Read an open move back at 1, 2, 5, 10 and 30 s, until its outcome is known."""
        passed = 0.0
        for at in BACK:
            await asyncio.sleep(self._scaled(at) - passed)
            passed = self._scaled(at)
            if not self._session.state.flag.open:
                return
            value = await self._read()
            if isinstance(value, FlagValue):
                self._session.take([value])
                self.resolve()

    def resolve(self) -> None:
        """Close a move whose outcome was left open, by what the flag reads now; never by guessing.

        Whoever is still moving closes it himself; whether it is open still is looked at under the file's lock.
        """
        state = self._session.state
        if not self.busy and found(state, self._scaled(BACK[-1])) and self._nobody_moves():
            self._close(self._closing, state.flag.wanted)

    async def serve(self) -> None:
        """Ask whether a confirmed value is what users get by now, and note it once it is."""
        flag = self._session.state.flag
        if flag.status != "confirmed" or flag.served or self.busy:
            return
        if not await unserved(self._writer, flag.percent, self._clock.now, self._deadline):
            self._session.insist_on(lambda judgement: served(judgement, flag.percent), self._clock.now())

    async def switch(self, name: str, *, on: bool) -> str:
        """Set one switch, read it back and note how it went. A failure is returned as well, in words."""
        why = await self._set(name, on=on)
        word = "on" if on else "off"
        facts: dict[str, Fact] = {"switch": name, "on": on}
        if not why:
            draft = Draft("switch.confirmed", WATCH, f"switch {name} {word}", facts)
        elif self._known_failure(name, why, on=on):
            return f"switch {name} not set {word}: {why}"
        else:
            draft = Draft("switch.refused", WATCH, f"switch {name} NOT {word}: {why}", {**facts, "reason": why})
        self._session.insist([draft], self._clock.now())
        return f"switch {name} not set {word}: {why}" if why else ""

    @property
    def _deadline(self) -> float:
        return self._session.state.plan.cadence.deadline

    def _scaled(self, seconds: float) -> float:
        return max(seconds / self._session.state.plan.speed, seconds / BACK[-1])

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[bool]:
        """Wait for our turn among all processes; say whether we have it, since patience ends."""
        async with self._turning:
            folder, until = self._session.folder, self._clock.boot() + self._deadline
            lock = watch_lock(folder, self._clock.now(), TURN)
            while not lock.mine and self._clock.boot() < until:
                await asyncio.sleep(_PAUSE)
                lock = watch_lock(folder, self._clock.now(), TURN)
            self._session.hear()
            try:
                yield lock.mine
            finally:
                lock.release()

    def _nobody_moves(self) -> bool:
        lock = watch_lock(self._session.folder, self._clock.now(), TURN)
        lock.release()
        return lock.mine

    async def _advanced(self, decide: Decide, *, alone: bool) -> Answer:
        """Advance a flag that is where we believe it to be, and that nobody else moves."""
        if not alone:
            return Answer(False, "another process moves the flag now: nothing was moved")
        value, known = await self._read(), self._session.state.flag.percent
        if isinstance(value, str):
            return Answer(False, f"the flag cannot be read, nothing was moved: {value}")
        if value.percent != known:
            return Answer(False, f"the flag reads {reads(value)}, not {known} %: nothing was moved")
        return await self._moved(decide, expected=value.version)

    async def _moved_by_duty(self, wanted: Move, decide: Decide) -> Answer:
        """By itself the watch moves only a flag that is where it believes it to be: it is read first.

        Somebody may have set it back already, or gone on: the first is noted, the second is drift and left alone,
        unless a person asked for the revert.
        """
        value, state = await self._read(), self._session.state
        if isinstance(value, FlagValue) and value.percent is not None:
            if value.percent == wanted.percent:
                return self._close(lambda latest: _set_back(latest, wanted, decide(latest)), wanted.percent)
            asked = revert_owed(state) and asker_of(state) != WATCH
            if value.percent != state.flag.percent and not asked:
                return Answer(False, f"the flag reads {reads(value)}, not {state.flag.percent} %: nothing was moved")
        return await self._moved(decide, expected="")

    async def _moved(self, decide: Decide, expected: str) -> Answer:
        """Note the intent on the judgement of that moment, write, read back, note the result."""
        found, again = Decision(), False

        def intend(judgement: Judgement) -> list[Draft]:
            nonlocal found, again
            found = decide(judgement)
            if found.move is None:
                return []
            again = found.move.by == WATCH and revert_owed(judgement.state)
            again = again and found.move.percent == judgement.state.flag.wanted
            return [] if again else [intended(judgement.state, found.move, self._writer.name)]

        now = self._clock.now()
        first = decide(self._session.judged(now)).move
        if first is not None and self._protects(first):
            self._session.insist_on(intend, now)
        else:
            self._session.act(intend, now)
        if found.move is None:
            return Answer(False, found.refusal)
        intent = intent_of(self._session.state)
        order = Order(found.move.percent, expected, f"cockpit {intent}: {found.move.text}")
        moving = move_at_last if self._protects(found.move) else move
        outcome = await moving(self._writer, order, self._clock.now, self._deadline)
        self.tried_at = self._clock.boot()
        return self._conclude(found.move, intent, outcome)

    def _conclude(self, wanted: Move, intent: str, outcome: Outcome) -> Answer:
        """Note the result; a try that failed as the one before adds nothing, nor does one that was overtaken."""
        drafts = concluded(wanted, intent, outcome, self._by_hand(wanted))

        def decide(judgement: Judgement) -> list[Draft]:
            said = outcome.status != "confirmed" and judgement.state.flag.text == drafts[-1].text
            return [] if said or not still_open(judgement.state, intent) else drafts

        return self._close(decide, wanted.percent)

    def _closing(self, judgement: Judgement) -> list[Draft]:
        """Return what closes the open move by what the flag reads, nothing while that proves nothing."""
        outcome = found(judgement.state, self._scaled(BACK[-1]))
        if outcome is None:
            return []
        if outcome.status == "confirmed":
            return found_done(judgement, judgement.state.flag.wanted, "an open move was found done")
        wanted = Move(judgement.state.flag.wanted, WATCH, "", {"previous": judgement.state.phase})
        return concluded(wanted, judgement.state.flag.intent, outcome, self._by_hand(wanted))

    def _close(self, decide: Callable[[Judgement], list[Draft]], percent: int) -> Answer:
        """Note what `decide` says under the file's lock; say whether the flag is confirmed at `percent` then."""
        drafts: list[Draft] = []

        def noted(judgement: Judgement) -> list[Draft]:
            drafts[:] = decide(judgement)
            return drafts

        unsaved = self._session.insist_on(noted, self._clock.now())
        flag = self._session.state.flag
        text = drafts[-1].text if drafts else flag.text
        done = (flag.status, flag.percent) == ("confirmed", percent)
        return Answer(done, "; ".join(filter(None, (text, unsaved))))

    def _by_hand(self, wanted: Move) -> tuple[str, ...]:
        """Say how to do a revert by hand; nothing where it is none."""
        if not self._protects(wanted):
            return ()
        return tuple(clean(line, 2000) for line in self._writer.by_hand(wanted.percent))

    def _protects(self, wanted: Move) -> bool:
        """Whether it is a revert, or sets back a flag that may be above the phase in force."""
        phase = self._session.state.phase
        return wanted.percent < phase or wanted.percent == phase == wanted.entering.get("previous")

    async def _read(self) -> FlagValue | str:
        """Return what the flag reads, or why it cannot be read."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._writer.read(self._clock.now())
        except Exception as error:  # noqa: BLE001 - unreadable in whatever way
            return clean(error, 120) or type(error).__name__

    async def _set(self, name: str, *, on: bool) -> str:
        """Set a switch and read it back; say why it is not set, empty where it is."""
        try:
            async with asyncio.timeout(self._deadline):
                await self._writer.switch(name, on=on)
        except Exception as error:  # noqa: BLE001 - whatever fails, the owner must hear of it
            return clean(error, 120) or type(error).__name__
        value = await self._read()
        if isinstance(value, str):
            return f"written, not read back: {value}"
        wrong = value.switches is not None and (name in value.switches) is not on
        return f"written, but it reads {'off' if on else 'on'}" if wrong else ""

    def _known_failure(self, name: str, why: str, *, on: bool) -> bool:
        known = self._session.state.switches.get(name)
        return known is not None and (known.on, known.set, known.reason) == (on, False, why)


def _set_back(latest: Judgement, wanted: Move, still: Decision) -> list[Draft]:
    """Enter the phase of a flag that somebody has set back already, as long as the revert is `still` due."""
    due = still.move is not None and still.move.percent == wanted.percent
    return found_done(latest, wanted.percent, f"found set back: {wanted.text}") if due else []
