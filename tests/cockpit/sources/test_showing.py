"""Which sources look up what: told by the settings alone, before anything is opened."""

import pytest

from cockpit.settings.models.mongo import TOPICS
from cockpit.sources.interface.shows import NAMES
from cockpit.sources.showing import ADD, looked_up_by, shows_openings
from tests.support.build import T0
from tests.support.sources.ordering import order
from tests.support.sources.walking import settings_of

MONGO = '[sources.db]\nkind = "mongo"\nuri = "mongodb://127.0.0.1"\ndatabase = "shop"\n'
LOG = 'requests = { collection = "log", traffic = false }\n'


def openings(text):
    settings, problems = settings_of(text)
    assert problems == []
    return shows_openings(settings, lambda name: order(name=name))


def names(text):
    return {one.name: set(one.names) for one in openings(text)}


def test_every_name_has_a_word_on_what_to_add():
    assert set(ADD) == set(NAMES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", {}),
        ('[changes]\ncommand = ["x"]', {"[changes]": {"recent_changes"}}),
        ('[changes]\nurl = "http://h"', {"[changes]": {"recent_changes"}}),
        ('[failures]\nurl = "http://h"', {"[failures]": {"failing_requests"}}),
        ('[[dashboards]]\ntitle = "a"\nurl = "http://h"', {"[[dashboards]]": {"dashboards"}}),
        ('[sources.p]\nkind = "prometheus"\nurl = "http://h"', {"p": {"by_instance"}}),
        ('[sources.s]\nkind = "scrape"\nurls = ["http://h/m"]', {"s": {"by_instance"}}),
        (f'{MONGO}topics = ["csat"]', {"db": {"low_answers", "slow_operations"}}),
        (
            f"{MONGO}topics = []\n{LOG}",
            {"db": {"slow_operations", "failing_requests", "by_instance"}},
        ),
    ],
)
def test_what_the_settings_can_look_up(text, wanted):
    assert names(text) == wanted


def test_a_database_that_is_asked_for_everything_looks_up_everything_of_it():
    everything = set(NAMES) - {"recent_changes", "dashboards"}
    assert names(f"{MONGO}{LOG}") == {"db": everything}
    assert len(TOPICS) == 7


def test_a_scrape_says_without_being_opened_that_it_cannot():
    (scrape,) = openings('[sources.s]\nkind = "scrape"\nurls = ["http://h/m"]')
    assert "keeps no past of each" in scrape.why
    assert looked_up_by(scrape.spec) == scrape.names


async def test_dashboards_are_told_whole_in_the_owners_order():
    url = "https://grafana.example.org/d/concierge?" + "x=1&" * 60
    (opening,) = openings(f'[[dashboards]]\ntitle = "b"\nurl = "{url}"\n[[dashboards]]\ntitle = "a"\nurl = "http://h"')
    shows = await opening.open()
    (found,) = await shows.show("dashboards", T0)
    assert [(row.what, row.value) for row in found.rows] == [("b", url), ("a", "http://h")]
    await shows.aclose()
