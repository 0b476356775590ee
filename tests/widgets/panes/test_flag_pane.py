"""The flag pane alone: what it says of each outcome, what comes first where room is short, what is never green."""

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from sessions.values import readings as r
from sessions.values.flag_value import Target
from tests.support.screen import sample
from tests.support.screen.flags import FLAGS, calm, drift, met, mismatch, mixed, moving, owed, quiet, reading, unknown
from tests.support.screen.grown_flight import NOW, PLAN, ago
from tests.support.screen.sample import HOSTILE, view
from widgets.base.styled import GOOD, content, plain
from widgets.frame.small_terminal import Small
from widgets.panes.flag import FlagPane

WIDTH, HEIGHT = 42, 4
SWITCH = PLAN.flows[0].flag


def drawn(flight, width=WIDTH, height=HEIGHT, **look):
    return FlagPane().picture(view(flight.judged(), **look), width, height)


def rows(flight, width=WIDTH, height=HEIGHT, **look):
    return content(drawn(flight, width, height, **look).lines, width).plain.splitlines()


def squeezed(row):
    return " ".join(row.split())


@pytest.mark.parametrize(
    ("name", "lines", "foot", "tone"),
    [
        (
            "calm",
            [
                "● reads 25 % 8s ago · by demo 10:51",
                "● set 25 % confirmed 10:51",
                "● seen 25 % 21-29 %, 812 users",
                "switches 0 of 5 on",
            ],
            "● PASS",
            "",
        ),
        (
            "mismatch",
            [
                "● reads 25 % 8s ago · by demo 10:51",
                "● set 25 % confirmed 10:51",
                "◆ seen 41 % 37-46 %, 812 users",
                "switches 0 of 5 on",
            ],
            "◆ BREACH",
            "-bad",
        ),
        (
            "drift",
            [
                "◆ reads 100 % 8s ago · by ann 13:03",
                "◆ expected 25 %, is 100 % (by ann, 13:03)",
                "… seen – waits: flag drifted",
                "switches 0 of 5 on",
            ],
            "◆ BREACH",
            "-bad",
        ),
        (
            "unknown",
            [
                "● reads 25 % 8s ago · by demo 10:51",
                "◆ OUTCOME UNKNOWN, reading back (50 %)",
                "… seen – waits: flag unknown",
                "switches 0 of 5 on",
            ],
            "◆ BREACH",
            "-bad",
        ),
        (
            "owed",
            [
                "● reads 25 % 8s ago · by demo 10:51",
                "◆ REVERT NOT DONE · retry",
                "curl -X PATCH https://flags.example.org…",
                "-H 'Authorization: ${FLAG_TOKEN}'",
            ],
            "◆ BREACH",
            "-bad",
        ),
        (
            "mixed",
            [
                "◆ reads MIXED 8s ago · by demo 10:51",
                "eu 25 % · us 10 % · jp timed out",
                "◆ expected 25 %, is MIXED (by demo, 10:51)",
                "● seen 25 % 21-29 %, 812 users",
            ],
            "◆ BREACH",
            "-bad",
        ),
        (
            "unserved",
            [
                "● reads 25 % 8s ago · by demo 10:51",
                "… written, served value still old, 2m00s",
                "… seen – waits: flag not served",
                "switches 2 on: stub-fallback +1",
            ],
            "… WAITING",
            "",
        ),
    ],
)
def test_each_state_of_the_flag(name, lines, foot, tone):
    """Rows 70, 73, 74, 76 and 77."""
    picture = drawn(FLAGS[name]())
    assert [squeezed(row) for row in rows(FLAGS[name]())] == lines
    assert (plain([picture.foot]), picture.tone) == (foot, tone)
    assert plain([picture.title]) == "Flag 25 % intended"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("calm", "● Flag 25 % · reads 25 % 8s ago · seen 25 % 21-29 %, 812 users"),
        ("mismatch", "◆ Flag 25 % · 25 % intended, 41 % seen (37-46 %, 812 users)"),
        ("drift", "◆ Flag 25 % · expected 25 %, is 100 % (by ann, 13:03) · reads 100 % 8s ago"),
        ("unknown", "◆ Flag 25 % · OUTCOME UNKNOWN, reading back (50 %) · reads 25 % 8s ago"),
        ("owed", "◆ Flag 25 % · REVERT NOT DONE · retry · curl -X PATCH https://flags.example.o…"),
        ("mixed", "◆ Flag 25 % · expected 25 %, is MIXED (by demo, 10:51) · reads MIXED 8s ago"),
        ("unserved", "… Flag 25 % · written, served value still old, 2m00s · reads 25 % 8s ago"),
    ],
)
def test_one_line_says_the_loudest_first(name, line):
    assert rows(FLAGS[name](), 78, 1) == [line]


