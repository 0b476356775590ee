"""The report for programs: the published schema is the one in force, and its figures are those of the page."""

from datetime import UTC
from pathlib import Path

import msgspec
from hypothesis import given

from sessions.gate.evaluate import judge
from sessions.reports.as_json import Report, as_json, schema
from sessions.reports.page import drafted
from sessions.reports.periods import of_flight
from tests.support.build import after
from tests.support.sessions.any_log import LOGS, written

PUBLISHED = Path(__file__).parents[3] / "docs" / "report.schema.json"


def test_the_published_schema_is_the_one_in_force():
    assert PUBLISHED.read_text("utf-8") == schema()


@given(LOGS)
def test_any_flight_has_the_published_shape_and_the_figures_of_the_page(events):
    pen, last = written(events)
    judgement = judge(pen.state, after(last + 60), UTC)
    period = of_flight(judgement)
    told = msgspec.json.decode(as_json(judgement, period, UTC), type=Report)
    draft = drafted(judgement, period, UTC)
    assert told.all_well.well_s == draft.share.well
    assert [(one.since, one.until) for one in told.episodes] == [(one.since, one.until) for one in draft.episodes]
    assert [line.text for line in told.risks] == [row.text for row in draft.sections["Risks"]]
    assert all(one.since <= (one.until or told.until) <= told.told_at for one in told.episodes)
