"""A flag whose back end answers late, never, twice or wrongly, and the plan that is flown over it."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cockpit.flags.interface.writer import ConflictError, FlagError
from sessions.plan.loader import bundled, plan_from
from sessions.values.flag_value import FlagValue
from tests.support.build import T0

MILLISECOND = timedelta(milliseconds=1)
WHOLE: Any = bundled().table
ONE = {"gap": "10m", "journeys": [{"id": "capsule_created", "endpoints": ["POST /capsules"]}]}
PLAN = plan_from(
    {
        **WHOLE,
        "cadence": {**WHOLE["cadence"], "tick": "5s"},
        "endpoints": ["POST /capsules"],
        "criteria": {**WHOLE["criteria"], "analytics": ONE},
    }
)
"""The default plan over a single endpoint: what is judged matters here less than what is moved."""
FEW = WHOLE["criteria"]["growth"]["collections"][:1]
SMALL = plan_from(
    {
        **PLAN.table,
        "cadence": {**WHOLE["cadence"], "tick": "8s"},
        "preflight": WHOLE["preflight"][:1],
        "phases": [{**phase, "activities": phase["activities"][:1]} for phase in WHOLE["phases"]],
        "criteria": {**PLAN.table["criteria"], "growth": {**WHOLE["criteria"]["growth"], "collections": FEW}},
        "risks": [{**risk, "steps": []} for risk in WHOLE["risks"][:1]],
        "week": {**WHOLE["week"], "tasks": WHOLE["week"]["tasks"][:1]},
    }
)
"""As little of it as makes a plan: it is read again and again."""
DEADLINE = PLAN.cadence.deadline
ANSWERS = ("good",) * 6 + ("late", "never", "drop", "lose", "409", "429", "401", "500", "after")
"""What becomes of a write: applied and told, applied too late, never applied nor told, applied and not told, not
applied and not told, refused in four ways, applied long after nobody waits any more."""


@dataclass
class Backend:
    """A flag that does what its dice say until it is `mended`; it remembers every value that was applied."""

    dice: random.Random
    percent: int = 0
    version: int = 0
    mended: bool = False
    applied: list = field(default_factory=list)
    late: list = field(default_factory=list)
    name: str = "chaos"
    moves: bool = True

    async def read(self, now):
        answer = "good" if self.mended else self.dice.choice(("good", "good", "good", "late", "500"))
        if answer == "late":
            await asyncio.sleep(self.dice.uniform(0, 2 * DEADLINE))
        if answer == "500":
            raise FlagError("500")
        return FlagValue(self.name, now, self.percent, None, version=str(self.version))

    async def write(self, percent, *, expected="", comment=""):
        answer = "good" if self.mended else self.dice.choice(ANSWERS)
        if answer == "409" or (expected and expected != str(self.version)):
            raise ConflictError("409")
        if answer in ("429", "401", "500"):
            raise FlagError(answer)
        if answer == "late":
            await asyncio.sleep(self.dice.uniform(0, 2 * DEADLINE))
        if answer == "after":
            self.late.append(asyncio.ensure_future(self._later(percent)))
        elif answer not in ("never", "lose"):
            self.apply(percent)
        if answer in ("never", "after"):
            await asyncio.sleep(3600)
        if answer in ("drop", "lose"):
            raise ConnectionError("reset")

    async def _later(self, percent):
        await asyncio.sleep(self.dice.uniform(DEADLINE, 70))
        self.apply(percent)

    def apply(self, percent):
        self.applied.append((T0 + timedelta(seconds=asyncio.get_running_loop().time()), percent))
        self.percent, self.version = percent, self.version + 1

    def held(self, at):
        """Return every value that it held within the millisecond of `at`."""
        before = [percent for moment, percent in self.applied if moment < at - MILLISECOND]
        return {*before[-1:], *(percent for moment, percent in self.applied if abs(moment - at) <= MILLISECOND)} or {0}

    def held_since(self, begun):
        """Return every value that it held since the loop's time `begun`."""
        since = T0 + timedelta(seconds=begun)
        before = [percent for moment, percent in self.applied if moment < since]
        return {(before or [0])[-1], *(percent for moment, percent in self.applied if moment >= since)}

    async def renew(self):
        return False

    async def verify(self, percent, now):
        return ""

    def by_hand(self, percent):
        return (f"set it to {percent} %",)

    async def aclose(self):
        pass
