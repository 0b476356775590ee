"""Logs of any events whatever, for laws over what is told of them."""

from hypothesis import strategies as st

from sessions.reports.effects import family
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, after
from tests.support.sessions.flight import Pen, in_phase

RISKS = st.sampled_from([one.id for one in PLAN.risks])
NAMES = st.sampled_from(["latency", "errors", "analytics", "growth", "incidents", "exposure"])
VALUES = st.floats(0.1, 1e4)
EVENTS = st.one_of(
    st.tuples(st.just("risk"), RISKS, st.sampled_from([*Level]), VALUES),
    st.tuples(st.just("verdict"), NAMES, st.sampled_from([*Mark]), VALUES),
    st.tuples(
        st.sampled_from(["lit", "defused", "blown", "paused", "hand", "resumed", "froze", "thawed", "step"]), RISKS
    ),
    st.tuples(st.sampled_from(["up", "down", "watch", "gap", "drift", "back", "open", "solve", "waive"]), RISKS),
)
LOGS = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 3.0, 12.0, 90.0]), EVENTS), max_size=40)


def written(events):
    """Write a log of any events, at minutes that only go on."""
    pen, minute, levels, marks = in_phase(25), 1.0, {}, {}
    for step, event in events:
        minute += step
        _one(pen, minute * 60, event, levels, marks)
    return pen, minute * 60


def _one(pen: Pen, at, event, levels, marks):
    what, name, *more = event
    if what == "risk":
        was, levels[name] = levels.get(name, "calm"), more[0].value
        figures = {"value": more[1], "bound": 20.0} if more[0] in (Level.ACT, Level.WATCH) else {}
        pen.write(at, "risk.turned", risk=name, level=more[0].value, was=was, **figures)
    elif what == "verdict":
        was, marks[name] = marks.get(name, "warming"), more[0].value
        figures = {"value": more[1], "bound": 20.0, "unit": "ms"} if more[0] is Mark.BREACH else {}
        facts = {"criterion": name, "verdict": more[0].value, "was": was, "since": after(at)}
        pen.write(at, "verdict.turned", **facts, **figures)
    else:
        kind, facts = _plain(pen, at, what, name)
        pen.write(at, kind, **facts)


def _plain(pen, at, what, name):
    lower = PLAN.before(pen.state.phase).percent
    higher = PLAN.after(pen.state.phase)
    return {
        "lit": ("fuse.lit", {"risk": name, "deadline": after(at + 900), "evidence": ()}),
        "defused": ("fuse.defused", {"risk": name, "evidence": ()}),
        "blown": ("fuse.blown", {"risk": name, "evidence": ()}),
        "paused": ("rollout.paused", {"cause": name, "risk": name, "evidence": ()}),
        "hand": ("rollout.paused", {"cause": "lunch", "evidence": (), "by": "owner"}),
        "resumed": ("rollout.resumed", {"evidence": (), "by": "owner"}),
        "froze": ("flow.frozen", {"flow": "capsules", "cause": "by hand", "by": "owner"}),
        "thawed": ("flow.thawed", {"flow": "capsules", "cause": "by hand", "by": "owner"}),
        "step": ("task.ticked", {"task": f"{name}.look", "done": True, "risk": name, "by": "owner"}),
        "up": ("phase.entered", {"phase": higher.percent if higher else 100, "previous": pen.state.phase,
                                 "evidence": ()}),
        "down": ("phase.entered", {"phase": lower, "previous": pen.state.phase, "evidence": ()}),
        "watch": ("watch.started", {"pid": 1, "host": "box"}),
        "gap": ("gap.found", {"since": after(at - 30), "until": after(at), "cause": "nobody watched"}),
        "drift": ("flag.drifted", {"expected": pen.state.phase, "seen": 77}),
        "back": ("flag.returned", {"since": after(at), "percent": pen.state.phase}),
        "open": ("incident.opened", {"incident": name, "severity": "P1"}),
        "solve": ("incident.resolved", {"incident": name}),
        "waive": ("waiver.given", {"subject": family(name), "reason": "known", "evidence": (), "by": "owner"}),
    }[what]  # fmt: skip
