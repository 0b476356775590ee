"""The act on a report: a person adds, rewords, strikes or moves a line of its draft."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from sessions.actions.decision import Decision, refused
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.report_edits import OPS, SECTIONS, Edit
from sessions.values.requests import Request

LONGEST = 600
"""So many characters a line may have."""
_MOST = 1000
_WORDED = ("added", "reworded")
_PERIOD = re.compile(r"[0-9A-Za-z-]{1,60}")


def edit(judgement: Judgement, request: Request) -> Decision:
    """Write one change to the draft of a report; `text` are the words of an added or a reworded line."""
    asked, text = request.edit, request.text
    if asked is None or asked.op not in OPS:
        return refused(f"unknown edit: write one of {', '.join(OPS)}")
    if why := _wrong(asked) or (_wordless(text) if asked.op in _WORDED else ""):
        return refused(why)
    words = text if asked.op in _WORDED else clean(asked.words, 200)
    said = f"report {asked.period}, {_section(asked)}: line {asked.op}{': ' if words else ''}{words}"
    kept = replace(asked, words=text, drafted=clean(asked.drafted, 2000))
    if _newest(judgement, asked.period) == kept.facts:
        return refused(f"line {asked.op} already")
    return Decision((Draft("report.edited", request.by, said, kept.facts),), done=f"line {asked.op}")


def _newest(judgement: Judgement, period: str) -> Mapping[str, Fact] | None:
    """Return what was changed last in a report: the same once more is a key that was pressed twice."""
    rows = (row for row in reversed(judgement.state.entries) if row.kind == "report.edited")
    return next((row.facts for row in rows if row.said("period") == period), None)


def _wrong(asked: Edit) -> str:
    if not _PERIOD.fullmatch(asked.period):
        return f"{clean(asked.period, 60)} is not a report"
    if not _section(asked):
        return f"{clean(asked.line, 60)} is not a line of the report"
    there = 0 <= asked.position <= _MOST and 0 <= asked.was <= _MOST
    return "" if there else "there is no such place in the report"


def _wordless(text: str) -> str:
    if not text:
        return "the line is empty: write some words"
    return f"a line has at most {LONGEST} characters" if len(text) > LONGEST else ""


def _section(asked: Edit) -> str:
    """The section that a line belongs to, empty where there is none."""
    name, _, key = asked.line.partition(".")
    found = next((one for one in SECTIONS if one.lower() == name.lower()), "")
    return found if asked.op == "added" or re.fullmatch(r"[\w.:-]{1,120}", key) else ""
