"""Fuses: lit by a risk that acts, ended by proof, or by a revert on a breach measured after the deadline.

A deadline is absolute and never restarts; missing data neither ends a fuse nor reverts.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from sessions.actions.evidence import behind, evidence
from sessions.actions.rollout import WATCH
from sessions.gate.judgement import Judgement
from sessions.gate.risks import assess, cleared
from sessions.gate.traffic_risks import breached_since
from sessions.gate.wording import spoken
from sessions.plan.model import Risk
from sessions.plan.uses import RISK_TOPICS
from sessions.state.model import UNSEEN
from sessions.state.reducer import Fuse, State
from sessions.text.units import duration
from sessions.values.entries import UNSAVED, Draft, Fact
from sessions.values.verdicts import Level, RiskState

UNRESOLVED = "not resolved in time: "


def lit(judgement: Judgement, risk: Risk, said: RiskState) -> Draft:
    """Return the entry of a new fuse."""
    facts: dict[str, Fact] = {
        "risk": risk.id,
        "deadline": judgement.at + timedelta(seconds=risk.fuse),
        "subject": said.subject,
        "evidence": behind(judgement, said),
    }
    since = breached_since(judgement.state, risk, said.subject) if risk.id == "latency_spike" else None
    if since is not None:
        facts["since"] = since
    then = "the flag goes back" if risk.at_zero == "revert" else "you are asked what to do"
    words = f"{risk.title} {spoken(said)}: resolve within {duration(risk.fuse)}, or {then}"
    return Draft("fuse.lit", WATCH, words, facts)


def ended(judgement: Judgement) -> list[Draft]:
    """Return the entries of fuses that are over: put out by proof, or blown."""
    drafts: list[Draft] = []
    for fuse in judgement.state.fuses.values() if judgement.verdicts else ():
        if fuse.blown:
            continue
        if cleared(judgement.state, fuse.risk, fuse.lit_at, judgement.at):
            drafts.append(_defused(judgement, fuse))
        elif said := _blowing(judgement, fuse):
            drafts.append(_blown(judgement, judgement.state.plan.risk(fuse.risk), said))
    return drafts


def calling(judgement: Judgement) -> str:
    """Return why a fuse calls for a revert, the first that does; empty where none does.

    One that has blown needs no judgement any more; without one no other can blow.
    """
    fuses = judgement.state.fuses.values()
    if blown := next((fuse for fuse in fuses if fuse.blown), None):
        return blown.text.removeprefix(UNSAVED).removeprefix(UNRESOLVED)
    for fuse in fuses if judgement.verdicts else ():
        if not cleared(judgement.state, fuse.risk, fuse.lit_at, judgement.at) and (said := _blowing(judgement, fuse)):
            return f"{judgement.state.plan.risk(fuse.risk).title} {spoken(said)}"
    return ""


def _blowing(judgement: Judgement, fuse: Fuse) -> RiskState | None:
    """Return the breach on which a fuse that is at zero blows now; None where it does not."""
    if judgement.at < fuse.deadline or judgement.state.plan.risk(fuse.risk).at_zero != "revert":
        return None
    said = _at_zero(judgement, fuse)
    return said if said.level is Level.ACT else None


def missed(state: State, fuse: Fuse, now: datetime) -> float:
    """Return the seconds of a fuse's time, up to its deadline or now, that nobody watched."""
    until = min(fuse.deadline, now)
    holes = (hole for hole in state.holes if hole.cause not in UNSEEN)
    spans = ((max(hole.since, fuse.lit_at), min(hole.until, until)) for hole in holes)
    return sum(max(0.0, (end - start).total_seconds()) for start, end in spans)


def _at_zero(judgement: Judgement, fuse: Fuse) -> RiskState:
    """Judge the risk anew by what was measured after the deadline; else blind: overdue, neither let go nor reverted.

    While its fuse burns a breach is remembered however old it is; without it only the windows that count are judged.
    """
    health = judgement.state.seen.health.get(RISK_TOPICS[fuse.risk])
    if health is None or health.good_at is None or health.good_at < fuse.deadline:
        return RiskState(fuse.risk, Level.BLIND)
    state = replace(judgement.state, fuses={})
    return assess(state, judgement.verdicts, judgement.at)[fuse.risk]


def _blown(judgement: Judgement, risk: Risk, said: RiskState) -> Draft:
    facts: dict[str, Fact] = {"risk": risk.id, "evidence": behind(judgement, said)}
    return Draft("fuse.blown", WATCH, f"{UNRESOLVED}{risk.title} {spoken(said)}", facts)


def _defused(judgement: Judgement, fuse: Fuse) -> Draft:
    """Defuse a breach that ended while nobody watched, and say so."""
    holes = (hole for hole in judgement.state.holes if hole.cause not in UNSEEN)
    unseen = any(hole.since <= fuse.deadline <= hole.until for hole in holes)
    why = "breached and recovered while nobody watched" if unseen else "one clean window"
    facts: dict[str, Fact] = {"risk": fuse.risk, "reason": why, "evidence": evidence(judgement)}
    title = judgement.state.plan.risk(fuse.risk).title
    return Draft("fuse.defused", WATCH, f"{title} fuse defused: {why}", facts)
