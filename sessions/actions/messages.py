"""A message to stakeholders that a person edited: it is kept in the log, and sent to the places for messages."""

from collections.abc import Sequence

from sessions.actions.decision import Decision, refused
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean, too_long
from sessions.values.entries import Draft, Fact
from sessions.values.requests import Request

SEND = "send"
MOST = 60
"""So many lines a message may have."""
LONGEST = 1000
"""So many characters a line of it may have."""


def wrong(lines: Sequence[str]) -> str:
    """Why these lines are no message that can be kept whole."""
    if not any(line.strip() for line in lines):
        return "the message is empty: write some words"
    if len(lines) > MOST:
        return f"a message has at most {MOST} lines, this one has {len(lines)}"
    rows = (too_long(f"line {number}", line, LONGEST) for number, line in enumerate(lines, 1))
    return next(filter(None, rows), "")


def write(_judgement: Judgement, request: Request) -> Decision:
    """Keep a message; with `text` SEND the watch also sends it to the places for messages."""
    if why := wrong(request.lines):
        return refused(why)
    lines = tuple(clean(line, LONGEST).rstrip() for line in request.lines)
    send = request.text == SEND
    facts: dict[str, Fact] = {"lines": lines, "send": send}
    if request.subject:
        facts["task"] = request.subject
    first = next(line for line in lines if line)
    text = f"message {'to be sent' if send else 'kept'}: {first}"
    done = "message kept; the watch sends it to the places under [notifications]" if send else "message kept"
    return Decision((Draft("message.written", request.by, text, facts),), done=done)
