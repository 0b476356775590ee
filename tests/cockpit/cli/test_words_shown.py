"""The words that a stranger reads: a table of the kinds, and rules for every text of the tour's states."""

import re

import pytest

from cockpit.cli.commands.status import _lines
from sessions.actions.evidence import turns
from sessions.alarms.alarms import standing
from sessions.gate.wording import held_by, phrase, standing_of, step, switch_said, word
from sessions.reports.report import report
from sessions.text.units import amount, off
from sessions.values.verdicts import Mark, Verdict
from tests.support.screen.flags import FLAGS
from tests.support.screen.grown_flight import TZ
from tests.tour.begun import BEGUN
from tests.tour.states import PLAN, STATES
from widgets.base.symbols import foot
from widgets.base.view import View
from widgets.wording.flag import reading

ALL = {**STATES, **BEGUN, **FLAGS}
FORBIDDEN = {
    "a bare hash": re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,}\b"),
    "a count of a count without a noun": re.compile(r"\b\d+/\d+\b(?! (?:windows|sources)\b)"),
    "a number pooled of nothing": re.compile(r"\(\d+ pooled\)"),
    "a deviation compared with its sign": re.compile(r"[-+]\d[\d.,]* \S+ [<>≤≥]|[<>≤≥] [-+]\d"),
    "warming up": re.compile(r"\bwarming\b", re.IGNORECASE),
    "unseen": re.compile(r"\bunseen\b"),
}
TABLE = (
    (off(-9.03, "docs"), "9 docs low"),
    (off(1.2, "docs"), "1 doc high"),
    (off(-0.3, "docs"), "0 docs off"),
    (off(1363.0, "docs"), "1,363 docs high"),
    (off(-87.0, "%"), "87 % low"),
    (off(None, "%"), "–"),
    (off(float("nan"), "docs"), "–"),
    (amount(-29.3, "docs"), "29 docs"),
    (
        phrase(Verdict("growth", Mark.PASS, "a", -1.0, -20.0, "docs", "a 1 doc low")),
        "a 1 doc low ≤ 20 docs (vs expected growth)",
    ),
    (
        phrase(Verdict("growth", Mark.PASS, "a", 0.0, 20.0, "docs", "a 0 docs off")),
        "a 0 docs off ≤ 20 docs (vs expected growth)",
    ),
    (
        phrase(Verdict("latency", Mark.PASS, "x", 438.0, 500.0, "ms", "438 ms  3/3 windows (5 endpoints pooled)")),
        "p95 438 ms ≤ 500 ms (worst x, 3 of 3 windows, 5 endpoints pooled)",
    ),
    (switch_said(PLAN, "capsules-flow", on=True), "Capsules frozen: switch capsules-flow is on"),
    (switch_said(PLAN, "capsules-flow", on=False), "Capsules thawed: switch capsules-flow is off"),
    (
        switch_said(PLAN, "capsules-flow", on=True, done=False),
        "Capsules NOT frozen: switch capsules-flow is not on",
    ),
    (switch_said(PLAN, "stub-fallback", on=False, done=False), "switch stub-fallback NOT off"),
    (word(Mark.WARMING), "waiting"),
    (word(Mark.BREACH), "breach"),
    (foot(Mark.WARMING)[0][0], "… WAITING"),
)


@pytest.mark.parametrize(("said", "words"), TABLE)
def test_each_kind_has_its_words(said, words):
    assert said == words


@pytest.mark.parametrize(
    ("state", "what", "stands"),
    [
        ("calm", "Gate to 50 %", "hold"),
        ("opened", "Gate to 10 %", "open"),
        ("week", "Conditions in the week", "not met"),
    ],
)
def test_a_gate_is_of_the_next_step_and_the_week_has_conditions(state, what, stands):
    judgement = ALL[state]().judged()
    assert (step(judgement), standing_of(judgement)) == (what, stands)
    assert f"{what.lower()}: {stands}" in _lines(judgement)
    assert f"{what}: {held_by(judgement)}." in report(judgement, None, TZ)


@pytest.mark.parametrize("state", ALL)
def test_no_text_of_the_tour_is_a_riddle(state):
    judgement = ALL[state]().judged()
    texts = [
        *_lines(judgement),
        *(row.text for row in judgement.gate.conditions),
        *(risk.text for risk in judgement.risks.values()),
        *(alarm.text for alarm in standing(judgement)),
        *(draft.text for draft in turns(judgement)),
        *report(judgement, None, TZ).partition("## Every entry")[0].splitlines(),
        reading(View(judgement, judgement.at, TZ)).text,
    ]
    found = [f"{name}: {text}" for text in texts for name, rule in FORBIDDEN.items() if rule.search(text)]
    assert not found


@pytest.mark.parametrize("state", STATES)
def test_who_is_asked_reads_what_it_is_about(state):
    """A reason in brackets follows the name of what it is a reason of."""
    asks = report(STATES[state]().judged(), None, TZ).partition("## Asks")[2].partition("## ")[0]
    rows = [row for row in asks.splitlines() if "See what holds the gate" in row]
    assert all(re.search(r": \w+(, \w+)* \(.+\)", row) for row in rows)
    for row in rows:
        reasons = re.findall(r"\((.+?)\)(?:;|$)", row)
        assert len(reasons) == len(set(reasons))
