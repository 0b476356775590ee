"""Where the flag lives, as `cockpit.toml` says it: what is read, and every way to say it wrong, row 87."""

import re
import tomllib

import pytest

from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flag_services import Command, Http, LaunchDarkly, Unleash
from cockpit.settings.models.flags import KINDS, Targets
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secret
from sessions.plan.strict_table import Table

F = '[flag]\nkind = "flagd"\nfile = "/f"\n'
U = '[flag]\nkind = "unleash"\nurl = "http://h"\ntoken = "${T}"\nenvironment = "prod"\n'
L = '[flag]\nkind = "launchdarkly"\ntoken = "${T}"\nenvironment = "prod"\n'
R = 'read = { url = "http://h" }\n'
H = f'[flag]\nkind = "http"\n{R}write = {{ url = "http://h/{{percent}}" }}\n'
C = '[flag]\nkind = "command"\nread = ["get"]\nwrite = ["set", "{percent}"]\n'
T = '[flag.targets.one]\nkind = "flagd"\nfile = "/f"\n'


def flag_of(text):
    table = Table(tomllib.loads(text))
    return read(Settings, table).flag, [str(problem) for problem in table.problems]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Session()),
        ("[flag]\n", Session()),
        ('[flag]\nname = "x"', Session(name="x")),
        ('[flag]\nkind = "session"', Session()),
        (F, Flagd(file="/f")),
        (U, Unleash(url="http://h", token=Secret("${T}"), environment="prod")),
        (L, LaunchDarkly(token=Secret("${T}"), environment="prod")),
        (C, Command(read=("get",), write=("set", "{percent}"))),
        (T, Targets(targets={"one": Flagd(file="/f")})),
        (f'[flag]\nkind = "targets"\n{T}', Targets(targets={"one": Flagd(file="/f")})),
    ],
)
def test_what_is_read(text, wanted):
    assert flag_of(text) == (wanted, [])


def test_a_flag_over_http_is_read():
    flag, problems = flag_of(f'{H}switch_write = {{ url = "http://h/{{name}}/{{state}}", method = "POST" }}')
    assert isinstance(flag, Http)
    assert problems == []
    assert (flag.read.percent, flag.read.whole, flag.write.method, flag.write.status) == ("percent", 100, "PUT", ())
    assert flag.switch_write.places == {"name", "state"}


