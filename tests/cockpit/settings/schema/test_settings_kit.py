"""The models read through the kit: one table that uses every kind of source, and the ways it can be wrong."""

import tomllib

import pytest

from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secret, SecretError, Secrets
from sessions.plan.strict_table import Table


def settings(text):
    table = Table(tomllib.loads(text))
    return read(Settings, table), [str(problem) for problem in table.problems]


def test_nothing_said_is_all_defaults():
    assert settings("") == (Settings(), [])


def test_a_source_of_each_kind_is_read():
    found, problems = settings("""
        service = "shop"
        [sources.prom]
        kind = "prometheus"
        url = "http://prom:9090"
        token = "${T}"
        [sources.pages]
        kind = "scrape"
        urls = ["http://a/metrics"]
        [sources.probe]
        kind = "probe"
        url = "http://a"
        requests = [{ endpoint = "GET /x" }]
        [sources.desk]
        kind = "json"
        url = "http://desk/count"
        topic = "queue"
        fields = { open = "count" }
        [sources.tool]
        kind = "command"
        argv = ["true"]
        topic = "csat"
        [sources.alerts]
        kind = "alertmanager"
        url = "http://am"
        [sources.records]
        kind = "mongo"
        uri = "${COCKPIT_MONGO_URI}"
        database = "shop"
        events = { collection = "ev", at = "when" }
        [sources.wf7]
        kind = "journey"
        url = "http://a"
        database = "records"
        steps = [{ name = "look", path = "/x" }]
        looks = [{ collection = "ev", where = { runId = "{run}" } }]
        [activities."p1.wf7"]
        journey = "wf7"
        """)
    assert problems == []
    assert len(found.sources) == 8
    assert found.sources["records"].events.at == "when"
    assert found.sources["prom"].token == Secret("${T}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[sources.p]\nkind = "promethius"', "sources.p.kind"),
        ('[sources.p]\nkind = "prometheus"\nurl = "http://u:p@h/"', "holds a user or a password"),
        ('[sources.p]\nkind = "prometheus"\nurl = "http://h/"\ntoken = "abc"', "holds a secret in the open"),
        ('[sources.p]\nkind = "scrape"\nurls = ["file:///etc/passwd"]', "is not an http address"),
        ('[sources.m]\nkind = "mongo"\nuri = "${M}"\ndatabase = "d"\nevents = { at = "$where" }', "holds an operator"),
        ('[sources.m]\nkind = "mongo"\nuri = "mongodb://u:pw@h"\ndatabase = "d"', "holds a secret in the open"),
        ('[sources.c]\nkind = "command"\ntopic = "csat"\nargv = []', "names no program"),
        ('[activities."p1.wf7"]\ntimeout = "5s"', "one of them"),
        ('themme = "x"', 'did you mean "theme"?'),
    ],
)
def test_what_is_wrong_is_said_with_its_key(text, problem):
    _, problems = settings(text)
    assert any(problem in line for line in problems), problems


def test_a_secret_is_never_shown_and_is_scrubbed_once_revealed():
    secrets = Secrets({"T": "hunter2-canary"})
    secret = Secret("Bearer ${T}")
    assert "hunter2" not in repr(secret) + repr(secrets)
    assert secrets.reveal(secret) == "Bearer hunter2-canary"
    assert secrets.scrub("401 for Bearer hunter2-canary") == "401 for Bearer ***"
    with pytest.raises(SecretError, match=r"\$GONE is not set"):
        secrets.reveal(Secret("${GONE}"))
