"""What turned while nobody looked, told once for each trouble."""

from datetime import UTC

import pytest

from sessions.gate.wording import titled
from sessions.handover.sections import Tone, Wording
from sessions.handover.transitions import turned
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, T0, after
from tests.support.sessions.flight import begun, cards, judged, verdicts

NOW = after(7 * 3600)
SAY = Wording(NOW, UTC)
B, P, W, S, D = "breach", "pass", "warming", "silent", "blind"


def clock(minute):
    return f"{10 + minute // 60:02d}:{minute % 60:02d}"


def told(entries, marks=None, levels=None, words=""):
    """Rows for (minute, criterion or risk, its turn) under the marks of now; `phase` is a new phase."""
    pen, was = begun(), {}
    for minute, name, word in entries:
        at = minute * 60
        if name == "phase":
            pen.write(at, "phase.entered", phase=10, previous=0, evidence=())
        elif name in cards():
            pen.write(at, "risk.turned", words or titled(PLAN, name), risk=name, level=word, was=was.get(name, "calm"))
        else:
            facts = {"criterion": name, "verdict": word, "was": was.get(name, "pass"), "since": after(at)}
            pen.write(at, "verdict.turned", words or name, **facts)
        was[name] = word
    facts = {"verdicts": verdicts(**(marks or {})), "risks": cards(**(levels or {}))}
    return [(row.what, row.text) for row in turned(judged(pen.state, NOW, **facts), pen.state.entries[2:], SAY)]


@pytest.mark.parametrize(
    ("entries", "marks", "text"),
    [
        ([(5, B), (25, P)], {}, "breached 10:05-10:25, cleared"),
        ([(5, B), (25, P), (40, B), (52, P)], {}, "breached 2x, last 10:40-10:52, both cleared"),
        ([(5, B), (6, P), (7, B), (8, P), (9, B), (10, P)], {}, "breached 3x, last 10:09-10:10, all cleared"),
        ([(5, B)], {"latency": Mark.BREACH}, "breached since 10:05, still so"),
        ([(5, B), (6, P), (7, B)], {"latency": Mark.BREACH}, "breached 2x, again since 10:07, still so"),
        ([(5, B), (25, W)], {"latency": Mark.WARMING}, "breached 10:05-10:25, now warming"),
        ([(5, B), (25, P)], {"latency": Mark.BLIND}, "breached 10:05-10:25, now blind"),
        ([(5, B), (25, P)], {"latency": Mark.BREACH}, "breached 10:05-10:25, now breach"),
        ([(5, B), (25, P)], {"latency": Mark.THIN}, "breached 10:05-10:25, now thin"),
        ([(5, S), (25, P)], {}, "silent 10:05-10:25, cleared"),
        ([(5, B), (25, "made up")], {"latency": Mark.BLIND}, "breached 10:05-10:25, now blind"),
    ],
    ids=lambda value: "" if isinstance(value, (list, dict)) else value,
)
def test_a_trouble_says_how_often_when_and_whether_it_is_over(entries, marks, text):
    assert told([(minute, "latency", word) for minute, word in entries], marks) == [("latency", text)]


def test_one_trouble_after_another_is_two_rows():
    rows = told([(5, "errors", B), (9, "errors", D), (12, "errors", P)])
    assert rows == [("errors", "breached 10:05-10:09, cleared"), ("errors", "blind 10:09-10:12, cleared")]


def test_a_trouble_from_before_says_until_when_it_was():
    pen = begun()
    facts = {"criterion": "growth", "verdict": "pass", "was": "breach", "since": after(60)}
    pen.write(300, "verdict.turned", "growth fine", **facts)
    (row,) = turned(judged(pen.state, NOW, verdicts=verdicts(), risks=cards()), pen.state.entries[2:], SAY)
    assert row.text == "breached until 10:05, cleared"


def test_a_breach_ends_with_its_phase_but_blindness_goes_on():
    rows = told(
        [(5, "latency", B), (6, "growth", D), (9, "phase", "")], {"latency": Mark.WARMING, "growth": Mark.BLIND}
    )
    assert rows == [("latency", "breached 10:05-10:09, now warming"), ("growth", "blind since 10:06, still so")]


def test_what_turns_together_is_one_row():
    names = ("errors", "analytics", "growth", "incidents")
    rows = told([(5, name, D) for name in names] + [(9, name, P) for name in names])
    assert rows == [("4 criteria", "blind 10:05-10:09, cleared · errors, analytics, growth, incidents")]
    assert told([(5, "errors", D), (5, "growth", D)], {"errors": Mark.BLIND, "growth": Mark.BLIND}) == [
        ("errors, growth", "blind since 10:05, still so")
    ]


def test_a_risk_is_told_by_its_title_and_watching_only_where_it_never_acted():
    entries = [(5, "support_queue", "watch"), (6, "support_queue", "act"), (9, "support_queue", "calm")]
    assert told(entries) == [("Support queue", "acted 10:06-10:09, cleared")]
    assert told(entries[:1], levels={"support_queue": Level.WATCH}) == [
        ("Support queue", "watched since 10:05, still so")
    ]


def test_what_was_said_last_stands_behind_without_its_name_twice():
    rows = told([(5, "latency", B)], {"latency": Mark.BREACH}, words="latency 812 ms > 500 ms · 1/3 POST /capsules")
    assert rows == [("latency", "breached since 10:05, still so · 812 ms > 500 ms · 1/3 POST /capsules")]


def test_what_is_not_judged_any_more_is_no_pass():
    pen = begun()
    pen.write(300, "verdict.turned", criterion="gone", verdict="breach", was="pass", since=T0)
    pen.write(600, "verdict.turned", criterion="gone", verdict="pass", was="breach", since=T0)
    (row,) = turned(judged(pen.state, NOW), pen.state.entries[2:], SAY)
    assert row.text.startswith("breached 10:05-10:10, now not judged")
    assert row.tone is Tone.BAD


@pytest.mark.parametrize("mark", list(Mark))
def test_only_a_pass_is_told_as_cleared(mark):
    (text,) = [text for _, text in told([(5, "errors", B), (6, "errors", P)], {"errors": mark})]
    assert ("cleared" in text) is (mark is Mark.PASS)
