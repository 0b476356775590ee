"""A real proxy between: plain requests and CONNECT, who is asked without it, what is told where it fails."""

import base64
import ssl
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
import trustme

from cockpit.doctor.local_checks import way_out
from cockpit.flags.http.client import Line
from cockpit.flags.http.writer import HttpFlag
from cockpit.flags.interface.writer import FlagError
from cockpit.http.client import fetch, open_client
from cockpit.runtime.errors import AnswerError
from cockpit.settings.file.flag_only import flag_from
from cockpit.settings.file.load import settings_from
from cockpit.settings.file.starter import starter
from cockpit.settings.models.flags import KINDS as PLACES
from cockpit.settings.models.settings import KINDS, Settings
from cockpit.settings.schema.catalog import rows
from cockpit.settings.schema.http_access import Access
from cockpit.settings.schema.proxy import DIRECT, LOOPBACK, Web, goes_directly, through
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.settings.trust.telling import told
from sessions.plan.strict_table import TableError
from tests.cockpit.settings.file.test_starter import paragraphs, uncommented
from tests.support.peers.connect_proxy import connect_proxy
from tests.support.peers.flag_peers import flag_peer
from tests.support.peers.small_shop import small_shop
from tests.support.sources.scrape_kit import peer, reply

HERE = Path("cockpit.toml")
CANARY = "hunter2-canary"
ELSEWHERE = "shop.example.org"
"""No name that anybody here knows: only a proxy leads to it, and ours leads all names to this machine."""


def source(url, more=""):
    """The one source of a settings file, read as a session reads it."""
    text = f'{more}\n[sources.s]\nkind = "json"\ntopic = "queue"\nurl = "{url}"\n'
    return settings_from(HERE, text).sources["s"]


async def asked(spec, environ=None):
    async with open_client(spec, Secrets(environ or {}), 20) as client:
        return (await fetch(client, client.build_request("GET", spec.url))).body


def away(url):
    """The same place by a name that only the proxy leads to."""
    return url.replace("127.0.0.1", ELSEWHERE)


async def test_a_plain_request_goes_through_the_proxy_of_all():
    async with peer(reply(b"mine")) as (url, heads), connect_proxy() as proxy:
        assert await asked(source(away(url), f'[http]\nproxy = "{proxy.url}"')) == b"mine"
    assert proxy.asked == [f"GET {away(url)}"]
    assert ELSEWHERE in heads[0].decode()


