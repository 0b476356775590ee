"""What `cockpit revert` does once the flag was tried: tell the log, and ask again for a revert that is not done."""

import asyncio

from msgspec.structs import replace

from cockpit.cli.commands.act import insisted, kept, say
from cockpit.cli.parser import LOST, NOT_MOVED
from cockpit.cli.revert.flag_first import BY, DEADLINE, REST, Tried, Way
from cockpit.engine.opening import open_session
from cockpit.flags.interface.writer import deadline_of
from cockpit.moves.entries import concluded, untold
from cockpit.moves.mover import FlagMover
from cockpit.moves.write import Order, move_at_last, read_now
from cockpit.runtime.clock import Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.person import person
from cockpit.session.session import Session, always, patiently
from sessions.actions.decision import Decision, Move, reverted
from sessions.actions.rollout import reverting
from sessions.gate.judgement import Judgement
from sessions.storage.glance import phase_of
from sessions.storage.journal import JournalError
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact, signed, unwritten
from sessions.values.flag_value import FlagStatus
from sessions.values.requests import Answer

LOG_PATIENCE = 2.0
"""Seconds that the log is waited for; then the entries are set aside."""


async def entered(way: Way, tried: Tried) -> int:
    """Enter what became of a revert, ask again while it is not done; return the exit code."""
    try:
        session = open_session(way.seen.folder, clock_of(way.seen.folder), None, way.spool.files)
    except (BadInputError, JournalError) as error:
        return await _without_log(way, tried, str(error))
    try:
        session.owe([tried.intent])
        return await _logged(session, way, tried)
    finally:
        session.close()


async def _logged(session: Session, way: Way, tried: Tried) -> int:
    clock = clock_of(way.seen.folder)

    def settle(judgement: Judgement) -> Decision:
        wanted = replace(reverting(judgement, BY, way.cause, tried.read.percent), percent=tried.percent)
        return Decision(tuple(untold(judgement.state, tried.name, _concluded(way, wanted, tried))))

    await patiently(session, settle, clock, always, LOG_PATIENCE)
    session.leave_card()
    if tried.outcome.status == FlagStatus.CONFIRMED:
        return kept(session)
    flag = session.state.flag
    answer = await insisted(session, FlagMover(session, way.writer, clock), Answer(False, flag.text))
    return kept(session) if answer.ok else NOT_MOVED


async def _without_log(way: Way, tried: Tried, why: str) -> int:
    """The log cannot be opened: ask again while it is not done, and set aside what happened."""
    clock, seen = clock_of(way.seen.folder), way.seen
    while tried.outcome.status != FlagStatus.CONFIRMED:
        await asyncio.sleep(REST)
        tried = await _again(way, tried, clock)
    phase = phase_of(seen.head.plan, tried.percent)
    facts: dict[str, Fact] = {"previous": seen.phase, "evidence": (), "cause": way.cause}
    text = reverted(seen.phase, phase, tried.percent, way.cause)
    drafts = _concluded(way, Move(tried.percent, BY, text, facts, phase), tried)
    lost = way.spool.keep(
        [tried.intent, *(unwritten(signed(draft, person()), seen.phase, clock.now()) for draft in drafts)]
    )
    where = lost or f"set aside in {clean(way.spool.place, 200)}, the next cockpit that can write the log adds it"
    say(Answer(False, f"the log does not have it: {why}; {where}"))
    return LOST if lost else 0


async def _again(way: Way, tried: Tried, clock: Clock) -> Tried:
    """Ask once more; what was lowered in the meantime is not raised again."""
    deadline = deadline_of(way.writer, DEADLINE)
    read = await read_now(way.writer, clock.now(), deadline)
    percent = tried.percent if read.percent is None else min(tried.percent, read.percent)
    outcome = await move_at_last(way.writer, Order(percent, comment="cockpit revert"), clock.now, deadline)
    return replace(tried, read=read, percent=percent, outcome=outcome)


def _concluded(way: Way, wanted: Move, tried: Tried) -> list[Draft]:
    done = tried.outcome.status == FlagStatus.CONFIRMED
    by_hand = () if done else tuple(clean(line, 2000) for line in way.writer.by_hand(tried.percent))
    return concluded(wanted, tried.name, tried.outcome, by_hand)
