"""The helm: moves the flag and its switches, each act as intent, write, read back, result.

A revert goes the shortest way: no drift check, and no journal fault stops it.
"""

import asyncio

from cockpit.clock import Clock
from cockpit.flags.base import FlagWriter
from cockpit.mover import move
from cockpit.session import Session
from sessions.clean import clean
from sessions.decision import Move
from sessions.entries import Draft, Fact
from sessions.evidence import evidence
from sessions.requests import Answer

OPEN = ("intended", "unknown")
_OPENS = tuple(f"flag.{status}" for status in OPEN)


class Helm:
    """Steers one session's flag; one move at a time."""

    def __init__(self, session: Session, writer: FlagWriter, clock: Clock) -> None:
        self._session = session
        self._writer = writer
        self._clock = clock
        self._turning = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a move is under way."""
        return self._turning.locked()

    async def move(self, wanted: Move) -> Answer:
        """Move the flag and enter the phase once it reads back. Raises JournalError when an advance cannot be noted."""
        async with self._turning:
            state = self._session.state
            revert = self._protects(wanted)
            if not revert and (why := self._overtaken(wanted) or await self._drifted(state.flag.percent)):
                return Answer(False, why)
            intent = f"m{state.seq + 1}"
            intended = self._intended(wanted, intent)
            if revert:
                self._session.insist([intended], self._clock.now())
            else:
                self._session.write([intended], self._clock.now())
            outcome = await move(self._writer, wanted.percent, self._clock.now(), state.plan.cadence.deadline)
            if outcome.status == "confirmed":
                return self._confirmed(wanted, intent)
            return self._missed(wanted, intent, outcome.status, outcome.reason)

    async def switch(self, name: str, *, on: bool) -> str:
        """Set one switch. A failure is returned and written down, since the owner must set it by hand."""
        try:
            async with asyncio.timeout(self._session.state.plan.cadence.deadline):
                await self._writer.switch(name, on=on)
        except Exception as error:  # noqa: BLE001 - whatever fails, the owner must hear of it
            text = f"switch {name} not set {'on' if on else 'off'}: {clean(error, 120) or type(error).__name__}"
            self._session.insist([Draft("note.written", "watch", text)], self._clock.now())
            return text
        return ""

    def resolve(self) -> None:
        """Close a move whose outcome was left open, by what the flag reads now; never by guessing."""
        state = self._session.state
        flag, seen = state.flag, state.seen.flag
        begun = next((entry.at for entry in reversed(state.entries) if entry.kind in _OPENS), None)
        if self.busy or flag.status not in OPEN or seen is None or begun is None or seen.at <= begun:
            return
        if seen.percent == flag.wanted:
            facts: dict[str, Fact] = {
                "previous": state.phase,
                "evidence": evidence(self._session.judged(self._clock.now())),
                "cause": "an open move was found done",
            }
            text = f"{flag.wanted} % entered · the open move was found done"
            self._confirmed(Move(flag.wanted, "watch", text, facts), flag.intent)
        elif seen.percent == flag.percent:
            self._missed(Move(flag.wanted, "watch", "", {}), flag.intent, "refused", "it was found not done")

    def _intended(self, wanted: Move, intent: str) -> Draft:
        state = self._session.state
        facts: dict[str, Fact] = {
            "intent": intent,
            "percent": wanted.percent,
            "previous": state.phase,
            "writer": self._writer.name,
        }
        return Draft("flag.intended", wanted.by, f"flag {state.flag.percent} % -> {wanted.percent} % intended", facts)

    def _protects(self, wanted: Move) -> bool:
        """Whether it is a revert, or sets back a flag that may be above the phase in force."""
        phase = self._session.state.phase
        return wanted.percent < phase or wanted.percent == phase == wanted.entering.get("previous")

    def _overtaken(self, wanted: Move) -> str:
        """One wish is one move: what was decided in another phase is not done in this one."""
        phase = self._session.state.phase
        return "" if wanted.entering.get("previous", phase) == phase else f"{phase} % was entered meanwhile"

    async def _drifted(self, known: int) -> str:
        try:
            async with asyncio.timeout(self._session.state.plan.cadence.deadline):
                percent = (await self._writer.read(self._clock.now())).percent
        except Exception as error:  # noqa: BLE001 - unreadable in whatever way: nothing is moved
            return f"the flag cannot be read, nothing was moved: {clean(error, 120) or type(error).__name__}"
        return "" if percent == known else f"the flag reads {percent} %, not {known} %: nothing was moved"

    def _confirmed(self, wanted: Move, intent: str) -> Answer:
        facts: dict[str, Fact] = {"intent": intent, "percent": wanted.percent}
        confirmed = Draft("flag.confirmed", "watch", f"flag reads {wanted.percent} %", facts)
        entered = Draft("phase.entered", wanted.by, wanted.text, wanted.entering, phase=wanted.percent)
        unsaved = self._session.insist([confirmed, entered], self._clock.now())
        return Answer(True, "; ".join(filter(None, (wanted.text, unsaved))))

    def _missed(self, wanted: Move, intent: str, status: str, reason: str) -> Answer:
        text = (
            f"{'REVERT NOT DONE: ' if self._protects(wanted) else ''}flag move to {wanted.percent} % {status}: {reason}"
        )
        facts: dict[str, Fact] = {"intent": intent, "percent": wanted.percent, "reason": reason}
        unsaved = self._session.insist([Draft(f"flag.{status}", "watch", text, facts)], self._clock.now())
        return Answer(False, "; ".join(filter(None, (text, unsaved))))
