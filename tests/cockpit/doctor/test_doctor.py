"""`cockpit doctor` as a command: what it examines, what it prints, how it exits; nothing is written."""

import json
import re
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from cockpit.__main__ import run
from cockpit.demo.world.flag_file import first_text
from cockpit.doctor.local_checks import itself
from cockpit.runtime.finding import Sight
from cockpit.settings.models.notifications import Notifications
from cockpit.settings.models.settings import Settings
from tests.support.build import PLAN
from tests.support.trust.trusting import trusted
from tests.support.watch.watching import made

ROOT = Path(__file__).parents[3]
OTHERS = """
[sources.everything]
kind = "command"
argv = ["/nonexistent"]
topic = "csat"
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to stand in, with no settings above and no session anywhere."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def settled(place, text):
    return trusted(place / "cockpit.toml", text)


def page():
    rows = []
    for endpoint in PLAN.endpoints:
        method, path = endpoint.split(" ", 1)
        labels = f'method="{method}",endpoint="{path}"'
        rows.append(f'http_requests_total{{{labels},status="200"}} 10')
        rows += [f'http_request_duration_seconds_bucket{{{labels},le="{le}"}} 10' for le in ("0.5", "1.0", "+Inf")]
    return "# TYPE http_requests_total counter\n" + "\n".join(rows) + "\n"


def mark(file):
    """What any write would change; merely reading changes the time of access."""
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def doctor(capsys, *words):
    code = run(["doctor", *words])
    out = capsys.readouterr()
    return code, out.out, out.err


def groups(text):
    return {group["name"]: group for group in json.loads(text)["groups"]}


def test_without_settings_it_says_how_to_get_some(place, capsys):
    code, out, err = doctor(capsys)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "cockpit init" in err


def test_settings_that_are_wrong_are_told_with_their_lines(place, capsys):
    settled(place, '[sources.pages]\nkind = "scrape"\nurl = "http://127.0.0.1:1/metrics"\n')
    code, out, err = doctor(capsys)
    assert (code, out) == (2, "")
    assert "cockpit.toml:3: sources.pages.url: unknown key" in err


def test_a_page_that_answers_is_good_and_what_nobody_answers_is_not(place, capsys, httpserver: HTTPServer):
    httpserver.expect_request("/metrics").respond_with_data(page(), content_type="text/plain; version=0.0.4")
    settled(place, f'[sources.pages]\nkind = "scrape"\nurls = ["{httpserver.url_for("/metrics")}"]\n')
    code, out, _ = doctor(capsys, "--json")
    table, told = json.loads(out), groups(out)
    assert (code, table["decision"]) == (20, "problem")
    assert not [row for row in told["pages"]["findings"] if row["sight"] == "problem"]
    missing = {row["what"] for row in told["no source"]["findings"] if row["sight"] == "problem"}
    assert missing == {"journeys", "collections", "triage", "queue", "csat"}
    assert table["problems"] == len(missing)
    assert [(row["sight"], row["what"]) for row in told["plan"]["findings"]] == [
        ("warning", "capsules"),
        ("warning", "returns"),
    ]
    assert all(row["fix"] for row in told["no source"]["findings"])


def test_the_traffic_of_the_next_phase_is_told_and_is_no_problem(place, capsys):
    settled(place, 'endpoints = ["POST /capsules"]\n[[journeys]]\nid = "held"\nendpoints = ["POST /capsules"]\n')
    code, out, _ = doctor(capsys, "--json")
    told = groups(out)["next phase"]["findings"]
    assert [(row["sight"], row["what"]) for row in told] == [("warning", "POST /capsules"), ("warning", "held")]
    assert code == 20  # for other reasons
    assert json.loads(out)["problems"] == sum(
        row["sight"] == "problem" for group in json.loads(out)["groups"] for row in group["findings"]
    )


def test_people_read_the_same(place, capsys):
    settled(place, '[sources.pages]\nkind = "scrape"\nurls = ["http://127.0.0.1:1/metrics"]\n' + OTHERS)
    code, out, _ = doctor(capsys)
    assert code == 20
    assert out.startswith("settings cockpit.toml, plan of the cockpit itself\n")
    assert "◆ problem" in out
    assert re.search(r"^ +fix: ", out, re.MULTILINE)
    assert re.search(r"^\d+ problems, ", out.splitlines()[-1])


def test_the_settings_named_are_used_instead(place, capsys):
    settled(place, "nonsense")
    other = place / "other.toml"
    trusted(other, 'service = "shop"\n')
    code, out, _ = doctor(capsys, "--config", str(other))
    assert code == 20
    assert "other.toml" in out


def test_a_session_is_examined_by_its_own_wiring_and_not_touched(place, capsys, tmp_path):
    folder = made(tmp_path / "flight")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, out, _ = doctor(capsys, str(folder), "--json")
    assert code == 20
    assert groups(out)["session"]["findings"][0]["sight"] == "good"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_flag_file_is_read_rehearsed_and_not_written(place, capsys):
    flags = place / "flags.json"
    flags.write_text(first_text(PLAN).replace("capsules-flow", "other-flow"), "utf-8")
    before = mark(flags)
    settled(place, f'[flag]\nkind = "flagd"\nfile = "{flags}"\n')
    _, out, _ = doctor(capsys, "--json")
    rows = groups(out)["flagd"]["findings"]
    assert {row["sight"] for row in rows} == {"warning", "good"}
    assert "switch capsules-flow" in {row["what"] for row in rows}
    assert mark(flags) == before


def test_a_flag_file_that_is_missing_is_a_problem(place, capsys):
    settled(place, f'[flag]\nkind = "flagd"\nfile = "{place}/gone.json"\n')
    _, out, _ = doctor(capsys, "--json")
    assert groups(out)["flagd"]["findings"][0]["sight"] == "problem"


def test_activities_are_looked_up_and_never_run(place, capsys):
    text = '[activities."p1.wf7"]\nargv = ["touch", "ran"]\n[activities."p9.no"]\nargv = ["touch", "ran"]\n'
    settled(place, text + '[activities."p4.wf7"]\nargv = ["/nonexistent/prog"]\n')
    _, out, _ = doctor(capsys, "--json")
    rows = {row["what"]: row["sight"] for row in groups(out)["activities"]["findings"]}
    assert rows == {"p4.wf7": "problem", "p9.no": "warning", "p1.wf7": "good"}
    assert [path.name for path in place.iterdir()] == ["cockpit.toml"]


def test_row_84_no_secret_is_printed(place, capsys, monkeypatch):
    monkeypatch.setenv("PAGE_TOKEN", "canary-77aa")
    urls = 'urls = ["http://127.0.0.1:1/metrics"]\ntoken = "${PAGE_TOKEN}"\n'
    settled(place, f'[sources.pages]\nkind = "scrape"\n{urls}')
    for words in ((), ("--json",)):
        code, out, err = doctor(capsys, *words)
        assert code == 20
        assert "canary" not in out + err


@pytest.mark.parametrize(
    ("term", "size", "encoding", "sight"),
    [
        ("xterm-256color", (160, 48), "utf-8", Sight.GOOD),
        ("dumb", (160, 48), "utf-8", Sight.WARNING),
        ("xterm", (60, 20), "UTF-8", Sight.WARNING),
        ("xterm", (160, 48), "ascii", Sight.WARNING),
        ("xterm", (160, 48), None, Sight.WARNING),
    ],
)
def test_the_terminal_is_told(term, size, encoding, sight):
    from os import terminal_size

    settings = Settings(notifications=Notifications(bell=False))
    notes, terminal = itself(settings, {"TERM": term}, terminal_size(size), encoding)
    assert notes.text == "bell off, title on"
    assert terminal.sight is sight


def test_the_page_shows_the_shape_of_json(place, capsys):
    settled(place, 'service = "shop"\n')
    _, out, _ = doctor(capsys, "--json")
    known = set(re.findall(r"`([^`\n]+)`", (ROOT / "docs" / "doctor.md").read_text("utf-8")))
    table = json.loads(out)
    assert set(table) <= known
    assert {f"groups.{key}" for key in table["groups"][0]} <= known
    assert {f"findings.{key}" for key in table["groups"][0]["findings"][0]} <= known
