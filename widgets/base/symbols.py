"""The glyph, the word and the style of every verdict and level: state is a glyph and a word, then a colour."""

from collections.abc import Mapping

from sessions.gate.judgement import ChoreStatus
from sessions.gate.wording import word
from sessions.values.verdicts import Level, Mark, Part, Pool, RiskState
from widgets.base.styled import BAD, BLIND, GOOD, HOLD, LEAD, PLAIN, QUIET, Bit, Line

MARKS: Mapping[Mark, Bit] = {
    Mark.PASS: ("●", GOOD),
    Mark.BREACH: ("◆", BAD),
    Mark.WARMING: ("…", QUIET),
    Mark.THIN: ("~", QUIET),
    Mark.SILENT: ("∅", BLIND),
    Mark.BLIND: ("◌", BLIND),
}
LEVELS: Mapping[Level, Bit] = {
    Level.CALM: ("●", GOOD),
    Level.WATCH: ("▲", HOLD),
    Level.ACT: ("◆", BAD),
    Level.BLIND: ("◌", BLIND),
}
CHORES: Mapping[ChoreStatus, Bit] = {
    ChoreStatus.DONE: ("✔", GOOD),
    ChoreStatus.DUE: ("☐", LEAD),
    ChoreStatus.OVERDUE: ("▲", HOLD),
    ChoreStatus.MISSED: ("✗", HOLD),
    ChoreStatus.LATER: ("·", QUIET),
}
POOLED: Mapping[Mark, Bit] = {Mark.PASS: ("○", GOOD), Mark.BREACH: ("◇", BAD)}
"""The marks of a window that was judged together with those before it."""
RUNNING = "◐"
CALM = (Mark.WARMING, Mark.THIN)
"""They wait for time or for traffic: nobody need look."""
DIM = (Mark.BLIND, Mark.SILENT)
"""A value under one of these is the last known one: it is dimmed."""


def said(mark: Mark) -> str:
    """Return the style of the words after a mark: a pass and a wait are calm."""
    return PLAIN if mark is Mark.PASS else QUIET if mark in CALM else f"bold {MARKS[mark][1]}"


def of_risk(state: RiskState) -> tuple[str, str, str]:
    """Return glyph, word and style of a risk; one that is calm for want of data, or is asked for, proves nothing."""
    if state.asking:
        return (MARKS[Mark.WARMING][0], "asked", QUIET)
    if state.thin and state.level is Level.CALM:
        return (MARKS[Mark.THIN][0], Mark.THIN.value, QUIET)
    glyph, style = LEVELS[state.level]
    return (glyph, state.level.value if state.level is Level.CALM else state.level.value.upper(), style)


def told(state: RiskState) -> str:
    """Return the style of the words after a risk."""
    style = of_risk(state)[2]
    return QUIET if style == GOOD else style if style == QUIET else f"bold {style}"


def foot(mark: Mark) -> Line:
    """Return the verdict as the foot of a pane shows it."""
    glyph, style = MARKS[mark]
    return ((f"{glyph} {word(mark).upper()}", style if mark in CALM else f"bold {style}"),)


def tone(mark: Mark) -> str:
    """Return the class that colours a pane's border; a pass and a wait have none."""
    return {Mark.BREACH: "-bad", Mark.SILENT: "-blind", Mark.BLIND: "-blind"}.get(mark, "")


def level_tone(level: Level, *, asking: bool = False) -> str:
    """Return the class that colours a pane's border for a level; what is still asked for has none."""
    return "" if asking else {Level.ACT: "-bad", Level.WATCH: "-hold", Level.BLIND: "-blind"}.get(level, "")


def strip(part: Part, count: int, running: str = "") -> Line:
    """Return the last `count` windows as marks, oldest first, then the running one in its style."""
    kept = [_window(part, place) for place in range(len(part.marks))][-count:]
    empty = tuple(("· ", "$faint") for _ in range(count - len(kept)))
    judged = tuple((f"{glyph} ", style) for glyph, style in kept)
    return (*empty, *judged, (RUNNING if running else " ", running or LEAD))


def pool_of(part: Part) -> Pool | None:
    """Return what the newest window was judged on, None where that is itself."""
    return part.pools[-1] if part.pools else None


def _window(part: Part, place: int) -> Bit:
    pooled = place < len(part.pools) and part.pools[place] is not None
    return (POOLED if pooled else MARKS)[part.marks[place]]
