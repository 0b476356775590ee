"""Secrets that another tells before they were asked for, in every form; their commands bounded; none in the open."""

import base64
import html
import json
import os
import sys
import time
import tomllib
from datetime import UTC
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from cockpit.__main__ import run
from cockpit.cli.commands.sessions import begin
from cockpit.engine.opening import opened
from cockpit.runtime.clock import Clock
from cockpit.settings.file.wiring import Wiring
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema import secrets as secrets_module
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secret, SecretError, Secrets, run_command
from sessions.plan.strict_table import Table
from sessions.values.requests import Act
from tests.support.trust.trusting import trusted
from tests.support.watch.watching import FAST, asked, until

USER, PASSWORD = "reader", "hunter2 5up3r/s&c+rét"
URI = f"mongodb://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1/?authSource=admin&access_token=t0ken-hunter2"
LOGIN = f"{USER}:{PASSWORD}"
FORMS = {
    "the address": URI,
    "the password": PASSWORD,
    "the login": LOGIN,
    "the encoded password": quote(PASSWORD, safe=""),
    "a partly encoded password": quote(PASSWORD),
    "an encoded password with plus": quote_plus(PASSWORD),
    "a password encoded in small letters": quote(PASSWORD, safe="").lower(),
    "a password encoded twice": quote(quote(PASSWORD, safe=""), safe=""),
    "the encoded address": quote(URI, safe=""),
    "the encoded login": quote(LOGIN, safe=""),
    "the login in base64": base64.b64encode(LOGIN.encode()).decode(),
    "the password in JSON": json.dumps(PASSWORD),
    "the password in HTML": html.escape(PASSWORD),
    "the password in a repr of bytes": repr(PASSWORD.encode()),
    "the password in ASCII": ascii(PASSWORD),
    "the token in its query": "t0ken-hunter2",
}
PARTS = ("hunter2", "5up3r", "t0ken", base64.b64encode(LOGIN.encode()).decode()[:12])


def told(text):
    return [part for part in PARTS if part in text]


@pytest.mark.parametrize("form", FORMS)
def test_a_variable_is_masked_in_every_form_before_anybody_asked_for_it(form):
    secrets = Secrets({"URI": URI}).foreseeing([Secret("${URI}")])
    assert told(FORMS[form])
    said = secrets.scrub(f"failed with {FORMS[form]} at once")
    assert told(said) == []
    assert said.startswith("failed with ")
    assert said.endswith(" at once")


def test_a_login_that_is_put_together_is_masked_too():
    secrets = Secrets({"WORD": "pa55"}).foreseeing([Secret("mongodb://me:${WORD}@host/")])
    assert secrets.scrub("login me:pa55, bWU6cGE1NQ==") == "login ***, ***"


def test_a_variable_that_is_not_set_stops_nobody():
    assert Secrets({}).foreseeing([Secret("${URI}"), Secret()]).scrub("calm") == "calm"


SETTINGS = """
[sources.records]
kind = "mongo"
uri = "${URI}"
database = "shop"
topics = ["journeys"]
[sources.desk]
kind = "json"
topic = "queue"
url = "http://127.0.0.1:1/x"
token = { command = ["COMMAND"] }
[sources.score]
kind = "command"
topic = "csat"
argv = ["PYTHON", "-c", "import sys; sys.exit(open('TELLS').read())"]
[flag]
kind = "command"
read = ["PYTHON", "-c", "import sys; sys.exit(open('URI').read())"]
write = ["PYTHON", "-c", "import sys; sys.exit(open('URI').read())", "{percent}"]
[activities."assume.latency"]
argv = ["PYTHON", "-c", "import sys; sys.exit(open('TELLS').read())"]
[changes]
command = ["PYTHON", "-c", "import sys; sys.exit(open('TELLS').read())"]
[[notifications.webhooks]]
name = "phone"
kind = "json"
url = "${HOOK}"
"""
PRINTED = "pr1nted-hunter2-word"


@pytest.mark.parametrize("form", [*FORMS, "what a command prints", "the address of a hook"])
def test_no_place_ever_tells_it(form, tmp_path, capfd, monkeypatch, state_folder):
    """A program tells a secret of another as its very first word: doctor, its JSON, history, log, sheets, reports.

    The command that prints a secret is the slowest of all.
    """
    hook = "http://127.0.0.1:1/hunter2-hook"
    word = {"what a command prints": PRINTED, "the address of a hook": hook}.get(form) or FORMS[form]
    (tmp_path / "tells").write_text(word, "utf-8")
    (tmp_path / "uri").write_text(hook if word == PRINTED else word, "utf-8")
    command = tmp_path / "word.sh"
    command.write_text(f"#!/bin/sh\nsleep 0.3; echo {PRINTED}\n", "utf-8")
    command.chmod(0o700)
    text = SETTINGS.replace("COMMAND", str(command)).replace("PYTHON", sys.executable)
    text = text.replace("open('TELLS')", f"open('{tmp_path / 'tells'}')").replace(
        "open('URI')", f"open('{tmp_path / 'uri'}')"
    )
    config, folder = trusted(tmp_path / "cockpit.toml", text), tmp_path / "flight"
    folder.mkdir()
    begin(folder, "flight", FAST, Wiring(settings=str(config)))
    monkeypatch.setenv("URI", URI)
    monkeypatch.setenv("HOOK", hook)
    for words in (
        ["doctor", "--json"],
        ["doctor", "--notify"],
        ["task", "look", "assume.latency"],
        ["task", "run", "assume.latency"],
    ):
        run([*words, str(folder)])
    with opened(folder, Clock(), UTC) as door:
        door.start()
        last = until(door, lambda judgement: {"csat", "flag"} <= set(judgement.state.seen.health))
        assert asked(door, Act.RUN, subject="assume.latency").ok
        last = until(door, lambda judgement: "assume.latency" in judgement.state.seen.runs)
    for words in (
        ["status", "--json"],
        ["check"],
        ["export", "--format", "md,html,json"],
        ["advance", "--to", "10", "--reason", "x"],
    ):
        run([*words, str(folder)])
    out, err = capfd.readouterr()
    kept = [path for top in (folder, state_folder / "sessions") for path in top.rglob("*") if path.is_file()]
    files = [path.read_bytes().decode("latin-1") for path in kept]
    assert "***" in out
    assert "history.sqlite" in {path.name for path in kept}
    for text in (out, err, repr(last), *files):
        assert "hunter2" not in text
        assert told(text) == []


