"""`cockpit doctor` and the places for messages: told without being asked, and tried with `--notify`."""

import json

import pytest
from pytest_httpserver import HTTPServer

from cockpit.__main__ import run
from tests.cockpit.notices.test_channel import free_port
from tests.support.trust.trusting import trusted
from tests.support.watch.noticing import CANARY

PLACES = """
service = "shop"
[notifications]
quiet = "23:00-07:00"
[[notifications.webhooks]]
name = "phone"
kind = "ntfy"
url = "${PHONE_HOOK}"
[[notifications.webhooks]]
name = "team"
kind = "slack"
url = "${TEAM_HOOK}"
events = ["alarms", "phase"]
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with two places for messages in its settings, and the address of one in the environment."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PHONE_HOOK", f"http://127.0.0.1:{free_port()}/{CANARY}")
    monkeypatch.delenv("TEAM_HOOK", raising=False)
    monkeypatch.chdir(tmp_path)
    trusted(tmp_path / "cockpit.toml", PLACES)
    return tmp_path


def notices(capsys, *words):
    """The findings about the places, by their name."""
    run(["doctor", "--json", *words])
    out = capsys.readouterr()
    assert CANARY not in out.out + out.err
    found = {group["name"]: group["findings"] for group in json.loads(out.out)["groups"]}
    return {row["what"]: (row["sight"], row["text"], row["fix"]) for row in found.get("notices", [])}


def test_without_being_asked_it_sends_nothing(place, capsys, monkeypatch, httpserver: HTTPServer):
    monkeypatch.setenv("PHONE_HOOK", httpserver.url_for(f"/{CANARY}"))
    found = notices(capsys)
    assert found["phone"] == ("good", "ntfy, told of alarms; --notify tries it", "")
    sight, text, fix = found["team"]
    assert (sight, text) == ("problem", "$TEAM_HOOK is not set")
    assert fix.startswith("export it")
    assert httpserver.log == []


def test_row_80_a_test_message_that_was_taken_is_sent_and_no_more(place, capsys, monkeypatch, httpserver: HTTPServer):
    httpserver.expect_request(f"/{CANARY}", method="POST").respond_with_data("and thrown away")
    monkeypatch.setenv("PHONE_HOOK", httpserver.url_for(f"/{CANARY}"))
    found = notices(capsys, "--notify")
    assert found["phone"][0] == "good"
    assert found["phone"][1].startswith("ntfy: sent in ")
    assert found["team"][:2] == ("problem", "slack: $TEAM_HOOK is not set")
    ((request, _),) = httpserver.log
    assert request.get_data(as_text=True).startswith(
        "● test message: this place gets notifications\nshop · cockpit doctor\n"
    )


@pytest.mark.parametrize(
    ("status", "text", "fix"),
    [
        (404, "ntfy: 404", "create the webhook again"),
        (403, "ntfy: 403, credentials?", "create the webhook again"),
        (429, "ntfy: 429", "it has had too many"),
    ],
)
def test_a_place_that_refuses_is_told_after_one_try(status, text, fix, place, capsys, monkeypatch, httpserver):  # noqa: PLR0917
    httpserver.expect_request(f"/{CANARY}").respond_with_data(CANARY, status)
    monkeypatch.setenv("PHONE_HOOK", httpserver.url_for(f"/{CANARY}"))
    found = notices(capsys, "--notify")["phone"]
    assert found[:2] == ("problem", text)
    assert found[2].startswith(fix)
    assert len(httpserver.log) == 1


def test_a_place_that_is_not_there_is_told(place, capsys):
    assert notices(capsys, "--notify")["phone"] == (
        "problem",
        "ntfy: refused",
        "is it running, and can it be reached from here?",
    )


def test_without_a_place_there_is_nothing_to_try(place, capsys):
    trusted(place / "cockpit.toml", 'service = "shop"\n')
    assert notices(capsys) == {}
    assert notices(capsys, "--notify")["webhooks"][:2] == (
        "warning",
        "no place for notifications is set: messages go nowhere",
    )


def test_quiet_hours_are_told(place, capsys):
    assert run(["doctor"]) == 20
    assert "bell on, title on, quiet 23:00-07:00" in capsys.readouterr().out


HOOK = "[[notifications.webhooks]]\nname = 'a'\nkind = 'ntfy'\n"
GOOD = f"{HOOK}url = '${{A}}'\n"
BAD = [
    ('quiet = "23-7"', '2: notifications.quiet: "23-7" is no span of the day, write "23:00-07:00"'),
    ('quiet = "07:00-07:00"', '"07:00-07:00" begins and ends at the same time, write "23:00-07:00"'),
    (HOOK, "2: notifications.webhooks[0].url: is missing, write"),
    (f"{HOOK}url = 'https://hooks.example/5up3r'", "webhooks[0].url: holds a secret in the open"),
    (GOOD.replace("ntfy", "pager"), "notifications.webhooks[0].kind: "),
    (f"{GOOD}events = ['x']", '"x" is unknown, write any of alarms, gate, phase, report'),
    (f"{GOOD}events = []", "events: tells nothing"),
    (f"{GOOD}headers = {{ Authorization = 'Bearer 5up3r' }}", "headers.Authorization: holds a secret in the open"),
    (2 * GOOD, 'webhooks: "a" stands twice'),
]


@pytest.mark.parametrize(("text", "line"), BAD)
def test_bad_settings_are_one_line(place, capsys, text, line):
    trusted(place / "cockpit.toml", f"[notifications]\n{text}\n")
    assert run(["doctor"]) == 2
    said = capsys.readouterr()
    assert line in said.err
    assert "5up3r" not in said.err
    assert (said.out, len(said.err.strip().splitlines())) == ("", 1)
