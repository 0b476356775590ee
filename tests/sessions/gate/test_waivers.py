"""A waiver covers what was known when it was given, and nothing that is worse."""

import pytest
from msgspec.structs import replace

from sessions.actions.oplog import waive
from sessions.gate.evaluate import judge
from sessions.gate.waivers import outgrown, unseen
from sessions.safety.automatic import duties
from sessions.values.readings import Topic
from sessions.values.requests import Act, Request
from sessions.values.verdicts import Mark, Part, Verdict
from tests.support.build import PLAN, after, window
from tests.support.sessions.acting import REASON, ask, carry, due, ready, seeing
from tests.support.sessions.flight import all_is_well
from tests.support.sessions.rounds import round_at

HOT, COLD = PLAN.endpoints[:2]
AT = due(10)
B, P, T, S, D = Mark.BREACH, Mark.PASS, Mark.THIN, Mark.SILENT, Mark.BLIND


def parts(*rows):
    return tuple(Part(name, mark, value, 500.0, "ms", f"{value:.0f} ms") for name, mark, value in rows)


def waived(mark, *rows):
    pen = ready(10)
    verdict = Verdict("latency", mark, parts=parts(*rows))
    judgement = judge(pen.state, after(AT))
    told = replace(judgement, verdicts={**judgement.verdicts, "latency": verdict})
    carry(pen, waive(told, Request(Act.WAIVE, subject="latency", reason=REASON)), after(AT))
    return pen.state.waivers["latency"]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ([("a", B, 600.0), ("b", P, 100.0)], ""),
        ([("a", B, 1199.9), ("b", P, 100.0)], ""),
        ([("a", B, 1200.0), ("b", P, 100.0)], "a 1200 ms, at least doubled"),
        ([("a", B, 600.0), ("b", B, 501.0)], "b 501 ms"),
        ([("a", P, 300.0), ("b", B, 501.0)], "b 501 ms"),
        ([("a", B, 600.0), ("c", B, 700.0)], "c 700 ms"),
        ([("a", T, 600.0), ("b", T, 100.0)], ""),
        ([("a", P, 100.0), ("b", P, 100.0)], ""),
    ],
)
def test_a_new_subject_and_a_doubled_value_are_worse(now, says):
    waiver = waived(B, ("a", B, 600.0), ("b", P, 100.0))
    assert outgrown(waiver, Verdict("latency", B, parts=parts(*now))) == says


def test_what_was_thin_is_not_waived_as_a_breach():
    waiver = waived(T, ("a", T, 300.0))
    assert outgrown(waiver, Verdict("latency", T, parts=parts(("a", T, 900.0)))) == ""
    assert outgrown(waiver, Verdict("latency", B, parts=parts(("a", B, 501.0)))) == "a 501 ms"


@pytest.mark.parametrize(
    ("given", "mark", "now", "says"),
    [
        (B, B, [("a", B, 600.0), ("b", S, 0.0)], "b silent"),
        (B, D, [("a", D, 0.0)], "latency blind"),
        (S, D, [("a", D, 0.0)], ""),
        (B, B, [("a", B, 600.0), ("b", T, 0.0)], ""),
    ],
)
def test_what_turns_dark_later_is_not_covered(given, mark, now, says):
    waiver = waived(given, ("a", given, 600.0))
    assert unseen(waiver, Verdict("latency", mark, parts=parts(*now))) == says


def test_what_turns_dark_behind_a_waived_breach_is_entered_and_opens_a_hole():
    pen = ready(10)
    pen.write(AT, "incident.opened", "down", incident="i1", severity="P1")
    pen.write(AT, "incident.resolved", incident="i1")
    pen.state = all_is_well(pen.state, after(AT))
    carry(pen, ask(pen.state, Act.WAIVE, "incidents", reason=REASON), after(AT))
    for at, triage, mark, holes in ((AT + 60, AT + 60, B, 0), (AT + 360, AT + 60, D, 0), (AT + 420, AT + 420, B, 1)):
        good = all_is_well(pen.state, after(at))
        health = replace(good.seen.health[Topic.TRIAGE], good_at=after(triage))
        pen.state = replace(good, seen=replace(good.seen, health={**good.seen.health, Topic.TRIAGE: health}))
        round_at(pen, at)
        assert (pen.state.verdicts["incidents"], len(pen.state.holes)) == (mark, holes), at
    assert [(hole.since, hole.until) for hole in pen.state.holes] == [(after(AT + 60), after(AT + 420))]


def hot(pen, at, **p95):
    rows = [window(name, after((at - 31) // 300 * 300 - 300), p95_ms=value) for name, value in p95.items()]
    return seeing(all_is_well(pen.state, after(at)), *rows)


def test_it_ends_with_an_entry_once_it_is_outgrown_and_its_time_counts_no_more():
    pen = ready(10)
    pen.state = hot(pen, AT, **{HOT: 600.0})
    for draft in duties(judge(pen.state, after(AT))).drafts:
        pen.write(AT, draft.kind, draft.text, by=draft.by, **draft.facts)
    carry(pen, ask(pen.state, Act.WAIVE, "latency", reason=REASON), after(AT))
    held = judge(pen.state, after(AT + 1))
    assert {row.name: row.mark for row in held.gate.conditions}["latency"] is Mark.PASS
    assert not [draft for draft in duties(held).drafts if draft.kind == "waiver.lapsed"]
    pen.state = hot(pen, AT + 300, **{HOT: 600.0, COLD: 700.0})
    worse = judge(pen.state, after(AT + 300))
    assert {row.name: row.mark for row in worse.gate.conditions}["latency"] is Mark.BREACH
    (lapsed,) = [draft for draft in duties(worse).drafts if draft.kind == "waiver.lapsed"]
    assert lapsed.text.startswith(f"latency is no longer waived: {COLD} 700 ms")
    pen.write(AT + 300, lapsed.kind, lapsed.text, **lapsed.facts)
    assert "latency" not in pen.state.waivers
    assert [draft.kind for draft in duties(judge(pen.state, after(AT + 301))).drafts if "waiver" in draft.kind] == []


def test_a_waiver_of_before_covers_its_criterion_as_it_did():
    pen = ready(10)
    pen.write(AT, "waiver.given", subject="latency", reason=REASON, evidence=())
    verdict = Verdict("latency", B, parts=parts(("a", B, 9000.0)))
    assert outgrown(pen.state.waivers["latency"], verdict) == unseen(pen.state.waivers["latency"], verdict) == ""
