"""What a person changed in the draft of a report: one change, and the facts that its entry carries."""

from collections.abc import Mapping

from msgspec import Struct

from sessions.values.entries import Fact

SECTIONS = ("Decisions", "Wins", "Risks", "Asks", "Overrides")
"""The sections of a page, in order."""
OPS = ("added", "reworded", "struck", "kept", "moved")
"""What can be done to a line; `kept` takes a strike back."""


class Edit(Struct, frozen=True):
    """One change to the report called `period`: `op` is one of OPS, `line` the line's key, of an added one its section.

    `words` are those of an added or a reworded line. `position` is where a line stands from then on, counted from 0
    among all lines of its section, struck ones too; `was` is where it stood. `drafted` and `sources` are what a
    reworded line said and stood on then: so it can be told when its facts change.
    """

    period: str
    op: str
    line: str
    words: str = ""
    position: int = 0
    was: int = 0
    drafted: str = ""
    sources: tuple[int, ...] = ()

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What its entry carries: what it does not say is left out."""
        told: dict[str, Fact] = {"period": self.period, "op": self.op, "line": self.line}
        if self.op in ("added", "reworded"):
            told["words"] = self.words
        if self.op in ("added", "moved"):
            told |= {"position": self.position}
        if self.op == "moved":
            told |= {"was": self.was}
        if self.op == "reworded":
            told |= {"drafted": self.drafted, "sources": tuple(map(str, self.sources))}
        return told
