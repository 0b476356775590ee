"""Flies a made-up history as a watch does: look at the clocks, ask, fold, judge, write what turned, and judge again."""

from typing import Any

from msgspec import Struct

from cockpit.engine.gaps import noticed
from sessions.actions.dispatch import decide
from sessions.actions.evidence import turns
from sessions.actions.flapping import flips
from sessions.criteria.freshness import usable
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.safety.automatic import Duty, duties
from sessions.state.reducer import observe_all
from sessions.values.entries import Draft
from sessions.values.requests import Act, Request
from sessions.values.sign_of_life import Sign
from tests.support.build import T0
from tests.support.sessions.flight import Pen
from tests.support.worlds.clocks import during, wall
from tests.support.worlds.plan import BASELINE, PERCENT, PLAN, ROUND
from tests.support.worlds.sources import Sources

World = dict[str, Any]
_TICK = 10.0
"""The pace of looks that makes a round no gap, and two of them one."""
_ABOUT = ("flow", "severity", "incident", "subject", "task")
_ANSWERS = ("traffic", "journeys", "collections", "queue", "csat", "flag")


class Moment(Struct, frozen=True):
    """What the gate said at `at`: open, or each condition that held."""

    at: int
    open: bool
    held: tuple[str, ...]


class Flight:
    """One history under a watch. `world["log"]` remembers what was done, as raw facts: (when, what, about what)."""

    def __init__(self, world: World, plan: Plan = PLAN) -> None:
        self._world = world
        self._sources = Sources(world)
        self._pen = Pen(plan)
        self._left = sorted(world["acts"], key=lambda act: act[0])
        self._before = Sign(wall(world, world["behind"]), float(world["behind"]), "here")
        world["looks"], world["log"] = [], []
        self._begin()

    def fly(self) -> list[Moment]:
        """Return what the gate said each time it was judged; a flag that is to go back ends it."""
        moments = []
        for at in range(ROUND, self._world["end"] + 1, ROUND):
            if during(self._world["away"], at):
                continue
            self._poll(at, now := at + self._world["behind"])
            judgement, due = self._round(now)
            held = tuple(f"{one.name} {one.mark}" for one in judgement.gate.blockers)
            moments.append(Moment(now, judgement.gate.open, held))
            if due.move is not None:
                break
        return moments

    def _begin(self) -> None:
        world, names = self._world, tuple(item.name for item in self._pen.state.plan.collections)
        self._write(0, "session.started", name="made", plan="cl7")
        self._write(0, "watch.started", pid=1, host="here", answers=(*_ANSWERS, *world["topics"]))
        self._write(0, "baseline.captured", collections=names, counts=tuple(float(BASELINE) for _ in names))
        self._write(0, "flag.intended", intent="i1", percent=PERCENT, previous=0, writer="made")
        self._write(0, "flag.confirmed", intent="i1", percent=PERCENT, served=not world["served"])
        self._write(0, "phase.entered", phase=PERCENT, previous=0, evidence=())

    def _poll(self, at: int, now: int) -> None:
        self._look(now)
        readings = usable(self._pen.state, self._sources.ask(at), wall(self._world, now))
        self._pen.state = observe_all(self._pen.state, readings)

    def _round(self, now: int) -> tuple[Judgement, Duty]:
        self._world["looks"].append(now)
        self._act(now)
        judgement = self._judged(now)
        if flipped := flips(judgement):
            self._pen.state = observe_all(self._pen.state, flipped)
            judgement = self._judged(now)
        due = duties(judgement)
        drafts = (*due.drafts, *turns(judgement))
        for draft in drafts:
            self._enter(now, draft)
        return self._judged(now) if drafts else judgement, due

    def _look(self, now: int) -> None:
        """Note the gap that two looks leave, or the clock that was set between them."""
        state = self._pen.state
        sign = Sign(wall(self._world, now), float(now), "here", state.shifted)
        for gap in noticed(self._before, sign, _TICK):
            self._enter(now, gap)
        self._before = Sign(sign.at, sign.boot, sign.machine, self._pen.state.shifted)

    def _act(self, now: int) -> None:
        """Do what the owner does by now: what was meant to be done, and to go on where nothing burns any more."""
        world = self._world
        if world["served"] and now >= world["served"] and not self._pen.state.flag.served:
            self._write(now, "flag.served", intent="i1", percent=PERCENT)
        while self._left and self._left[0][0] <= now:
            _, what, about = self._left.pop(0)
            self._ask(now, Request(Act(what), subject=about, text="made up", reason="made up"))
        if now >= world["ticked"] and not self._pen.state.ticked:
            judgement = self._judged(now)
            for task in judgement.state.plan.phase(PERCENT).activities:
                self._ask(now, Request(Act.TICK, subject=task.id, reason="done", text="done"), judgement)
        pause, state = self._pen.state.paused, self._pen.state
        if pause is not None and pause.by == "watch" and not state.fuses and now % 180 < ROUND:
            self._ask(now, Request(Act.RESUME))
        for flow in [flow for flow in state.frozen if not any(row.duplicates for row in _sizes(state))]:
            if not during(_freezes(world), now):
                self._ask(now, Request(Act.THAW, subject=flow))
        for task in state.opened:
            if task not in state.ticked:
                self._ask(now, Request(Act.TICK, subject=task, reason="done", text="done"))

    def _ask(self, now: int, request: Request, judgement: Judgement | None = None) -> None:
        for draft in decide(judgement or self._judged(now), request).drafts:
            self._enter(now, draft)

    def _judged(self, now: int) -> Judgement:
        return judge(self._pen.state, wall(self._world, now))

    def _enter(self, now: int, draft: Draft) -> None:
        self._write(now, draft.kind, draft.text, by=draft.by, **draft.facts)

    def _write(self, now: int, kind: str, text: str = "", /, **facts: Any) -> None:
        entry = self._pen.write((wall(self._world, now) - T0).total_seconds(), kind, text, **facts)
        about = next((entry.said(name) for name in _ABOUT if name in facts), "")
        self._world["log"].append((now, kind, about))


def _sizes(state: Any) -> list[Any]:
    return [row[-1] for row in state.seen.sizes.values() if row]


def _freezes(world: World) -> list[tuple[int, int]]:
    begun = [at for at, what, _ in world["acts"] if what == "freeze"]
    ended = [at for at, what, _ in world["acts"] if what == "thaw"]
    return list(zip(begun, ended, strict=False))
