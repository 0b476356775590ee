"""What was decided and is not proved done: reverts and switches are asked for again, and hold the gate."""

import pytest

from sessions.gate.evaluate import judge
from sessions.gate.gate import gate
from sessions.plan.loader import scaled
from sessions.safety.automatic import duties
from sessions.state.pending import plan_switches, rest, revert_owed, switches_owed
from sessions.values.flag_value import FlagValue
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, after
from tests.support.sessions.acting import ready
from tests.support.sessions.flight import begun, in_phase
from tests.support.sessions.rounds import LIT, calm

SWITCH = "capsules-flow"


def reverting(status, **facts):
    pen = calm(25)
    pen.write(LIT, "flag.intended", intent="m9", percent=10, previous=25, writer="f")
    pen.write(LIT + 1, f"flag.{status}", intent="m9", percent=10, reason="401", **facts)
    return pen


def moves(pen, at=LIT + 20):
    return duties(judge(pen.state, after(at))).move


@pytest.mark.parametrize("status", ["refused", "unknown"])
@pytest.mark.parametrize("reads", [25, 50, 10])
def test_rows_74_and_75_a_revert_not_done_is_asked_for_again_whatever_the_flag_reads(status, reads):
    pen = reverting(status)
    pen.see(FlagValue("f", after(LIT + 10), reads))
    assert revert_owed(pen.state)
    assert moves(pen).percent == 10
    assert not [draft for draft in duties(judge(pen.state, after(LIT + 20))).drafts if draft.kind.startswith("flag.")]


def test_row_74_it_holds_the_gate_and_says_so_loudly():
    pen = reverting("refused")
    (row,) = [item for item in judge(pen.state, after(LIT + 5)).gate.conditions if item.name == "flag"]
    assert (row.mark, row.text) == (Mark.BREACH, "REVERT NOT DONE, outcome refused")


def test_row_70_an_advance_without_an_outcome_is_not_asked_for_again():
    for status in ("refused", "unknown", "intended"):
        pen = in_phase(10)
        pen.write(60, "flag.intended", intent="m9", percent=25, previous=10, writer="f")
        if status != "intended":
            pen.write(61, f"flag.{status}", intent="m9", percent=25, reason="lost")
        assert not revert_owed(pen.state)
        assert moves(pen, 300) is None


def test_a_revert_that_is_under_way_is_not_begun_twice():
    pen = calm(25)
    pen.write(LIT, "flag.intended", intent="m9", percent=10, previous=25, writer="f")
    assert moves(pen) is None


def test_a_confirmed_one_is_owed_no_more():
    pen = reverting("refused")
    pen.write(LIT + 12, "flag.confirmed", intent="m9", percent=10)
    pen.write(LIT + 12, "phase.entered", phase=10, previous=25, evidence=())
    assert not revert_owed(pen.state)


def test_setting_the_flag_back_in_the_preflight_is_owed_too():
    pen = begun()
    pen.write(10, "flag.intended", intent="m2", percent=0, previous=0, writer="f")
    pen.write(11, "flag.refused", intent="m2", percent=0, reason="500")
    assert revert_owed(pen.state)


def frozen():
    pen = ready()
    pen.write(60, "flow.frozen", flow="capsules", cause="by hand")
    return pen


def test_a_switch_whose_result_was_never_written_is_owed_after_a_rest():
    pen = frozen()
    assert switches_owed(pen.state, after(60 + rest(PLAN) - 0.1)) == ()
    assert switches_owed(pen.state, after(60 + rest(PLAN))) == ((SWITCH, True),)


def test_row_77_a_refused_switch_is_tried_again_until_it_is_set():
    pen = frozen()
    pen.write(61, "switch.refused", switch=SWITCH, on=True, reason="401")
    assert switches_owed(pen.state, after(65)) == ()
    assert switches_owed(pen.state, after(71)) == ((SWITCH, True),)
    pen.write(72, "switch.confirmed", switch=SWITCH, on=True)
    assert switches_owed(pen.state, after(900)) == ()
    pen.write(950, "flow.thawed", flow="capsules", cause="by hand")
    assert switches_owed(pen.state, after(961)) == ((SWITCH, False),)
    pen.write(962, "switch.confirmed", switch=SWITCH, on=False)
    assert switches_owed(pen.state, after(1900)) == ()


def test_a_switch_nobody_touched_is_not_owed():
    assert switches_owed(ready().state, after(9000)) == ()


def test_the_plan_names_its_switches_once():
    names = ("capsules-flow", "returns-flow", "stub-fallback", "sla-message", "cap-escalations")
    assert plan_switches(PLAN) == names


def test_a_faster_plan_tries_sooner_but_not_more_than_once_a_second():
    assert (rest(PLAN), rest(scaled(PLAN, 5)), rest(scaled(PLAN, 240))) == (10.0, 2.0, 1.0)


@pytest.mark.parametrize(
    ("kind", "facts", "reads", "text"),
    [
        ("switch.refused", {"reason": "no such flag"}, (), "switch sla-message NOT on: no such flag"),
        ("switch.confirmed", {}, (), "switch sla-message does not read on"),
        ("switch.confirmed", {}, ("sla-message",), ""),
        ("switch.confirmed", {}, None, ""),
    ],
)
def test_a_switch_that_is_not_as_decided_holds_the_gate(kind, facts, reads, text):
    pen = ready()
    pen.write(60, "task.ticked", "SLA", task="support_queue.sla", done=True)
    pen.write(61, kind, switch="sla-message", on=True, **facts)
    now = judge(pen.state, after(7300)).at
    pen.see(FlagValue("f", after(7300), 10, reads))
    judged = judge(pen.state, now)
    (row,) = [item for item in judged.gate.conditions if item.name == "flag"]
    assert (row.text if row.mark is Mark.BREACH else "") == text
    assert gate(pen.state, judged.verdicts, judged.risks, judged.soak, now) == judged.gate


def test_row_76_written_and_not_yet_served_holds_the_gate():
    pen = ready()
    pen.write(60, "flag.confirmed", intent="m4", percent=10, served=False)
    (row,) = [item for item in judge(pen.state, after(7300)).gate.conditions if item.name == "flag"]
    assert (row.mark, row.text) == (Mark.WARMING, "10 % written, not served yet")
