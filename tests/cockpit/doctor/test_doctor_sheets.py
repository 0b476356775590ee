"""`cockpit doctor` tries what the sheets ask beside the sources: changes, failing requests, dashboards; a line each."""

import json
import re
import sys
from datetime import timedelta

import pytest
from werkzeug import Response

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from tests.support.trust.trusting import trusted


def ago(**span):
    return f"{Clock().now() - timedelta(**span):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """Return what examines settings of this text: the rows of a group, by what was looked at, and the whole table."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def examined(text, name):
        trusted(tmp_path / "cockpit.toml", text)
        code = run(["doctor", "--json"])
        table = json.loads(capsys.readouterr().out)
        assert code == (20 if table["problems"] else 0)
        (group,) = [group for group in table["groups"] if group["name"] == name] or [None]
        return group and {row["what"]: row for row in group["findings"]}, table

    return examined


def printing(text, name="changes"):
    program = [sys.executable, "-c", f"print({text!r})"]
    return f"[{name}]\ncommand = {json.dumps(program)}\n"


def ms(text):
    """A text without how long it took."""
    words = text.split(" ")
    return " ".join("#" if words[at + 1 : at + 2] in (["ms"], ["ms,"]) else word for at, word in enumerate(words))


CHANGE = {"at": ago(hours=3), "text": "capsules 4.17"}
FAILURE = {"id": "req-1", "at": ago(minutes=5), "endpoint": "POST /returns", "status": 503}


@pytest.mark.parametrize(
    ("name", "rows", "sight", "said"),
    [
        ("changes", [CHANGE, {**CHANGE, "at": ago(days=9)}], "good",
         r"answered in # ms, 2 rows, the newest 3h\d\dm old"),
        ("changes", [CHANGE, {"text": "x"}], "warning",
         "answered in # ms, 1 of 2 could not be read: at is missing"),
        ("changes", [{"when": 1}], "problem", "answered in # ms, 1 of 1 could not be read: at is missing"),
        ("changes", [], "warning", "answered in # ms, no change is listed"),
        ("failures", [FAILURE], "good", r"answered in # ms, 1 row, the newest \d+m\d\ds old"),
        ("failures", [{"at": 1}], "problem", "answered in # ms, 1 of 1 could not be read: .+"),
        ("failures", [], "good", "answered in # ms, no request is listed"),
    ],
)  # fmt: skip
def test_a_list_is_read_once_and_told_in_a_line(told, name, rows, sight, said):
    found, _ = told(printing(json.dumps(rows), name), f"[{name}]")
    ((what, row),) = found.items()
    assert what == f"[{name}]"
    assert row["sight"] == sight
    assert re.fullmatch(said, ms(row["text"]))
    assert bool(row["fix"]) is (sight != "good")


@pytest.mark.parametrize("name", ["changes", "failures"])
@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('command = ["/nonexistent/program"]', ""),
        (f'command = [{json.dumps(sys.executable)}, "-c", "raise SystemExit(3)"]', ""),
        (f'command = [{json.dumps(sys.executable)}, "-c", "print(7)"]', "could not be read"),
        ('url = "http://127.0.0.1:1/"', "refused"),
        ('url = "http://127.0.0.1:1/"\ntoken = "${NOT_THERE_AT_ALL}"', "is not set"),
    ],
)
def test_a_list_that_does_not_come_is_a_problem_with_its_reason(told, name, lines, why):
    found, table = told(f"[{name}]\n{lines}\n", f"[{name}]")
    row = found[f"[{name}]"]
    assert row["sight"] == "problem"
    assert row["text"]
    assert why in row["text"]
    assert row["fix"]
    assert table["decision"] == "problem"


def test_an_address_is_asked_once_with_its_own_credentials_and_shows_none(told, httpserver, monkeypatch, capsys):
    monkeypatch.setenv("DEPLOYS", "canary-8842")
    httpserver.expect_oneshot_request("/recent", headers={"Authorization": "Bearer canary-8842"}).respond_with_json(
        {"deploys": [CHANGE]}
    )
    url = httpserver.url_for("/recent")
    found, table = told(f'[changes]\nurl = "{url}"\ntoken = "${{DEPLOYS}}"\nrows = "deploys[]"\n', "[changes]")
    assert found["[changes]"]["sight"] == "good"
    assert "canary" not in json.dumps(table)
    assert len(httpserver.log) == 1


PAGES = [
    (200, {}, "good", "answered in # ms"),
    (302, {"Location": "https://login.example.org/?next=secret"}, "good",
     "answered in # ms, leads on to login.example.org"),
    (401, {}, "good", "answered in # ms, asks for a login"),
    (403, {}, "good", "answered in # ms, asks for a login"),
    (404, {}, "problem", "answered 404"),
    (410, {}, "problem", "answered 410"),
    (500, {}, "problem", "answered 500"),
    (503, {}, "problem", "answered 503"),
]  # fmt: skip


def test_each_dashboard_is_asked_for_once_and_told_in_a_line(told, httpserver):
    text = ""
    for status, headers, _, _ in PAGES:
        httpserver.expect_oneshot_request(f"/{status}").respond_with_response(Response("", status, headers))
        text += f'[[dashboards]]\ntitle = "page {status}"\nurl = "{httpserver.url_for(f"/{status}")}"\n'
    found, _ = told(text, "[[dashboards]]")
    assert {what: (row["sight"], ms(row["text"])) for what, row in found.items()} == {
        f"page {status}": (sight, said) for status, _, sight, said in PAGES
    }
    assert all(bool(row["fix"]) is (row["sight"] == "problem") for row in found.values())
    assert len(httpserver.log) == len(PAGES)
    assert not any("Authorization" in request.headers for request, _ in httpserver.log)


def test_a_dashboard_that_is_not_reached_from_here_is_no_proof_that_it_is_gone(told, httpserver):
    unproved = httpserver.url_for("/").replace("http:", "https:")
    urls = {"http://127.0.0.1:1/d": "refused", unproved: "certificate or TLS refused"}
    text = "".join(f'[[dashboards]]\ntitle = "{url}"\nurl = "{url}"\n' for url in urls)
    found, _ = told(text, "[[dashboards]]")
    for url, why in urls.items():
        row = found[url]
        assert (row["sight"], row["text"]) == ("warning", f"{why}, from this machine")
        assert "browser" in row["fix"]


def test_what_is_not_named_is_not_tried(told):
    found, table = told('service = "shop"\n', "[changes]")
    assert found is None
    assert not [group["name"] for group in table["groups"] if group["name"].startswith("[")]


def test_a_dark_list_harms_no_other(told):
    found, table = told('[failures]\nurl = "http://127.0.0.1:1/"\n' + printing(json.dumps([CHANGE])), "[changes]")
    assert found["[changes]"]["sight"] == "good"
    names = [group["name"] for group in table["groups"]]
    assert names.index("[changes]") < names.index("[failures]") < names.index("cockpit")


def test_foreign_words_are_cleaned(told):
    rows = [{"at": "\x1b[2J" + "x" * 500, "text": "[/]"}]
    found, _ = told(printing(json.dumps(rows)), "[changes]")
    assert "\x1b" not in found["[changes]"]["text"]
    assert len(found["[changes]"]["text"]) <= 400
