"""Which settings file is meant, and what of it becomes the session's promise."""

import pytest

from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.load import plan_with
from cockpit.settings.file.locate import find_settings
from cockpit.settings.file.plan_overrides import promised
from cockpit.settings.models.settings import Settings
from sessions.plan.loader import bundled
from sessions.plan.strict_table import TableError
from tests.support.trust.trusting import load


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working directory deep below, and a configuration folder of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    here = tmp_path / "work" / "deep"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    return tmp_path


def settings_in(folder):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cockpit.toml"
    path.write_text("", "utf-8")
    return path


def test_there_may_be_none(place):
    assert find_settings() is None


def test_the_nearest_is_taken_then_the_users_own(place):
    own = settings_in(place / "config" / "cockpit")
    assert find_settings() == own
    above = settings_in(place / "work")
    assert find_settings() == above
    nearest = settings_in(place / "work" / "deep")
    assert find_settings() == nearest
    given = place / "given.toml"
    given.write_text("", "utf-8")
    assert find_settings(given) == given


def test_a_folder_of_that_name_is_passed_over(place):
    (place / "work" / "deep" / "cockpit.toml").mkdir()
    above = settings_in(place / "work")
    assert find_settings() == above


def test_one_that_is_named_must_be_there(place):
    with pytest.raises(BadInputError, match="does not exist: name a settings file"):
        find_settings(place / "none.toml")


def written(place, text):
    path = place / "work" / "deep" / "cockpit.toml"
    path.write_text(text, "utf-8")
    return path


PROMISES = """
endpoints = ["GET /x", "POST /y"]
[[journeys]]
id = "bought"
endpoints = ["POST /y"]
[[collections]]
name = "orders"
per_hour = 12
key = ["number"]
flow = "capsules"
[growth]
tolerance = 40
[flag]
name = "checkout"
"""


def test_what_the_settings_promise_stands_in_place_of_the_plans(place):
    path = written(place, PROMISES)
    before = bundled()
    plan = plan_with(path, load(path), before.table)
    assert plan.endpoints == ("GET /x", "POST /y")
    assert [(item.id, item.endpoints) for item in plan.journeys] == [("bought", ("POST /y",))]
    assert [(item.name, item.per_hour, item.key) for item in plan.collections] == [("orders", 12.0, ("number",))]
    assert (plan.growth.tolerance, plan.growth.slack) == (40.0, before.growth.slack)
    assert plan.flag == "checkout"
    assert bundled().table == before.table


EXPECTED = '[[expected]]\nof = "POST /csat"\nper_hour = 24\n'


def test_the_settings_may_say_how_much_traffic_is_expected(place):
    path = written(place, EXPECTED)
    plan = plan_with(path, load(path), bundled().table)
    assert [(item.of, item.per_hour) for item in plan.expected] == [("POST /csat", 24.0)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'endpoints = ["GET /x"]\n[[journeys]]\nid = "j"\nendpoints = []',
            'cockpit.toml:1: endpoints: the plan expects traffic of others: endpoint or journey "POST /csat"',
        ),
        (
            EXPECTED.replace("csat", "cast"),
            'cockpit.toml:2: expected[0].of: endpoint or journey "POST /cast" is unknown',
        ),
        ('[[expected]]\nof = "POST /csat"', "cockpit.toml:1: expected[0].per_hour: is missing"),
    ],
)
def test_an_expectation_of_what_is_not_there_is_told_with_its_line(place, text, told):
    path = written(place, text)
    table = {**bundled().table, "expected": [{"of": "POST /csat", "per_hour": 1}]}
    with pytest.raises(TableError) as error:
        plan_with(path, load(path), table)
    assert str(error.value.problems[0]).startswith(told)


def test_settings_that_promise_nothing_leave_the_plan_as_it_is():
    assert promised(bundled().table, Settings()) == bundled().table


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('endpoints = ["GET /x"]', "cockpit.toml:1: endpoints: the plan's journeys have others"),
        (
            '[[collections]]\nname = "orders"\nflow = "nope"',
            'cockpit.toml:3: collections[0].flow: flow "nope" is unknown',
        ),
        (
            '[[journeys]]\nid = "j"\nendpoints = ["GET /none"]',
            'cockpit.toml:3: journeys[0].endpoints: endpoint "GET /none" is not in endpoints',
        ),
    ],
)
def test_a_promise_that_the_plan_cannot_keep_is_told_with_its_line(place, text, told):
    path = written(place, text)
    with pytest.raises(TableError) as error:
        plan_with(path, load(path), bundled().table)
    assert str(error.value.problems[0]).startswith(told)
