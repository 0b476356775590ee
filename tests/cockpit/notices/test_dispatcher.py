"""What is told, when, and to whom."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from sessions.gate.judgement import Condition, Gate
from sessions.values.verdicts import Mark
from tests.cockpit.cli.test_lazy_imports import loaded
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.sample import HOSTILE, breach_flight, burning, calm, calm_flight, hostile
from tests.support.watch.noticing import CANARY, dispatcher, hook, secrets

OPEN = Gate("50 %", 50, (Condition("latency", Mark.PASS, "438 ms ≤ 500 ms"),))


def later(judgement, seconds):
    return replace(judgement, at=judgement.at + timedelta(seconds=seconds))


def said(notices):
    return [(told.channels, told.ids) for told in notices]


def breached(flight=None, at=NOW, criterion="latency"):
    facts = {"criterion": criterion, "verdict": "breach", "was": "pass", "since": at}
    return (flight or calm_flight()).wrote(at, "verdict.turned", f"{criterion} 812 ms > 500 ms", **facts)


BOTH = ("verdict.growth", "risk.support_queue")
FLOWN = ("phase.7", "phase.12")
"""The phases that every sample flight has entered by now."""


def told(flight, channel, *ids):
    """Let a message to a place be in the journal."""
    return flight.wrote(NOW, "notice.sent", f"notice sent to {channel}", channel=channel, alarms=ids)


def test_what_stood_at_the_first_look_and_was_told_is_told_again_only_when_it_repeats():
    ours, flight = dispatcher(), breach_flight()
    told(flight, "phone", *BOTH)
    assert ours.due(flight.judged()) == []
    assert ours.due(later(flight.judged(), 200)) == []
    assert said(ours.due(later(flight.judged(), 241))) == [(("phone",), ("verdict.growth",))]


def test_what_a_watch_that_died_could_tell_nobody_the_next_one_tells_each_place_that_does_not_know():
    ours, flight = dispatcher(hook("phone"), hook("team"), hook("log", events=("report",))), breach_flight()
    told(flight, "phone", *BOTH[:1])
    told(flight, "team", *BOTH)
    assert said(ours.due(flight.judged())) == [(("phone",), BOTH[1:])]
    assert ours.due(later(flight.judged(), 1)) == []


def test_a_phase_that_was_entered_while_nobody_could_tell_is_told_by_the_next_watch():
    ours, flight = (
        dispatcher(hook("phone", events=("phase",)), hook("team", events=("phase",)), hook("log")),
        calm_flight(),
    )
    told(flight, "phone", *FLOWN[:1])
    told(flight, "team", *FLOWN)
    (late,) = ours.due(flight.judged())
    assert (late.channels, late.ids) == (("phone",), FLOWN[1:])
    assert late.lines[1].endswith(" · 10:51")
    assert ours.due(later(flight.judged(), 1)) == []


def test_a_day_later_it_is_no_news():
    (late,) = dispatcher(hook(events=("phase",))).due(calm())
    assert late.ids == FLOWN
    assert dispatcher(hook(events=("phase",))).due(later(calm(), 86400)) == []


def test_each_thing_is_told_once():
    ours = dispatcher()
    assert ours.due(calm()) == []
    judgement = breached().judged()
    (told,) = ours.due(judgement)
    assert told.lines[0] == "shop · Phase 2 · 25 %"
    assert told.lines[1] == "◆ latency 812 ms > 500 ms · since 14:03:22"
    assert (told.at, told.service, told.phase, told.urgent) == (NOW, "shop", 25, False)
    assert [ours.due(later(judgement, at)) for at in (0, 1, 60)] == [[], [], []]
    assert said(ours.due(later(judgement, 301))) == [(("phone",), ("verdict.latency",))]


def test_without_a_service_the_plan_names_the_flight():
    ours = dispatcher(service="")
    ours.due(calm())
    (told,) = ours.due(breached().judged())
    assert told.head == "CL7 concierge · Phase 2 · 25 %"


def test_what_comes_while_a_place_rests_goes_together_and_what_is_urgent_does_not_wait():
    ours = dispatcher(hook(wait=60.0))
    ours.due(calm())
    flight = breached()
    assert said(ours.due(flight.judged())) == [(("phone",), ("verdict.latency",))]
    breached(flight, NOW + timedelta(seconds=10), "growth")
    assert ours.due(flight.judged(NOW + timedelta(seconds=10))) == []
    breached(flight, NOW + timedelta(seconds=20), "errors")
    assert ours.due(flight.judged(NOW + timedelta(seconds=20))) == []
    assert said(ours.due(flight.judged(NOW + timedelta(seconds=60)))) == [
        (("phone",), ("verdict.growth", "verdict.errors"))
    ]
    deadline = NOW + timedelta(minutes=15)
    flight.wrote(NOW + timedelta(seconds=61), "fuse.lit", "hot", risk="latency_spike", deadline=deadline, evidence=())
    (told,) = ours.due(flight.judged(NOW + timedelta(seconds=61)))
    assert (told.urgent, told.ids) == (True, ("verdict.latency", "fuse.latency_spike"))


def test_places_that_are_told_the_same_share_a_notice_and_each_hears_what_it_wants():
    ours = dispatcher(hook("a"), hook("b"), hook("c", events=("phase",)), hook("d", events=("alarms", "phase")))
    ours.due(told(told(calm_flight(), "c", *FLOWN), "d", *FLOWN).judged())
    flight = breached(told(told(calm_flight(), "c", *FLOWN), "d", *FLOWN))
    flight.wrote(NOW, "phase.entered", "50 % entered", by="cli", phase=50, previous=25, evidence=())
    assert said(ours.due(flight.judged())) == [(("c", "d"), (f"phase.{flight.state.seq}",))]
    breached(flight, NOW + timedelta(seconds=90))
    assert said(ours.due(flight.judged(NOW + timedelta(seconds=90)))) == [(("a", "b", "d"), ("verdict.latency",))]


def test_a_gate_that_opens_is_told_once_in_each_phase():
    ours = dispatcher(hook(events=("gate",), wait=0.0))
    shut, wide = calm(), replace(calm(), gate=OPEN)
    assert [said(ours.due(judgement)) for judgement in (shut, wide, wide, shut, wide)] == [
        [],
        [(("phone",), ("gate",))],
        [],
        [],
        [],
    ]
    entered = replace(wide, state=replace(wide.state, entered_at=NOW))
    assert said(ours.due(entered)) == [(("phone",), ("gate",))]


def test_a_gate_that_was_open_at_the_first_look_is_not_told():
    ours = dispatcher(hook(events=("gate",)))
    assert [said(ours.due(judgement)) for judgement in (replace(calm(), gate=OPEN), replace(calm(), gate=OPEN))] == [
        [],
        [],
    ]


def test_a_report_is_told_and_that_a_place_cannot_be_reached_is_not():
    ours = dispatcher(hook(events=("alarms", "report")))
    ours.due(calm())
    flight = calm_flight().wrote(NOW, "report.exported", "report of the day", by="owner", files=("a.md",))
    flight.wrote(NOW, "notice.failed", "notice NOT sent", channel="phone", alarms=("flag",), reason="refused")
    (told,) = ours.due(flight.judged())
    assert told.lines[1:] == ("report of the day (by owner) · 14:03:22",)


def test_a_message_is_told_whole_and_only_where_it_was_to_be_sent():
    ours = dispatcher(hook(events=("message",)))
    ours.due(calm())
    lines = ("Where we are", "- 25 %", "", "- all well")
    flight = calm_flight().wrote(NOW, "message.written", "message kept", by="owner", lines=lines, send=False)
    assert ours.due(flight.judged()) == []
    flight.wrote(NOW, "message.written", "message to be sent", by="owner", lines=lines, send=True)
    (told,) = ours.due(flight.judged())
    assert told.lines[1:] == (*lines, "by owner · 14:03:22")


def entered():
    flight = told(calm_flight(), "phone", *FLOWN)
    return flight.wrote(NOW, "phase.entered", "50 % entered", phase=50, previous=25, evidence=()).judged()


@pytest.mark.parametrize(
    ("judgement", "ids"), [(lambda: breached().judged(), "verdict.latency"), (entered, "phase.18")]
)
def test_in_quiet_hours_what_can_wait_is_told_in_the_morning(judgement, ids):
    ours = dispatcher(hook(events=("alarms", "phase")), quiet="14:00-15:00")
    ours.due(told(calm_flight(), "phone", *FLOWN).judged())
    looks = [ours.due(later(judgement(), at)) for at in (0, 60, 600, 3397, 3398, 3399)]
    assert [said(look) for look in looks] == [[], [], [], [], [(("phone",), (ids,))], []]


def test_in_quiet_hours_a_fuse_is_told_at_once():
    ours = dispatcher(quiet="14:00-15:00")
    ours.due(calm())
    assert said(ours.due(burning())) == [(("phone",), ("fuse.latency_spike",))]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_was_written_a_notice_is_lines_that_can_be_printed(text):
    ours = dispatcher(service=text)
    ours.due(calm())
    (told,) = ours.due(hostile(text))
    assert all(line.isprintable() and len(line) <= 400 for line in told.lines)


def test_row_84_what_a_shopper_wrote_of_a_secret_is_masked():
    known = secrets()
    known.keep(CANARY)
    ours = dispatcher(known=known)
    ours.due(calm())
    facts = {"incident": "i1", "severity": "P1"}
    (told,) = ours.due(calm_flight().wrote(NOW, "incident.opened", f"{CANARY} broke", by="cli", **facts).judged())
    assert told.lines[1].startswith("◆ *** broke")


@pytest.mark.parametrize(("why", "kind"), [("", "notice.sent"), ("refused", "notice.failed")])
async def test_a_notice_goes_only_to_its_places_and_each_ending_is_an_entry(why, kind):
    ours = dispatcher(hook("a"), hook("b", events=("phase",)), why=why)
    ours.due(calm())
    (told,) = ours.due(breached().judged())
    drafts = await ours.send(told)
    assert [(draft.kind, draft.facts["channel"], draft.by) for draft in drafts] == [(kind, "a", "watch")]
    await ours.aclose()
    places: list[Any] = [outlet.channel for outlet in ours._outlets]
    first, second = places
    assert (first.posted, second.posted, first.closed, second.closed) == ([told], [], True, True)


def test_row_26_a_clock_that_went_back_holds_nothing_back():
    ours = dispatcher(hook(wait=3600.0))
    ours.due(calm())
    assert ours.due(breached().judged())
    back = ago(hours=2)
    assert said(ours.due(breached(breached(), back, "growth").judged(back))) == [(("phone",), ("verdict.growth",))]


def test_a_herald_that_sends_nothing_loads_no_client():
    code = "from cockpit.notices.dispatcher import open_dispatcher\nresult = 0"
    assert loaded(code, "httpx", "textual") == (0, [])
