"""The probe against real sockets: its pace, what it counts as an error, and what it does not count at all.

Rows 42, 44, 47, 48, 55, 57 and 59 of the fault matrix.
"""

import asyncio
import socket
import time

import pytest

from cockpit.runtime.finding import Sight
from cockpit.sources.interface.source import SourceError
from cockpit.sources.probe.source import open_source
from sessions.criteria.windows import WHOLE
from sessions.plan.loader import scaled
from sessions.values.readings import Grain, Pulse, Traffic
from tests.cockpit.conftest import free_port
from tests.support.build import PLAN
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.peers.small_shop import small_shop
from tests.support.sources.ordering import TARGETS, order, problems, spec
from tests.support.sources.probing import GET, HASTY, LONE, ONE, POST, asked, failing, probing, until


async def test_every_endpoint_is_asked_about_evenly_and_counted_exactly():
    async with small_shop() as shop, probing(shop.port) as source:
        sums, pulse = await until(source, asked(POST, 20))
    assert abs(sums[GET][0] - sums[POST][0]) <= 2 + 0.2 * sums[GET][0]
    assert sums[GET][1] == sums[POST][1] == 0
    assert isinstance(pulse, Pulse)
    assert (pulse.ok, pulse.note) == (True, "")
    assert {body for line, body in shop.asked if line == POST} == {'{"look":"linen"}'}
    assert {body for line, body in shop.asked if line == GET} == {""}


async def test_the_rate_is_never_exceeded_and_nobody_is_asked_twice_at_once():
    async with small_shop(lambda _line: (200, "", 0.03)) as shop, probing(shop.port, rate=50) as source:
        begun = time.perf_counter()
        await until(source, asked(GET, 15))
        took = time.perf_counter() - begun
    assert len(shop.asked) <= 50 * took + 2
    assert max(shop.busiest.values()) == 1


async def test_with_leave_a_slow_endpoint_is_asked_several_times_at_once():
    text = f"{ONE}\nabreast = 8"
    async with small_shop(lambda _line: (200, "", 0.1)) as shop, probing(shop.port, text, rate=100) as source:
        await until(source, asked(GET, 20))
    assert 2 <= shop.busiest[GET] <= 8


@pytest.mark.parametrize(
    ("status", "body", "wanted", "note"),
    [
        (500, "", "", "500"),
        (404, "looks", "", "404"),
        (401, "", "", "401, credentials?"),
        (200, "<h1>We are sorry</h1>", 'contains = "looks"', 'lacks "looks"'),
        (302, "", "", "302"),
        (204, "", "status = [200, 204]", ""),
        (302, "", "status = [302]", ""),
    ],
)
async def test_row_57_an_answer_is_judged_by_status_and_content(status, body, wanted, note):
    text = f'requests = [{{ endpoint = "{GET}"{", " * bool(wanted)}{wanted} }}]'
    location = "Location: http://169.254.169.254/"
    async with small_shop(lambda _line: (status, body, 0, location)) as shop, probing(shop.port, text) as source:
        sums, pulse = await until(source, asked(GET, 3))
    assert sums[GET][1] == (sums[GET][0] if note else 0)
    assert (pulse.ok, pulse.note) == (True, note and f"{GET}: {note}")


@pytest.mark.parametrize("target", TARGETS)
async def test_rows_48_and_59_a_redirect_is_never_followed(target):
    async with small_shop(lambda _line: (302, "", 0, f"Location: {target}")) as shop, probing(shop.port, ONE) as source:
        sums, _ = await until(source, asked(GET, 2))
    assert sums[GET][1] == sums[GET][0]
    assert {line for line, _ in shop.asked} == {GET}


@pytest.mark.parametrize(
    "path", [".evil.example.org/", "@evil.example.org/", ":1/", "http://169.254.169.254/", "?x", "#", "\\\\evil/"]
)
def test_row_59_a_path_cannot_name_another_host(path):
    said = problems("probe", f"url = 'http://shop'\nrequests = [{{ endpoint = '{GET}', path = '{path}' }}]")
    assert "does not begin with /" in said[0]


async def test_row_59_a_path_of_two_slashes_stays_on_our_host():
    text = f'requests = [{{ endpoint = "{GET}", path = "//169.254.169.254/latest" }}]'
    async with small_shop() as shop, probing(shop.port, text) as source:
        await until(source, asked(GET, 1))
    assert shop.asked[0][0] == "GET /169.254.169.254/latest"


