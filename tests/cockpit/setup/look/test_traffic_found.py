"""Which metrics count and time requests: by the shape of a page, whoever exports it; what is none says why."""

import pytest

from cockpit.settings.models.traffic import Scrape
from cockpit.settings.schema.secrets import Secrets, variable
from cockpit.setup.look.page import ask_pages
from cockpit.setup.look.samples import Sample, samples
from cockpit.setup.look.traffic import counters, is_noise, lacking, traffic
from cockpit.sources.interface.source import SourceError
from tests.support.build import T0
from tests.support.peers.small_shop import small_shop
from tests.support.sources.exporters import SEEN, SHAPES, page


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_found_by_its_names_and_labels(shape):
    found = traffic(samples(page(shape)))
    metrics = found.metrics
    names = (metrics.requests, metrics.durations, metrics.method, metrics.endpoint, metrics.status, metrics.unit)
    assert names == SHAPES[shape][1]
    assert {row.name: row.requests for row in found.endpoints} == SEEN
    assert [row.name for row in found.endpoints] == list(SEEN)
    assert 100 in found.edges


LACKS = [
    ('x_bucket{le="1"} 1\nx_bucket{le="+Inf"} 1\n', "x has the labels none: let it have one for the endpoint"),
    ('x_bucket{path="/a",le="1"} 1\n', "x has the labels path: let it have one for the status"),
    ("http_requests_total 3\n", "no histogram of durations"),
]


@pytest.mark.parametrize(("text", "why"), LACKS)
def test_what_is_lacking_is_said_with_what_to_do(text, why):
    every = samples(text)
    assert traffic(every) is None
    assert lacking(every).startswith(why)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html><body>up 1</body></html>", "text/html"),
        ("<html>\n<p>hello</p>", ""),
        ("", ""),
        ('{"a": 1}', "application/json"),
    ],
)
def test_what_is_no_page_of_metrics_is_refused(text, kind):
    with pytest.raises(SourceError):
        samples(text, kind)


HOSTILE = ["/\x1b[2J", "/a\u202eb", "/" + "x" * 300, " /blank", "/\u3164\u200b"]


@pytest.mark.parametrize("path", HOSTILE, ids=ascii)
def test_a_name_that_cannot_be_shown_is_no_endpoint(path):
    labels = {"method": "GET", "path": path, "status": "200"}
    good = {**labels, "path": "/good"}
    rows = [Sample("http_seconds_count", one, 5.0) for one in (labels, good)]
    rows += [Sample("http_seconds_bucket", {**one, "le": "0.5"}, 5.0) for one in (labels, good)]
    assert [row.name for row in traffic(rows).endpoints] == ["GET /good"]


@pytest.mark.parametrize(
    "name", ["GET /metrics", "GET /healthz", "OPTIONS /looks", "GET none", "GET /static/a.css", "HEAD /"]
)
def test_what_no_shopper_asks_for_is_noise(name):
    assert is_noise(name)
    assert not is_noise("GET /statuses")


def test_a_counter_of_events_names_journeys():
    text = (
        'shop_events_total{event="capsule_created"} 3\nshop_events_total{event="returned"} 1\nkernel_events_total 9\n'
    )
    (found,) = counters(samples(text))
    assert (found.name, found.label, found.values) == ("shop_events_total", "event", ("capsule_created", "returned"))


async def asked(answer, *urls):
    async with small_shop(answer) as shop:
        spec = Scrape(urls=tuple(f"http://127.0.0.1:{shop.port}{url}" for url in urls or ("/metrics",)))
        return await ask_pages(spec, Secrets({}), T0)


WRONG = [
    ((404, "", 0), "404: correct the path of the address"),
    ((401, "", 0), "401, credentials?: give token, or user and password"),
    ((200, "<html></html>", 0, "Content-Type: text/html"), "not Prometheus text: is this the right address?"),
    ((200, "x" * 9_000_000, 0), "answer over 8 MB: ask a page that holds less"),
    ((302, "", 0, "Location: http://127.0.0.2/metrics"), "redirected to 127.0.0.2"),
]


@pytest.mark.parametrize(("answer", "said"), WRONG, ids=lambda value: str(value)[:12])
async def test_a_page_that_is_none_says_why_in_a_line(answer, said):
    found = await asked(lambda _line: answer)
    assert found.traffic is None
    assert said in found.notes[0]
    assert "\n" not in found.notes[0]


async def test_several_pages_count_together_and_one_that_fails_is_told():
    def answer(line):
        return (200, page("flask"), 0) if "/a" in line or "/b" in line else (500, "", 0)

    found = await asked(answer, "/a", "/b", "/c")
    assert {row.name: row.requests for row in found.traffic.endpoints} == {
        name: 2 * count for name, count in SEEN.items()
    }
    assert len(found.notes) == 1


async def test_what_ran_for_two_hours_is_told_by_the_hour():
    text = page("demo") + f"process_start_time_seconds {T0.timestamp() - 7200}\n"
    found = await asked(lambda _line: (200, text, 0))
    assert [row.per_hour for row in found.traffic.endpoints] == [450, 60, 15]


async def test_a_token_that_is_not_set_is_a_line():
    found = await ask_pages(Scrape(urls=("http://127.0.0.1:9/x",), token=variable("NO_SUCH")), Secrets({}), T0)
    assert found.notes == ("metrics: $NO_SUCH is not set: export it, and try again",)


def test_a_huge_page_is_looked_at_up_to_a_bound():
    lines = (f'http_requests_total{{method="GET",path="/{number}",status="200"}} 1' for number in range(30_000))
    assert len(samples("\n".join(lines))) == 20_000
