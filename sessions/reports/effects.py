"""What an entry does to a trouble: which one it is about, what of it turns, and how bad that is."""

from collections.abc import Callable, Mapping
from enum import IntEnum

from msgspec import Struct

from sessions.plan.model import Plan, Risk
from sessions.values.entries import Entry
from sessions.values.verdicts import Level, Mark


class Rank(IntEnum):
    """How bad something is. UNSURE neither confirms nor clears a breach, but it is seen again."""

    UNSURE = -1
    OVER = 0
    WATCH = 1
    HELD = 2
    DARK = 3
    BAD = 4


class Effect(Struct, frozen=True):
    """What an entry does: `strand` of the trouble `about` turns to `rank`; without a strand it is only an act in it.

    Where one of the troubles `joins` is open, it is an act in that one instead. What `owns` keeps for itself, the entry
    that ends that belongs to the same trouble.
    """

    about: str
    strand: str = ""
    rank: Rank = Rank.UNSURE
    joins: tuple[str, ...] = ()
    owns: str = ""


ANY = ("*",)
"""Joins whatever is open, the worst first."""
PAUSE = "pause"
_FAMILY = {"latency_spike": "latency", "error_rate": "errors", "analytics_outage": "analytics", "duplication": "growth"}
"""The risks that are reported together with a criterion, because they use the same data."""
_MARKS = {Mark.BREACH: Rank.BAD, Mark.BLIND: Rank.DARK, Mark.SILENT: Rank.DARK, Mark.PASS: Rank.OVER}
_LEVELS = {Level.ACT: Rank.BAD, Level.BLIND: Rank.DARK, Level.WATCH: Rank.WATCH, Level.CALM: Rank.OVER}
_RECORDED = "incidents"
_BY_HAND = "by hand"


def effect(plan: Plan, entry: Entry) -> Effect | None:
    """Return what an entry does, None for one that belongs to no trouble."""
    read = _READ.get(entry.kind)
    return read(plan, entry) if read else None


def family(risk: str) -> str:
    """Return the episode name of a risk: `latency` for `latency_spike`, else its own name."""
    return _FAMILY.get(risk, risk)


def risk_behind(plan: Plan, entry: Entry) -> Risk | None:
    """Return the risk that an entry names, directly or by its task; None if it is not in the plan."""
    name = entry.said("risk") or entry.said("task").partition(".")[0]
    return next((risk for risk in plan.risks if risk.id == name), None)


def _verdict(_plan: Plan, entry: Entry) -> Effect:
    """The breach of an incident that somebody recorded is that incident's own story."""
    name = entry.said("criterion")
    if (name, entry.said("subject")) == (_RECORDED, _RECORDED):
        return Effect(name)
    word = entry.said("verdict")
    known = word in tuple(Mark)
    return Effect(name, f"verdict.{name}", _MARKS.get(Mark(word), Rank.UNSURE) if known else Rank.DARK)


def _risk(_plan: Plan, entry: Entry) -> Effect:
    name, word = entry.said("risk"), entry.said("level")
    rank = _LEVELS[Level(word)] if word in tuple(Level) else Rank.DARK
    return Effect(family(name), f"risk.{name}", rank)


def _of_risk(plan: Plan, entry: Entry) -> Effect | None:
    """Return the effect of an automatic act on its risk; the watch writes it just before the turn that causes it."""
    risk = risk_behind(plan, entry)
    if risk is None:
        return None
    alone = entry.by == "watch" and entry.kind == "task.opened"
    return Effect(family(risk.id), f"risk.{risk.id}" if alone else "", Rank.BAD)


def _paused(plan: Plan, entry: Entry) -> Effect:
    """A pause by hand is about what is open where nothing else is given as its cause."""
    risk = risk_behind(plan, entry)
    if risk is None:
        joins = ANY if entry.said("cause") in {"", _BY_HAND} else _named(plan, entry.said("cause"))
        return Effect(PAUSE, PAUSE, Rank.HELD, joins, PAUSE)
    return Effect(family(risk.id), f"risk.{risk.id}", Rank.BAD, owns=PAUSE)


def _named(plan: Plan, cause: str) -> tuple[str, ...]:
    """Return the troubles that a person's words name."""
    said = cause.lower()
    return tuple(family(one.id) for one in plan.risks if one.title.lower() in said or family(one.id) in said)


