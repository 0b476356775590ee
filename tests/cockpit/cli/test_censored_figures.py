"""A p95 above the highest bucket is `over` that bucket, wherever it is printed: never a value of its own."""

import re
from datetime import timedelta

import pytest

from cockpit.cli.commands.status import _lines
from sessions.actions.evidence import evidence, turns
from sessions.alarms.alarms import standing
from sessions.gate.wording import phrase, spoken
from sessions.reports.report import report
from sessions.reports.stakeholder_message import draft
from sessions.sheets.traffic import latency, worst
from sessions.values import readings as r
from tests.support.screen.grown_flight import NOW, PLAN, TZ, entered, flag, mongo, started, traffic
from tests.support.screen.sample import view
from widgets.base.styled import plain
from widgets.detail.panes import ChartPane, SubjectList
from widgets.panes.latency import LatencyPane
from widgets.panes.risk import RiskPane
from widgets.tables.criteria import CriteriaPane

HIGHEST = 5000.0
BARE = re.compile(r"(?<!over )\b5,?000 ms")
"""The highest bucket, told as if it were the p95."""


def capped(**facts):
    """A flight whose newest windows and minute of one endpoint are above the highest bucket."""
    flight = traffic(entered(started()))
    length = timedelta(seconds=PLAN.windows.length)
    newest = [one for one in flight.state.seen.windows["POST /capsules"] if one.end <= NOW][-1].end
    told = {"errors": 0.0, "p95_ms": HIGHEST, "p95_capped": True, **facts}
    for back in (2, 1, 0):
        end = newest - length * back
        window = r.Grain.WINDOW, end - length, end, 200.0
        flight.saw(r.Traffic("scrape", end + timedelta(seconds=5), "POST /capsules", *window, **told))
    return flag(mongo(flight))


def of_screens(judgement):
    look = view(judgement)
    chart = ChartPane()
    chart.chosen = PLAN.endpoints.index("POST /capsules")
    for pane in (LatencyPane(), CriteriaPane(), RiskPane(), SubjectList(), chart):
        for width in (46, 60, 80, 118):
            drawn = pane.picture(look, width, 20)
            yield from (plain([line]) for line in (*drawn.lines, drawn.foot))


def of_files(judgement):
    yield from report(judgement, NOW.date(), TZ).splitlines()
    spike = PLAN.risk("latency_spike")
    yield from (line for step in spike.steps for line in draft(judgement, spike, step, TZ).splitlines())
    yield from (f"{row.value} {row.bound}" for section in latency(judgement, TZ) for row in section.rows)
    yield from (f"{row.value} {row.bound}" for section in worst(judgement, TZ) for row in section.rows)


def of_shells(judgement):
    yield from _lines(judgement)
    yield from (phrase(one) for one in judgement.verdicts.values())
    yield from (spoken(one) for one in judgement.risks.values())
    yield from (draft.text for draft in turns(judgement))
    yield from (alarm.text for alarm in standing(judgement))
    yield from evidence(judgement)


@pytest.mark.parametrize("facts", [{"over": 1.0}, {"over": None}, {"over": 0.06}])
@pytest.mark.parametrize("places", [of_screens, of_files, of_shells])
def test_it_says_over_everywhere(places, facts):
    told = list(places(capped(**facts).judged()))
    assert any("over 5000 ms" in line for line in told)
    assert not [line for line in told if BARE.search(line)]