LIMITS = {
    "time": ("sleep 600 & echo word; sleep 600", "no end in 0.5 s"),
    "output": ("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", "printed over 20,000 bytes"),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_secrets_command_is_bounded_with_its_children(limit, tmp_path, monkeypatch):
    monkeypatch.setattr(secrets_module, "COMMAND_BYTES", 20_000)
    body, why = LIMITS[limit]
    patience = 0.5 if limit == "time" else 60.0
    pids = tmp_path / "pids"
    with pytest.raises(SecretError, match=why):
        run_command(("/bin/sh", "-c", f"echo $$ > {pids}; {body}"), patience)
    (group,) = map(int, pids.read_text().split())
    gone(group)


def test_a_child_that_a_secrets_command_leaves_is_ended_with_it(tmp_path):
    pids = tmp_path / "pids"
    assert run_command(("/bin/sh", "-c", f"echo $$ > {pids}; sleep 600 & echo word")) == "word"
    gone(int(pids.read_text()))


def gone(group):
    """Wait until nobody of a group is alive; one that nobody buries is as good as gone."""
    end = time.monotonic() + 60
    while any(alive(group)):
        assert time.monotonic() < end, "a child was left behind"
        os.sched_yield()


def alive(group):
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group = place.read_text("latin-1").rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            yield place


def problems(text):
    table = Table(tomllib.loads(text))
    read(Settings, table)
    return [str(problem) for problem in table.problems]


JSON = '[sources.x]\nkind = "json"\nurl = "http://h/x"\ntopic = "queue"\nmethod = "POST"\n'
HTTP = '[flag]\nkind = "http"\nread = { url = "http://h/x" }\n'
WALK = '[sources.x]\nkind = "journey"\nurl = "http://h"\n'
OPEN = {
    JSON + 'body = { api_key = "s3cr3t" }': "sources.x.body.api_key: holds a secret in the open",
    JSON
    + 'body = { auth = [{ deep = { accessToken = "s3cr3t" } }] }': "sources.x.body.auth[0].deep.accessToken: holds",
    JSON + 'body = { password = "${NAME}" }': "sources.x.body.password: holds a secret in the open",
    HTTP + 'write = { url = "http://h/x?p={percent}", body = { token = "s3cr3t" } }': "flag.write.body.token: holds",
    HTTP
    + 'write = { url = \'http://h/x\', body = \'{"secret": "s3cr3t", "p": "{percent}"}\' }': "flag.write.body.secret:",
    WALK + 'steps = [{ name = "a", path = "/x", body = { password = "s3cr3t" } }]': "sources.x.steps[0].body.password:",
    '[sources.x]\nkind = "json"\ntopic = "queue"\nurl = "http://h/x?api_key=s3cr3t"': "sources.x.url: holds a secret",
    '[sources.x]\nkind = "scrape"\nurls = ["http://h/x?token=s3cr3t"]': "sources.x.urls: holds a secret in the open",
    '[sources.x]\nkind = "mongo"\ndatabase = "d"\nuri = "mongodb://h/?password=s3cr3t"': "sources.x.uri: holds a",
}
FINE = [
    JSON + 'body = { tokens = 7, query = "token", max_tokens = 100, password = "" }',
    WALK
    + "steps = [{name = 'a', path = '/x', capture = {t = 't'}}, {name = 'b', path = '/x', body = {token = '{t}'}}]",
    '[sources.x]\nkind = "json"\ntopic = "queue"\nurl = "http://h/x?q=token&page=1"',
    '[sources.x]\nkind = "mongo"\ndatabase = "d"\nuri = "mongodb://h/?appName=token"',
]


@pytest.mark.parametrize("text", OPEN, ids=OPEN.get)
def test_a_key_or_token_in_the_open_is_refused_wherever_it_is_sent(text):
    found = problems(text)
    assert any(line.startswith(OPEN[text]) for line in found), found
    assert "s3cr3t" not in " ".join(found)


@pytest.mark.parametrize("text", FINE)
def test_what_only_sounds_like_one_is_taken(text):
    assert problems(text) == []
