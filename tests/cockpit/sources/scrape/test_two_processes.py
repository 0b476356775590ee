"""Several processes behind one address, over real sockets: blind with the reason, and measured again once it is one."""

import itertools

import pytest

from cockpit.runtime.finding import Sight
from cockpit.sources.scrape.one_process import REMEDY, TWO
from sessions.criteria.freshness import freshness
from sessions.values.readings import Grain, Topic, Traffic
from tests.support.build import PLAN, T0, after
from tests.support.screen.grown_flight import Flight
from tests.support.sources.scrape_kit import Service, page, scraping

LABELS = 'method="POST",endpoint="/csat"'
POLL = int(PLAN.cadence.traffic)


def text(total, errors=0, start=0):
    lines = [f'http_requests_total{{{LABELS},status="200"}} {total - errors}']
    lines += [f'http_requests_total{{{LABELS},status="500"}} {errors}']
    lines += [f'http_request_duration_seconds_bucket{{{LABELS},le="{le}"}} {total}' for le in ("0.5", "+Inf")]
    lines += [f"process_start_time_seconds {start}"] if start else []
    return "\n".join([*lines, ""]).encode()


def serve(httpserver, *answers, path="/metrics"):
    """Let processes answer in turn; each is told how often it was asked in all."""
    asked = itertools.count()

    def answer(request):
        number = next(asked)
        return page(answers[number % len(answers)](number))

    httpserver.expect_request(path).respond_with_handler(answer)
    return httpserver.url_for(path)


IDLE = (lambda _: text(5000), lambda _: text(4000))
FAILING = (lambda n: text(500_000 + 150 * n, 75 * n), lambda n: text(400_000 + 150 * n, 75 * n))
FORKED = (lambda n: text(150 * n, start=1_795_000_000.25), lambda n: text(150 * n, start=1_795_000_000.5))
THREE = (*IDLE, lambda _: text(4500))


@pytest.mark.parametrize("processes", [IDLE, FAILING, FORKED, THREE])
async def test_what_see_saws_is_no_measurement(httpserver, processes):
    """Without traffic, with falls that hide in what grows, with none at all, and of three: nothing is vouched for."""
    flight = Flight().wrote(T0, "watch.started", "watch started", pid=1, host="here")
    async with scraping(serve(httpserver, *processes)) as source:
        for second in range(0, 901, POLL):
            flight.saw(*await source.read(after(second)))
    windows = flight.state.seen.windows["POST /csat"]
    assert {one.covered for one in windows} == {0}
    fresh = freshness(flight.state, Topic.TRAFFIC, after(900))
    assert not fresh.ok
    assert fresh.text.endswith(f": {TWO}")
    assert flight.state.seen.health[Topic.TRAFFIC].reason == f"{TWO}; {REMEDY}"


async def test_an_address_that_is_one_process_again_is_measured_again(httpserver):
    url = serve(httpserver, lambda n: text(150 * n + (0 if n % 2 and n < 10 else 9000)))
    async with scraping(url) as source:
        told = [await source.read(after(second)) for second in range(0, 2400, POLL)]
    good = [readings[-1].ok for readings in told]
    assert (good[9], good[-1]) == (False, True)
    last = {one.start: one for readings in told for one in readings[:-1] if one.grain is Grain.WINDOW}
    assert (last[T0].covered, after(300) in last, last[after(600)].covered < 0.9) == (0, False, True)
    assert (last[after(1500)].requests, last[after(1500)].covered) == (3000, 1)


async def test_a_restart_stays_a_reset(httpserver):
    starts = (T0.timestamp() - 9000, T0.timestamp() + 10)
    url = serve(httpserver, lambda n: text(9000, start=starts[0]) if n < 2 else text(n, start=starts[1]))
    async with scraping(url) as source:
        for second in (0, 15):
            await source.read(after(second))
        window, _, pulse = await source.read(after(30))
    assert (window.requests, window.reset, window.covered, pulse.ok) == (2, True, 1, True)


async def test_a_page_of_a_process_that_ran_before_is_no_growth(httpserver):
    starts = (T0.timestamp() - 9000, T0.timestamp() - 600)
    url = serve(httpserver, lambda n: text(9000, start=starts[0]) if n < 2 else text(100 + n, start=starts[1]))
    async with scraping(url) as source:
        told = [one for second in (0, 15, 30, 45) for one in await source.read(after(second))]
    windows = [one for one in told if isinstance(one, Traffic) and one.grain is Grain.WINDOW]
    assert (windows[-1].requests, windows[-1].covered) == (1, pytest.approx(30 / 45))


async def test_with_several_addresses_the_reason_names_the_one(httpserver):
    steady = serve(httpserver, lambda n: text(10 * n), path="/a")
    async with scraping(steady, serve(httpserver, *IDLE, path="/b")) as source:
        for second in range(0, 61, POLL):
            *_, pulse = await source.read(after(second))
    assert (pulse.ok, pulse.reason.startswith(f"{TWO}; localhost:{httpserver.port}")) == (False, True)


@pytest.mark.parametrize("processes", [IDLE, FAILING, FORKED])
async def test_the_doctor_looks_three_times(httpserver, processes):
    async with scraping(serve(httpserver, *processes)) as source:
        found = {one.text: one for one in await source.examine(T0)}
    assert (found[TWO].sight, found[TWO].fix) == (Sight.PROBLEM, REMEDY)
    assert len(httpserver.log) == 3


async def test_one_change_while_the_doctor_looks_is_told_as_what_it_may_be(httpserver):
    async with scraping(
        serve(httpserver, lambda n: text(10 if n else 900, start=1_795_000_000 + 50 * (n > 0)))
    ) as source:
        (found,) = [one for one in await source.examine(T0) if TWO in one.text]
    assert (found.sight, found.text.endswith("or it restarted just now")) == (Sight.PROBLEM, True)


async def test_a_series_that_is_born_while_the_doctor_looks_is_nothing(httpserver):
    service = Service()
    service.serve("POST /csat", 0.1)

    def answer(request):
        service.serve("POST /csat", 0.1, status=200 + len(httpserver.log))
        return service.answer()

    httpserver.expect_request("/metrics").respond_with_handler(answer)
    async with scraping(httpserver.url_for("/metrics")) as source:
        assert not [one for one in await source.examine(T0) if TWO in one.text]


async def test_each_look_has_a_connection_of_its_own(httpserver):
    """One that is kept leads to the same process for ever, and the other is never seen."""
    async with scraping(serve(httpserver, *IDLE)) as source:
        await source.read(T0)
    assert httpserver.log[0][0].headers["Connection"] == "close"


@pytest.mark.parametrize(("other", "told"), [(9000, ["the same process as "]), (9400, []), (0, [])])
async def test_one_process_at_two_addresses_is_told_by_the_doctor(httpserver, other, told):
    urls = [serve(httpserver, lambda _, n=n: text(n, start=1_795_000_000), path=f"/{n}") for n in (9000, other)]
    urls[1] = urls[1] if other != 9000 else urls[0].replace("localhost", "127.0.0.1")
    async with scraping(*urls) as source:
        found = [one for one in await source.examine(T0) if "same process" in one.text]
    assert [one.text.removesuffix(f"localhost:{httpserver.port}") for one in found] == told
