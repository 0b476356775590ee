"""What stands behind a p95, and one calm cause where no source answers."""

import pytest
from msgspec.structs import replace

from sessions.values import readings as r
from sessions.values.verdicts import Mark, Part, Pool
from tests.support.screen.grown_flight import NOW, PLAN, Flight, ago, entered, flag, mongo, started, traffic
from tests.support.screen.sample import calm, calm_flight, view
from widgets.base.styled import length, plain
from widgets.base.view import cause, troubles
from widgets.detail.panes import ChartPane
from widgets.panes.latency import LatencyPane
from widgets.wording.p95 import behind, judged, weakness

SUBJECT = "POST /capsules"
NOTE = "500 ms lies inside a bucket (400–750 ms)"


def seen(**facts):
    """Return a view on one closed window and a running one, and the part that was judged from the closed one."""
    start, end = ago(minutes=10), ago(minutes=5)
    row = {"requests": 100.0, "errors": 0.0, "p95_ms": 438.0, **facts}
    closed = r.Traffic("scrape", NOW, SUBJECT, r.Grain.WINDOW, start, end, **row)
    running = r.Traffic("scrape", ago(minutes=1), SUBJECT, r.Grain.WINDOW, end, NOW, 9, 0, 90.0, bucket_ms=(50, 100))
    return view(Flight().saw(closed, running).judged()), Part(
        SUBJECT, Mark.PASS, row["p95_ms"], 500, "ms", over=bool(row.get("p95_capped"))
    )


def said(width=60, **facts):
    look, part = seen(**facts)
    return plain([behind(look, part, width)])


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"bucket_ms": (400, 450), "over": 0.031}, "  3.1 % over 500 ms  438 ms (400–450)     ● PASS"),
        ({"bucket_ms": (250, 500), "over": 0.0}, "  0.0 % over 500 ms  438 ms (250–500)     ● PASS"),
        ({"bucket_ms": (400, 450)}, "                     438 ms (400–450)     ● PASS"),
        ({}, "                     438 ms               ● PASS"),
        ({"p95_ms": 5000.0, "p95_capped": True, "over": 1.0}, "  100 % over 500 ms  p95 over 5000 ms     ● PASS"),
        ({"bucket_ms": (1000, 2500), "p95_ms": 1200.0}, "                    1200 ms (1000–2500)   ● PASS"),
    ],
)
def test_each_figure_has_its_place_in_every_state(facts, line):
    assert said(**facts) == line


@pytest.mark.parametrize(
    ("pool", "line"),
    [
        (Pool(22, 2400, 1), "       1 of 22 slow  438 ms pooled 40 min ● PASS"),
        (Pool(22, 2400), "        22 requests  438 ms pooled 40 min ● PASS"),
        (Pool(139, 3600, 0), "      0 of 139 slow  438 ms pooled 60 min ● PASS"),
    ],
)
def test_a_pool_has_its_figures_in_the_same_places(pool, line):
    look, part = seen(bucket_ms=(400, 450), over=0.031)
    part = replace(part, marks=(Mark.PASS,), pools=(pool,))
    assert plain([behind(look, part, 60)]) == line


def test_with_less_room_the_mark_stays():
    facts = {"bucket_ms": (400, 450), "over": 0.031}
    assert said(30, **facts) == "  438 ms (400–450)     ● PASS"
    assert said(20, **facts) == "● PASS"
    for width in range(10, 80):
        look, part = seen(**facts)
        assert length(behind(look, part, width)) <= width


def test_a_running_window_is_not_what_was_judged():
    look, _ = seen()
    assert judged(look, Part(SUBJECT, Mark.WARMING, 90.0, 500, "ms")) is None
    assert judged(look, Part(SUBJECT, Mark.WARMING, None, 500, "ms")) is None
    assert judged(look, Part("GET /elsewhere", Mark.PASS, 438.0, 500, "ms")) is None


