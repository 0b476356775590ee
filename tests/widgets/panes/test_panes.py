"""Each pane alone: what it says of each flight, and what it never says."""

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from sessions.gate.judgement import Condition
from sessions.values.verdicts import Mark, Pool
from tests.support.screen.every import EVERY, ON_DECK
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.sample import (
    FLIGHTS,
    HOSTILE,
    blind,
    breach,
    burning,
    calm,
    calm_flight,
    hostile,
    preflight,
    unborn,
    view,
)
from widgets.base.pane import Pane
from widgets.base.styled import GOOD, content, plain
from widgets.frame.header import Header
from widgets.frame.phase_rail import PhaseRail
from widgets.frame.small_terminal import Small
from widgets.panes.errors import ErrorsPane
from widgets.panes.gate import GatePane, condition_line
from widgets.panes.growth import GrowthPane
from widgets.panes.incidents import IncidentsPane
from widgets.panes.latency import LatencyPane
from widgets.panes.log import LogPane
from widgets.panes.queue import QueuePane, bar
from widgets.panes.risk import RiskPane
from widgets.wording.next_step import _look
from widgets.wording.rows import fitting

SIZES = ((30, 4), (36, 7), (42, 25), (66, 7), (158, 30))


def drawn(pane: type[Pane], judgement, width=42, height=25, **look):
    return pane().picture(view(judgement, **look), width, height)


def words(pane: type[Pane], judgement, width=42, height=25, **look) -> str:
    return content(drawn(pane, judgement, width, height, **look).lines, width).plain


@pytest.mark.parametrize("pane", EVERY, ids=lambda pane: pane.__name__)
@pytest.mark.parametrize("name", FLIGHTS)
def test_no_line_is_wider_than_its_pane(pane, name):
    judgement = FLIGHTS[name]()
    for width, height in SIZES:
        for line in words(pane, judgement, width, height).splitlines():
            assert cell_len(line) <= width


@pytest.mark.parametrize("pane", EVERY, ids=lambda pane: pane.__name__)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_shown_as_plain_characters(pane, text):
    """Rows 81 and 82."""
    picture = drawn(pane, hostile(text), 66, 25)
    said = content((picture.title, *picture.lines, picture.foot), 66).plain
    assert not any((ord(char) < 32 and char != "\n") or 127 <= ord(char) < 160 for char in said)
    assert "\u202e" not in said


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (60, "25 % intended, 27 % seen (22-34 %, 317 users)"),
        (42, "25 % intended, 27 % seen"),
        (30, "25 % intended,…"),
    ],
)
def test_brackets_yield_as_a_whole(width, said):
    condition = Condition("exposure", Mark.PASS, "25 % intended, 27 % seen (22-34 %, 317 users)")
    assert plain([condition_line(view(calm()), condition, 9, width)]).rstrip() == f"● Exposure  {said}"


@pytest.mark.parametrize("pane", [pane for pane in ON_DECK if pane is not GatePane], ids=lambda pane: pane.__name__)
def test_nothing_measured_is_never_green(pane):
    """Nothing was ever asked: no proof of anything."""
    picture = drawn(pane, unborn(), 66, 25)
    good = [text for line in (picture.title, *picture.lines, picture.foot) for text, style in line if GOOD in style]
    assert [text for text in good if "P0/P1" not in text and text.strip() not in ("●", "● FLOWING")] == []


def test_blind_sources_turn_their_panes_blind():
    judgement = blind()
    for pane in (GrowthPane, IncidentsPane, QueuePane):
        picture = drawn(pane, judgement, 34, 4)
        assert picture.tone == "-blind"
        assert "as of 13:53" in plain([picture.foot])
        assert "BLIND" in plain([picture.foot])
    triage = next(line for line in drawn(IncidentsPane, judgement, 34, 4).lines if "triage" in plain([line]))
    assert triage[0][0].strip() == "◌"
    assert drawn(LatencyPane, judgement, 66, 7).tone == ""


def test_a_watch_that_says_nothing_any_more_makes_every_pane_doubtful():
    late = NOW.replace(minute=NOW.minute + 2)
    pane = LatencyPane()
    picture = pane._safe_picture(view(calm(), now=late), 66, 7)
    assert "AS OF 14:03:22" in plain([picture.foot])
    assert picture.tone == "-blind"
    header = words(Header, calm(), 160, 1, now=late)
    assert "BLIND" in header
    assert "no judgement for 2m00s" in header
    assert "RUNNING" not in header


def test_the_calm_deck_colours_no_border():
    judgement = calm()
    tones = {pane.NAME: drawn(pane, judgement, 66, 25).tone for pane in ON_DECK}
    assert {name: tone for name, tone in tones.items() if tone} == {}