async def test_a_request_under_tls_goes_through_a_tunnel_that_sees_nothing_of_it(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "roots.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(ELSEWHERE).configure_cert(context)
    async with small_shop(tls=context) as shop, connect_proxy() as proxy:
        spec = source(f"https://{ELSEWHERE}:{shop.port}/x", f'[http]\nproxy = "{proxy.url}"')
        access = Access(proxy=spec.proxy, ca_file=str(tmp_path / "roots.pem"), token=Secret("${T}"))
        async with open_client(access, Secrets({"T": CANARY}), 20) as client:
            response = await client.get(spec.url)
    assert response.status_code in range(200, 500)
    assert proxy.asked == [f"CONNECT {ELSEWHERE}:{shop.port}"]
    assert CANARY not in proxy.heads[0]


async def test_a_certificate_that_is_not_trusted_is_the_servers_fault_not_the_proxys():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(ELSEWHERE).configure_cert(context)
    async with small_shop(tls=context) as shop, connect_proxy() as proxy:
        spec = source(f"https://{ELSEWHERE}:{shop.port}/x", f'[http]\nproxy = "{proxy.url}"')
        with pytest.raises(Exception, match=r"(?i)certificate") as caught:
            await asked(spec)
    assert not isinstance(caught.value, AnswerError)


async def test_this_machine_is_asked_directly_unless_its_own_table_says_otherwise():
    async with peer(reply(b"mine")) as (url, _), connect_proxy() as proxy:
        assert await asked(source(url, f'[http]\nproxy = "{proxy.url}"')) == b"mine"
        assert proxy.asked == []
        own = settings_from(HERE, f'[sources.s]\nkind = "json"\ntopic = "queue"\nurl = "{url}"\nproxy = "{proxy.url}"')
        assert await asked(own.sources["s"]) == b"mine"
        assert proxy.asked == [f"GET {url}"]


async def test_a_table_of_its_own_goes_before_that_of_all():
    async with peer(reply(b"mine")) as (url, _), connect_proxy() as ours, connect_proxy(answer="502 No") as theirs:
        both = f'[http]\nproxy = "{theirs.url}"\n[sources.s]\nkind = "json"\ntopic = "queue"\nurl = "{away(url)}"\n'
        assert await asked(settings_from(HERE, f'{both}proxy = "{ours.url}"').sources["s"]) == b"mine"
        without = settings_from(HERE, both.replace(ELSEWHERE, "127.0.0.2") + f'proxy = "{DIRECT}"')
        assert without.sources["s"].proxy == Secret(DIRECT)
    assert theirs.asked == []


async def test_the_proxys_login_goes_to_the_proxy_alone_and_is_masked():
    login = "Basic " + base64.b64encode(f"me:{CANARY}".encode()).decode()
    async with peer(reply(b"mine")) as (url, heads), connect_proxy(login) as proxy:
        spec = source(away(url), '[http]\nproxy = "${WAY}"')
        environ = {"WAY": proxy.url.replace("//", f"//me:{CANARY}@")}
        assert await asked(spec, environ) == b"mine"
        secrets = Secrets(environ)
        await open_client(spec, secrets, 1).aclose()
    assert login in proxy.heads[0]
    assert b"roxy-" not in heads[0]
    assert "canary" not in secrets.scrub(f"{environ['WAY']} {CANARY} {login}").lower()


@pytest.mark.parametrize(
    ("given", "told_of"),
    [
        ({"login": "Basic x"}, "407, user and password?"),
        ({"answer": "403 Forbidden"}, "403"),
        ({"answer": "502 \x1b[31mBad"}, "502"),
    ],
)
async def test_a_proxy_that_lets_nothing_through_is_told_as_that(given, told_of):
    async with connect_proxy(**given) as proxy:
        with pytest.raises(AnswerError) as caught:
            await asked(source(f"https://{ELSEWHERE}/x", f'[http]\nproxy = "{proxy.url}"'))
    assert str(caught.value) == f"proxy {proxy.url.removeprefix('http://')}: {told_of}"


async def test_a_proxy_that_is_not_there_is_told_as_that():
    async with connect_proxy() as proxy:
        pass
    for scheme in ("http", "https"):
        with pytest.raises(AnswerError, match=r"^proxy 127\.0\.0\.1:\d+: no connection$"):
            await asked(source(f"{scheme}://{ELSEWHERE}/x", f'[http]\nproxy = "{proxy.url}"'))


@pytest.mark.parametrize("value", ["ftp://h", "nonsense", "http://", "http://h:99999"])
async def test_a_variable_that_names_no_proxy_is_told_and_not_shown(value):
    spec = source(f"http://{ELSEWHERE}/x", '[http]\nproxy = "${WAY}"')
    with pytest.raises(AnswerError, match=r"^proxy is not an http address$"):
        open_client(spec, Secrets({"WAY": value}), 1)


async def test_a_flag_behind_a_proxy_that_refuses_was_not_moved():
    """What the proxy was told is not what the server was told: nothing was sent, and that is known."""
    text = '[flag]\nkind = "http"\nread = { url = "URL" }\nwrite = { url = "URL", body = { share = "{percent}" } }'
    async with connect_proxy(answer="403 Forbidden") as proxy:
        whole = f'[http]\nproxy = "{proxy.url}"\n{text}'.replace("URL", f"https://{ELSEWHERE}/flag")
        spec, secrets = settings_from(HERE, whole).flag, Secrets({})
        writer = HttpFlag(Line(spec, secrets, 20), spec, secrets, ())
        with pytest.raises(FlagError, match="403"):
            await writer.write(25)
        await writer.aclose()
    assert proxy.asked == [f"CONNECT {ELSEWHERE}:443"]


async def test_a_flag_is_moved_through_a_proxy():
    state = {"share": 10}

    def api(method, _path, document):
        state.update(document or {})
        return 200, {"percent": state["share"]} if method == "GET" else {}

    text = '[flag]\nkind = "http"\nread = { url = "URL" }\nwrite = { url = "URL", body = { share = "{percent}" } }'
    async with flag_peer(api) as served, connect_proxy() as proxy:
        url = away(getattr(served, "url", served))
        spec = flag_from(HERE, f'[http]\nproxy = "{proxy.url}"\n{text}'.replace("URL", f"{url}/flag"))
        secrets = Secrets({})
        writer = HttpFlag(Line(spec, secrets, 20), spec, secrets, ())
        await writer.write(25)
        await writer.aclose()
    assert state["share"] == 25
    assert [line.split()[0] for line in proxy.asked] == ["PUT"]


def test_a_broken_way_out_stops_no_revert():
    """The flag's own table is read alone; where `[http]` says nonsense, its server is asked directly."""
    text = '[http]\nproxy = 7\n[flag]\nkind = "unleash"\nurl = "http://h"\nenvironment = "p"\ntoken = "${T}"'
    assert flag_from(HERE, text).proxy == Secret()


@pytest.mark.parametrize(
    ("host", "hosts", "directly"),
    [
        ("shop.internal", ["shop.internal"], True),
        ("SHOP.Internal.", ["shop.internal"], True),
        ("a.shop.internal", ["shop.internal"], True),
        ("myshop.internal", ["shop.internal"], False),
        ("a.example.org", [".example.org"], True),
        ("example.org", [".example.org"], True),
        ("a.example.org", ["*.example.org"], True),
        ("badexample.org", [".example.org"], False),
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("11.1.2.3", ["10.0.0.0/8"], False),
        ("10.1.2.3", ["10.1.2.3"], True),
        ("fd00::1", ["fd00::/8"], True),
        ("::1", [LOOPBACK], True),
        ("::ffff:127.0.0.1", [LOOPBACK], True),
        ("127.9.9.9", [LOOPBACK], True),
        ("localhost", [LOOPBACK], True),
        ("a.localhost", [LOOPBACK], True),
        ("localhost.example.org", [LOOPBACK], False),
        ("10.1.2.3", [LOOPBACK], False),
        ("anything", ["*"], True),
        ("anything", [], False),
    ],
)
def test_who_is_asked_directly(host, hosts, directly):
    assert goes_directly(host, hosts) is directly


@pytest.mark.parametrize(
    "value",
    [
        '"http://me:pw@proxy:3128"',
        '"http://me:pw@${HOST}"',
        '"http://proxy:3128/?token=abc"',
        '"http://${HOST}/?token=abc"',
        '"socks5://proxy"',
        '"proxy:3128"',
        "7",
        "{ command = [] }",
    ],
)
def test_what_is_no_proxy_or_holds_a_secret_in_the_open_is_refused(value):
    with pytest.raises(TableError) as caught:
        settings_from(HERE, f"[http]\nproxy = {value}")
    assert "http.proxy" in str(caught.value)
    assert "abc" not in str(caught.value)
    assert "pw@" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        'uri = "mongodb://me:pw@${HOST}"',
        'uri = "mongodb://${HOST}/?authMechanism=x&password=open"',
    ],
)
def test_half_a_secret_in_the_open_is_one_elsewhere_too(line):
    with pytest.raises(TableError, match="holds a secret in the open"):
        settings_from(HERE, f'[sources.m]\nkind = "mongo"\ndatabase = "d"\n{line}')