def test_the_chart_of_an_endpoint_tells_it():
    pane = ChartPane()
    pane.chosen = PLAN.endpoints.index(SUBJECT)
    flight = calm_flight()
    newest = flight.state.seen.windows[SUBJECT][-2]
    detail = {"bucket_ms": (400, 450), "over": 0.02}
    facts = {name: getattr(newest, name) for name in newest.__struct_fields__ if name not in detail}
    look = view(flight.saw(r.Traffic(**facts, **detail)).judged())
    assert "(400–450)" in plain([pane.picture(look, 110, 20).foot])
    assert "2.0 % over 500 ms" in plain([pane.picture(look, 110, 20).foot])
    pane.criterion = "errors"
    assert "(400–450)" not in plain([pane.picture(look, 110, 20).foot])


def noting(judgement_of=calm_flight, **pulse):
    facts = {"ok": True, "note": NOTE, **pulse}
    return view(judgement_of().saw(r.Pulse("scrape", NOW, r.Topic.TRAFFIC, newest=NOW, **facts)).judged())


def test_a_weak_side_stands_at_the_foot_while_all_is_fine():
    foot = LatencyPane().picture(noting(), 66, 7).foot
    assert plain([foot]) == f"{NOTE} ● PASS"
    assert foot[0][1] == "$quiet"
    assert plain([LatencyPane().picture(noting(note=""), 66, 7).foot]) == "● PASS"


def test_a_weak_side_yields_to_the_verdict():
    assert weakness(noting(), r.Topic.TRAFFIC, Mark.BREACH, 60) == ()
    assert weakness(noting(unreadable=3), r.Topic.TRAFFIC, Mark.PASS, 60) == ()
    assert plain([weakness(noting(), r.Topic.TRAFFIC, Mark.PASS, 30)]) == "500 ms lies inside a b… ● PASS"
    assert weakness(noting(), r.Topic.TRAFFIC, Mark.PASS, 16) == ()
    for width in range(8, 70):
        assert length(weakness(noting(), r.Topic.TRAFFIC, Mark.PASS, width)) <= width


TOPICS = tuple(topic for topic in r.Topic if topic not in (r.Topic.FLAG, r.Topic.ALERTS))


def dark(reason=lambda topic: "refused", *, last=15, topics=TOPICS):
    """Return a flight whose `topics` fail since `last` minutes, each for its reason."""
    good = ago(minutes=last)
    flight = flag(mongo(traffic(entered(started()), ends=good), at=good))
    for topic in topics:
        source = "scrape" if topic is r.Topic.TRAFFIC else "mongo"
        flight.saw(r.Pulse(source, NOW, topic, False, reason(topic)))
    return flight.judged()


def test_when_no_source_answers_that_is_one_cause():
    """Row 58: one line, whatever the number of topics; the flag's own file still answers."""
    assert troubles(view(dark())) == ("no source answers since 13:48: refused",)
    mixed = dark(lambda topic: "refused" if topic is r.Topic.TRAFFIC else "no server")
    assert troubles(view(mixed)) == ("no source answers since 13:48: our network?",)


def test_nobody_ever_answered():
    """Row 58."""
    flight = Flight()
    for topic in TOPICS:
        flight.saw(r.Pulse("scrape" if topic is r.Topic.TRAFFIC else "mongo", NOW, topic, False, "unknown host"))
    assert troubles(view(flight.judged())) == ("no source answers: unknown host",)


def test_one_source_that_answers_makes_it_the_others_own_trouble():
    """Row 58."""
    some = dark(topics=TOPICS[1:], last=0)
    assert cause(view(calm())) == ""
    assert cause(view(some)) == ""
    alone = Flight().saw(r.Pulse("scrape", NOW, r.Topic.TRAFFIC, False, "refused")).judged()
    assert troubles(view(alone)) == ("traffic never answered: refused",)


def test_the_gate_says_it_in_the_same_words():
    """Row 58: before the first phase the gate asks for the sources themselves."""
    flight = started()
    for topic in TOPICS:
        flight.saw(r.Pulse("scrape" if topic is r.Topic.TRAFFIC else "mongo", NOW, topic, False, "refused"))
    (condition,) = [one for one in flight.judged().gate.conditions if one.name == "sources"]
    assert condition.text == "no source answers"
