"""The flag's own value as a source: what the back end says, read back for as long as the watch lasts."""

from collections.abc import Sequence
from datetime import datetime

from cockpit.flags.interface.writer import FlagWriter, deadline_of
from cockpit.runtime.finding import Finding, Sight
from sessions.plan.model import Cadence
from sessions.values.flag_value import FlagValue, Target
from sessions.values.readings import Pulse, Reading, Topic


class FlagReadBack:
    """Reads the writer's back end on the flag's cadence."""

    topics = (Topic.FLAG,)

    def __init__(self, writer: FlagWriter, cadence: Cadence, switches: Sequence[str] = ()) -> None:
        """`switches` are those that the plan may set; an examination rehearses them."""
        self._writer = writer
        self._switches = switches
        self.name = writer.name
        self.interval = cadence.flag
        self.deadline = deadline_of(writer, cadence.deadline)

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the flag's value and its pulse."""
        value = await self._writer.read(now)
        return [value, Pulse(self.name, value.at, Topic.FLAG, ok=True, newest=value.at)]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Read the flag once, and rehearse what the plan may do to it; nothing is written."""
        value = await self._writer.read(now)
        refused = await self._writer.rehearse(self._switches)
        told = [self._refusal(name, why) for name, why in refused.items()]
        return [self._reads(value), *map(_target, value.targets), *told]

    def _reads(self, value: FlagValue) -> Finding:
        if value.percent is None and value.targets:
            return Finding(Sight.PROBLEM, "flag", "the targets differ", "a move sets those that do not have it yet")
        if value.percent is None:
            return Finding(Sight.PROBLEM, "flag", "the flag is not there", "create it, or name it as the plan does")
        on = f", on: {', '.join(value.switches)}" if value.switches else ""
        if value.narrowed:
            return Finding(
                Sight.PROBLEM, "flag", f"{value.percent} %{on}: {value.narrowed}", "mend it, or say what is meant"
            )
        by = "" if self._writer.moves else ", only recorded: you move it by hand"
        return Finding(Sight.GOOD, "flag", f"{value.percent} %{on}{by}")

    def _refusal(self, name: str, why: str) -> Finding:
        """A flag that cannot be moved cannot be reverted either; a switch that is missing only weakens a runbook."""
        if not name:
            return Finding(Sight.PROBLEM, "move", why, "mend the flag, or the rights to change it")
        if name in self._switches:
            return Finding(Sight.WARNING, f"switch {name}", why, "create the switch, or take it out of the plan")
        fix = "nothing, if that is meant" if name == "share" else "nothing, if the next move may do that"
        return Finding(Sight.WARNING, name, why, fix)

    async def aclose(self) -> None:
        """Do nothing: the writer is closed where it was opened."""


def _target(target: Target) -> Finding:
    if target.reason:
        return Finding(Sight.PROBLEM, f"target {target.name}", target.reason, "mend it, else no move reaches it")
    return Finding(Sight.GOOD, f"target {target.name}", f"{target.percent} %")