def test_a_mismatch_is_a_sentence_where_there_is_room():
    assert rows(mismatch(), 60)[2].rstrip() == "◆ 25 % intended, 41 % seen (37-46 %, 812 users)"


def test_without_a_source_nobody_measures():
    flight = reading(quiet())
    assert [squeezed(row) for row in rows(flight)][2] == "seen – not measured"
    assert plain([drawn(flight).foot]) == "● PASS"
    assert "seen not measured" in rows(flight, 78, 1)[0]


def test_a_revert_whose_outcome_is_unknown_says_both():
    assert "◆ REVERT NOT DONE · retry, outcome unknown" in rows(FLAGS["owed_unknown"]())[1]


def test_a_move_that_is_under_way_waits_and_alarms_nobody():
    flight = moving(reading(quiet()), 50)
    assert squeezed(rows(flight)[1]) == "… set 50 % is being written 14:03"
    refused = moving(reading(quiet()), 50, "refused")
    assert squeezed(rows(refused)[1]) == "◆ set 50 % refused 14:03"


def test_what_is_only_recorded_says_so():
    flight = reading(quiet(), source="session", by="", version="", changed_at=None)
    assert squeezed(rows(flight)[0]) == "reads 25 % recorded only"
    assert plain([drawn(flight).foot]) == "◌ recorded only ● PASS"


def test_a_flag_that_cannot_be_read_is_not_green():
    """The last value stays, dimmed, with its time and why; nothing of it is called good."""
    flight = reading(quiet(), at=ago(minutes=10))
    flight.saw(r.Pulse("flagd", ago(seconds=3), r.Topic.FLAG, False, "timed out", 1.0))
    assert squeezed(rows(flight)[0]) == "◌ reads 25 % as of 13:53: timed out"
    picture = drawn(flight)
    assert (plain([picture.foot]), picture.tone) == ("as of 13:53 ◌ BLIND", "-blind")
    assert not any(GOOD in style for line in (*picture.lines, picture.foot) for _, style in line)


def test_nothing_at_all_is_known():
    picture = FlagPane().picture(view(sample.unborn()), WIDTH, HEIGHT)
    told = [squeezed(row) for row in content(picture.lines, WIDTH).plain.splitlines()]
    assert told == [
        "… reads – asking",
        "… set – not moved yet",
        "seen – not measured",
        "switches – cannot be read",
    ]


@pytest.mark.parametrize(
    ("switches", "wrote", "text"),
    [
        (None, {}, "switches – cannot be read"),
        (None, {"on": True, "kind": "confirmed"}, f"switches – cannot be read, set on: {SWITCH}"),
        ((), {"on": True, "kind": "confirmed"}, f"◆ switches: {SWITCH} reads off"),
        ((SWITCH,), {"on": True, "kind": "confirmed"}, f"switches 1 on: {SWITCH}"),
        ((SWITCH,), {"on": False, "kind": "confirmed"}, f"◆ switches: {SWITCH} reads on"),
        ((SWITCH,), {"on": False, "kind": "refused"}, f"◆ switches: {SWITCH} NOT off, 409"),
        ((), {"on": True, "kind": "refused", "frozen": True}, f"◆ switches: {SWITCH} NOT on, 409"),
        ((), {"on": True, "kind": "refused"}, "switches 0 of 5 on"),
        (("of-somebody-else",), {}, "switches 0 of 5 on"),
    ],
)
def test_switches_are_on_or_off_or_unknown(switches, wrote, text):
    """Whether one was to be set decides whether it is missed: one that nobody wants any more is none."""
    flight = reading(quiet(), switches=switches)
    if wrote:
        kind, frozen = wrote.pop("kind"), wrote.pop("frozen", False)
        if frozen:
            flight.wrote(ago(minutes=1), "flow.frozen", "frozen", flow=PLAN.flows[0].id, cause="x")
        flight.wrote(ago(minutes=1), f"switch.{kind}", kind, switch=SWITCH, reason="409", **wrote)
    assert squeezed(rows(flight, 80)[-1]) == text


