"""Drafts that a person edited: what was changed stays changed, whatever the day brings, and every export says so."""

from datetime import UTC

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.gate.evaluate import judge
from sessions.reports.as_json import Report, as_json
from sessions.reports.drafts import Bullet
from sessions.reports.edits.fold import edits_of
from sessions.reports.edits.lay import laid
from sessions.reports.html.document import as_html
from sessions.reports.page import MOST_WORDS, drafted, page
from sessions.reports.periods import of_day, of_flight
from sessions.reports.report import report_of
from sessions.values.report_edits import OPS, SECTIONS, Edit
from tests.support.build import T0, after
from tests.support.sessions.any_log import LOGS, written
from tests.support.sessions.flight import Pen, in_phase

DAY = T0.date()
NAME = DAY.isoformat()
OTHER_DAYS = "2026-11-24", "flight"


def edit(pen, op, line, words="", *, at=9000, period=NAME, **facts):
    return pen.write(at, "report.edited", words or op, by="owner", **Edit(period, op, line, words, **facts).facts)


def told(pen, at=9100):
    judgement = judge(pen.state, after(at), UTC)
    return drafted(judgement, of_day(judgement, DAY, UTC), UTC)


def lines(pen, section, at=9100):
    return told(pen, at).lines[section]


def flown():
    """Two troubles that are over: a spike of the queue, and low scores."""
    pen = in_phase(10)
    for at, risk in ((3000, "support_queue"), (4000, "csat")):
        pen.write(at, "risk.turned", f"{risk} acts", risk=risk, level="act", was="calm", value=23.0, bound=20.0)
        pen.write(at + 600, "risk.turned", f"{risk} calm", risk=risk, level="calm", was="act")
    return pen


def exports(pen, at=9100):
    """The page in each format that is told, as text."""
    judgement = judge(pen.state, after(at), UTC)
    period = of_day(judgement, DAY, UTC)
    html = as_html(judgement, period, UTC).replace("\u00a0", " ")
    return {
        "md": report_of(judgement, period, UTC).split("## Proof")[0],
        "html": html.split("Course and charts")[0],
        "json": as_json(judgement, period, UTC),
    }


def test_an_added_line_is_marked_and_stands_in_every_export():
    pen = flown()
    added = edit(pen, "added", "Asks", "Platform: an index before 50 %", position=0)
    first = lines(pen, "Asks")[0]
    assert (first.text, first.own, first.numbers, first.sources) == (
        "Platform: an index before 50 %", True, "(+)", ())  # fmt: skip
    assert first.key == f"asks.own.{added.seq}"
    for text in exports(pen).values():
        assert "Platform: an index before 50 %" in text
    assert "Platform: an index before 50 % (+)" in exports(pen)["md"]


def test_a_struck_line_is_in_the_draft_and_in_no_export_until_it_is_kept_again():
    pen = flown()
    worst = lines(pen, "Risks")[0]
    edit(pen, "struck", worst.key)
    draft = told(pen)
    assert worst in draft.lines["Risks"]
    assert worst not in draft.sections["Risks"]
    assert all(worst.text not in text for name, text in exports(pen).items() if name != "json")
    assert worst.text not in [row.text for row in msgspec.json.decode(exports(pen)["json"], type=Report).risks]
    edit(pen, "kept", worst.key)
    assert worst in told(pen).sections["Risks"]


def test_a_reworded_line_stays_reworded_keeps_its_sources_and_says_when_its_facts_changed():
    pen = flown()
    line = next(row for row in lines(pen, "Risks") if "CSAT" in row.text)
    edit(pen, "reworded", line.key, "The queue was full", at=4650, drafted=line.text, sources=line.sources)
    once = next(row for row in lines(pen, "Risks") if row.key == line.key)
    assert (once.text, once.drafted, once.sources, once.changed) == ("The queue was full", line.text, line.sources, "")
    again = pen.write(4900, "risk.turned", "acts", risk="csat", level="act", was="calm", value=29.0, bound=20.0)
    twice = next(row for row in lines(pen, "Risks") if row.key == line.key)
    assert twice.text == "The queue was full"
    assert twice.changed == f"facts changed with #{again.seq}"
    assert again.seq in twice.sources
    assert f"reworded, facts changed with #{again.seq})" in exports(pen)["md"]


