"""Moves the flag and its switches, each act as intent, write, read back, result.

Every process of a session has one, and a lock lets one of them move at a time. A revert is the short path: read if
possible, write, read back. The lock, the intent and the result are tried beside it, each within its own bound; what
the log does not take is owed.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from msgspec.structs import replace

from cockpit.flags.interface.writer import FlagWriter, deadline_of
from cockpit.moves.entries import asker_of, concluded, found, found_done, intended, intent_of, served, untold
from cockpit.moves.turn import SHORT, turn
from cockpit.moves.write import Order, Outcome, Read, move, move_at_last, read_now, reads, unserved
from cockpit.runtime.clock import Clock
from cockpit.session.session import Session, always, just, patiently
from sessions.actions.decision import Decision, Move, refused
from sessions.actions.rollout import WATCH
from sessions.gate.judgement import Judgement
from sessions.gate.wording import switch_said
from sessions.safety.automatic import revert_due
from sessions.state.pending import revert_owed
from sessions.state.reducer import State
from sessions.storage.locks import TURN, WatchLock, watch_lock
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent
from sessions.values.requests import Answer

BACK = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds after an unknown outcome at which the flag is read back; after the last the old value counts as not done."""

Decide = Callable[[Judgement], Decision]
DecideOn = Callable[[Judgement, Read], Decision]
"""What is to become of a revert, on what the flag was just read at."""
Moving = Callable[[FlagWriter, Order, Callable[[], datetime], float], Awaitable[Outcome]]


class FlagMover:
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

    async def advance(self, decide: Decide) -> Answer:
        """Advance as `decide` says, if the flag has the expected value and no other process moves it."""
        async with self._turn(math.inf) as turn:
            if not turn.mine:
                return Answer(False, f"{turn.fault or 'another process moves the flag now'}: nothing was moved")
            read = await self._read()

            def settle(judgement: Judgement) -> Decision:
                decision, why = decide(judgement), _elsewhere(judgement.state, read)
                return refused(why) if why and decision.move else self._intending(decision, judgement)

            done = await patiently(self._session, settle, self._clock)
            if done.unsaved or done.decision.move is None:
                return Answer(False, done.decision.refusal or done.unsaved)
            return await self._carried_out(done.decision.move, move, read.value.version if read.value else "")

    async def revert(self, decide: DecideOn) -> Answer:
        """Lower the flag as `decide` says, even if everything else is broken: only the flag itself can refuse."""
        async with self._turn(SHORT):
            read = await self._read()

            def settle(judgement: Judgement) -> Decision:
                return self._intending(_told(decide(judgement, read), read), judgement)

            done = await patiently(self._session, settle, self._clock, always)
            if done.decision.move is None:
                return Answer(not done.decision.refusal, done.decision.refusal or done.decision.done)
            return await self._carried_out(done.decision.move, move_at_last)

    async def again(self) -> Answer:
        """Do the revert that a duty calls for, or that was asked for and is not done yet; as long as it is one."""
        answer = await self.revert(_duty)
        state = self._session.state
        if answer.ok or revert_owed(state):
            return answer
        return Answer(state.flag.status == FlagStatus.CONFIRMED, state.flag.text)

    async def chase(self) -> None:
        """Read an open move back at 1, 2, 5, 10 and 30 s, until its outcome is known."""
        passed = 0.0
        for at in BACK:
            await asyncio.sleep(self._scaled(at) - passed)
            passed = self._scaled(at)
            if not self._session.state.flag.open:
                return
            if value := (await self._read()).value:
                self._session.take([value])
                self.resolve()

    def resolve(self) -> None:
        """Close a move whose outcome was left open, by what the flag reads now; never by guessing.

        Whoever is still moving closes it himself; whether it is open still is looked at under the file's lock.
        """
        if not self.busy and found(self._session.state, self._scaled(BACK[-1])) and self._nobody_moves():
            self._session.act(self._closing, self._clock.now(), always)

    async def serve(self) -> None:
        """Ask whether a confirmed value is what users get by now, and note it once it is."""
        flag = self._session.state.flag
        if flag.status != FlagStatus.CONFIRMED or flag.served or self.busy:
            return
        if not await unserved(self._writer, flag.percent, self._clock.now, self._deadline):

            def settle(judgement: Judgement) -> Decision:
                return Decision(tuple(served(judgement, flag.percent)))

            await patiently(self._session, settle, self._clock, always)

    async def switch(self, name: str, *, on: bool) -> Answer:
        """Set one switch, read it back and note how it went."""
        why, plan = await self._set(name, on=on), self._session.state.plan
        said = switch_said(plan, name, on=on, done=not why)
        facts: dict[str, Fact] = {"switch": name, "on": on}
        if not why:
            draft = Draft("switch.confirmed", WATCH, said, facts)
        else:
            draft = Draft("switch.refused", WATCH, f"{said}: {why}", {**facts, "reason": why})
        if not why or not self._known_failure(name, why, on=on):
            await patiently(self._session, just([draft]), self._clock, always)
        return Answer(not why, draft.text)

    @property
    def _deadline(self) -> float:
        return deadline_of(self._writer, self._session.state.plan.cadence.deadline)

    def _scaled(self, seconds: float) -> float:
        return max(seconds / self._session.state.plan.speed, seconds / BACK[-1])

    @asynccontextmanager
    async def _turn(self, patience: float) -> AsyncIterator[WatchLock]:
        """Wait for our turn, in this process for `patience` s and then among all; go on without it when that ends."""
        ours = await self._ours(patience)
        session = self._session
        lock = await turn(session.folder, self._clock, min(patience, self._deadline), session.files)
        try:
            yield lock
        finally:
            lock.release()
            if ours:
                self._turning.release()

    async def _ours(self, patience: float) -> bool:
        try:
            async with asyncio.timeout(patience if math.isfinite(patience) else None):
                return await self._turning.acquire()
        except TimeoutError:
            return False

    def _nobody_moves(self) -> bool:
        lock = watch_lock(self._session.folder, self._clock.now(), TURN, self._session.files)
        lock.release()
        return not lock.taken

    def _intending(self, decision: Decision, judgement: Judgement) -> Decision:
        """Add the intent to a move; a duty that is asked again for what it wants already has one."""
        wanted, state = decision.move, judgement.state
        if wanted is None:
            return decision
        again = wanted.by == WATCH and revert_owed(state) and wanted.percent == state.flag.wanted
        return decision if again else replace(decision, drafts=(intended(state, wanted, self._writer.name),))

    async def _carried_out(self, wanted: Move, moving: Moving, expected: str = "") -> Answer:
        """Write what is intended, read it back, note the result."""
        intent = intent_of(self._session.state)
        order = Order(wanted.percent, expected, f"cockpit {intent}: {wanted.text}")
        outcome = await moving(self._writer, order, self._clock.now, self._deadline)
        self.tried_at = self._clock.boot()
        if outcome.value is not None:
            self._session.take([outcome.value])
        drafts = concluded(wanted, intent, outcome, self._by_hand(wanted.percent))

        def settle(judgement: Judgement) -> Decision:
            return Decision(tuple(untold(judgement.state, intent, drafts)))

        done = await patiently(self._session, settle, self._clock, always)
        self._session.leave_card()
        flag = self._session.state.flag
        text = drafts[-1].text if done.decision.drafts == tuple(drafts) else flag.text
        confirmed = (flag.status, flag.percent) == (FlagStatus.CONFIRMED, wanted.percent)
        return Answer(confirmed, "; ".join(filter(None, (text, done.unsaved))), saved=not done.unsaved)

    def _closing(self, judgement: Judgement) -> Decision:
        """Return what closes the open move by what the flag reads, nothing while that proves nothing."""
        flag, outcome = judgement.state.flag, found(judgement.state, self._scaled(BACK[-1]))
        if outcome is None:
            return Decision()
        if outcome.status == FlagStatus.CONFIRMED:
            return Decision(tuple(found_done(judgement, flag.wanted, "an open move was found done")))
        wanted = Move(flag.wanted, WATCH, "", {"previous": judgement.state.phase})
        return Decision(tuple(concluded(wanted, flag.intent, outcome, self._by_hand(wanted.percent))))

    def _by_hand(self, percent: Percent) -> tuple[str, ...]:
        """Say how to do a revert by hand; nothing if the move is none."""
        if percent > self._session.state.phase:
            return ()
        return tuple(clean(line, 2000) for line in self._writer.by_hand(percent))

    async def _read(self) -> Read:
        return await read_now(self._writer, self._clock.now(), self._deadline)

    async def _set(self, name: str, *, on: bool) -> str:
        """Set a switch and read it back; say why it is not set, empty if it is."""
        try:
            async with asyncio.timeout(self._deadline):
                await self._writer.switch(name, on=on)
        except Exception as error:  # noqa: BLE001 - whatever fails, the owner must hear of it
            return clean(error) or type(error).__name__
        read = await self._read()
        if read.value is None:
            return f"written, not read back: {read.why}"
        wrong = read.value.switches is not None and (name in read.value.switches) is not on
        return f"written, but it reads {'off' if on else 'on'}" if wrong else ""

    def _known_failure(self, name: str, why: str, *, on: bool) -> bool:
        known = self._session.state.switches.get(name)
        return known is not None and (known.on, known.set, known.reason) == (on, False, why)


