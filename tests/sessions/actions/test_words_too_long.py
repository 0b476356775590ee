"""Words of a person that are longer than what is kept are refused and said to be, never cut; what protects goes on."""

import pytest

from sessions.actions import messages
from sessions.actions.dispatch import _WORDS, decide
from sessions.gate.evaluate import judge
from sessions.text.clean import clean, too_long
from sessions.values.requests import MOST_REASON, MOST_TEXT, Act, Request
from tests.support.build import after
from tests.support.sessions.acting import ask, due, paused, ready

NOW = after(due(10))
TEXT, REASON = "w" * (MOST_TEXT + 1), "r" * (MOST_REASON + 1)
ASKED = {
    Act.NOTE: {"text": TEXT},
    Act.OBSERVE: {"text": TEXT},
    Act.OPEN_INCIDENT: {"subject": "P2", "text": TEXT},
    Act.TICK: {"subject": "p1.monitor", "text": TEXT},
    Act.WAIVE: {"subject": "latency", "reason": REASON},
    Act.DECIDE: {"text": "go", "reason": REASON},
    Act.FEEDBACK: {"subject": "good", "text": TEXT, "reason": "somebody"},
    Act.CONCLUDE: {"text": TEXT},
    Act.EDIT: {"text": TEXT},
}


def test_every_act_that_is_made_of_words_is_tried():
    assert set(ASKED) == _WORDS


@pytest.mark.parametrize("by", ["owner", "cli"])
@pytest.mark.parametrize("act", ASKED)
def test_words_that_cannot_be_kept_whole_are_refused_with_both_lengths(act, by):
    decision = decide(judge(ready().state, NOW), Request(act, by, **ASKED[act]))
    length, most = (MOST_TEXT + 1, MOST_TEXT) if "text" in ASKED[act] and act is not Act.DECIDE else (501, MOST_REASON)
    assert f"{length:,} characters, and at most {most:,} are kept" in decision.refusal
    assert not decision.drafts


@pytest.mark.parametrize("act", [Act.PAUSE, Act.REVERT])
def test_what_protects_is_never_refused_for_its_words(act):
    decision = decide(judge(ready().state, NOW), Request(act, "owner", text=TEXT, reason=REASON))
    assert "characters" not in decision.refusal


def test_as_many_as_are_kept_are_kept_whole():
    words = "n" * MOST_TEXT
    assert ask(ready().state, Act.NOTE, text=words).drafts[0].text.endswith(words)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((), "is empty"),
        ((" ", ""), "is empty"),
        (("a",) * (messages.MOST + 1), f"at most {messages.MOST} lines"),
        (("a", "b" * (messages.LONGEST + 1)), f"line 2 has {messages.LONGEST + 1:,} characters"),
        (("a", "b" * messages.LONGEST), ""),
    ],
)
def test_a_message_is_kept_whole_or_refused(lines, why):
    assert why in messages.wrong(lines)
    assert bool(messages.wrong(lines)) == bool(why)


@pytest.mark.parametrize("text", ["\x1b" * 300, "é" * 300, "\u202e" * 300])
def test_the_length_is_that_of_what_is_kept(text):
    whole = clean(text, 10_000)
    assert not too_long("it", text, len(whole))
    assert f"{len(whole):,} characters" in too_long("it", text, len(whole) - 1)


def test_a_paused_flight_takes_words_as_well():
    assert "characters" in ask(paused(ready()).state, Act.NOTE, text=TEXT).refusal
