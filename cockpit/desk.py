"""Where requests are answered: judged, judged again under the lock of the session file, written, done.

Every process of a session has one, so that a key and a command do the same through the same door.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from cockpit.clock import Clock
from cockpit.exporting import export
from cockpit.helm import Helm
from cockpit.runs import Runs
from cockpit.session import Session
from sessions.acts import decide
from sessions.clean import clean
from sessions.decision import Decision
from sessions.entries import Draft
from sessions.journal import JournalError
from sessions.judgement import Judgement
from sessions.readings import Reading
from sessions.requests import Answer, Request

OVER = Answer(False, "nobody watches: nothing was done")
_PROTECTIVE = {"rollout.paused", "flow.frozen"}


class Desk:
    """Answers the requests of one process. `spawn` begins work that is not waited for, `deliver` takes readings."""

    def __init__(  # noqa: PLR0913, PLR0917 (a desk is given whole what it needs)
        self,
        session: Session,
        helm: Helm,
        runs: Runs,
        clock: Clock,
        spawn: Callable[[Awaitable[None]], None],
        deliver: Callable[[Sequence[Reading]], None],
    ) -> None:
        self._session = session
        self._helm = helm
        self._runs = runs
        self._clock = clock
        self._spawn = spawn
        self._deliver = deliver

    async def answer(self, request: Request) -> Answer:
        """Do what is asked, or say why not; raises nothing, a fault is an answer too."""
        try:
            return await self._answer(request)
        except JournalError as error:
            return Answer(False, f"NOT saved: {error}")
        except asyncio.CancelledError:
            return OVER
        except Exception as error:  # noqa: BLE001 - the asker gets a line, the watch goes on
            return Answer(False, f"{request.act} failed: {type(error).__name__}: {clean(error, 120)}")

    async def _answer(self, request: Request) -> Answer:
        now = self._clock.now()
        decision = decide(self._session.judged(now), request)
        if decision.refusal:
            return Answer(False, decision.refusal)
        if decision.export:
            return export(self._session, decision.export, request.by, now)
        if decision.run:
            self._spawn(self._runs.run(decision.run, request.by, self._session, self._deliver))
            return Answer(True, decision.done)
        if decision.move is not None:
            return await self._move(replace(request, percent=decision.move.percent))
        return await self._carry_out(request, decision)

    async def _move(self, request: Request) -> Answer:
        """One wish is one move: it names its percentage, and is refused once another phase was entered."""
        answer = await self._helm.move(lambda judgement: decide(judgement, request))
        if self._session.state.flag.status == "unknown":
            self._spawn(self._helm.chase())
        return answer

    async def _carry_out(self, request: Request, first: Decision) -> Answer:
        """Write what is decided, then set its switches.

        Protection goes on even when the journal fails; everything else is refused then.
        """
        found = Decision()

        def again(judgement: Judgement) -> tuple[Draft, ...]:
            nonlocal found
            found = decide(judgement, request)
            return found.drafts

        now = self._clock.now()
        if {draft.kind for draft in first.drafts} <= _PROTECTIVE:
            unsaved = self._session.insist_on(again, now)
        else:
            unsaved = ""
            self._session.act(again, now)
        if found.refusal:
            return Answer(False, found.refusal)
        faults = [fault for name, on in found.switches if (fault := await self._helm.switch(name, on=on))]
        return Answer(True, "; ".join(filter(None, (found.done, unsaved, *faults))))
