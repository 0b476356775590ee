import pytest
from msgspec.structs import replace

from sessions.actions.evidence import turns
from sessions.gate.evaluate import judge
from sessions.safety.automatic import Duty, duties
from sessions.state.model import FlagState
from sessions.state.reducer import State
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue, Target
from sessions.values.verdicts import Level
from tests.support.build import PLAN, T0, after, minute, pulse
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import Pen, all_is_well, begun, cards, in_phase
from tests.support.sessions.rounds import (
    HOT,
    LIT,
    NAMES,
    QUEUE_FUSE,
    ZERO,
    breach,
    calm,
    fly,
    kinds,
    spiking,
    tickets,
    written,
)


def test_an_uneventful_round_adds_nothing():
    pen = calm()
    assert fly(pen, LIT) == Duty()
    assert not turns(judge(pen.state, after(LIT)))


def test_a_spike_pauses_and_lights_its_fuse_before_the_turn_is_written():
    pen = spiking()
    assert [entry.kind for entry in pen.state.entries[-4:]] == [
        "rollout.paused",
        "fuse.lit",
        "verdict.turned",
        "risk.turned",
    ]
    pause, fuse = pen.state.entries[-4:-2]
    spike = "Latency spike p95 812 ms > 500 ms on POST /capsules"
    assert pause.text == f"paused: {spike}"
    assert (pause.by, pause.facts["cause"], pause.facts["risk"]) == ("watch", "latency_spike", "latency_spike")
    assert fuse.text == f"{spike}: resolve within 15m00s, or the flag goes back"
    assert (fuse.dated("deadline"), fuse.said("subject")) == (after(ZERO), HOT)
    assert any(line.startswith("breach latency p95 812 ms") for line in fuse.listed("evidence"))


def test_protection_comes_once_while_the_risk_stays():
    pen = spiking()
    for at in range(LIT + 1, LIT + 120, 10):
        pen.state = seeing(all_is_well(pen.state, after(at)), breach(7200), minute(HOT, after(at), p95_ms=1400.0))
        assert fly(pen, at) == Duty()
    assert written(pen, "rollout.paused", "fuse.lit") == ["rollout.paused", "fuse.lit"]


def test_what_is_paused_already_only_gets_its_fuse():
    pen = calm()
    pen.write(LIT - 1, "rollout.paused", cause="by hand", evidence=())
    pen.see(breach(7200))
    assert kinds(fly(pen, LIT)) == ["fuse.lit"]
    assert pen.state.paused.cause == "by hand"


@pytest.mark.parametrize(
    ("survived", "left"),
    [((), ["rollout.paused", "fuse.lit"]), (("rollout.paused",), ["fuse.lit"]), (("rollout.paused", "fuse.lit"), [])],
)
def test_row_71_a_torn_write_is_repeated_and_never_doubled(survived, left):
    pen, whole = calm(), spiking()
    for entry in whole.state.entries:
        if entry.kind in survived:
            pen.write(LIT, entry.kind, entry.text, **entry.facts)
    pen.see(breach(7200))
    assert kinds(fly(pen, LIT + 1)) == left
    assert pen.state.levels["latency_spike"] is Level.ACT


def test_in_the_pre_flight_nothing_is_paused_and_no_fuse_is_lit():
    judgement = judge(begun().state, after(LIT))
    assert duties(replace(judgement, risks=cards(latency_spike=Level.ACT))) == Duty()


@pytest.mark.parametrize("level", [Level.CALM, Level.WATCH, Level.BLIND])
def test_only_a_risk_that_acts_calls_for_protection(level):
    judgement = judge(calm().state, after(LIT))
    assert (
        duties(replace(judgement, risks={name: replace(said, level=level) for name, said in cards().items()})) == Duty()
    )


@pytest.mark.parametrize("risk", ["error_rate", "analytics_outage", "support_queue"])
def test_a_risk_without_automatic_measures_is_left_to_the_owner(risk):
    judgement = judge(calm().state, after(LIT))
    assert duties(replace(judgement, risks=cards(**{risk: Level.ACT}))) == Duty()


@pytest.mark.parametrize(("percent", "opened"), [(10, ["task.opened"] * 3), (0, [])])
def test_low_scores_open_follow_up_tasks_once_per_turn(percent, opened):
    pen = calm() if percent else begun()
    pen.see(pulse(r.Topic.CSAT, after(LIT)), r.Csat("mongo", after(LIT), 20, 8))
    assert kinds(fly(pen, LIT)) == opened
    assert pen.state.levels["csat"] is Level.ACT
    pen.write(LIT, "task.ticked", task="csat.followup.1", done=True)
    assert fly(pen, LIT + 1) == Duty()
    assert len(pen.state.opened) == len(opened)


