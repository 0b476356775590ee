"""How other people's clocks, units and tables are met: epoch places, the unit of a p95, rows told by columns."""

import json
import sys

import pytest

from cockpit.settings.models.json_answers import UNITS
from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.command import open_source as open_command
from cockpit.sources.json.http import open_source
from cockpit.sources.json.rows import Asking
from cockpit.sources.json.shapes import Reader
from sessions.values.readings import Traffic
from tests.support.build import PLAN, T0, after
from tests.support.sources.ordering import order, problems, spec

ENDPOINT, OTHER = PLAN.endpoints[:2]
START, END = after(-300), T0
ROW = {"endpoint": ENDPOINT, "requests": 40, "errors": 1, "p95_ms": 250}


def shape(text):
    return spec("json", f'topic = "traffic"\nurl = "http://127.0.0.1/{{start}}"\n{text}')


def read(text, document):
    return Reader(shape(text)).read(document, asking(shape(text)))


def asking(model):
    return Asking("desk", T0, PLAN, (START, END), UNITS[model.unit])


@pytest.mark.parametrize(
    ("place", "start", "end"), [("s", 1795427700, 1795428000), ("ms", 1795427700000, 1795428000000)]
)
async def test_a_body_says_the_window_as_numbers_since_1970(httpserver, place, start, end):
    assert (START.timestamp(), END.timestamp()) == (1795427700, 1795428000)
    httpserver.expect_request("/q", method="POST").respond_with_json([ROW])
    body = f'{{ from = "{{start_{place}}}", to = "{{end_{place}}}", said = "since {{start_{place}}}" }}'
    text = f'url = "{httpserver.url_for("/q")}"\ntopic = "traffic"\nmethod = "POST"\nbody = {body}'
    (source,) = open_source(order(), spec("json", text))
    traffic, *_ = await source.read(T0)
    await source.aclose()
    assert httpserver.log[0][0].json == {"from": start, "to": end, "said": f"since {start}"}
    assert isinstance(traffic, Traffic)
    assert (traffic.start, traffic.end) == (START, END)


async def test_an_address_and_a_program_say_it_as_text(httpserver):
    httpserver.expect_request("/q").respond_with_json([ROW])
    (source,) = open_source(
        order(), spec("json", f'url = "{httpserver.url_for("/q")}?from={{start_s}}&to={{end_s}}"\ntopic = "traffic"')
    )
    (traffic, _) = await source.read(T0)
    await source.aclose()
    assert httpserver.log[0][0].query_string == b"from=1795427700&to=1795428000"
    program = f"import sys, json; print(json.dumps([{{**{ROW!r}, 'requests': int(sys.argv[1])}}]))"
    argv = json.dumps([sys.executable, "-c", program, "{start_ms}"])
    (source,) = open_command(order(), spec("command", f'argv = {argv}\ntopic = "traffic"\ntimeout = "60s"'))
    (told, _) = await source.read(T0)
    assert (traffic.start, told.start, told.requests) == (START, START, 1795427700000)


@pytest.mark.parametrize(("unit", "told"), [("ms", 250), ("s", 0.25), ("us", 250_000), ("ns", 250_000_000)])
def test_a_p95_is_read_in_its_unit_also_of_those_with_the_flag(unit, told):
    side = {"requests": 20, "errors": 0, "p95_ms": told}
    document = [{**ROW, "p95_ms": told, "with_flag": side, "without_flag": side}]
    (traffic,) = read(f'unit = "{unit}"', document).readings
    assert (traffic.p95_ms, traffic.split.on.p95_ms, traffic.split.off.p95_ms) == pytest.approx((250, 250, 250))


def test_a_unit_means_nothing_for_what_has_no_duration():
    assert problems("json", 'topic = "queue"\nurl = "http://127.0.0.1/"\nunit = "s"') == [
        "unit: means nothing for queue, leave it out: it is that of traffic's p95_ms"
    ]


COLUMNS = "{ endpoint: c[0].values[*][0], requests: c[1].values, errors: c[2].values }"


def columns(*values):
    return {"c": [{"values": column} for column in values]}


def test_a_table_told_by_its_columns_is_read_row_by_row():
    document = columns([[ENDPOINT], [OTHER]], [40, 30], [1, 0])
    found = read(f"rows = '{COLUMNS}'", document).readings
    assert [(one.endpoint, one.requests, one.errors) for one in found] == [(ENDPOINT, 40, 1), (OTHER, 30, 0)]


def test_an_empty_table_has_no_rows():
    assert read(f"rows = '{COLUMNS}'", columns([], [], [])).readings == ()


def test_a_hole_in_a_column_is_an_unreadable_row():
    answer = read(f"rows = '{COLUMNS}'", columns([[ENDPOINT], [OTHER]], [40, 30], [1, None]))
    assert (answer.unreadable, len(answer.readings), answer.why) == (1, 1, "errors is missing")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (
            columns([[ENDPOINT], [OTHER]], [40, 30], [1]),
            "columns of different lengths, endpoint 2, requests 2, errors 1",
        ),
        ({"c": [{"values": [[ENDPOINT]]}, {"values": [1]}]}, "column errors is missing"),
        (columns([[ENDPOINT]], [40], "none"), "column errors is no list"),
        ({"c": []}, "is no list"),
    ],
)
def test_columns_that_do_not_fit_are_no_table(document, why):
    with pytest.raises(SourceError) as told:
        read(f"rows = '{COLUMNS}'", document)
    assert str(told.value).endswith(why)
