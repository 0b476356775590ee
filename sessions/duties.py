"""What the Watch does by itself: protection first, then the housekeeping of the session.

Protection runs in every state. A fuse reverts only on a breach that was measured after its deadline.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from sessions.criteria.fresh import current
from sessions.decision import Move
from sessions.entries import Draft, Fact
from sessions.evidence import evidence
from sessions.figures import duration
from sessions.judgement import Judgement
from sessions.plan import Risk
from sessions.readings import Topic
from sessions.risks import TOPICS, assess, cleared
from sessions.state import Fuse
from sessions.steering import freezing, reverting
from sessions.verdicts import Level, RiskState

WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Duty:
    """Entries to write, switches to set, and the revert a blown fuse calls for."""

    drafts: tuple[Draft, ...] = ()
    switches: tuple[tuple[str, bool], ...] = ()
    move: Move | None = None


def duties(judgement: Judgement) -> Duty:
    """Return everything that is due now. Written before the turn of the risk itself: a torn write repeats it."""
    lit, switches = _protections(judgement)
    ended, move = _fuses(judgement)
    return Duty((*lit, *ended, *_baseline(judgement), *_flag(judgement)), switches, move)


def _protections(judgement: Judgement) -> tuple[list[Draft], tuple[tuple[str, bool], ...]]:
    """A risk that turns to `act` pauses, lights its fuse and freezes its flows, as the plan says; once per turn."""
    state, drafts, switches = judgement.state, list[Draft](), list[tuple[str, bool]]()
    paused = state.paused is not None
    for risk in state.plan.risks:
        said = judgement.risks.get(risk.id)
        if said is None or said.level is not Level.ACT or state.levels.get(risk.id) is Level.ACT:
            continue
        if "pause" in risk.automatic and state.phase and not paused:
            drafts.append(_pause(judgement, risk, said))
            paused = True
        if "fuse" in risk.automatic and state.phase and risk.id not in state.fuses:
            drafts.append(_fuse(judgement, risk, said))
        if "freeze" in risk.automatic:
            frozen = freezing(judgement, risk.flows, WATCH, f"{risk.title} {said.text}")
            drafts.extend(frozen.drafts)
            switches.extend(frozen.switches)
    return drafts, tuple(switches)


def _pause(judgement: Judgement, risk: Risk, said: RiskState) -> Draft:
    facts: dict[str, Fact] = {"cause": risk.id, "risk": risk.id, "evidence": evidence(judgement)}
    return Draft("rollout.paused", WATCH, f"paused: {risk.title} {_about(said)}", facts)


def _fuse(judgement: Judgement, risk: Risk, said: RiskState) -> Draft:
    facts: dict[str, Fact] = {
        "risk": risk.id,
        "deadline": judgement.at + timedelta(seconds=risk.fuse),
        "subject": said.subject,
        "evidence": evidence(judgement),
    }
    then = "revert" if risk.at_zero == "revert" else "ask"
    return Draft("fuse.lit", WATCH, f"{_about(said)}: resolve within {duration(risk.fuse)} or {then}", facts)


def _about(said: RiskState) -> str:
    return f"{said.subject} {said.text}".strip()


def _fuses(judgement: Judgement) -> tuple[list[Draft], Move | None]:
    drafts: list[Draft] = []
    move: Move | None = None
    for fuse in judgement.state.fuses.values():
        if fuse.blown:
            move = move or _retry(judgement, fuse)
        elif cleared(judgement.state, fuse.risk, fuse.lit_at, judgement.at):
            drafts.append(_defused(judgement, fuse, "one clean window"))
        elif judgement.at >= fuse.deadline and (said := _at_zero(judgement, fuse)).level is Level.ACT:
            risk = judgement.state.plan.risk(fuse.risk)
            if risk.at_zero == "revert":
                drafts.append(_blown(judgement, risk, said))
                move = move or reverting(judgement, WATCH, f"{risk.title} {_about(said)}")
    return drafts, move


def _at_zero(judgement: Judgement, fuse: Fuse) -> RiskState:
    """Judge the risk anew by what was measured after the deadline; else blind: overdue, neither let go nor reverted.

    While its fuse burns a breach is remembered however old it is; without it only the windows that count are judged.
    """
    health = judgement.state.seen.health.get(TOPICS[fuse.risk])
    if health is None or health.good_at is None or health.good_at < fuse.deadline:
        return RiskState(fuse.risk, Level.BLIND)
    state = replace(judgement.state, fuses={})
    return assess(state, judgement.verdicts, judgement.at)[fuse.risk]


def _blown(judgement: Judgement, risk: Risk, said: RiskState) -> Draft:
    facts: dict[str, Fact] = {"risk": risk.id, "evidence": evidence(judgement)}
    return Draft("fuse.blown", WATCH, f"not resolved in time: {risk.title} {_about(said)}", facts)


def _retry(judgement: Judgement, fuse: Fuse) -> Move:
    """A blown fuse whose revert is not confirmed asks for it again."""
    return reverting(judgement, WATCH, judgement.state.plan.risk(fuse.risk).title)


def _defused(judgement: Judgement, fuse: Fuse, why: str) -> Draft:
    facts: dict[str, Fact] = {"risk": fuse.risk, "reason": why, "evidence": evidence(judgement)}
    title = judgement.state.plan.risk(fuse.risk).title
    return Draft("fuse.defused", WATCH, f"{title} fuse defused: {why}", facts)


def _baseline(judgement: Judgement) -> list[Draft]:
    """The seed baseline is captured once, before the first shopper, from counts that are all fresh."""
    state = judgement.state
    ends = {name: row[-1] for name, row in state.seen.sizes.items() if row}
    newest = {name: size for name, size in ends.items() if current(state, Topic.COLLECTIONS, size.at, judgement.at)}
    wanted = [collection.name for collection in state.plan.collections]
    if state.phase or state.baseline_at or any(name not in newest for name in wanted):
        return []
    counts = tuple(float(newest[name].count) for name in wanted)
    text = "baseline " + ", ".join(f"{name} {newest[name].count}" for name in wanted)
    return [Draft("baseline.captured", WATCH, text, {"collections": tuple(wanted), "counts": counts})]


def _flag(judgement: Judgement) -> list[Draft]:
    """Compare what the back end says with what we know, once per value: drift is told, and its end."""
    state, seen = judgement.state, judgement.state.seen.flag
    known = state.flag
    if seen is None or seen.percent is None or known.status in ("intended", "unknown"):
        return []
    if state.last_at is not None and seen.at < (state.visits[-1][1] if state.visits else state.last_at):
        return []
    if seen.percent == state.phase:
        if known.status == "confirmed":
            return []
        facts: dict[str, Fact] = {"intent": "", "percent": seen.percent}
        return [Draft("flag.confirmed", WATCH, f"flag reads {seen.percent} %", facts)]
    text = f"flag reads {seen.percent} %, expected {state.phase} %"
    if known.status == "drifted" and known.text.endswith(text):  # one that could not be saved says so in front
        return []
    return [Draft("flag.drifted", WATCH, text, {"expected": state.phase, "seen": seen.percent})]
