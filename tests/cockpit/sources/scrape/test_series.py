"""What a line's head means: labels in any order and quotes, names of OpenTelemetry, labels that are missing."""

import random

import pytest

from cockpit.settings.models.traffic import Metrics
from cockpit.sources.scrape.exposition import Exposition, Unmapped
from cockpit.sources.scrape.quantile import layouts

OTEL = Metrics(
    requests="http.server.requests_total",
    durations="http.server.request.duration_seconds",
    method="http.request.method",
    endpoint="http.route",
    status="http.response.status_code",
)
SIX = [
    'http_requests_total{method="GET",endpoint="/x",status="200",pod="a"} 7',
    'http_requests_total{method="GET",endpoint="/x",status="500",pod="a"} 2',
    'http_request_duration_seconds_bucket{method="GET",endpoint="/x",le="0.5"} 4',
    'http_request_duration_seconds_bucket{method="GET",endpoint="/x",le="+Inf"} 9',
]


def read(*lines, names=None, endpoints=("GET /x",)):
    return Exposition(endpoints, names or Metrics()).read("\n".join([*lines, ""]))


def shuffled(line, seed):
    """Return the same series with its labels in another order, and more room between them."""
    name, _, rest = line.partition("{")
    labels, _, value = rest.partition("}")
    several = labels.split(",")
    random.Random(seed).shuffle(several)
    return f"{name} {{ {' , '.join(several)},}}{value}"


@pytest.mark.parametrize("seed", range(6))
def test_labels_are_a_set(seed):
    plain, other = read(*SIX), read(*[shuffled(line, seed) for line in reversed(SIX)])
    assert plain.values == other.values
    assert (len(plain.values), other.unreadable) == (4, 0)
    assert {frozenset({0.5, float("inf")})} == layouts(other.values)


def test_the_same_series_in_another_order_is_there_twice():
    found = read(*SIX, shuffled(SIX[0], 1), SIX[2].replace("0.5", "0.50"))
    assert (found.values, found.unreadable) == (read(*SIX).values, 2)


@pytest.mark.parametrize(
    ("requests", "bucket"),
    [
        (
            '{"http.server.requests_total","http.request.method"="GET","http.route"="/x",STATUS="503"}',
            '{"http.server.request.duration_seconds_bucket","http.request.method"="GET","http.route"="/x",le="0.5"}',
        ),
        (
            '{ STATUS="503", "http.server.requests_total" ,"http.route"="/x","http.request.method"="GET",}',
            '{le="0.5","http.server.request.duration_seconds_bucket","http.route"="/x","http.request.method"="GET"}',
        ),
    ],
)
def test_names_in_quotes_are_read(requests, bucket):
    requests = requests.replace("STATUS", '"http.response.status_code"')
    found = read(f"{requests} 5", f"{bucket} 4", '{"someone.else",a="http.server.requests_total"} 1', names=OTEL)
    series = [series for series, _ in found.values.values()]
    assert [(one.endpoint, one.bound, one.failed) for one in series] == [("GET /x", None, True), ("GET /x", 0.5, False)]
    assert (found.unreadable, found.lines) == (0, 3)


def test_a_plain_name_may_stand_in_quotes_and_quoted_labels_behind_a_bare_name():
    lines = [
        '{"http_requests_total","http.route"="/x",method="GET",status="200"} 7',
        'http_request_duration_seconds_bucket{"http.route"="/x",method="GET",le="+Inf"} 9',
    ]
    assert [value for _, value in read(*lines, names=Metrics(endpoint="http.route")).values.values()] == [7, 9]


def test_a_value_that_looks_like_a_name_is_none():
    found = read('{"a.b",x="http_requests_total"} 5', '{"a.b","http_requests_total"="c"} 5')
    assert (found.values, found.unreadable) == ({}, 0)


@pytest.mark.parametrize(
    ("names", "plain"),
    [(Metrics(), True), (OTEL, False), (Metrics(endpoint="http.route"), False), (Metrics(method=""), True)],
)
def test_whether_quotes_are_asked_for(names, plain):
    assert Exposition((), names).names.plain is plain


@pytest.mark.parametrize(
    ("lines", "names", "told"),
    [
        (
            ['http_requests_total{method="GET",path="/x",code="200"} 5'],
            Metrics(),
            {"http_requests_total": Unmapped(1, ("endpoint", "status"), ("code", "method", "path"), wholly=True)},
        ),
        (
            ['http_requests_total{method="GET",endpoint="/x"} 5', *SIX[2:]],
            Metrics(),
            {"http_requests_total": Unmapped(1, ("status",), ("endpoint", "method"), wholly=True)},
        ),
        (
            [*SIX, 'http_requests_total{method="GET",endpoint="/x",status=""} 5'],
            Metrics(),
            {"http_requests_total": Unmapped(1, ("status",), ("endpoint", "method"), wholly=False)},
        ),
        (
            ['http_request_duration_seconds_bucket{route="/x",le="1"} 5'],
            Metrics(method="verb"),
            {
                "http_request_duration_seconds_bucket": Unmapped(1, ("verb", "endpoint"), ("route",), wholly=True),
            },
        ),
        (
            ["http_requests_total 5"],
            Metrics(method=""),
            {"http_requests_total": Unmapped(1, ("endpoint", "status"), (), wholly=True)},
        ),
        (['http_requests_total{method="GET",endpoint="/elsewhere"} 5'], Metrics(), {}),
    ],
)
def test_labels_that_are_not_there_are_told_and_not_unreadable(lines, names, told):
    found = read("up 1", *lines, names=names)
    assert (found.unmapped, found.unreadable) == (told, 0)


def test_what_tells_one_process_from_another():
    found = read(
        *SIX,
        "process_start_time_seconds 1795400000.5",
        "process_cpu_seconds_total 12.5",
        'http_requests_created{method="GET",endpoint="/x",status="200"} 1795400001',
        'http_requests_total{method="GET",endpoint="/elsewhere",status="200"} 40',
        "process_cpu_seconds_total NaN",
    )
    assert sorted(found.starts.values()) == [1795400000.5, 1795400001]
    assert sorted(found.others.values()) == [12.5, 40]
    assert found.unreadable == 0
    several = read(*[f'process_start_time_seconds{{pod="{pod}"}} {pod}' for pod in range(3)])
    assert several.starts == {}
