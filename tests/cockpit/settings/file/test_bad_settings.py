"""Row 87: settings that are wrong, each with its line, its key, what is wrong and what to do. Row 59 and 86 too."""

import os
import re

import pytest

from cockpit.__main__ import run
from cockpit.runtime.errors import BadInputError
from sessions.plan.strict_table import TableError
from tests.support.trust.trusting import load

P = '[sources.p]\nkind = "prometheus"\nurl = "http://h"\n'
S = '[sources.s]\nkind = "scrape"\nurls = ["http://h/metrics"]\n'
M = '[sources.m]\nkind = "mongo"\nuri = "${M}"\ndatabase = "shop"\n'
J = '[sources.w]\nkind = "journey"\nurl = "http://h"\nsteps = [{ name = "look", path = "/x" }]\n'
Q = '[sources.q]\nkind = "json"\nurl = "http://h"\ntopic = "queue"\n'
A = '[sources.a]\nkind = "alertmanager"\nurl = "http://h"\n'
R = '[sources.r]\nkind = "probe"\nurl = "http://h"\n'
C = '[sources.c]\nkind = "command"\ntopic = "csat"\n'

BAD = [
    ('servise = "x"', '1: servise: unknown key, did you mean "service"?'),
    ("service = 7", "1: service: is 7, write a text in quotes"),
    ('theme = "neon"', '1: theme: "neon" is unknown, write one of auto, night, day, sixteen'),
    ('endpoints = "GET /x"', "1: endpoints: is 'GET /x', write a list of texts"),
    ('endpoints = ["GET /x", "GET /x"]', '1: endpoints: "GET /x" stands twice, keep one of them'),
    ("endpoints = [7]", "1: endpoints: is [7], write a list of texts"),
    ('journeys = ["x"]', "1: journeys: is no array of tables, write [[journeys]]"),
    ('[[journeys]]\nid = "a"', "1: journeys[0].endpoints: is missing"),
    ('[[journeys]]\nid = "a"\nendpoint = []', '3: journeys[0].endpoint: unknown key, did you mean "endpoints"?'),
    (
        'endpoints = ["GET /x"]\n[[journeys]]\nid = "a"\nendpoints = ["GET /xx"]',
        '4: journeys[0].endpoints: "GET /xx" is no endpoint, did you mean "GET /x"?',
    ),
    (
        '[[journeys]]\nid = "a"\nendpoints = []\n[[journeys]]\nid = "a"\nendpoints = []',
        '1: journeys: "a" stands twice, keep one of them',
    ),
    (
        '[[collections]]\nname = "c"\nper_hour = -1',
        "3: collections[0].per_hour: is -1, write a number from 0 to 1,000,000,000",
    ),
    ('[[collections]]\nname = "c"\nper_hour = nan', "3: collections[0].per_hour: is nan, write a number from 0"),
    ('[[collections]]\nname = "c"\nkey = "id"', "3: collections[0].key: is 'id', write a list of texts"),
    ('[growth]\ntolerance = "wide"', "2: growth.tolerance: is 'wide', write a number"),
    ("[growth]\nslack = inf", "2: growth.slack: is inf, write a number"),
    ("growth = 5", "1: growth: is no table, write [growth]"),
    ('[flag]\nkind = "flagd"', "1: flag.file: is missing, name the flag file"),
    ('[flag]\nkind = "unlesh"', '2: flag.kind: "unlesh" is unknown, write one of session, flagd, unleash'),
    ('[notifications]\nbell = "yes"', "2: notifications.bell: is 'yes', write true or false"),
    ("[notifications]\nsound = true", "2: notifications.sound: unknown key"),
    ("sources = 3", "1: sources: is no table of tables, write [sources.NAME]"),
    ('[sources]\nprom = "x"', "1: sources: is no table of tables, write [sources.NAME]"),
    ('[sources.p]\nurl = "http://h"', "1: sources.p.kind: is missing"),
    ('[sources.p]\nkind = "promethius"', '2: sources.p.kind: "promethius" is unknown, write one of prometheus, scrape'),
    ('[sources."two words"]\nkind = 1', "2: sources.two words.kind: is 1, write a text in quotes"),
    ('[sources.p]\nkind = "prometheus"', "1: sources.p.url: is missing"),
    (f"{P}scrape_intervall = 5", '4: sources.p.scrape_intervall: unknown key, did you mean "scrape_interval"?'),
    (f"{P}scrape_interval = 5", '4: sources.p.scrape_interval: is 5, write a duration like "30s", "5m" or "2h"'),
    (f'{P}scrape_interval = "0s"', "4: sources.p.scrape_interval: is '0s', write a duration"),
    (f'{P}timeout = "-5s"', "4: sources.p.timeout: is '-5s', write a duration"),
    (f'{P}native = "no"', "4: sources.p.native: is 'no', write true or false"),
    (f'{P}metrics = {{ unit = "us" }}', '4: sources.p.metrics.unit: "us" is unknown, write one of s, ms'),
    (f'{P}[sources.p.metrics]\nrequest = "r"', '5: sources.p.metrics.request: unknown key, did you mean "requests"?'),
    (f'{P}token = "abc123"', '4: sources.p.token: holds a secret in the open, write "${NAME}" of the environment'),
    (f"{P}token = 5", '4: sources.p.token: is no secret, write "${NAME}" of the environment'),
    (f"{P}token = {{ command = [] }}", "4: sources.p.token: is no secret"),
    (f'{P}token = {{ comand = ["x"] }}', "4: sources.p.token: is no secret"),
    (f'{P}token = "${{T}}"\nuser = "me"', "4: sources.p.token: stands beside user, keep one of them"),
    (f'{P}user = "me"', "4: sources.p.user: and password belong together, write both or none"),
    (f'{P}headers = {{ Authorization = "Bearer x" }}', "4: sources.p.headers.Authorization: holds a secret"),
    (f'{P}params = {{ api_key = "x" }}', "4: sources.p.params.api_key: holds a secret in the open"),
    (f"{P}headers = {{ X = 1 }}", "4: sources.p.headers: is no table of texts, write [headers]"),
    ('[sources.p]\nkind = "prometheus"\nurl = "http://u:pw@h"', "3: sources.p.url: holds a user or a password"),
    ('[sources.s]\nkind = "scrape"\nurls = []', "3: sources.s.urls: names no address"),
    ('[sources.s]\nkind = "scrape"\nurls = "http://h"', "3: sources.s.urls: is 'http://h', write a list of texts"),
    (f"{R}requests = []", "4: sources.r.requests: has 0, write at least 1"),
    (f'{R}[[sources.r.requests]]\npath = "/x"', "4: sources.r.requests[0].endpoint: is missing"),
    (
        f'{R}requests = [{{ endpoint = "GET /x" }},\n {{ endpoint = "GET /x" }}]',
        '4: sources.r.requests: ask twice for "GET /x", keep one of them',
    ),
    (
        f'{R}requests = [\n{{ endpoint = "GET /x" }},\n{{ endpoint = "GET /y", status = [99] }}]',
        "6: sources.r.requests[1].status: is [99], write a list of whole numbers from 100 to 599",
    ),
    (f'{R}rate = 0\nrequests = [{{ endpoint = "GET /x" }}]', "4: sources.r.rate: is 0, write a number from 0.01"),
    (f'{C}argv = "df -h"', "4: sources.c.argv: is 'df -h', write a list of texts"),
    (f"{C}argv = []", '4: sources.c.argv: names no program, write ["program", "argument"]'),
    (f'{Q}fields = {{ opn = "count" }}', "5: sources.q.fields.opn: is no part of queue"),
    (f'{Q}fields = {{ open = "count[" }}', '5: sources.q.fields.open: "count[" is no JMESPath'),
    (f"{A}critical = 1", "4: sources.a.critical: is 1, write a list of texts"),
    ('[sources.m]\nkind = "mongo"\ndatabase = "shop"', '1: sources.m.uri: is missing, write "${COCKPIT_MONGO_URI}"'),
    (
        '[sources.m]\nkind = "mongo"\nuri = "mongodb://me:pw@h"\ndatabase = "d"',
        "3: sources.m.uri: holds a secret in the open",
    ),
    (f'{M}topics = ["jorneys"]', '5: sources.m.topics: "jorneys" is unknown, write any of journeys'),
    (f'{M}events = {{ at = "$where" }}', '5: sources.m.events.at: "$where" holds an operator, write the plain name'),
    (f'{M}[sources.m.events]\nat = "a..b"', '6: sources.m.events.at: "a..b" is no name, write the plain name'),
    (f'{M}full_pass = "1s"', "5: sources.m.full_pass: is '1s', write a duration"),
    (f"{S}{P}", '4: sources.p: answers traffic, and so does "s", leave it to one of them'),
    (f'{M}requests = {{ collection = "log" }}\n{S}', '6: sources.s: answers traffic, and so does "m"'),
    (f"{M}{Q}", '5: sources.q: answers queue, and so does "m", leave it to one of them'),
    (
        f'{J}database = "mm"\nlooks = [{{ collection = "e", where = {{ runId = "{{run}}" }} }}]\n{M}',
        '5: sources.w.database: "mm" is no mongo source, did you mean "m"?',
    ),
    (f'{J}looks = [{{ collection = "e", where = {{ runId = "{{run}}" }} }}]', "1: sources.w.database: is missing"),
    (f'{J}[activities."p1.wf7"]\njourney = "ww"', '6: activities.p1.wf7.journey: "ww" is no journey source, did you'),
    ('[activities."p1.wf7"]\njourney = "w"', '2: activities.p1.wf7.journey: "w" is no journey source, known: none'),
    ('[activities."p1.wf7"]\ntimeout = "5s"', "1: activities.p1.wf7.journey: or argv, one of them"),
    ('[changes]\ncommand = ["x"]\nurl = "http://h"', "2: changes.command: stands beside url, keep one of them"),
    ('[changes]\nrows = "a[]"', "1: changes.command: or url is missing, name a program, or an address"),
    ('[changes]\ncommand = "git log"', "2: changes.command: is 'git log', write a list of texts"),
    ('[changes]\nurl = "http://u:p@h"', "2: changes.url: holds a user or a password"),
    (
        '[changes]\nurl = "http://h"\nfields = { whn = "x" }',
        "3: changes.fields.whn: is no part of it, write any of at, text",
    ),
    ('[changes]\nurl = "http://h"\nrows = "a["', '3: changes.rows: "a[" is no JMESPath'),
    ('[failures]\nurl = "http://h"\nfields = { ids = "x" }', "3: failures.fields.ids: is no part of it"),
    ('[failures]\nurl = "http://h"\ntoken = "abc"', "3: failures.token: holds a secret in the open"),
    ('[[dashboards]]\ntitle = "a"', "1: dashboards[0].url: is missing"),
    ('[[dashboards]]\ntitle = "a"\nurl = "ftp://h/x"', '3: dashboards[0].url: "ftp://h/x" is not an http address'),
    ('[[dashboards]]\ntitle = ""\nurl = "http://h"', "2: dashboards[0].title: is empty"),
    ('[[dashboards]]\ntitle = "a"\nurl = "http://h/?api_key=x"', "3: dashboards[0].url: holds a secret in the open"),
    (f'{M}duplicates = {{ who = ["$where"] }}', '5: sources.m.duplicates.who: "$where" holds an operator'),
    (f'{M}csat = {{ words = "a..b" }}', '5: sources.m.csat.words: "a..b" is no name'),
    (
        f'{M}requests = {{ collection = "log", traffic = 1 }}',
        "5: sources.m.requests.traffic: is 1, write true or false",
    ),
    ('[keymap]\n"log.notes" = "f2"', '2: keymap.log.notes: unknown id, did you mean "log.note"?'),
    ('[keymap]\nlog.note = "f2"', "1: keymap: is no table of texts, write [keymap]"),
    ('[keymap]\n"log.note" = "f13"', '2: keymap.log.note: "f13" is no key to give, write one letter, digit or sign'),
    ('[keymap]\n"log.note" = "escape"', '2: keymap.log.note: "escape" is no key to give'),
    ('[keymap]\n"log.note" = "ctrl+c"', '2: keymap.log.note: "ctrl+c" is no key to give'),
    ('[keymap]\n"log.note" = "q"', '2: keymap.log.note: "q" is the only key of app.quit, give that one'),
    ('[keymap]\n"log.note" = "a"', '2: keymap.log.note: "a" is the only key of rollout.advance, give that'),
    (
        '[keymap]\n"log.note" = "f2"\n"log.export" = "f2"',
        '2: keymap.log.note: "f2" is given to log.export too, give each',
    ),
    ('[keymap]\n"rollout.pause" = "n"', '2: keymap.rollout.pause: "n" is the only key of log.note'),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(here, text):
    path = here / "cockpit.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(TableError) as error:
        load(path)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(("text", "told"), BAD, ids=lambda value: None)
def test_row_87_what_is_wrong_is_told_with_its_line(here, text, told):
    said = problems(here, text)
    assert any(line.startswith(f"cockpit.toml:{told}") for line in said), said
    assert len(said) == len(set(said))
    assert all(re.match(r"cockpit\.toml:\d+: \S", line) and "\n" not in line for line in said)


def test_there_are_enough_of_them():
    assert len(BAD) >= 60


def test_row_87_all_problems_come_at_once_and_end_with_two(here, capsys):
    text = f'theme = "neon"\nservise = "x"\n{P}scrape_interval = 5\nnative = 1\n[flag]\nkind = "flagd"\n'
    (here / "cockpit.toml").write_text(text, "utf-8")
    assert run(["new", "one"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split(": ")[1] for line in said.err.splitlines()] == [
        "cockpit.toml:1",
        "cockpit.toml:2",
        "cockpit.toml:6",
        "cockpit.toml:7",
        "cockpit.toml:8",
    ]
    assert not (here / "home").exists()


ELSEWHERE = [
    "file:///etc/passwd",
    "ftp://h/x",
    "gopher://h:70/_x",
    "unix:///var/run/docker.sock",
    "javascript:alert(1)",
    "data:text/plain,x",
    "ldap://h",
    "dict://h:11211/",
    "http:///nohost",
    "http://",
    "//h/x",
    "h:9090",
    "/metrics",
    "http://h:0/",
    "http://h:99999/",
    "http://[::1",
    "http://[bad]/",
    "",
    "jar:http://h!/x",
    "http:h",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_row_59_only_http_and_only_a_host_is_an_address(here, url):
    told = "is not an http address"
    assert any(told in line for line in problems(here, f'[sources.p]\nkind = "prometheus"\nurl = "{url}"'))
    assert any(told in line for line in problems(here, f'[sources.s]\nkind = "scrape"\nurls = ["{url}"]'))


def test_row_86_a_secret_in_the_open_is_refused_and_not_repeated(here):
    for key in ("token", "password"):
        assert "hunter2" not in " ".join(problems(here, f'{P}{key} = "hunter2"'))
    assert "hunter2" not in " ".join(problems(here, f'{P}headers = {{ Cookie = "hunter2" }}'))
    assert "hunter2" not in " ".join(problems(here, '[sources.p]\nkind = "prometheus"\nurl = "http://u:hunter2@h"'))
    text = '[sources.m]\nkind = "mongo"\nuri = "mongodb://me:hunter2@h"\ndatabase = "d"'
    assert "hunter2" not in " ".join(problems(here, text))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a = = 1", "cockpit.toml:1: is not TOML: Invalid value"),
        (b'service = "x"\nb = [', "cockpit.toml"),
        (b'service = "caf\xe9"', "is not UTF-8 (byte 14): save it as UTF-8"),
        (b"\xff\xfes\x00", "is not UTF-8 (byte 0): save it as UTF-8"),
        (b"a = " + b"[" * 3000, "is not TOML: nested too deep"),
        (b"a = " + b"[" * 150 + b"]" * 150, "a: unknown key"),
        (b"a." * 20_000 + b"b = 1", "cockpit.toml:1: is longer than 4,000 characters: break the line"),
        (b"#\n" * 2**20, "is larger than 1 MB: name a settings file"),
        (b'service = "\x1b[2J"\n', "Illegal character"),
        (b'service = "x"\x00', "is not TOML"),
        (b"service = 1\nservice = 2", "is not TOML: Cannot overwrite a value"),
    ],
    ids=["value", "open", "latin", "utf16", "deep", "brackets", "long", "huge", "escape", "nul", "twice"],
)
def test_a_hostile_file_is_one_clean_line(here, content, told):
    path = here / "cockpit.toml"
    path.write_bytes(content)
    with pytest.raises((BadInputError, TableError)) as error:
        load(path)
    assert told in str(error.value)
    assert "\x1b" not in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_plain_file_is_told_without_waiting_for_it(here):
    os.mkfifo(here / "pipe.toml")
    (here / "folder.toml").mkdir()
    for name, told in (("pipe", "is a named pipe"), ("folder", "is a folder"), ("none", "No such file")):
        with pytest.raises(BadInputError, match=told):
            load(here / f"{name}.toml")


def test_ten_thousand_typos_are_told_shortly_and_soon(here):
    said = problems(here, "".join(f"k{number} = 1\n" for number in range(10_000)))
    assert len(said) == 101
    assert said[-1] == "cockpit.toml: and 9,900 more problems"


def test_a_byte_order_mark_and_a_link_are_no_trouble(here):
    (here / "real.toml").write_bytes(b'\xef\xbb\xbfservice = "shop"')
    (here / "cockpit.toml").symlink_to(here / "real.toml")
    assert load(here / "cockpit.toml").service == "shop"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_line(here):
    path = here / "cockpit.toml"
    path.touch(0o000)
    with pytest.raises(BadInputError, match="Permission denied"):
        load(path)
