"""The acts that steer the rollout: pause, advance, revert, freeze. Protection is never refused for bookkeeping."""

from sessions.actions.decision import Decision, Move, found_lower, refused, reverted
from sessions.actions.evidence import evidence
from sessions.gate.judgement import Judgement
from sessions.gate.wording import titled
from sessions.state.measures import unsaid
from sessions.state.reducer import State
from sessions.text.clean import clean
from sessions.text.units import counted, duration
from sessions.values.entries import Draft, Fact
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent
from sessions.values.requests import Act, Request

WATCH = "watch"


def blast(judgement: Judgement, percent: Percent) -> tuple[str, ...]:
    """Say what moving the flag to `percent` changes, a line each."""
    state = judgement.state
    lines = [f"flag {state.plan.flag}: {state.flag.percent} % -> {percent} %"]
    share = percent - state.flag.percent
    if share:
        what = "see the feature from now on" if share > 0 else "lose the feature"
        lines.append(f"{abs(share)} in 100 shoppers {what}")
    if share < 0 and judgement.state.seen.capsules is not None:
        lines.append(f"{judgement.state.seen.capsules.held} held capsules and open returns stay")
    phase = next((item for item in state.plan.phases if item.percent == percent), None)
    if phase is not None and phase.percent:
        begins = "begins" if share > 0 else "starts again"
        tasks = counted(len(phase.activities), "tasks")
        lines.append(f"{phase.title} {begins}: at least {duration(phase.soak)}, {tasks}")
    if state.frozen:
        lines.append(f"frozen flows stay frozen: {', '.join(state.frozen)}")
    return tuple(lines)


def reverting(judgement: Judgement, by: str, cause: str, reads: Percent | None = None, most: Percent = 100) -> Move:
    """Return the move back to the previous phase; never to more than the flag `reads`, nor than `most`.

    A flag between two phases is in the one that allows it.
    """
    state = judgement.state
    before = state.plan.before(state.phase).percent
    to = min(before, most, before if reads is None else reads)
    phase = state.plan.flown_at(to)
    facts: dict[str, Fact] = {"previous": state.phase, "evidence": evidence(judgement), "cause": cause}
    why = found_lower(cause, reads) if reads is not None and reads == to < before else cause
    return Move(to, by, reverted(state.phase, phase, to, why), facts, phase, there=reads is not None and reads <= to)


def found(judgement: Judgement, percent: Percent, cause: str) -> Move:
    """Return the move that a flag at `percent` has made already: its phase is to be entered."""
    state, phase = judgement.state, judgement.state.plan.flown_at(percent)
    facts: dict[str, Fact] = {"previous": state.phase, "evidence": evidence(judgement), "cause": cause}
    return Move(percent, WATCH, f"{phase} % entered · {cause}", facts, phase)


def pause(judgement: Judgement, request: Request) -> Decision:
    """Pause the rollout."""
    if judgement.state.paused:
        return refused(f"already paused: {clean(titled(judgement.state.plan, judgement.state.paused.cause), 120)}")
    cause = request.text or "by hand"
    facts: dict[str, Fact] = {"cause": cause, "evidence": evidence(judgement)}
    return Decision((Draft("rollout.paused", request.by, f"paused: {cause}", facts),), done="paused")


def resume(judgement: Judgement, request: Request) -> Decision:
    """Resume it; not while a fuse burns."""
    if judgement.state.paused is None:
        return refused("not paused")
    if any(not fuse.blown for fuse in judgement.state.fuses.values()):
        return refused(_burning(judgement.state))
    facts: dict[str, Fact] = {"evidence": evidence(judgement)}
    return Decision((Draft("rollout.resumed", request.by, "resumed", facts),), done="resumed")


def advance(judgement: Judgement, request: Request) -> Decision:
    """Advance to the next phase, or into the 7-day plan; against the gate only with a reason."""
    gate = judgement.gate
    if why := _unmovable(judgement, request) or _held(judgement, request):
        return refused(why)
    facts: dict[str, Fact] = {"previous": judgement.state.phase, "evidence": evidence(judgement)}
    if not gate.open:
        facts |= {"override": True, "reason": request.reason}
    if gate.percent is None:
        return Decision((Draft("week.started", request.by, "7-day plan started", facts),), done="7-day plan started")
    count = f"{sum(item.ok for item in gate.conditions)} of {len(gate.conditions)} conditions passed"
    text = f"{gate.percent} % entered · {count}" + ("" if gate.open else f" · override: {request.reason}")
    return Decision(move=Move(gate.percent, request.by, text, facts))


def no_next(judgement: Judgement) -> str:
    """Say that there is nowhere to advance to; empty when there is."""
    gate = judgement.gate
    last = not gate.goal or (gate.percent is None and judgement.state.week_at is not None)
    return "there is no next phase: the 7-day plan runs" if last else ""


