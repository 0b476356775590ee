"""A message to stakeholders that somebody edited: kept in the log, and sent to the places that are told of messages."""

from sessions.actions.decision import Decision, refused
from sessions.gate.judgement import Judgement
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.requests import Request

SEND = "send"
MOST = 60
"""So many lines a message may have."""
LONGEST = 400
"""So many characters a line of it may have."""


def write(_judgement: Judgement, request: Request) -> Decision:
    """Keep a message; with `text` SEND the watch sends it to the places that are told of messages."""
    lines = tuple(clean(line, LONGEST).rstrip() for line in request.lines)
    if not any(lines):
        return refused("an empty message says nothing")
    if len(lines) > MOST:
        return refused(f"a message has at most {MOST} lines, this one has {len(lines)}")
    send = request.text == SEND
    facts: dict[str, Fact] = {"lines": lines, "send": send}
    if request.subject:
        facts["task"] = request.subject
    first = next(line for line in lines if line)
    text = f"message {'to be sent' if send else 'kept'}: {first}"
    done = "message kept; the watch sends it to the places that are told of messages" if send else "message kept"
    return Decision((Draft("message.written", request.by, text, facts),), done=done)