def _elsewhere(state: State, read: Read) -> str:
    """Say why the flag is not where an advance begins; empty if it is."""
    if read.value is None:
        return f"the flag cannot be read, nothing was moved: {read.why}"
    if read.value.percent != state.flag.percent:
        return f"the flag reads {reads(read.value)}, not {state.flag.percent} %: nothing was moved"
    return ""


def _told(decision: Decision, read: Read) -> Decision:
    """Add to a revert that the previous value is not known."""
    if decision.move is None or read.value is not None:
        return decision
    text = f"{decision.move.text} (the flag could not be read before: {read.why})"
    return replace(decision, move=replace(decision.move, text=text))


def _duty(judgement: Judgement, read: Read) -> Decision:
    """By itself the watch moves only a flag that is where it believes it to be.

    Somebody may have set it back already, or gone on: the first is noted, the second is drift and left alone, unless a
    person asked for the revert.
    """
    wanted, state = revert_due(judgement, read.percent), judgement.state
    if wanted is None:
        return refused("no revert is due any more")
    whole = read.value.percent if read.value else None
    if whole is not None and wanted.there:
        return Decision(tuple(found_done(judgement, whole, f"found set back: {wanted.text}")), done=wanted.text)
    asked = revert_owed(state) and asker_of(state) != WATCH
    if read.value is not None and whole is not None and whole != state.flag.percent and not asked:
        return refused(f"the flag reads {reads(read.value)}, not {state.flag.percent} %: nothing was moved")
    return Decision(move=wanted)