async def test_row_55_where_nobody_is_reached_it_is_no_measurement():
    async with probing(free_port(), ONE, plan=LONE) as source:
        sums, pulse = await until(source, failing)
        assert pulse.reason == "nobody answered yet"
        sums, pulse = await until(source, lambda _sums, pulse: "our network?" in pulse.reason)
    assert (sums, pulse.reason) == ({}, "refused: our network?")


@pytest.fixture
def no_names(monkeypatch):
    """A resolver that knows nobody."""

    def unknown(*_asked, **_how):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


async def test_row_55_a_name_that_nobody_knows_is_no_measurement(no_names):
    async with probing(80, ONE, plan=LONE, host="no-such-host.invalid") as source:
        sums, pulse = await until(source, lambda _sums, pulse: "our network?" in pulse.reason)
    assert sums == {}
    assert pulse.reason == "unknown host: our network?"


async def test_row_55_where_a_control_address_answers_users_see_it_too():
    async with small_shop() as control:
        text = f'{ONE}\ncontrol = "http://127.0.0.1:{control.port}/up"\ntoken = "${{T}}"'
        async with probing(free_port(), text, environ={"T": "sesame"}) as source:
            sums, pulse = await until(source, asked(GET, 3))
    assert sums[GET][1] == sums[GET][0]
    assert (pulse.ok, pulse.note) == (True, f"{GET}: refused")
    assert "sesame" not in "".join(control.heads)


async def test_row_55_where_the_control_address_is_dark_too_it_is_no_measurement():
    text = f'{ONE}\ncontrol = "http://127.0.0.1:{free_port()}/up"'
    async with probing(free_port(), text) as source:
        sums, pulse = await until(source, failing)
    assert (sums, pulse.reason) == ({}, "refused: our network?")


async def test_row_42_one_endpoint_that_hangs_among_others_is_an_error():
    stuck = small_shop(lambda line: (200, "", 30 if line == POST else 0))
    async with stuck as shop, probing(shop.port, plan=HASTY) as source:
        sums, pulse = await until(source, asked(POST, 2))
    assert sums[POST][1] == sums[POST][0]
    assert sums[GET][1] == 0
    assert pulse.note == f"{POST}: no answer in 0.8 s"


async def test_row_42_a_service_that_hangs_whole_is_unknown_and_comes_back():
    async with small_shop() as shop, FaultProxy(shop.port) as proxy, probing(proxy.port, plan=HASTY) as source:
        await until(source, asked(POST, 3))
        await proxy.spoil(Fault(stall=True))
        _, pulse = await until(source, failing)
        assert pulse.reason == "no answer in 0.8 s: our network?"
        await proxy.heal()
        await until(source, lambda _sums, pulse: pulse.ok)


@pytest.mark.parametrize("fault", [Fault(cut=20), Fault(garbage=b"\x00\xffSSH-2.0\r\n\r\n"), Fault(reset=True)])
async def test_row_44_a_torn_answer_is_an_error(fault):
    async with small_shop() as shop, FaultProxy(shop.port) as proxy:
        await proxy.spoil(fault)
        async with probing(proxy.port, ONE) as source:
            sums, pulse = await until(source, asked(GET, 2))
    assert sums[GET][1] == sums[GET][0]
    assert pulse.note == f"{GET}: connection lost"


async def test_row_47_an_endless_answer_is_an_error_and_not_held():
    async with small_shop(lambda _line: (200, "x" * 8_000_001, 0)) as shop, probing(shop.port, ONE, rate=5) as source:
        sums, pulse = await until(source, asked(GET, 1))
    assert sums[GET][1] == sums[GET][0]
    assert pulse.note == f"{GET}: answer over 8 MB"


async def test_the_first_read_says_so_when_nothing_ends_in_time():
    text = f'{ONE}\ntimeout = "20s"'
    async with small_shop(lambda _line: (200, "", 30)) as shop, probing(shop.port, text, plan=LONE) as source:
        with pytest.raises(SourceError, match=r"no answer in 0.72 s"):
            await source.read(None)