def test_words_of_a_person_stay_when_nothing_drafts_their_line_any_more():
    pen = in_phase(10)
    pen.write(3000, "rollout.paused", "paused: lunch", by="owner", cause="lunch", evidence=())
    ask = next(row for row in lines(pen, "Asks") if "Decide on the pause" in row.text)
    edit(pen, "reworded", ask.key, "Ann: decide after lunch", drafted=ask.text, sources=ask.sources, at=3100)
    pen.write(3200, "rollout.resumed", "resumed", by="owner", evidence=())
    kept = next(row for row in lines(pen, "Asks") if row.key == ask.key)
    assert (kept.text, kept.changed) == ("Ann: decide after lunch", "no longer drafted")
    pen.write(3300, "rollout.paused", "paused: tea", by="owner", cause="tea", evidence=())
    new = next(row for row in lines(pen, "Asks") if "Decide on the pause" in row.text)
    assert (new.key != ask.key, new.drafted) == (True, "")


def test_the_edits_of_one_report_are_not_those_of_another():
    pen = flown()
    for period in OTHER_DAYS:
        edit(pen, "added", "Wins", f"won in {period}", period=period)
    assert "won in" not in exports(pen)["md"]
    judgement = judge(pen.state, after(9100), UTC)
    assert "won in flight" in report_of(judgement, of_flight(judgement), UTC)


def test_the_words_of_a_person_are_never_cut_or_left_out():
    pen = flown()
    long = " ".join(f"word{number}" for number in range(90))
    for number in range(12):
        edit(pen, "added", "Wins", f"{number} {long}", position=number)
    text = exports(pen)["md"]
    assert text.count(long) == 12
    assert "more, in the proof" not in text.split("## Risks")[0].split("## Wins")[1]
    assert len(page(told(pen)).split()) < MOST_WORDS + 12 * 92


def test_an_own_line_is_reworded_and_struck_like_any_other():
    pen = flown()
    key = f"wins.own.{edit(pen, 'added', 'Wins', 'customers like it').seq}"
    edit(pen, "reworded", key, "customers love it")
    line = next(row for row in lines(pen, "Wins") if row.key == key)
    assert (line.text, line.own, line.drafted) == ("customers love it", True, "")
    edit(pen, "struck", key)
    assert key not in [row.key for row in told(pen).sections["Wins"]]


ROWS = {"Risks": tuple(Bullet(f"line {number}", (number,), str(number)) for number in range(6))}
MOVES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=12)


@given(MOVES)
def test_lines_stand_where_they_were_put(moves):
    """Against a plain list in which each line is taken out and put in."""
    pen = Pen()
    model = [row.key for row in laid(ROWS, edits_of((), NAME))["Risks"]]
    for was, now, adds in moves:
        if adds:
            model.insert(now, f"risks.own.{edit(pen, 'added', 'Risks', 'mine', position=now).seq}")
        else:
            model.insert(now, line := model.pop(was))
            edit(pen, "moved", line, was=was, position=now)
        found = laid(ROWS, edits_of(pen.state.entries, NAME))["Risks"]
        assert [row.key for row in found] == model


@given(LOGS, st.integers(0, 39))
def test_keys_of_any_draft_are_unique_and_stay_while_the_day_goes_on(events, part):
    early, first = written(events[:part])
    late, last = written(events)
    before, after_ = told(early, first + 60), told(late, last + 60)
    for rows in (*before.lines.values(), *after_.lines.values()):
        assert len({row.key for row in rows}) == len(rows)
        assert all(row.key.partition(".")[2] for row in rows)
    keys = {row.key for row in after_.lines["Risks"]}
    dark = {row.key for row in before.lines["Risks"] if "no data for" in row.text or "not seen" in row.text}
    watched = {"risks.watched"}
    begun = {f"risks.{one.entries[0].seq}" for one in after_.episodes}
    assert {row.key for row in before.lines["Risks"]} - dark - watched <= keys | begun


@pytest.mark.parametrize("value", [-1, 1e30, float("nan"), "x", True])
def test_a_file_that_somebody_forged_breaks_no_draft(value):
    pen = flown()
    for op in (*OPS, "moon"):
        for line in ("Risks", "risks.7", "moon.1", "", "."):
            facts = {"words": value, "position": value, "was": value, "drafted": value, "sources": ("x", "9" * 99)}
            pen.write(9000, "report.edited", op, period=NAME, op=op, line=line, **facts)
    assert set(told(pen).lines) == set(SECTIONS)
    exports(pen)
