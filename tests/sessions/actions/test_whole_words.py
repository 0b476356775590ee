"""What is entered is whole: text is cut where it is painted, never where it is written."""

import pytest
from msgspec.structs import replace

from sessions.actions.evidence import evidence, turns
from sessions.gate.evaluate import judge
from sessions.safety.automatic import duties
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue
from tests.support.build import after, pulse
from tests.support.sessions.flight import all_is_well, in_phase

AT = 7300.0
LONG = "the vendor says of the collection of capsules that its index is being built anew until after lunch tomorrow END"
DARK = 700.0


def flight():
    pen = in_phase(10)
    pen.state = all_is_well(pen.state, after(AT))
    return pen


def silenced(topic):
    """A source fails for long, with many words."""

    def told(pen):
        pen.see(replace(pulse(topic, after(AT + DARK), ok=False, reason=LONG), newest=None))

    return told


def incident(pen):
    pen.write(AT + 1, "incident.opened", LONG, by="owner", incident="i1", severity="P1")


def triage(pen):
    pen.see(
        pulse(r.Topic.TRIAGE, after(AT + DARK)),
        r.Triage("mongo", after(AT + DARK), (r.TriageLine("x", after(AT), LONG, True),), 1),
    )


def waived(pen):
    pen.write(AT + 1, "waiver.given", LONG, by="owner", subject="latency", reason=LONG, evidence=())


def paused(pen):
    pen.write(AT + 1, "rollout.paused", LONG, by="owner", cause=LONG, evidence=())


def broken(pen):
    pen.state = replace(pen.state, journal_fault=LONG)


def switched(pen):
    pen.write(AT + 1, "flow.frozen", LONG, by="owner", flow="capsules", cause=LONG)
    flow = next(flow for flow in pen.state.plan.flows if flow.id == "capsules")
    pen.see(pulse(r.Topic.FLAG, after(AT + DARK)), FlagValue("flagd", after(AT + DARK), 10))
    pen.write(AT + 2, "switch.refused", LONG, switch=flow.flag, on=True, reason=LONG)


@pytest.mark.parametrize(
    "trouble",
    [*(silenced(topic) for topic in r.Topic if topic not in (r.Topic.CAPSULES, r.Topic.RETURNS, r.Topic.EXPOSURE,
                                                             r.Topic.ALERTS)),
     incident, triage, waived, paused, broken, switched],
    ids=[*(topic.value for topic in r.Topic if topic not in (r.Topic.CAPSULES, r.Topic.RETURNS, r.Topic.EXPOSURE,
                                                             r.Topic.ALERTS)),
         "incident", "triage line", "waived", "paused", "broken", "switched"],
)  # fmt: skip
def test_what_is_entered_has_all_its_words(trouble):
    pen = flight()
    trouble(pen)
    judgement = judge(pen.state, after(AT + DARK))
    drafts = [*turns(judgement), *duties(judgement).drafts]
    lines = [*evidence(judgement), *(draft.text for draft in drafts)]
    lines += [fact for draft in drafts for fact in draft.facts.values() if isinstance(fact, str)]
    mine = [line for line in lines if LONG[:12] in line]
    assert mine
    assert all(LONG in line for line in mine)
    assert not any("…" in line for line in lines)