def no_advance(judgement: Judgement) -> str:
    """Say why no advance is possible now, with any reason; empty if one is possible."""
    state = judgement.state
    if why := no_next(judgement) or _unready(state):
        return why
    return _burning(state) if state.fuses and not judgement.gate.open else ""


def no_revert(state: State, reads: Percent | None = None) -> str:
    """Say that there is nothing to go back from, with what the flag `reads`; empty when there is."""
    seen = state.seen.flag.percent if state.seen.flag else None
    if state.phase == 0 and not reads and not seen and not state.flag.open and state.flag.status != FlagStatus.DRIFTED:
        return "nothing to revert: the flag is at 0 %"
    return ""


def _unmovable(judgement: Judgement, request: Request) -> str:
    """Say why the advance that is asked for is not possible, whatever the reason given; empty when it is."""
    state, gate = judgement.state, judgement.gate
    if why := no_next(judgement):
        return why
    if request.percent is not None and request.percent != gate.percent:
        return f"the next step is {gate.goal}, not {request.percent} %"
    return _unready(state)


def _unready(state: State) -> str:
    """Say what must be known before the flag may move up; empty when all is."""
    if state.flag.open:
        return "the last flag move has no known outcome yet: wait until the flag is read"
    return f"the journal is not healthy: {state.journal_fault}" if state.journal_fault else ""


def _burning(state: State) -> str:
    """Say which fuse prevents the move: entering a phase would end it unseen."""
    fuse = next((item for item in state.fuses.values() if not item.blown), None)
    if fuse is None:
        return "a fuse has blown: its revert is not confirmed yet"
    return f"a fuse burns ({titled(state.plan, fuse.risk)}): defuse it with a reason first"


def _held(judgement: Judgement, request: Request) -> str:
    """Say what holds the gate, all of it; empty when it is open or overruled with a reason."""
    if judgement.gate.open:
        return ""
    if not request.override:
        return "hold: " + "; ".join(f"{item.name} {item.text}" for item in judgement.gate.blockers)
    if judgement.state.fuses:
        return _burning(judgement.state)
    if request.percent != judgement.gate.percent:
        return f"to overrule the gate, name the phase: the next step is {judgement.gate.goal}"
    return "" if request.reason else "advancing against the gate needs a reason: write why"


def revert(judgement: Judgement, request: Request) -> Decision:
    """Go back to the previous phase; nothing refuses it but being at 0 %, or in another phase than was asked in.

    In the pre-flight a flag that may be up, by an open move or a strange hand, is set back.
    """
    state, reads = judgement.state, request.reads
    if why := no_revert(state, reads):
        return refused(why)
    if request.percent is not None and request.percent != state.plan.before(state.phase).percent:
        return refused(f"{state.phase} % was entered meanwhile")
    return Decision(move=reverting(judgement, request.by, request.reason or request.text or "by hand", reads))


def freeze(judgement: Judgement, request: Request) -> Decision:
    """Freeze one flow."""
    flow = next((item for item in judgement.state.plan.flows if item.id == request.subject), None)
    if flow is None:
        return refused(f"unknown flow {clean(request.subject, 40)}")
    if flow.id in judgement.state.frozen:
        return refused(f"{flow.title} is frozen already")
    facts: dict[str, Fact] = {"flow": flow.id, "cause": request.reason or request.text or "by hand"}
    draft = Draft("flow.frozen", request.by, f"{flow.title} frozen: {facts['cause']}", facts)
    return Decision((draft,), switches=((flow.flag, True),), done=f"{flow.title} frozen")


def thaw(judgement: Judgement, request: Request) -> Decision:
    """Thaw one flow."""
    flow = next((item for item in judgement.state.plan.flows if item.id == request.subject), None)
    if flow is None or flow.id not in judgement.state.frozen:
        return refused(f"{clean(request.subject, 40)} is not frozen")
    facts: dict[str, Fact] = {"flow": flow.id, "cause": request.reason or request.text or "by hand"}
    missing = ", ".join(step.text for _, step in unsaid(judgement.state, flow.id))
    if missing:
        facts["unsaid"] = missing
    without = f" (not said: {missing})" if missing else ""
    draft = Draft("flow.thawed", request.by, f"{flow.title} thawed: {facts['cause']}{without}", facts)
    return Decision((draft,), switches=((flow.flag, False),), done=f"{flow.title} thawed")


def freezing(judgement: Judgement, flows: tuple[str, ...], by: str, cause: str) -> Decision:
    """Freeze every flow of `flows` that is not frozen yet."""
    each = [freeze(judgement, Request(Act.FREEZE, by, flow, reason=cause)) for flow in flows]
    taken = [decision for decision in each if not decision.refusal]
    if not taken:
        return refused("nothing left to freeze: every flow is frozen")
    return Decision(
        tuple(draft for decision in taken for draft in decision.drafts),
        tuple(switch for decision in taken for switch in decision.switches),
        done=", ".join(decision.done for decision in taken),
    )
