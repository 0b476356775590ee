"""What the Watch does by itself: protection first, then the housekeeping of the session.

Protection runs in every state. A fuse reverts only on a breach that was measured after its deadline.
"""

from collections.abc import Iterator

from msgspec import Struct

from sessions.actions.decision import Move
from sessions.actions.evidence import behind
from sessions.actions.rollout import WATCH, found, freezing, reverting
from sessions.criteria.freshness import current
from sessions.gate.judgement import Judgement
from sessions.gate.waivers import outgrown
from sessions.gate.wording import spoken
from sessions.plan.model import Risk
from sessions.safety import fuses
from sessions.safety.drift import noticed
from sessions.state.measures import still_on
from sessions.state.pending import asked_before, opening, revert_owed, switched_on
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent
from sessions.values.readings import Topic
from sessions.values.verdicts import Level, RiskState


class Duty(Struct, frozen=True):
    """Entries to write, switches to set, and the revert that a blown fuse calls for or that is not done yet."""

    drafts: tuple[Draft, ...] = ()
    switches: tuple[tuple[str, bool], ...] = ()
    move: Move | None = None


def duties(judgement: Judgement) -> Duty:
    """Return everything that is due now. Written before the turn of the risk itself: a torn write repeats it.

    Of a session that is concluded a watch only looks: what it sees is written, and a revert that is owed goes on.
    """
    over = judgement.state.concluded_at is not None
    lit, switches = ([], ()) if over else _protections(judgement)
    flag = [*(_unentered(judgement) or noticed(judgement)), *_found(judgement)]
    drafts = (*lit, *fuses.ended(judgement), *_baseline(judgement), *flag, *_lapsed(judgement))
    return Duty(drafts, switches, revert_due(judgement))


def revert_due(judgement: Judgement, reads: Percent | None = None) -> Move | None:
    """Return the revert that a fuse's end calls for, or that is not known to be done; None where none is due.

    `reads` is what the flag was just read at, None where it was not read.
    """
    cause = fuses.calling(judgement)
    if cause:
        return reverting(judgement, WATCH, cause, reads)
    state = judgement.state
    return reverting(judgement, WATCH, asked_before(state), reads, state.flag.wanted) if revert_owed(state) else None


def _protections(judgement: Judgement) -> tuple[list[Draft], tuple[tuple[str, bool], ...]]:
    """Return the plan's automatic acts of a risk that turns to `act`, once for each turn."""
    state, drafts, switches = judgement.state, list[Draft](), list[tuple[str, bool]]()
    for risk in state.plan.risks:
        said = judgement.risks.get(risk.id)
        if said is None or said.level is not Level.ACT or state.levels.get(risk.id) is Level.ACT:
            continue
        paused = state.paused is not None or any(draft.kind == "rollout.paused" for draft in drafts)
        if state.phase:
            drafts.extend(_flown(judgement, risk, said, paused=paused))
        if "freeze" in risk.automatic:
            frozen = freezing(judgement, risk.flows, WATCH, f"{risk.title} {said.text}")
            drafts.extend(frozen.drafts)
            switches.extend(frozen.switches)
    return drafts, tuple(switches)


def _flown(judgement: Judgement, risk: Risk, said: RiskState, *, paused: bool) -> Iterator[Draft]:
    """Return automatic acts that need shoppers with the feature: pause, fuse, follow-up tasks."""
    if "pause" in risk.automatic and not paused:
        yield _pause(judgement, risk, said)
    if "fuse" in risk.automatic and risk.id not in judgement.state.fuses:
        yield fuses.lit(judgement, risk, said)
    if "follow" in risk.automatic:
        yield from opening(judgement.state, risk, WATCH)


def _pause(judgement: Judgement, risk: Risk, said: RiskState) -> Draft:
    facts: dict[str, Fact] = {"cause": risk.id, "risk": risk.id, "evidence": behind(judgement, said)}
    return Draft("rollout.paused", WATCH, f"paused: {risk.title} {spoken(said)}", facts)


def _unentered(judgement: Judgement) -> list[Draft]:
    """Write the missing `phase.entered` of a confirmed move again, if a full disk or a torn write lost it."""
    state = judgement.state
    if state.flag.status != FlagStatus.CONFIRMED:
        return []
    phase = state.plan.flown_at(state.flag.percent)
    moved = (entry.kind for entry in reversed(state.entries) if entry.kind in ("flag.confirmed", "phase.entered"))
    if phase == state.phase or next(moved, "") != "flag.confirmed":
        return []
    move = found(judgement, state.flag.percent, "the move was confirmed, its entry was lost")
    return [Draft("phase.entered", move.by, move.text, move.entering, move.enters)]


def _found(judgement: Judgement) -> Iterator[Draft]:
    """A switch that hides something and reads on though nobody turned it on here is a measure all the same."""
    state, seen = judgement.state, judgement.state.seen.flag
    if seen is None or seen.switches is None or not current(state, Topic.FLAG, seen.at, judgement.at):
        return
    for name in dict.fromkeys(
        name for risk in state.plan.risks for step in risk.steps if step.hides for name in step.targets
    ):
        on, known = name in seen.switches, state.switches.get(name)
        if on is (name in state.found) or (known is not None and seen.at <= known.at):
            continue
        if on and (name in switched_on(state) or still_on(known)):
            continue
        said = "reads on, and nobody turned it on here" if on else "reads off again"
        yield Draft("switch.found", WATCH, f"switch {clean(name, 60)} {said}", {"switch": name, "on": on})


def _lapsed(judgement: Judgement) -> Iterator[Draft]:
    """A waiver that what it covers has outgrown no longer holds."""
    for name, waiver in judgement.state.waivers.items():
        verdict = judgement.verdicts.get(name)
        if verdict is not None and (why := outgrown(waiver, verdict)):
            facts: dict[str, Fact] = {"subject": name, "reason": clean(why)}
            yield Draft("waiver.lapsed", WATCH, f"{name} is no longer waived: {clean(why)}", facts)


def _baseline(judgement: Judgement) -> list[Draft]:
    """The seed baseline is captured once, before the first shopper, from counts that are all fresh."""
    state = judgement.state
    ends = {name: row[-1] for name, row in state.seen.sizes.items() if row}
    topic, now = Topic.COLLECTIONS, judgement.at
    newest = {name: size for name, size in ends.items() if current(state, topic, size.at, now, size.holds)}
    wanted = [collection.name for collection in state.plan.collections]
    if not wanted or state.phase or state.baseline_at or any(name not in newest for name in wanted):
        return []
    counts = tuple(float(newest[name].count) for name in wanted)
    text = "baseline " + ", ".join(f"{name} {newest[name].count}" for name in wanted)
    return [Draft("baseline.captured", WATCH, text, {"collections": tuple(wanted), "counts": counts})]
