"""What may become of a request: drafts of entries, switches, a move of the flag, or a refusal in words."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from sessions.values.entries import Draft, Fact
from sessions.values.percent import Percent

REPORT = "report"
"""The export that is the report of the day."""
RETROSPECTIVE = "retrospective"
"""The export that is the retrospective; a task of the week of this name is done by it, and does it."""


class Move(Struct, frozen=True):
    """A move of the flag to `percent`; `entering` are the facts of the `phase.entered` that follows.

    `phase` is what is entered then, None where it is `percent`. `there`: the flag was read there already.
    """

    percent: Percent
    by: str
    text: str
    entering: Mapping[str, Fact]
    phase: Percent | None = None
    there: bool = False

    @property
    def enters(self) -> Percent:
        """The phase that is in force once the flag is there."""
        return self.percent if self.phase is None else self.phase


class Decision(Struct, frozen=True):
    """What becomes of a request: entries to write, switches to set (name, on), a move, an export; or a refusal.

    `export` names what is to be written as a file, `REPORT` or the `risk.step` of a prepared message, empty for none; a
    report is that of the local day `day`, None for today; `then` are the entries that are written once the file is.
    `run` is the task whose check is to be run.
    """

    drafts: tuple[Draft, ...] = ()
    switches: tuple[tuple[str, bool], ...] = ()
    move: Move | None = None
    export: str = ""
    day: date | None = None
    then: tuple[Draft, ...] = ()
    run: str = ""
    refusal: str = ""
    done: str = ""


def reverted(was: Percent, phase: Percent, to: Percent, cause: str) -> str:
    """Say a revert from `was` to `to` that enters `phase`: `reverted from 25 % to 10 %: checkout is slow`."""
    return f"{f'reverted from {was} %' if phase < was else 'flag set back'} to {to} %: {cause}"


def found_lower(cause: str, reads: Percent) -> str:
    """Say with a cause that somebody had lowered the flag before."""
    return f"{cause} (the flag read {reads} % already)"


def refused(why: str) -> Decision:
    """Return a decision that changes nothing and says why."""
    return Decision(refusal=why)
