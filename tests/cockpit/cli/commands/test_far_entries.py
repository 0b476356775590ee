"""Every command over entries that lie centuries apart: what it costs follows from how many there are."""

import json
import sys
from contextlib import closing, contextmanager
from datetime import UTC, timedelta

import pytest

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from cockpit.session.viewer import Viewer
from sessions.history.history import History
from sessions.storage.folders import HISTORY, SESSION
from sessions.values import readings as r
from tests.support.sessions.forged import BATTERY, FAR, forged
from widgets.base.view import View
from widgets.detail.week_grid import WeekGrid
from widgets.frame.header import Header
from widgets.frame.phase_rail import PhaseRail
from widgets.panes.analytics import AnalyticsPane
from widgets.panes.errors import ErrorsPane
from widgets.panes.gate import GatePane
from widgets.panes.growth import GrowthPane
from widgets.panes.latency import LatencyPane
from widgets.panes.log import LogPane
from widgets.panes.queue import QueuePane

COMMANDS = (
    ["status"],
    ["status", "--json"],
    ["status", "--since", "last"],
    ["status", "--since", "2h"],
    ["status", "--since", "1990-01-01"],
    ["check"],
    ["export", "--format", "md,html,json"],
    ["export", "--since", "last"],
    ["export", "--day", "2026-11-23"],
    ["task", "list"],
)
PANES = (
    Header,
    PhaseRail,
    GatePane,
    LatencyPane,
    ErrorsPane,
    AnalyticsPane,
    GrowthPane,
    QueuePane,
    LogPane,
    WeekGrid,
)
MORE = 400_000
"""Calls of functions that a command over far entries may make beyond those over near ones: more than any makes now."""


class TooMuchError(AssertionError):
    """A command goes on and on."""


@contextmanager
def counted(most):
    """Count calls of functions; more than `most` end what makes them."""
    count = 0

    def called(_frame, event, _arg):
        nonlocal count
        count += event in {"call", "c_call"}
        if count > most:
            sys.setprofile(None)
            raise TooMuchError(count)

    sys.setprofile(called)
    try:
        yield lambda: count
    finally:
        sys.setprofile(None)


def kept(folder):
    """A history whose readings are as far apart as the entries."""
    now = Clock().now()
    sizes = [r.Size("mongo", BATTERY + timedelta(hours=n), "shortlists", 900 + n, 0) for n in range(30)]
    with closing(History(folder / HISTORY)) as history:
        history.add(
            [
                *(
                    r.Traffic("scrape", now, f"GET /{grain}", grain, BATTERY, now, 120.0, 0.0, 200.0)
                    for grain in r.Grain
                ),
                r.Beat("mongo", now, "capsule_created", BATTERY, now, 90),
                *sizes,
                r.Size("mongo", now, "shortlists", 990, 0),
                r.Tickets("mongo", now, 7, BATTERY, (("P2", 4),), 1, ("Linen blazer",)),
                *(r.Pulse("mongo", now, topic, True, "", 12.0, now) for topic in r.Topic),
            ]
        )


@pytest.mark.parametrize("name", FAR)
def test_no_command_counts_through_the_centuries(home, capsys, name):
    forged(home / "one" / SESSION, FAR[name])
    kept(home / "one")
    for words in COMMANDS:
        with counted(MORE):
            run(words)
    with counted(MORE):
        view = View(Viewer(home / "one", "", Clock(), UTC).latest(), Clock().now(), UTC, "")
        for pane in PANES:
            pane().picture(view, 160, 20)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", FAR)
def test_a_replay_of_the_centuries_says_so(home, capsys, name):
    folder = home / "one"
    forged(folder / SESSION, FAR[name])
    assert run(["replay", str(folder), "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["judged"] <= 5_000 + 4 * table["entries"]
    told = [line for line in table["limits"] if "unknown in every column" in line or "the clock was put" in line]
    assert told or name == "all ahead"


def test_the_heading_of_a_replay_over_years_says_them(home, capsys):
    for name, said in (
        ("one entry ahead", "2026-11-23 10:00:00 to 2998-03-01 12:00:00"),
        ("all ahead", "03-01 12:00:"),
    ):
        forged(home / name / SESSION, FAR[name])
        assert run(["replay", str(home / name)]) == 0
        head = capsys.readouterr().out.splitlines()[0]
        assert said in head
        assert ("2998-" in head) == (name == "one entry ahead")