@pytest.mark.parametrize(("busy", "says"), [(61.2, "traffic 61 %"), (4.0, "traffic 4 %"), (None, "")])
def test_the_soak_says_how_busy_it_was(busy, says):
    judgement = calm()
    told = replace(judgement, soak=replace(judgement.soak, busy=busy))
    (row,) = [row for row in words(GatePane, told).splitlines() if row.startswith("Soak")]
    assert "3h12m / 4h" in row
    assert row.rstrip().endswith(says or "\u2504")
    assert ("traffic" in row) is bool(says)


def test_gate_lists_every_condition_in_order_with_soak_and_tasks():
    judgement = breach()
    text = words(GatePane, judgement)
    rows = [row for row in text.splitlines() if not row.startswith("   ")]  # what does not fit goes on below
    assert [row[2:].split()[0].lower() for row in rows[1 : 1 + len(judgement.gate.conditions)]] == [
        condition.name for condition in judgement.gate.conditions
    ]
    assert "◆ Growth" in text
    assert "3h11m / 4h" in text  # the minute in breach does not count
    assert "✔ Mongo growth checks" in text
    assert "☐ Stakeholder update" in text


def test_gate_says_when_it_could_open():
    assert plain([drawn(GatePane, calm()).foot]) == "opens 14:51 at the earliest"
    assert plain([drawn(GatePane, preflight()).foot]) == "opens once you have done your part"
    assert plain([drawn(GatePane, breach()).foot]) == "opens: unknown when"


def test_gate_without_room_keeps_the_conditions():
    judgement = calm()
    count = len(judgement.gate.conditions)
    assert len(drawn(GatePane, judgement, 38, count).lines) == count


def test_latency_names_the_endpoint_value_and_windows():
    rows = words(LatencyPane, burning(), 66, 7).splitlines()
    hot = next(row for row in rows if "/capsules" in row)
    assert "POST /capsules" in hot
    assert "812 ms" in hot
    assert hot.split()[-4:] == ["●", "◆", "◆", "◐"]


def test_what_was_judged_together_looks_different():
    judgement = burning()
    verdict = judgement.verdicts["latency"]
    marks, pools = (Mark.PASS, Mark.PASS, Mark.BREACH), (None, Pool(20, 1200, 0), Pool(22, 2400, 3))
    parts = tuple(replace(part, mark=Mark.BREACH, marks=marks, pools=pools) for part in verdict.parts)
    pooled = replace(judgement, verdicts={"latency": replace(verdict, parts=parts)})
    hot = next(row for row in words(LatencyPane, pooled, 76, 7).splitlines() if "/capsules" in row)
    assert "22 in 40m" in hot
    assert hot.split()[-4:] == ["●", "○", "◇", "◐"]


@pytest.mark.parametrize("seconds", [9.5, 17, 720, 3600, 4500, 86_400])
@pytest.mark.parametrize("requests", [20, 139, 1080])
def test_what_was_judged_together_stands_apart_from_its_p95(seconds, requests):
    judgement = burning()
    verdict = judgement.verdicts["latency"]
    parts = tuple(replace(part, value=12_345.0, pools=(Pool(requests, seconds),)) for part in verdict.parts)
    pooled = replace(judgement, verdicts={"latency": replace(verdict, parts=parts)})
    for width in (66, 76):
        hot = next(row for row in words(LatencyPane, pooled, width, 7).splitlines() if "/capsules" in row)
        assert f" {requests} in " in hot


def test_latency_keeps_what_does_not_pass_when_room_is_short():
    judgement = burning()
    parts = judgement.verdicts["latency"].parts
    kept = fitting(parts, 2)
    assert "POST /capsules" in [part.subject for part in kept]
    assert len(kept) == 2


def test_risks_show_every_step_and_the_letters_of_those_that_work():
    picture = drawn(RiskPane, breach(), 40, 25)
    text = plain(picture.lines)
    assert "l SLA message" in text
    assert "s Inspect DB ops" in text
    lively = {line[1][0] for line in picture.lines if len(line) > 1 and line[1][1] == "bold $lead"}
    assert lively == {"l", "c", "v", "g"}
    assert "1 to act on" in plain([picture.foot])


def test_a_step_tells_when_its_message_was_written_and_how_many_tasks_it_left_open():
    judgement = breach()
    tasks = {f"csat.followup.{number}": "call back" for number in (1, 2)}
    state = replace(judgement.state, opened=tasks, ticked={"error_rate.tell": NOW})
    left = words(RiskPane, replace(judgement, state=state), 40, 40).splitlines()
    assert next(line for line in left if "Tell stakeholders" in line).split()[-2] == "✔"
    assert next(line for line in left if "Follow-up tasks" in line).endswith("2 open")
    done = replace(judgement, state=replace(state, ticked=dict.fromkeys(tasks, NOW)))
    assert "✔ done" in words(RiskPane, done, 40, 40)


