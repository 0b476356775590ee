"""The one door for every act: decided once under the lock of the session file, written, carried out, answered.

Every process of a session has one, so that a key and a command do the same through the same door.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec.structs import replace

from cockpit.engine.task_runs import Runs
from cockpit.moves.mover import FlagMover
from cockpit.moves.write import Read
from cockpit.runtime.clock import Clock
from cockpit.session.session import Session, just, patiently
from sessions.actions.decision import RETROSPECTIVE, Decision
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagStatus
from sessions.values.readings import Reading
from sessions.values.requests import Act, Answer, Request

OVER = Answer(False, "nobody watches: nothing was done")
_PROTECTIVE = {"rollout.paused", "flow.frozen"}
_PROTECTING = {Act.PAUSE, Act.FREEZE, Act.STEP}
"""The acts that may write nothing else."""


def decide(judgement: Judgement, request: Request) -> Decision:
    """Judge one request; every act and its rules are loaded once the first paint is out."""
    from sessions.actions.dispatch import decide

    return decide(judgement, request)


class RequestHandler:
    """Answers the requests of one process. `spawn` begins work that is not waited for, `deliver` takes readings.

    Where the process `stays`, a pause that the log does not take is owed; one that ends may not say that it is done.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (it is given whole what it needs)
        self,
        session: Session,
        flag_mover: FlagMover,
        runs: Runs,
        clock: Clock,
        spawn: Callable[[Awaitable[None]], None],
        deliver: Callable[[Sequence[Reading]], None],
        *,
        stays: bool = True,
    ) -> None:
        self._session = session
        self._flag_mover = flag_mover
        self._runs = runs
        self._clock = clock
        self._spawn = spawn
        self._deliver = deliver
        self._stays = stays
        self._ways: Mapping[Act, Callable[[Request], Awaitable[Answer]]] = {
            Act.REVERT: self._revert,
            Act.ADVANCE: self._advance,
        }

    async def answer(self, request: Request) -> Answer:
        """Do what is asked, or say why not; raises nothing, a fault is an answer too."""
        try:
            return await self._ways.get(request.act, self._act)(request)
        except asyncio.CancelledError:
            return OVER
        except Exception as error:  # noqa: BLE001 - the asker gets a line, the watch goes on
            return Answer(False, f"{request.act} failed: {type(error).__name__}: {clean(error, 120)}")

    async def _revert(self, request: Request) -> Answer:
        """One wish is one move: it names its percentage, and is refused once another phase was entered."""
        phase, plan = self._session.state.phase, self._session.state.plan
        wish = replace(request, percent=plan.before(phase).percent if request.percent is None else request.percent)

        def settle(judgement: Judgement, read: Read) -> Decision:
            return decide(judgement, replace(wish, reads=read.percent))

        return await self._chased(await self._flag_mover.revert(settle))

    async def _advance(self, request: Request) -> Answer:
        """The step into the 7-day plan moves no flag."""
        following = self._session.state.plan.after(self._session.state.phase)
        if following is None:
            return await self._act(request)
        named = request.override or request.percent is not None
        wish = request if named else replace(request, percent=following.percent)
        return await self._chased(await self._flag_mover.advance(lambda judgement: decide(judgement, wish)))

    async def _chased(self, answer: Answer) -> Answer:
        if self._session.state.flag.status == FlagStatus.UNKNOWN:
            self._spawn(self._flag_mover.chase())
        return answer

    async def _act(self, request: Request) -> Answer:
        owes = self._owes if request.act in _PROTECTING else None

        done = await patiently(self._session, lambda judgement: decide(judgement, request), self._clock, owes)
        decision = done.decision
        if decision.refusal or (done.unsaved and not done.owed):
            return Answer(False, decision.refusal or done.unsaved)
        begun = ""
        if decision.export == RETROSPECTIVE:
            begun = "the retrospective is being written, a long flight takes minutes"
            self._spawn(self._look_back())
        elif decision.export:
            from cockpit.session.export import Doing, export  # pages are written seldom

            doing = Doing(decision.day, decision.then)
            return await export(self._session, decision.export, request.by, self._clock, doing)
        if decision.run:
            self._spawn(self._runs.run(decision.run, request.by, self._session, self._deliver))
        answers = [await self._flag_mover.switch(name, on=on) for name, on in decision.switches]
        faults = [answer.text for answer in answers if not answer.ok]
        return Answer(
            True, "; ".join(filter(None, (decision.done, begun, done.unsaved, *faults))), saved=not done.unsaved
        )

    async def _look_back(self) -> None:
        """Write the retrospective beside the watch; where that fails a note says so."""
        from cockpit.session.retrospective import write_apart

        if why := await write_apart(self._session.folder):
            note = Draft("note.written", "watch", f"the retrospective was not written: {clean(why, 120)}")
            await patiently(self._session, just([note]), self._clock)

    def _owes(self, decision: Decision) -> bool:
        """Protection goes on without the log; everything else is refused then."""
        kinds = {draft.kind for draft in decision.drafts}
        return bool(kinds) and kinds <= _PROTECTIVE and (self._stays or bool(decision.switches))