async def test_windows_of_a_demo_are_filled_from_a_slow_service():
    """240 times as fast: windows of 1.25 s, 20 requests each, a service that takes 0.3 s. Settled windows only."""
    plan = scaled(PLAN, 240)
    rows = ", ".join(f'{{ endpoint = "{endpoint}" }}' for endpoint in plan.endpoints)
    whole = {}
    text = f"requests = [{rows}]\nabreast = 16"
    async with small_shop(lambda _line: (200, "", 0.3)) as shop, probing(shop.port, text, plan=plan) as source:
        while len(whole) < len(plan.endpoints):
            for item in await source.read(None):
                if isinstance(item, Traffic) and item.grain is Grain.WINDOW and item.at >= item.end:
                    whole |= {item.endpoint: item} if item.covered >= WHOLE and item.requests >= 20 else {}
            await asyncio.sleep(0.05)
    assert all(item.errors == 0 and item.p95_ms >= 300 for item in whole.values())


async def test_closing_ends_every_request_and_task():
    async with small_shop(lambda _line: (200, "", 30)) as shop:
        async with probing(shop.port, plan=HASTY) as source:
            with pytest.raises(SourceError):
                await source.read(None)
            ours = [task for task in asyncio.all_tasks() if "Fire." in task.get_coro().__qualname__]
            assert len(ours) == 3
        assert all(task.done() for task in ours)


async def test_cookies_of_one_answer_are_not_sent_with_the_next():
    async with small_shop(lambda _line: (200, "", 0, "Set-Cookie: a=1")) as shop, probing(shop.port, ONE) as source:
        await until(source, asked(GET, 3))
    assert "cookie" not in "".join(shop.heads).lower()


async def test_headers_and_credentials_go_with_each_request():
    text = (
        f'requests = [{{ endpoint = "{GET}", path = "/x?s=1", headers = {{ X-Synthetic = "1" }} }}]\ntoken = "${{T}}"'
    )
    async with small_shop() as shop, probing(shop.port, text, environ={"T": "sesame"}) as source:
        await until(source, asked(GET, 1))
    assert shop.asked[0][0] == "GET /x?s=1"
    assert "x-synthetic: 1" in shop.heads[0].lower()
    assert "authorization: Bearer sesame".lower() in shop.heads[0].lower()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('requests = [{ endpoint = "/concierge" }]', "names no method"),
        ('requests = [{ endpoint = "GET x" }]', "does not begin with /"),
        ("requests = []", "at least"),
        (f'{ONE}\ncontrol = "file:///etc/passwd"', "is not an http address"),
        (f"{ONE}\nabreast = 0", "abreast"),
    ],
)
def test_what_nobody_could_ask_for_is_told_at_load(text, said):
    found = problems("probe", f'url = "http://shop"\n{text}')
    assert any(said in item for item in found), found


def test_requests_for_nothing_in_the_plan_are_refused():
    with pytest.raises(SourceError, match="none of the requests"):
        open_source(order(PLAN), spec("probe", 'url = "http://h"\nrequests = [{ endpoint = "GET /else" }]'))


async def test_examining_tries_everything_once():
    text = f'requests = [{{ endpoint = "{GET}", contains = "held" }}, {{ endpoint = "GET /else" }}]'
    async with small_shop() as shop, probing(shop.port, text, rate=0.01) as source:
        found = {item.what: item for item in await source.examine(None)}
    assert len(shop.asked) == 1
    assert found["name"].sight is Sight.GOOD
    assert "found in" in found["name"].text
    assert "made in" in found["connection"].text
    assert (found[GET].sight, found[GET].text) == (Sight.PROBLEM, 'lacks "held"')
    assert (found[POST].sight, found[POST].text) == (Sight.PROBLEM, "is not asked for")
    assert found["GET /else"].sight is Sight.WARNING
    assert found["requests"].text == "3 of each endpoint in 5m00s, 20 are needed"
    assert found["requests"].fix == "write rate = 0.07 or more"
    assert found["control"].sight is Sight.GOOD


async def test_examining_a_host_that_nobody_knows(no_names):
    async with probing(80, ONE, plan=LONE, host="no-such-host.invalid") as source:
        found = {item.what: item for item in await source.examine(None)}
    assert found["name"].sight is found[GET].sight is Sight.PROBLEM
    assert found["control"].sight is Sight.WARNING