def test_where_room_is_short_calm_facts_yield_first_and_then_the_hand():
    flight = owed()
    flight.wrote(ago(seconds=1), "flow.frozen", "frozen", flow=PLAN.flows[0].id, cause="x")
    flight.wrote(ago(seconds=1), "switch.refused", "no", switch=SWITCH, on=True, reason="409")
    assert [row[:12] for row in rows(flight)] == ["● reads     ", "◆ REVERT NOT", "  curl -X PA", "◆ switches: "]
    tall = rows(flight, height=9)
    assert len(tall) == 6
    assert "seen" in tall[4]
    assert [row[:12] for row in rows(flight, height=2)] == ["● reads     ", "◆ REVERT NOT"]


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("size", [(20, 1), (32, 4), (42, 4), (78, 1), (60, 9)])
def test_no_line_is_wider_than_the_pane(name, size):
    for row in rows(FLAGS[name](), *size):
        assert cell_len(row) <= size[0]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_shown_as_plain_characters(text):
    """Rows 81 and 82."""
    places = (Target(text, 25, text), Target("us", None, text))
    flight = met(reading(quiet(), None, by=text, version=text, targets=places, switches=(text,)))
    moving(flight, 10, "refused", by_hand=(text, text))
    flight.wrote(ago(minutes=1), "switch.refused", text, switch=text, on=False, reason=text)
    for width, height in ((42, 9), (78, 1)):
        picture = drawn(flight, width, height)
        said = content((picture.title, *picture.lines, picture.foot), width).plain
        assert not any((ord(char) < 32 and char != "\n") or 127 <= ord(char) < 160 for char in said)
        assert "\u202e" not in said
        assert all(cell_len(row) <= width for row in said.splitlines())


@pytest.mark.parametrize("make", [drift, unknown, owed, mixed, mismatch])
def test_the_foot_is_never_green_while_something_is_loud(make):
    picture = drawn(make())
    assert not any(GOOD in style for _, style in picture.foot)
    assert picture.tone == "-bad"


def test_the_pane_and_the_gate_say_the_same():
    for make in FLAGS.values():
        judgement = make().judged()
        marks = {one.name: one.mark for one in judgement.gate.conditions}
        picture = FlagPane().picture(view(judgement), WIDTH, HEIGHT)
        green = any(GOOD in style for _, style in picture.foot)
        assert green == (marks["flag"] == marks["exposure"] == "pass")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("owed", "◆ REVERT NOT DONE"),
        ("unknown", "◆ OUTCOME UNKNOWN"),
        ("drift", "◆ expected 25 %, is"),
        ("calm", "… HOLD: soak"),
    ],
)
def test_row_31_the_smallest_screen_says_it_first(name, said):
    first = content(Small().picture(view(FLAGS[name]().judged()), 20, 5).lines, 20).plain.splitlines()[0]
    assert first.startswith(said)


def test_an_old_judgement_dims_the_pane_as_any_other():
    late = NOW.replace(minute=NOW.minute + 2)
    picture = FlagPane()._safe_picture(view(calm().judged(), now=late), WIDTH, HEIGHT)
    assert picture.tone == "-blind"


def test_the_pre_flight_needs_no_flag_yet():
    flight = sample.started()
    reading(flight, None)
    state = replace(flight.state)
    assert state.flag.status == "none"
    assert squeezed(rows(flight)[0]).startswith("● reads none")
    assert squeezed(rows(flight)[1]) == "… set – not moved yet"