@pytest.mark.parametrize(
    ("frozen", "left"), [((), ["capsules", "returns"]), (("capsules",), ["returns"]), (("capsules", "returns"), [])]
)
@pytest.mark.parametrize("percent", [0, 10])
def test_duplicates_freeze_every_flow_that_is_not_frozen(frozen, left, percent):
    pen = calm() if percent else begun()
    for flow in frozen:
        pen.write(LIT - 4, "flow.frozen", flow=flow, cause="by hand")
    due = duties(replace(judge(pen.state, after(LIT)), risks=cards(duplication=Level.ACT)))
    assert [draft.facts["flow"] for draft in due.drafts] == left
    assert due.switches == tuple((f"{flow}-flow", True) for flow in left)
    assert {draft.facts["cause"] for draft in due.drafts} <= {"Duplication 23 > 20"}


def test_what_the_owner_thawed_stays_thawed_while_the_risk_stays():
    pen = calm()
    pen.see(r.Size("mongo", after(LIT), "capsules", 400, 3))
    assert kinds(fly(pen, LIT)) == ["flow.frozen", "flow.frozen"]
    pen.write(LIT + 1, "flow.thawed", flow="capsules", cause="by hand")
    assert fly(pen, LIT + 2) == Duty()


@pytest.mark.parametrize(("percent", "to"), [(25, 10), (25, 50)])
def test_a_risk_that_still_acts_in_a_new_phase_is_protected_against_anew(percent, to):
    pen = calm(percent, QUEUE_FUSE)
    tickets(pen, LIT, 23)
    fly(pen, LIT)
    pen.write(LIT + 1, "rollout.resumed", evidence=())
    pen.write(LIT + 2, "phase.entered", phase=to, previous=percent, evidence=())
    assert not pen.state.fuses
    tickets(pen, LIT + 3, 23)
    assert kinds(fly(pen, LIT + 3)) == ["rollout.paused", "fuse.lit"]
    assert fly(pen, LIT + 4) == Duty()


def test_a_risk_that_acted_in_the_pre_flight_is_protected_against_in_the_first_phase():
    pen = begun(QUEUE_FUSE)
    tickets(pen, LIT, 23)
    fly(pen, LIT)
    assert pen.state.levels["support_queue"] is Level.ACT
    pen.write(LIT + 1, "phase.entered", phase=10, previous=0, evidence=())
    assert kinds(fly(pen, LIT + 2)) == ["rollout.paused", "fuse.lit"]


def counted(pen: Pen, at: float, *names: str) -> None:
    pen.see(*(r.Size("mongo", after(at), name, 100, 0) for name in names))


def test_the_baseline_is_captured_once_all_collections_are_counted():
    pen = begun()
    counted(pen, 10, *NAMES[:-1])
    assert fly(pen, 10) == Duty()
    counted(pen, 20, *NAMES)
    assert kinds(fly(pen, 20)) == ["baseline.captured"]
    assert pen.state.baseline == dict.fromkeys(NAMES, 100)
    assert pen.state.entries[-1].text == "baseline capsules 100, shortlists 100, returns 100"
    counted(pen, 30, *NAMES)
    assert fly(pen, 30) == Duty()


def test_a_baseline_mixes_no_old_count_with_new_ones():
    pen = begun()
    counted(pen, 10, NAMES[0])
    counted(pen, 500, *NAMES[1:])
    assert fly(pen, 500) == Duty()


def test_a_baseline_is_never_captured_from_shoppers():
    pen = begun()
    pen.write(5, "phase.entered", phase=10, previous=0, evidence=())
    counted(pen, 10, *NAMES)
    assert "baseline.captured" not in kinds(fly(pen, 10))


def flag_duty(status: str, phase: int, reads: int | None, *, text: str = "", at: float = 10):
    pen = in_phase(phase) if phase else begun()
    wanted = 25 if status == "refused" else phase
    pen.state = replace(pen.state, flag=FlagState(status, phase, wanted, "", text))
    pen.see(FlagValue("flagd", after(at), reads))
    return [(draft.kind, draft.text) for draft in duties(judge(pen.state, after(max(at, 11)))).drafts]


DRIFTED = [("flag.drifted", "flag reads 100 %, expected 10 %")]
LATE = [("flag.drifted", "flag reads 25 %, expected 10 %: the move that was refused took effect late")]
GONE = [("flag.drifted", "flag reads no flag, expected 10 %")]
BACK = [("flag.confirmed", "flag reads 10 %")]


@pytest.mark.parametrize(
    ("status", "phase", "reads", "said"),
    [
        ("confirmed", 10, 10, []),
        ("confirmed", 10, 100, DRIFTED),
        ("confirmed", 10, 0, [("flag.drifted", "flag reads 0 %, expected 10 %")]),
        ("confirmed", 10, None, GONE),
        ("refused", 10, 100, DRIFTED),
        ("refused", 10, 10, BACK),
        ("refused", 10, 25, LATE),
        ("drifted", 10, 10, [("flag.returned", "flag reads 10 % again, elsewhere for 0s")]),
        ("drifted", 10, None, GONE),
        ("intended", 10, None, []),
        ("intended", 10, 25, []),
        ("intended", 10, 10, []),
        ("unknown", 10, 25, []),
        ("none", 0, 0, [("flag.confirmed", "flag reads 0 %")]),
        ("none", 0, None, []),
        ("none", 0, 10, [("flag.drifted", "flag reads 10 %, expected 0 %")]),
    ],
)
def test_row_73_the_flag_is_compared_with_the_phase(status, phase, reads, said):
    assert flag_duty(status, phase, reads) == said