BAD = [
    ('[flag]\nkind = "unlesh"', 'flag.kind: "unlesh" is unknown, write one of session, flagd, unleash, launchdarkly'),
    ("flag = 5", "flag: is no table, write [flag]"),
    ('[flag]\nfile = "/f"', "flag.file: unknown key"),
    ('[flag]\nkind = "flagd"', "flag.file: is missing, name the flag file"),
    (f'{F}serving = "ftp://h"', 'flag.serving: "ftp://h" is not an http address'),
    (U.replace("token", "tokn"), 'flag.tokn: unknown key, did you mean "token"?'),
    (U.replace('"${T}"', '"abc"'), 'flag.token: holds a secret in the open, write "${NAME}"'),
    (U.replace("http://h", ""), "flag.url: is missing, write http://host:port"),
    (U.replace("prod", ""), "flag.environment: is missing, name it"),
    (U + 'headers = { Cookie = "a" }', "flag.headers.Cookie: holds a secret in the open"),
    (L.replace("${T}", "x"), "flag.token: holds a secret in the open"),
    (f'{L}on = "a"', "flag.on: and off belong together, name both variations or none"),
    (f'{L}turn_on = "yes"', "flag.turn_on: is 'yes', write true or false"),
    (H.replace(R, ""), "flag.read.url: is missing, write http://host:port/path"),
    (H.replace("/{percent}", ""), "flag.write: does not say what to change, write {percent} in its body or address"),
    (H.replace("{percent}", "{percent}/{name}"), "flag.write: {name} is no place of it, write any of {percent}, {off}"),
    (H.replace("http://h", "http://h/{x}", 1), "flag.read: {x} is no place of it, a reading has none"),
    (H.replace('url = "http://h" }', 'url = "http://h", percent = "a[" }'), 'flag.read.percent: "a[" is no JMESPath'),
    (H.replace('url = "http://h" }', 'url = "http://h", whole = 0 }'), "flag.read.whole: is 0, write a number from"),
    (H + 'user = "me"', "flag.user: and password belong together, write both or none"),
    (H + 'token = "${T}"\nuser = "a"\npassword = "${P}"', "flag.token: stands beside user, keep one of them"),
    (H + 'switch_write = { url = "http://h/{name}" }', "flag.switch_write: does not say what to change, write {name}"),
    (
        H + 'switch_read = { url = "http://h" }',
        "flag.switch_read.url: does not name one switch, write {name} in it, or {id} of ids",
    ),
    (
        H + 'switch_read = { url = "http://h/{name}/{id}" }',
        "flag.switch_read.url: does not name one switch, write {name} in it, or {id} of ids",
    ),
    (
        H + 'ids = { sla-message = "679" }',
        "flag.ids: are asked for by nothing, write {id} in the address of switch_read and switch_write",
    ),
    (H.replace('percent}"', 'percent}", status = [404]'), "flag.write.status: is [404], write a list of whole numbers"),
    (C.replace('["get"]', "[]"), 'flag.read: is missing, write ["program", "argument"]'),
    (C.replace("{percent}", "on"), "flag.write: lacks {percent} or {share}, write it as an argument"),
    (f'{C}switch_write = ["x", "{{name}}"]', "flag.switch_write: lacks {on} or {state}, write it as an argument"),
    (f'{C}switch_read = ["x"]', "flag.switch_read: lacks {name}, write it as an argument"),
    (f'{C}percent = "a["', 'flag.percent: "a[" is no JMESPath'),
    (f'[flag]\nkind = "flagd"\n{T}', 'flag.kind: is "flagd" and there are targets, give each target its kind'),
    ('[flag]\nkind = "targets"', "flag.targets: names no place, write [flag.targets.NAME]"),
    ('[flag.targets.a]\nkind = "x"', 'flag.targets.a.kind: "x" is unknown'),
    ('[flag.targets.a]\nkind = "flagd"', "flag.targets.a.file: is missing, name the flag file"),
    (f'[flag]\nrollout = ["on"]\n{T}', 'flag.rollout: "on" is no target, did you mean "one"?'),
    (f'[flag]\nswitches = {{ s = ["xyz"] }}\n{T}', 'flag.switches.s: "xyz" is no target, write one of [flag.targets]'),
    (f'[flag]\nswitches = {{ s = "one" }}\n{T}', "flag.switches: is no table of lists of texts"),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_row_87_what_is_wrong_says_what_to_do(text, told):
    _, problems = flag_of(text)
    assert any(line.startswith(told) for line in problems), problems
    assert all(re.match(r"flag[.\w]*: \S", line) and "\n" not in line for line in problems)


def test_who_carries_the_percentage_and_who_takes_a_switch():
    two = T + T.replace("one", "two")
    flag, _ = flag_of(two)
    assert (flag.carriers, flag.takers("s")) == (("one", "two"), ("one", "two"))
    flag, _ = flag_of(f'[flag]\nrollout = ["two"]\nswitches = {{ s = ["one"], t = [] }}\n{two}')
    assert (flag.carriers, flag.takers("s"), flag.takers("t"), flag.takers("u")) == (("two",), ("one",), (), ("two",))


def test_a_target_that_takes_switches_alone_needs_no_share():
    desk = '[flag.targets.desk]\nkind = "command"\nswitch_write = ["d", "{name}", "{on}"]\n'
    assert flag_of(f'[flag]\nrollout = ["one"]\nswitches = {{ s = ["desk"] }}\n{T}{desk}')[1] == []
    _, problems = flag_of(f"{T}{desk}")
    assert problems == [
        f'flag.targets.desk.{key}: is missing, write ["program", "argument"]' for key in ("read", "write")
    ]


def test_every_kind_can_be_a_target():
    assert set(KINDS) == {"session", "flagd", "unleash", "launchdarkly", "http", "command"}
