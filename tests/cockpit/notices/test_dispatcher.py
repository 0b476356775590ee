"""What is told, when, and to whom."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from sessions.gate.judgement import Condition, Gate
from sessions.plan.loader import scaled
from sessions.values.verdicts import Mark
from tests.cockpit.cli.test_lazy_imports import loaded
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.sample import HOSTILE, breach_flight, burning, calm, calm_flight, hostile
from tests.support.watch.noticing import CANARY, dispatcher, hook, secrets

OPEN = Gate("50 %", 50, (Condition("latency", Mark.PASS, "438 ms ≤ 500 ms"),))


def later(judgement, seconds):
    return replace(judgement, at=judgement.at + timedelta(seconds=seconds))


def begun(ours, judgement=None):
    """A watch that began a minute ago, and whose sources have answered since."""
    judgement = judgement or calm()
    assert list(ours.due(later(judgement, -60))) == [], "nothing in the first seconds"
    assert list(ours.due(later(judgement, -1))) == []
    return ours


def stood(flight, seconds=10.0):
    """What is told once it has stood for a moment."""
    return flight.judged(NOW + timedelta(seconds=seconds))


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
    looks = [ours.due(later(flight.judged(), at)) for at in (0, 6, 200, 241, 299)]
    assert looks == [(), [], [], [], []]
    assert said(ours.due(later(flight.judged(), 541))) == [(("phone",), ("verdict.growth",))]


def test_what_a_watch_that_died_could_tell_nobody_the_next_one_tells_each_place_that_does_not_know():
    ours, flight = dispatcher(hook("phone"), hook("team"), hook("log", events=("report",))), breach_flight()
    told(flight, "phone", *BOTH[:1])
    told(flight, "team", *BOTH)
    assert ours.due(flight.judged()) == (), "its sources have had no time to answer"
    assert said(ours.due(later(flight.judged(), 6))) == [(("phone",), BOTH[1:])]
    assert ours.due(later(flight.judged(), 7)) == []


@pytest.mark.parametrize("after", [0, 1, 5.9])
def test_in_the_first_seconds_of_a_watch_nothing_is_told_and_what_is_over_by_then_never(after):
    ours, flight = dispatcher(), breached(at=ago(minutes=30))
    assert [ours.due(later(flight.judged(), at)) for at in (0, after)] == [(), ()]
    flight.wrote(NOW, "verdict.turned", "latency pass", criterion="latency", verdict="pass", was="breach")
    assert [ours.due(later(flight.judged(), at)) for at in (6, 60, 600)] == [[], [], []]


def test_a_fuse_that_burns_still_when_the_first_seconds_are_over_is_told_then():
    ours, judgement = dispatcher(), burning()
    assert ours.due(judgement) == ()
    assert said(ours.due(later(judgement, 6))) == [(("phone",), ("fuse.latency_spike",))]


def test_a_phase_that_was_entered_while_nobody_could_tell_is_told_by_the_next_watch():
    ours, flight = (
        dispatcher(hook("phone", events=("phase",)), hook("team", events=("phase",)), hook("log")),
        calm_flight(),
    )
    told(flight, "phone", *FLOWN[:1])
    told(flight, "team", *FLOWN)
    assert ours.due(flight.judged()) == ()
    (late,) = ours.due(later(flight.judged(), 6))
    assert (late.channels, late.ids) == (("phone",), FLOWN[1:])
    assert late.lines[0].endswith(" · 10:51")
    assert ours.due(later(flight.judged(), 7)) == []


def test_a_day_later_it_is_no_news():
    ours, later_on = dispatcher(hook(events=("phase",))), dispatcher(hook(events=("phase",)))
    (late,) = [*ours.due(calm()), *ours.due(later(calm(), 6))]
    assert late.ids == FLOWN[::-1], "the newest first"
    assert [*later_on.due(later(calm(), 86400)), *later_on.due(later(calm(), 86406))] == []


def test_each_thing_is_told_once_and_its_end():
    ours = begun(dispatcher())
    flight = breached()
    assert [ours.due(stood(flight, at)) for at in (0, 9.9)] == [[], []]
    (told,) = ours.due(stood(flight))
    assert told.lines[0] == "◆ latency 812 ms > 500 ms · since 14:03:22", "the first line is what counts"
    assert told.lines[1] == "shop · Phase 2 · 25 %"
    assert (told.at, told.service, told.phase, told.urgent) == (NOW + timedelta(seconds=10), "shop", 25, False)
    assert [ours.due(stood(flight, at)) for at in (11, 70, 301)] == [[], [], []]
    assert said(ours.due(stood(flight, 311))) == [(("phone",), ("verdict.latency",))]
    moment = NOW + timedelta(seconds=320)
    flight.wrote(moment, "verdict.turned", "latency pass", criterion="latency", verdict="pass", was="breach")
    assert [ours.due(stood(flight, at)) for at in (320, 439)] == [[], []]
    (over,) = ours.due(stood(flight, 440))
    assert over.lines[0] == "● over: latency 812 ms > 500 ms · 14:03:22 to 14:08:42"
    assert (over.ids, over.urgent) == (("over.verdict.latency",), False)
    assert ours.due(stood(flight, 4000)) == []


def test_without_a_service_the_plan_names_the_flight():
    ours = begun(dispatcher(service=""))
    (told,) = ours.due(stood(breached()))
    assert told.head == "CL7 concierge · Phase 2 · 25 %"


def grown(flight, seconds, criterion):
    return breached(flight, NOW + timedelta(seconds=seconds), criterion)


def test_what_comes_while_a_place_rests_goes_together_the_newest_and_worst_first_and_what_is_urgent_does_not_wait():
    ours, flight = begun(dispatcher(hook(wait=60.0))), breached()
    assert said(ours.due(stood(flight))) == [(("phone",), ("verdict.latency",))]
    grown(flight, 10, "growth")
    assert ours.due(stood(flight, 20)) == []
    grown(flight, 20, "errors")
    assert ours.due(stood(flight, 69)) == []
    assert said(ours.due(stood(flight, 70))) == [(("phone",), ("verdict.errors", "verdict.growth"))]
    lit, deadline = NOW + timedelta(seconds=71), NOW + timedelta(minutes=15)
    grown(flight, 71, "analytics")
    flight.wrote(lit, "fuse.lit", "hot", risk="latency_spike", deadline=deadline, evidence=())
    (told,) = ours.due(stood(flight, 81))
    assert (told.urgent, told.ids) == (True, ("verdict.latency", "fuse.latency_spike", "verdict.analytics"))
    assert told.lines[0].startswith("◆ hot · since"), "the fuse comes first"


def test_what_waited_is_judged_again_when_it_is_released():
    """A breach that is over by then is told to nobody, and so is a gate that is shut or was used."""
    ours, flight = begun(dispatcher(hook(wait=60.0, events=("alarms", "gate")))), breached()
    assert said(ours.due(stood(flight))) == [(("phone",), ("verdict.latency",))]
    grown(flight, 11, "growth")
    wide = replace(stood(flight, 25), gate=OPEN)
    assert [ours.due(wide), ours.due(later(wide, 20))] == [[], []]
    used = NOW + timedelta(seconds=50)
    flight.wrote(used, "phase.entered", "50 % entered", by="owner", phase=50, previous=25, evidence=())
    assert ours.due(stood(flight, 55)) == []
    found = ours.due(stood(flight, 80))
    assert not any("gate" in one.ids or "verdict.growth" in one.ids for one in found)


@pytest.mark.parametrize("speed", [1, 2, 6])
def test_the_wait_follows_the_speed(speed):
    ours = begun(dispatcher(hook(wait=120.0)), at_speed(calm(), speed))
    flight = breached()
    assert said(ours.due(at_speed(stood(flight), speed)))
    grown(flight, 10, "growth")
    rest = 120 / speed
    assert ours.due(at_speed(stood(flight, 10 + rest - 0.1), speed)) == []
    ids = [one for _, ids in said(ours.due(at_speed(stood(flight, 10 + rest), speed))) for one in ids]
    assert "verdict.growth" in ids


def at_speed(judgement, speed):
    return replace(judgement, state=replace(judgement.state, plan=scaled(judgement.state.plan, speed)))


def test_places_that_are_told_the_same_share_a_notice_and_each_hears_what_it_wants():
    ours = dispatcher(hook("a"), hook("b"), hook("c", events=("phase",)), hook("d", events=("alarms", "phase")))
    flight = told(told(calm_flight(), "c", *FLOWN), "d", *FLOWN)
    begun(ours, flight.judged())
    flight.wrote(NOW, "phase.entered", "50 % entered", by="cli", phase=50, previous=25, evidence=())
    assert said(ours.due(flight.judged())) == [(("c", "d"), (f"phase.{flight.state.seq}",))]
    breached(flight, NOW + timedelta(seconds=90))
    assert said(ours.due(stood(flight, 100))) == [(("a", "b", "d"), ("verdict.latency",))]


def test_a_gate_that_stands_open_is_told_once_in_each_phase():
    ours = begun(dispatcher(hook(events=("gate",), wait=0.0)))
    shut, wide = calm(), replace(calm(), gate=OPEN)
    looks = [(wide, 0), (shut, 5), (wide, 6), (wide, 15), (wide, 16), (wide, 17), (shut, 18), (wide, 19), (wide, 60)]
    assert [at for judgement, at in looks if ours.due(later(judgement, at))] == [16]
    entered = replace(wide, state=replace(wide.state, entered_at=NOW))
    assert said(ours.due(later(entered, 70))) == [(("phone",), ("gate",))]


def test_a_gate_that_was_open_at_the_first_look_is_not_told():
    ours = dispatcher(hook(events=("gate",)))
    assert [list(ours.due(later(replace(calm(), gate=OPEN), at))) for at in (0, 6, 60)] == [[], [], []]


def test_a_report_is_told_and_that_a_place_cannot_be_reached_is_not():
    ours = begun(dispatcher(hook(events=("alarms", "report"))))
    flight = calm_flight().wrote(NOW, "report.exported", "report of the day", by="owner", files=("a.md",))
    flight.wrote(NOW, "notice.failed", "notice NOT sent", channel="phone", alarms=("flag",), reason="refused")
    (told,) = ours.due(stood(flight))
    assert told.lines == ("report of the day (by owner) · 14:03:22", told.head)


def test_a_message_is_told_whole_and_only_where_it_was_to_be_sent():
    ours = begun(dispatcher(hook(events=("message",))))
    lines = ("Where we are", "- 25 %", "", "- all well")
    flight = calm_flight().wrote(NOW, "message.written", "message kept", by="owner", lines=lines, send=False)
    assert ours.due(flight.judged()) == []
    flight.wrote(NOW, "message.written", "message to be sent", by="owner", lines=lines, send=True)
    (told,) = ours.due(flight.judged())
    assert told.lines == (lines[0], told.head, *lines[1:], "by owner · 14:03:22")


def entered():
    flight = told(calm_flight(), "phone", *FLOWN)
    return flight.wrote(NOW, "phase.entered", "50 % entered", phase=50, previous=25, evidence=()).judged()


@pytest.mark.parametrize(
    ("judgement", "ids"), [(lambda: breached().judged(), "verdict.latency"), (entered, "phase.18")]
)
def test_in_quiet_hours_what_can_wait_is_told_in_the_morning(judgement, ids):
    ours = dispatcher(hook(events=("alarms", "phase")), quiet="14:00-15:00")
    begun(ours, told(calm_flight(), "phone", *FLOWN).judged())
    looks = [ours.due(later(judgement(), at)) for at in (0, 60, 600, 3397, 3398, 3399)]
    assert [said(look) for look in looks] == [[], [], [], [], [(("phone",), (ids,))], []]


def test_in_quiet_hours_a_fuse_is_told_as_always():
    ours = begun(dispatcher(quiet="14:00-15:00"))
    assert said(ours.due(later(burning(), 10))) == [(("phone",), ("fuse.latency_spike",))]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_was_written_a_notice_is_lines_that_can_be_printed(text):
    ours = begun(dispatcher(service=text))
    (told,) = ours.due(later(hostile(text), 10))
    assert all(line.isprintable() and len(line) <= 400 for line in told.lines)


def test_row_84_what_a_shopper_wrote_of_a_secret_is_masked():
    known = secrets()
    known.keep(CANARY)
    ours = begun(dispatcher(known=known))
    facts = {"incident": "i1", "severity": "P1"}
    (told,) = ours.due(stood(calm_flight().wrote(NOW, "incident.opened", f"{CANARY} broke", by="cli", **facts)))
    assert told.lines[0].startswith("◆ *** broke")


@pytest.mark.parametrize(("why", "kind"), [("", "notice.sent"), ("refused", "notice.failed")])
async def test_a_notice_goes_only_to_its_places_and_each_ending_is_an_entry(why, kind):
    ours = dispatcher(hook("a"), hook("b", events=("report",)), why=why)
    begun(ours)
    (told,) = ours.due(stood(breached()))
    drafts = await ours.send(told)
    assert [(draft.kind, draft.facts["channel"], draft.by) for draft in drafts] == [(kind, "a", "watch")]
    await ours.aclose()
    places: list[Any] = [outlet.channel for outlet in ours._outlets]
    first, second = places
    assert (first.posted, second.posted, first.closed, second.closed) == ([told], [], True, True)


def test_row_26_a_clock_that_went_back_holds_nothing_back():
    ours, flight = begun(dispatcher(hook(wait=3600.0))), breached()
    assert ours.due(stood(flight))
    back = ago(hours=2)
    breached(flight, back, "growth")
    assert said(ours.due(flight.judged(back + timedelta(seconds=10)))) == [(("phone",), ("verdict.growth",))]


@pytest.mark.parametrize(("on", "off", "speed"), [(6, 6, 1), (12, 4, 1), (30, 30, 1), (90, 20, 1), (30, 30, 2)])
def test_18_minutes_of_a_fuse_that_flaps_are_a_handful_of_messages(on, off, speed):
    """Seen: 66 messages. Each look is one of the watch's; a place that does not rest at all is the worst case."""
    ours = begun(dispatcher(hook(wait=0.0)), at_speed(calm(), speed))
    flight, messages, at = calm_flight(), [], 0.0
    while at < 18 * 60:
        burn(flight, at)
        messages += looks(ours, flight, at, at + on, speed)
        put_out(flight, at + on)
        messages += looks(ours, flight, at + on, at + on + off, speed)
        at += on + off
    messages += looks(ours, flight, at, at + 2400, speed, every=60.0)
    firsts = [one.lines[0] for one in messages]
    assert len(firsts) <= 6 * speed
    if on > 10:
        assert firsts[0].startswith("◆ hot · since 14:03:22")
        assert firsts[-1].startswith("● over: hot · 14:03 to ")
        assert all(one.startswith("◆ hot · since 14:") for one in firsts[1:-1])


def looks(ours, flight, since, until, speed=1, *, every=2.0):
    found = []
    while since < until:
        found += ours.due(at_speed(stood(flight, since), speed))
        since += every
    return found


def burn(flight, at):
    moment = NOW + timedelta(seconds=at)
    grown(flight, at, "latency")
    flight.wrote(moment, "risk.turned", "hot", risk="latency_spike", level="act")
    deadline = moment + timedelta(minutes=15)
    flight.wrote(moment, "fuse.lit", "hot", risk="latency_spike", deadline=deadline, evidence=())


def put_out(flight, at):
    moment = NOW + timedelta(seconds=at)
    flight.wrote(moment, "verdict.turned", "latency pass", criterion="latency", verdict="pass", was="breach")
    flight.wrote(moment, "fuse.defused", "out", risk="latency_spike", reason="clean", evidence=())
    flight.wrote(moment, "risk.turned", "calm", risk="latency_spike", level="calm")


def test_a_herald_that_sends_nothing_loads_no_client():
    code = "from cockpit.notices.dispatcher import open_dispatcher\nresult = 0"
    assert loaded(code, "httpx", "textual") == (0, [])