@pytest.mark.parametrize("host", ['"http://h"', '""', '" h"', '"10.0.0.0/99"'])
def test_what_is_no_host_is_refused(host):
    with pytest.raises(TableError, match="no_proxy"):
        settings_from(HERE, f"[http]\nno_proxy = [{host}]")


def senders(model, seen):
    """Every table of the settings that names an address to be asked over HTTP, however deep."""
    for row in rows(model):
        inner = [*row.key.kinds.values(), *([row.key.model] if row.key.model else [])]
        for each in inner:
            if each not in seen:
                seen.add(each)
                yield from senders(each, seen)
    names = {item.name for item in fields(model)}
    if (names & {"url", "urls", "serving"} and "ca_file" in names) or {"url", "wait"} <= names:
        yield model


def test_every_table_that_asks_over_http_can_say_its_way():
    found = list(senders(Settings, set()))
    assert len(found) >= 10
    assert [model for model in found if "proxy" not in {item.name for item in fields(model)}] == []


def ways(value):
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for each in value:
            yield from ways(each)
    elif is_dataclass(value) and not isinstance(value, Web | Secret):
        if hasattr(value, "proxy"):
            yield value
        for item in fields(value):
            yield from ways(getattr(value, item.name))


@pytest.mark.parametrize("paragraph", paragraphs(), ids=lambda text: text.partition("\n# ")[2].partition("\n")[0][:30])
def test_the_way_of_all_reaches_every_table(paragraph):
    text = uncommented(paragraph)
    if "[http]" in text:
        return
    found = settings_from(HERE, f'{text}\n[http]\nproxy = "http://p:1"\nno_proxy = ["x"]')
    assert all(each.proxy == Secret("http://p:1") and each.no_proxy == ("x", LOOPBACK) for each in ways(found))


def test_all_kinds_are_in_the_starter():
    kinds = {line for line in starter().splitlines() if line.startswith("# kind = ")}
    assert {f'# kind = "{kind}"' for kind in (*KINDS, *PLACES)} <= kinds


def test_whoever_trusts_sees_the_way():
    text = '[sources.s]\nkind = "json"\ntopic = "queue"\nurl = "http://h/x"\n[http]\nproxy = '
    assert list(told(settings_from(HERE, f'{text}"http://p:3128"'))) == ["  asks   h", "  via    p:3128"]
    assert list(told(settings_from(HERE, f'{text}"${{HTTPS_PROXY}}"'))) == ["  asks   h", "  reads  $HTTPS_PROXY"]


@pytest.mark.parametrize(
    ("text", "environ", "lines"),
    [
        ("", {}, []),
        ("", {"https_proxy": ""}, []),
        ("", {"https_proxy": "http://me:pw@p"}, ["$https_proxy is set, and not used: servers are asked directly"]),
        (f'proxy = "{DIRECT}"', {"https_proxy": "http://p"}, ["none: servers are asked directly"]),
        ('proxy = "${WAY}"', {}, ["$WAY; this machine is asked directly"]),
        ('proxy = "http://p:1"', {"HTTP_PROXY": "x"}, ["http://p:1; this machine is asked directly"]),
    ],
)
def test_the_doctor_says_which_way_is_taken(text, environ, lines):
    web = settings_from(HERE, f"[http]\n{text}").http
    assert [finding.text for finding in way_out(web, environ)] == lines


def test_nothing_said_changes_nothing():
    assert through(Settings(), Web()) == Settings()
    assert tomllib.loads("") == {}