def test_risks_without_room_keep_the_steps_that_work():
    text = words(RiskPane, breach(), 36, 13)
    assert "l SLA message" in text
    assert "Inspect DB" not in text
    assert all(risk.title in text for risk in breach().state.plan.risks)


def test_a_viewer_has_no_letters():
    picture = RiskPane().picture(view(breach(), viewer="another cockpit watches"), 40, 25)
    assert not any(style == "bold $lead" for line in picture.lines for _, style in line)
    assert "another cockpit watches" in words(Header, breach(), 160, 1, viewer="another cockpit watches")


@pytest.mark.parametrize(("count", "style"), [(0, "$lead"), (14, "$lead"), (15, "$hold"), (20, "$hold"), (21, "$bad")])
def test_queue_bar_turns_where_the_plan_says(count, style):
    line = bar(count, 15, 20, 40)
    assert line[0][1] == style
    assert cell_len(plain([line])) <= 40
    assert plain([line]).endswith(f" {count}")


def test_header_says_the_fuse_and_its_keys():
    text = words(Header, burning(), 160, 1)
    assert "FUSE 11:42" in text
    assert "POST /capsules 812 ms" in text
    assert "d defuse  x extend  r revert now" in text
    late = words(Header, burning(), 160, 1, now=NOW.replace(minute=NOW.minute + 12))
    assert "OVERDUE 18s" in late


def test_header_says_when_the_flag_is_only_recorded():
    from tests.support.screen.grown_flight import entered, flag, mongo, started, traffic

    judgement = flag(mongo(traffic(entered(started()))), source="session").judged()
    assert "recorded only" in words(Header, judgement, 160, 1)
    assert "recorded only" not in words(Header, calm(), 160, 1)


def test_header_names_a_journal_fault_loudly():
    from msgspec.structs import replace

    judgement = calm()
    hurt = replace(judgement, state=replace(judgement.state, journal_fault="line 12: crc does not match"))
    text = words(Header, hurt, 160, 1)
    assert "journal: line 12: crc does not match" in text
    assert drawn(Header, hurt, 160, 1).tone == "-blind"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("calm", "RUNNING"),
        ("paused", "PAUSED"),
        ("preflight", "BREACH"),
        ("week", "7-day plan"),
    ],
)
def test_header_says_what_is_being_done(name, said):
    assert said in words(Header, FLIGHTS[name](), 160, 1)


def test_rail_shows_done_running_and_coming_phases():
    text = words(PhaseRail, calm(), 150, 1)
    assert "10 % ✔ 2h18m of 2h" in text
    assert "25 % ▶ 3h12m of 4h" in text
    assert "50 % at least 6h" in text
    assert "Pre-flight ▶ 0 of 3 confirmed" in words(PhaseRail, preflight(), 150, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("calm", "HOLD: soak"),
        ("breach", "ACT support queue"),
        ("burning", "FUSE 11:42"),
        ("blind", "BLIND analytics"),
        ("unborn", "BLIND"),
    ],
)
def test_small_says_the_worst_first(name, said):
    """Row 31."""
    lines = words(Small, FLIGHTS[name](), 20, 5).splitlines()
    assert said in lines[0]
    assert f"{FLIGHTS[name]().state.phase} %" in lines[1]
    assert "Enlarge" in lines[4]


@pytest.mark.parametrize("name", FLIGHTS)
def test_small_is_green_only_if_the_gate_is_open_and_it_is_watched(name):
    judgement = FLIGHTS[name]()
    passes = "ALL PASS" in words(Small, judgement, 20, 5)
    assert not passes or (judgement.gate.open and judgement.state.watching and judgement.state.paused is None)


@pytest.mark.parametrize("height", [2, 3, 4, 6])
def test_the_worst_open_incident_is_shown_and_not_the_newest(height):
    flight = calm_flight()
    flight.wrote(ago(minutes=9), "incident.opened", "checkout down", by="owner", incident="i1", severity="P0")
    flight.wrote(ago(minutes=3), "incident.opened", "slow page", by="owner", incident="i2", severity="P2")
    text = words(IncidentsPane, flight.judged(), 40, height + 2)
    assert "checkout down" in text
    assert "slow page" not in text


def test_the_next_step_says_what_to_do_where_no_key_helps():
    for name, said in (("journal", "free disk space"), ("sources", "cockpit doctor"), ("flag", "press r to revert")):
        assert said in _look(view(calm()), Condition(name, Mark.BREACH, "x")).words


def test_errors_without_fresh_traffic_claim_no_absence_of_spikes():
    late = calm()
    stale = view(late, now=NOW.replace(minute=NOW.minute + 5))
    spike = next(line for line in ErrorsPane().picture(stale, 34, 4).lines if "spike" in plain([line]))
    assert spike[0][0] == "◌ "


def test_log_shows_newest_first():
    rows = words(LogPane, breach(), 100, 4).splitlines()
    assert "breach" in rows[0]
    assert len(rows) == 4