@pytest.mark.parametrize("known", [DRIFTED[0][1], f"NOT saved: {DRIFTED[0][1]}"])
def test_row_73_a_drift_is_told_once_per_value(known):
    pen = in_phase(10)
    pen.write(5, "flag.drifted", known, expected=10, seen=100)
    for reads, said in ((100, []), (50, [("flag.drifted", "flag reads 50 %, expected 10 %")])):
        pen.see(FlagValue("flagd", after(20 - reads / 10), reads))
        drafts = duties(judge(pen.state, after(30))).drafts
        assert [(draft.kind, draft.text) for draft in drafts if draft.kind.startswith("flag.")] == said


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"by": "ann", "changed_at": after(5)}, " (by ann, 10:00 UTC)"),
        ({"by": "ann\x1b[31m"}, " (by ann^[[31m)"),
        ({"changed_at": after(5)}, " (10:00 UTC)"),
    ],
)
def test_row_73_drift_says_who_and_when_where_the_back_end_tells(facts, told):
    pen = in_phase(10)
    pen.see(FlagValue("f", after(10), 100, **facts))
    (draft,) = [draft for draft in duties(judge(pen.state, after(11))).drafts if draft.kind == "flag.drifted"]
    assert draft.text == f"flag reads 100 %, expected 10 %{told}"
    assert draft.facts["since"] == T0  # when it was confirmed: it was not read since
    assert set(draft.facts) == {"expected", "seen", "since", *facts}


def test_a_value_read_before_the_phase_was_entered_says_nothing_of_it():
    assert flag_duty("confirmed", 10, 0, at=-1) == []


def test_row_73_drift_and_its_end_are_an_entry_each():
    pen = calm()
    for at, reads in ((1, 100), (2, 100), (3, 50), (4, 50), (5, 10), (6, 10)):
        pen.see(FlagValue("flagd", after(LIT + at), reads))
        fly(pen, LIT + at)
    found = written(pen, "flag.drifted", "flag.confirmed", "flag.returned")[1:]
    assert found == ["flag.drifted", "flag.drifted", "flag.returned"]
    assert pen.state.entries[-1].text == "flag reads 10 % again, elsewhere for 10s"


def test_a_session_that_has_just_begun_has_no_duties():
    assert duties(judge(State(PLAN), T0)) == Duty()


def test_row_77_places_that_differ_are_drift_told_once_with_what_each_reads():
    pen = in_phase(10)
    targets = (Target("eu", 10), Target("us", 100), Target("asia", None, "401"))
    for second in (10, 11):
        pen.see(FlagValue("targets", after(second), None, targets=targets))
        for draft in duties(judge(pen.state, after(second))).drafts:
            pen.write(second, draft.kind, draft.text, by=draft.by, **draft.facts)
    (entry,) = [row for row in pen.state.entries if row.kind == "flag.drifted"]
    assert entry.text == "flag reads MIXED, expected 10 %"
    assert entry.listed("targets") == ("eu: 10 %", "us: 100 %", "asia: 401")
    pen.see(FlagValue("targets", after(12), None))
    assert duties(judge(pen.state, after(12))).move is None


@pytest.mark.parametrize(("phase", "percent"), [(10, 0), (25, 10), (10, 25), (50, 100), (100, 0), (25, 5)])
@pytest.mark.parametrize("reads", ["there", "elsewhere", "unread"])
def test_a_confirmed_move_whose_phase_was_never_written_enters_it(phase, percent, reads):
    """Rows 3 to 5: the disk took the confirmation and not the entry after it. What the flag reads now comes later."""
    pen = in_phase(phase)
    pen.write(60, "flag.intended", intent="r1", percent=percent, previous=phase, writer="flagd")
    pen.write(61, "flag.confirmed", intent="r1", percent=percent)
    if reads != "unread":
        pen.state = seeing(pen.state, FlagValue("flagd", after(70), percent if reads == "there" else phase))
    (entered,) = [draft for draft in duties(judge(pen.state, after(75))).drafts if draft.kind == "phase.entered"]
    assert entered.phase == PLAN.flown_at(percent)
    assert (entered.facts["previous"], entered.by) == (phase, "watch")
    pen.write(75, entered.kind, entered.text, phase=entered.phase, **entered.facts)
    again = [draft.kind for draft in duties(judge(pen.state, after(76))).drafts]
    assert "phase.entered" not in again
    pen.state = seeing(pen.state, FlagValue("flagd", after(80), phase))
    drifted = [draft for draft in duties(judge(pen.state, after(81))).drafts if draft.kind == "flag.drifted"]
    assert [draft.facts["expected"] for draft in drifted] == [entered.phase]