def _resumed(_plan: Plan, _entry: Entry) -> Effect:
    return Effect(PAUSE, PAUSE, Rank.OVER, owns=PAUSE)


def _fuse(_plan: Plan, entry: Entry) -> Effect:
    name = entry.said("risk")
    rank = Rank.OVER if entry.kind == "fuse.defused" else Rank.BAD
    return Effect(family(name), f"fuse.{name}", rank)


def _frozen(plan: Plan, entry: Entry) -> Effect:
    """A freeze names its risk only in words."""
    flow, cause = entry.said("flow"), entry.said("cause")
    own = f"flow.{flow}"
    mine = [risk for risk in plan.risks if flow in risk.flows]
    named = next((risk for risk in plan.risks if cause.startswith(risk.title)), None)
    if named is not None and entry.by == "watch":
        return Effect(family(named.id), f"risk.{named.id}", Rank.BAD, owns=own)
    joins = tuple(family(risk.id) for risk in ([named] if named else mine))
    return Effect(own, own, Rank.HELD, joins, own)


def _thawed(_plan: Plan, entry: Entry) -> Effect:
    own = f"flow.{entry.said('flow')}"
    return Effect(own, own, Rank.OVER, owns=own)


def _flag(_plan: Plan, entry: Entry) -> Effect:
    """An advance that was refused changed nothing: a moment. A revert that was is trouble until it is done."""
    there = entry.counted("percent", -1.0) == entry.phase
    moment = Rank.OVER if entry.counted("percent") > entry.phase else Rank.BAD
    back = Rank.OVER if there else Rank.UNSURE
    ranks = {"flag.drifted": Rank.BAD, "flag.unread": Rank.DARK, "flag.unknown": Rank.BAD, "flag.refused": moment}
    return Effect("flag", "flag", ranks.get(entry.kind, Rank.OVER if entry.kind == "flag.confirmed" else back))


def _switch(plan: Plan, entry: Entry) -> Effect:
    """Count a switch that was set as an act of its episode; a switch that failed is an episode itself."""
    name = entry.said("switch")
    if entry.kind == "switch.refused":
        return Effect(f"switch.{name}", f"switch.{name}", Rank.BAD)
    flows = {flow.id for flow in plan.flows if flow.flag == name}
    risks = (risk for risk in plan.risks if flows & {*risk.flows} or any(name in step.targets for step in risk.steps))
    return Effect(f"switch.{name}", f"switch.{name}", Rank.OVER, tuple(family(risk.id) for risk in risks))


def _incident(_plan: Plan, entry: Entry) -> Effect:
    rank = Rank.BAD if entry.kind == "incident.opened" else Rank.OVER
    return Effect(_RECORDED, f"incident.{entry.said('incident')}", rank)


def _waiver(_plan: Plan, entry: Entry) -> Effect:
    return Effect(entry.said("subject"))


def _acknowledged(_plan: Plan, entry: Entry) -> Effect:
    names = (name.partition(".")[2] or name for name in entry.listed("alarms"))
    return Effect("", joins=tuple(family(name) for name in names))


def _notice(_plan: Plan, entry: Entry) -> Effect:
    rank = Rank.BAD if entry.kind == "notice.failed" else Rank.OVER
    return Effect("notices", f"notice.{entry.said('channel')}", rank)


_READ: Mapping[str, Callable[[Plan, Entry], Effect | None]] = {
    "verdict.turned": _verdict,
    "risk.turned": _risk,
    "rollout.paused": _paused,
    "rollout.resumed": _resumed,
    **dict.fromkeys(("fuse.lit", "fuse.extended", "fuse.defused", "fuse.blown"), _fuse),
    **dict.fromkeys(("task.opened", "task.ticked", "draft.written"), _of_risk),
    "flow.frozen": _frozen,
    "flow.thawed": _thawed,
    **dict.fromkeys(
        ("flag.confirmed", "flag.refused", "flag.unknown", "flag.drifted", "flag.returned", "flag.unread"), _flag
    ),
    **dict.fromkeys(("switch.confirmed", "switch.refused"), _switch),
    **dict.fromkeys(("incident.opened", "incident.resolved"), _incident),
    **dict.fromkeys(("waiver.given", "waiver.lapsed"), _waiver),
    "alarm.acknowledged": _acknowledged,
    **dict.fromkeys(("notice.sent", "notice.failed"), _notice),
}
