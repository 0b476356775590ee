"""The pages' examples of sources load as they stand, and read the answers that those services give."""

import re
import tomllib
from pathlib import Path

import pytest

from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.sources.json.rows import Asking
from cockpit.sources.json.shapes import Reader
from sessions.plan.strict_table import Table
from sessions.values.readings import Beat, Csat, Exposure, Returns, Tickets, Triage
from tests.support.build import PLAN, T0, after

PAGES = sorted((Path(__file__).parents[4] / "docs").glob("*sources*.md"))
BLOCKS = [block for page in PAGES for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)]
JOURNEY = PLAN.journeys[0].id


def sources(block):
    table = Table(tomllib.loads(block))
    found = read(Settings, table)
    assert [str(problem) for problem in table.problems] == []
    return found.sources


@pytest.fixture(scope="module")
def examples():
    return {name: spec for block in BLOCKS for name, spec in sources(block).items()}


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_each_example_loads(block):
    sources(block)


@pytest.mark.parametrize(
    ("name", "document", "wanted"),
    [
        (
            "posthog",
            {"results": [[JOURNEY, T0.timestamp() - 60, 12], ["$pageview", T0.timestamp(), 900]], "columns": ["a"]},
            Beat("s", T0, JOURNEY, T0, after(-60), 12),
        ),
        (
            "zendesk",
            {"count": 2, "results": [{"created_at": "2026-11-23T09:00:00Z", "subject": "a"}, {"subject": "b"}]},
            Tickets("s", T0, 2, after(-3600), (), 0, ("a", "b")),
        ),
        (
            "returns",
            {"statuses": {"requested": 7, "refunded": 41}, "open": 7, "stuck": 1},
            Returns("s", T0, (("refunded", 41), ("requested", 7)), 7, 1),
        ),
        ("csat", {"total": 3, "scores": [1, 2, 5]}, Csat("s", T0, 3, 2)),
        (
            "analysed",
            {"total": {"users": 812, "with_flag": 203}, "last_event": "2026-11-23T09:59:00Z"},
            Exposure("s", T0, after(-3600), 812, 203, after(-60)),
        ),
    ],
)
def test_each_example_reads_such_an_answer(examples, name, document, wanted):
    answer = Reader(examples[name]).read(document, Asking("s", T0, PLAN, (after(-3600), T0)))
    assert (answer.readings, answer.doubt) == ((wanted,), "")


def test_issues_that_are_resolved_are_closed_lines(examples):
    issue = {"id": "6", "title": "x", "firstSeen": "2026-11-23T09:00:00.123456Z", "level": "fatal"}
    document = [{**issue, "status": "unresolved"}, {**issue, "id": "7", "status": "resolved"}]
    (found,) = Reader(examples["sentry"]).read(document, Asking("s", T0, PLAN)).readings
    assert isinstance(found, Triage)
    assert {line.id: line.open for line in found.critical} == {"6": True, "7": False}
