"""A change to the draft of a report is an act like any other: decided once, refused with its reason."""

import pytest
from msgspec.structs import replace

from sessions.actions.dispatch import decide
from sessions.gate.evaluate import judge
from sessions.reports.edits.fold import edits_of
from sessions.values.report_edits import OPS, SECTIONS, Edit
from sessions.values.requests import Act, Request
from tests.support.build import after
from tests.support.sessions.flight import in_phase

LINE = Edit("2026-11-23", "reworded", "risks.7", drafted="13:59 latency", sources=(7, 8))


def decided(edit, text="cause found", by="owner"):
    return decide(judge(in_phase(10).state, after(600), None), Request(Act.EDIT, by, text=text, edit=edit))


def test_a_reworded_line_is_one_entry_with_what_it_was():
    (draft,) = decided(LINE).drafts
    assert (draft.kind, draft.by) == ("report.edited", "owner")
    assert draft.text == "report 2026-11-23, Risks: line reworded: cause found"
    assert dict(draft.facts) == {
        "period": "2026-11-23",
        "op": "reworded",
        "line": "risks.7",
        "words": "cause found",
        "drafted": "13:59 latency",
        "sources": ("7", "8"),
    }


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("op", OPS)
def test_every_change_to_every_section_is_taken_and_folded(op, section):
    line = section if op == "added" else f"{section.lower()}.7"
    decision = decided(replace(LINE, op=op, line=line, position=2, was=1))
    (draft,) = decision.drafts
    assert decision.done == f"line {op}"
    pen = in_phase(10)
    pen.write(600, draft.kind, draft.text, **draft.facts)
    found = edits_of(pen.state.entries, LINE.period)
    changed = (found.own, found.worded, found.struck, any(found.places.values()))
    assert any(changed) is (op != "kept")


@pytest.mark.parametrize(
    ("facts", "text", "why"),
    [
        ({"op": "burned"}, "x", "unknown edit: write one of added, reworded, struck, kept, moved"),
        ({"period": ""}, "x", " is not a report"),
        ({"period": "../../x"}, "x", "../../x is not a report"),
        ({"line": "moon.7"}, "x", "moon.7 is not a line of the report"),
        ({"line": "risks"}, "x", "risks is not a line of the report"),
        ({"line": "risks.\x1b[2J"}, "x", "risks.^[[2J is not a line of the report"),
        ({"op": "added", "line": "Moons"}, "x", "Moons is not a line of the report"),
        ({}, "", "the line is empty: write some words"),
        ({}, "x" * 601, "a line has at most 600 characters"),
        ({"op": "moved", "position": -1}, "", "there is no such place in the report"),
        ({"op": "moved", "was": 10**9}, "", "there is no such place in the report"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(facts, text, why):
    assert decided(replace(LINE, **facts), text).refusal == why


def test_no_change_at_all_is_refused():
    assert decided(None).refusal.startswith("unknown edit:")


def test_foreign_words_are_cleaned():
    (draft,) = decided(LINE, "a\x1b[2J\nb").drafts
    assert draft.facts["words"] == "a^[[2J b"
