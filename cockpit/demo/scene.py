"""What every part of the world looks at: how fast it runs, what the flags say now, what is wrong now."""

from dataclasses import dataclass, field

from cockpit.demo.flagfile import Flags
from cockpit.demo.scenarios import CALM, Effects

SYNTHETIC = "X-Synthetic"
"""The header of a request that a probe sends: it takes as long and is counted like any other, and writes nothing."""


@dataclass(slots=True)
class Scene:
    """The present moment; only the world's own clock changes it."""

    speed: float
    flags: Flags = field(default_factory=Flags)
    effects: Effects = CALM

    def on(self, switch: str) -> bool:
        """Say whether a switch of the flag file is on."""
        return switch in self.flags.switches
