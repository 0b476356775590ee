"""Who had the flag: the label of a metric, or the field of a request log, that says it of each request."""

from collections.abc import Iterable

from cockpit.runtime.record import dataclass
from cockpit.settings.schema import fields as kit


@dataclass(frozen=True, slots=True)
class Variant:
    """The label that says who had the flag; without one nothing is compared."""

    label: str = kit.text("Label, or field of a request log, that says who had the flag", "", '"flag"')
    on: str = kit.text("Its value for those with the flag", "on")
    off: str = kit.text("Its value for those without it", "off")

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield two groups that are one, and words that say nothing."""
        if self.on == self.off:
            yield "off", "says the same as on", "name the two values of the label"
        for name, word in (("on", self.on), ("off", self.off)):
            if not word:
                yield name, "is empty", "what says nothing belongs to neither group"

    def side(self, value: str | None) -> str:
        """Return the group of a value: `on`, `off` or `neither`; nothing if no label is named."""
        if not self.label:
            return ""
        return {self.on: ON, self.off: OFF}.get(value or "", NEITHER)


ON, OFF, NEITHER = "on", "off", "neither"
