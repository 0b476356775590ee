"""Alerts and backfilled windows on the screen: where they stand, and that nothing moves for them."""

import pytest
from msgspec.structs import replace

from sessions.values import readings as r
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.sample import calm_flight, view
from widgets.base.styled import plain
from widgets.detail.panes import ChartPane
from widgets.panes.incidents import IncidentsPane
from widgets.wording.incidents import incident_lines

SLOW = r.TriageLine("f1", ago(minutes=4), "SlowCapsules: p95 over the bound", open=True)
OVER = r.TriageLine("f0", ago(minutes=40), "DiskFull", open=False)


def flight(*critical, firing=0, answers=("triage", "alerts"), at=None, read=True, doubt="", note=""):
    flown = calm_flight()
    flown.wrote(ago(minutes=1), "watch.started", "watch started", pid=2, host="here", answers=answers)
    at = at or ago(seconds=10)
    pulse = r.Pulse("am", at, r.Topic.ALERTS, ok=True, newest=at, note=note)
    alerts = (r.Alerts("am", at, critical, firing, doubt), pulse)
    return flown.saw(*alerts) if read else flown


def pane(flown, height=5, width=60):
    picture = IncidentsPane().picture(view(flown.judged()), width, height)
    return [plain([line]).rstrip() for line in picture.lines], picture


def test_without_a_source_for_alerts_there_is_no_word_of_them():
    lines, _ = pane(flight(SLOW, firing=1, answers=("triage",)))
    assert not any("alerts" in line for line in lines)
    assert [line.split()[1] for line in lines[:2]] == ["P0/P1", "triage"]


@pytest.mark.parametrize(
    ("flown", "said"),
    [
        (flight(), "● alerts      0 firing, 0 critical"),
        (flight(firing=3), "● alerts      3 firing, 0 critical"),
        (flight(SLOW, OVER, firing=2), "◆ alerts      2 firing, 1 critical"),
        (flight(OVER), "● alerts      0 firing, 0 critical"),
        (flight(SLOW, firing=1, at=ago(minutes=30)), "◌ alerts      1 firing, 1 critical"),
        (
            flight(firing=1, doubt="1 alert of severity High is not counted"),
            "◌ alerts      1 alert of severity High is not counted",
        ),
        (flight(SLOW, firing=2, doubt="1 alert without a severity"), "◆ alerts      2 firing, 1 critical"),
        (flight(read=False), "… alerts      –"),
    ],
)
def test_the_line_stands_at_the_same_place_in_every_state(flown, said):
    for height in (4, 5, 8):
        lines, _ = pane(flown, height)
        assert lines[2] == said


def test_the_newest_alert_is_named_where_room_is_short():
    lines, picture = pane(flight(OVER, SLOW, firing=1), height=4)
    assert lines[3].endswith("SlowCapsules: p95 over the bound")
    assert picture.tone == "-bad"


def test_alerts_alone_leave_the_triage_log_out():
    lines, _ = pane(flight(SLOW, firing=1, answers=("alerts",)))
    assert not any("triage" in line for line in lines)
    told = plain(incident_lines(view(flight(SLOW, answers=("alerts",)).judged()), 80))
    assert "triage" not in told


def test_alerts_that_are_not_read_are_named_at_the_foot():
    _, picture = pane(flight(SLOW, firing=1, at=ago(minutes=30)))
    assert "as of" in plain([picture.foot])


def test_a_weak_side_stands_at_the_foot_of_what_passes_and_in_the_list():
    weak = flight(note="silence proves nothing: no heartbeat is named")
    assert "silence proves nothing: no heartbeat" in plain([pane(weak, width=70)[1].foot])
    assert "silence proves nothing: no heartbeat" in plain(incident_lines(view(weak.judged()), 100))
    assert "silence" not in plain([pane(flight(SLOW, note="silence proves nothing"), width=70)[1].foot])


def test_what_may_not_be_all_is_listed_once():
    doubt = "1 alert of severity High is not counted"
    told = plain(incident_lines(view(flight(doubt=doubt, note=doubt).judged()), 100))
    assert told.count(doubt) == 1


def test_every_alert_that_holds_the_gate_is_listed():
    told = plain(incident_lines(view(flight(SLOW, OVER, firing=7).judged()), 100))
    assert "Alerts that hold the gate, 7 firing in all" in told
    assert "f1" in told
    assert "open    SlowCapsules: p95 over the bound" in told
    assert "closed  DiskFull" in told
    unread = plain(incident_lines(view(flight(read=False).judged()), 100))
    assert "not read yet" in unread


@pytest.mark.parametrize(("criterion", "subject"), [("latency", "GET /concierge"), ("errors", "all")])
def test_backfilled_windows_are_counted_in_the_detail(criterion, subject):
    flown = calm_flight()
    chart = ChartPane()
    chart.criterion = criterion
    assert "backfilled" not in plain([chart.picture(view(flown.judged()), 90, 20).title])
    row = flown.state.seen.windows["GET /concierge"]
    flown.saw(*(replace(one, at=NOW, backfilled=True) for one in row[-5:-2]))
    title = plain([chart.picture(view(flown.judged()), 90, 20).title])
    assert title.startswith(subject)
    assert title.endswith("· 3 backfilled")
