"""One entry in one line: when, a word for its kind in its colour, what it says."""

from collections.abc import Mapping
from datetime import tzinfo

from sessions.state.signals import FLAPS
from sessions.text.clean import clean
from sessions.text.units import clock
from sessions.values.entries import Entry
from sessions.values.verdicts import Level, Mark
from widgets.base.styled import BAD, BLIND, GOOD, HOLD, LEAD, PLAIN, QUIET, Bit, Line, fit, length, wide, worded
from widgets.base.symbols import LEVELS, MARKS
from widgets.base.target import Target
from widgets.wording.rows import wrapped

WORD = 10
_ROOMY = 70
"""Cells from which on a dated line has room for seconds."""
_MOST = 2000
"""Letters of an entry that are laid out at most."""

_WORDS: Mapping[str, Bit] = {
    "session.started": ("session", QUIET),
    "watch.started": ("watch", QUIET),
    "watch.stopped": ("watch", QUIET),
    "gap.found": ("gap", BLIND),
    "phase.entered": ("phase", LEAD),
    "rollout.paused": ("paused", HOLD),
    "rollout.resumed": ("resumed", LEAD),
    "fuse.lit": ("fuse", BAD),
    "fuse.extended": ("fuse", BAD),
    "fuse.defused": ("fuse", QUIET),
    "fuse.blown": ("fuse", BAD),
    "flag.intended": ("flag", QUIET),
    "flag.confirmed": ("flag", GOOD),
    "flag.refused": ("flag", BAD),
    "flag.unknown": ("flag", BLIND),
    "flag.drifted": ("flag", BAD),
    "flag.returned": ("flag", GOOD),
    "flag.unread": ("flag", BLIND),
    "flow.frozen": ("frozen", HOLD),
    "flow.thawed": ("thawed", LEAD),
    "baseline.captured": ("baseline", QUIET),
    "week.started": ("week", LEAD),
    "task.opened": ("task", QUIET),
    "task.ticked": ("task", GOOD),
    "draft.written": ("draft", QUIET),
    "note.written": ("note", PLAIN),
    "incident.opened": ("incident", BAD),
    "incident.resolved": ("incident", QUIET),
    "waiver.given": ("waiver", LEAD),
    "waiver.lapsed": ("waiver", LEAD),
    "alarm.acknowledged": ("alarm", QUIET),
    "notice.sent": ("notice", QUIET),
    "notice.failed": ("notice", BAD),
    "report.exported": ("report", QUIET),
    "report.edited": ("report", QUIET),
    "plan.changed": ("plan", LEAD),
    "journal.recovered": ("journal", BLIND),
}


def word(entry: Entry) -> Bit:
    """Return the word for what happened and its style; an unknown kind says itself."""
    flaps = entry.facts.get(FLAPS) is True
    if entry.kind == "verdict.turned" and entry.said("verdict") in {mark.value for mark in Mark}:
        mark = Mark(entry.said("verdict"))
        return ("flaps" if flaps else mark.value, MARKS[mark][1])
    if entry.kind == "risk.turned" and entry.said("level") in {level.value for level in Level}:
        level = Level(entry.said("level"))
        return (("risk flaps" if flaps else f"risk {level.value}")[:WORD], LEVELS[level][1])
    return _WORDS.get(entry.kind, (entry.kind.partition(".")[0], QUIET))


def entry_line(entry: Entry, tz: tzinfo | None, width: int, *, day: bool = False) -> Line:
    """Return one entry in `width` cells; with `day` the date stands first. Where room is short the seconds yield."""
    fine, text = width >= _ROOMY or not day, word(entry)
    date = f"{entry.at.astimezone(tz):%a %d} " if day else ""
    when = f"{date}{clock(entry.at, tz, fine=fine)}"
    head = ((when, QUIET), ("  " if fine else " ", PLAIN), fit(text[0], WORD, text[1]), (" ", PLAIN))
    by = f"  {entry.by}" if entry.by not in ("watch", "owner") else ""
    room = max(1, width - length(head) - len(by))
    return (*head, worded(entry.text, room), (by, QUIET))


def entry_short(entry: Entry, tz: tzinfo | None, width: int) -> Line:
    """Return one entry as a line without columns; seconds are left out before words."""
    text, style = word(entry)
    room = width - wide(text) - 2
    fine = wide(clean(entry.text)) + 8 <= room
    when = clock(entry.at, tz, fine=fine)
    return ((when, QUIET), (f" {text} ", style), (worded(entry.text, max(1, room - len(when)))[0].rstrip(), PLAIN))


def about(entry: Entry, tz: tzinfo | None) -> Target:
    """Return what a line of the log is about."""
    when = f"{entry.at.astimezone(tz):%Y-%m-%d %H:%M:%S %z}"
    return Target("entry", str(entry.seq), f"{when} {word(entry)[0]} {entry.text}")


def entry_lines(entry: Entry, tz: tzinfo | None, width: int, *, day: bool = False) -> list[Line]:
    """Return one entry with all its words, below each other where they do not fit beside its time."""
    first = entry_line(entry, tz, width, day=day)
    text, by = clean(entry.text, _MOST), f"  {entry.by}" if entry.by not in ("watch", "owner") else ""
    start = length(first[:4])
    if start + wide(text) + wide(by) <= width:
        return [first]
    rest = wrapped(text, max(8, width - start))
    rest += [by.strip()] if by else []
    return [(*first[:4], (rest[0], PLAIN)), *(((" " * start, PLAIN), (line, PLAIN)) for line in rest[1:])]


def said(entry: Entry) -> str:
    """Return everything an entry says, in lower case, for the filter."""
    return " ".join(
        (entry.kind, word(entry)[0], entry.by, entry.text, *(str(value) for value in entry.facts.values()))
    ).lower()
