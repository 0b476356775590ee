"""What a person or the autopilot asks for: a key press is a request, never a change."""

from enum import StrEnum

from msgspec import Struct

from sessions.values.percent import Percent
from sessions.values.report_edits import Edit
from sessions.values.sheets import Row

MOST_TEXT, MOST_REASON = 2000, 500
"""So many characters of a text and of a reason are kept."""


class Act(StrEnum):
    """Everything that can be asked of the Watch."""

    PAUSE = "pause"
    RESUME = "resume"
    ADVANCE = "advance"
    REVERT = "revert"
    FREEZE = "freeze"
    THAW = "thaw"
    NOTE = "note"
    OBSERVE = "observe"
    OPEN_INCIDENT = "open incident"
    RESOLVE_INCIDENT = "resolve incident"
    TICK = "tick"
    UNTICK = "untick"
    RUN = "run"
    WAIVE = "waive"
    EXTEND = "extend"
    DEFUSE = "defuse"
    STEP = "step"
    ACKNOWLEDGE = "acknowledge"
    DECIDE = "decide"
    FEEDBACK = "feedback"
    MESSAGE = "message"
    EXPORT = "export"
    CONCLUDE = "conclude"
    EDIT = "edit"
    ADOPT = "adopt"


class Request(Struct, frozen=True):
    """One act asked for.

    `subject` names what it is about: a flow, a task, a criterion or incident, a risk, a `risk.step`, a severity for a
    new incident. `text` is the note or title; `reason` is required where judgement is overruled; `percent` is the
    phase that the asker believes to move to, checked against the plan; `override` advances although the gate holds.
    `rows` are those of the sheet that was looked at, `looked` whether there was a look at all.
    `lines` are those of a message, or the plan that is adopted.
    `edit` is a change to the draft of a report, its new words are `text`.
    `reads` is what the flag was just read at, filled in by whoever moves it; None where it could not be read.
    """

    act: Act
    by: str = "owner"
    subject: str = ""
    text: str = ""
    reason: str = ""
    percent: Percent | None = None
    override: bool = False
    reads: int | None = None
    rows: tuple[Row, ...] = ()
    looked: bool = False
    lines: tuple[str, ...] = ()
    edit: Edit | None = None


class Answer(Struct, frozen=True):
    """What became of a request, in one line for the asker; `saved` says that the log has it on the disk."""

    ok: bool
    text: str
    saved: bool = True
