"""The pages that Prometheus reads, line by line: what is wanted, what is wrong, what is no page at all."""

import math
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.settings.models.traffic import Metrics
from cockpit.sources.interface.source import SourceError
from cockpit.sources.scrape.exposition import LINE_LIMIT, OPEN_METRICS, SERIES_LIMIT, STRANGERS_KEPT, Exposition
from cockpit.sources.scrape.quantile import layouts, misfit
from cockpit.sources.scrape.series import Series
from tests.support.build import PLAN
from tests.support.sources.scrape_kit import BUCKETS, Service


def read(text: str, *, names: Metrics | None = None, kind: str = ""):
    return Exposition(PLAN.endpoints, names or Metrics()).read(text, kind)


CSAT = '{method="POST",endpoint="/csat",status="200"}'


@pytest.mark.parametrize(
    ("line", "good"),
    [
        (f"http_requests_total{CSAT} 5", True),
        (f"  http_requests_total {CSAT}\t5 ", True),
        (f"http_requests_total{CSAT} 5\r", True),
        (f"http_requests_total{CSAT} 1.5e3 1795400000000", True),
        ('http_requests_total{status="200",pod="a}b{\\"c",endpoint="/csat",method="POST"} 5', True),
        (f"http_requests_total{CSAT} NaN", False),
        (f"http_requests_total{CSAT} +Inf", False),
        (f"http_requests_total{CSAT} -1", False),
        (f"http_requests_total{CSAT} 5_0", False),
        (f"http_requests_total{CSAT}", False),
        (f"http_requests_total{CSAT[:-1]} 5", False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat"} 5', False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat",le="often"} 5', False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat",le="NaN"} 5', False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat",le="0.50"} 5', True),
    ],
)
def test_lines_that_are_wanted(line, good):
    """Rows 45 and 54."""
    found = read(f"up 1\n{line}\n")
    assert (len(found.values), found.unreadable, found.lines) == (int(good), int(not good), 2)


def test_a_series_named_twice_is_not_counted_twice():
    """Row 54."""
    found = read(f"http_requests_total{CSAT} 5\nhttp_requests_total{CSAT} 9\n")
    assert ([value for _, value in found.values.values()], found.unreadable) == ([5], 1)


def test_labels_and_metrics_may_have_other_names():
    names = Metrics(requests="hits", durations="took", method="verb", endpoint="route", status="code")
    found = read(
        'hits{verb="POST",route="/csat",code="503"} 5\ntook_bucket{verb="POST",route="/csat",le="+Inf"} 5\n',
        names=names,
    )
    series = [series for series, _ in found.values.values()]
    assert [(one.endpoint, one.bound, one.failed) for one in series] == [
        ("POST /csat", None, True),
        ("POST /csat", float("inf"), False),
    ]


def test_too_many_series():
    """Row 54."""
    with pytest.raises(SourceError, match="over 50,000 series"):
        read("x 1\n" * (SERIES_LIMIT + 1))


@given(st.text())
def test_any_text_is_read_or_refused(text):
    """Row 44."""
    told = ""
    try:
        found = read(text + "\n")
    except SourceError as error:
        told = str(error)
    else:
        assert found.unreadable <= found.lines
    assert told in {"", "not Prometheus text", "empty answer"}


def test_a_service_that_has_not_counted_yet_is_no_failure():
    assert read("# HELP http_requests_total n\n# TYPE http_requests_total counter\n").lines == 0


def both(registry_fill):
    """Return the same registry read from each of the two formats."""
    service = Service()
    registry_fill(service)
    plain = read(service.text().decode())
    opened = service.open_answer()
    return plain, read(opened.get_data(as_text=True), kind=opened.content_type)


def test_open_metrics_says_the_same_as_the_own_text():
    plain, opened = both(lambda service: service.serve("POST /csat", 0.3, 503, times=7))
    assert plain.values == opened.values
    assert len(plain.values) == 1 + len(BUCKETS) + 1
    assert (plain.unreadable, opened.unreadable) == (0, 0)


OPENED = f"http_requests_total{CSAT} 5"


@pytest.mark.parametrize(
    ("text", "values", "unreadable"),
    [
        (f"{OPENED}\n# EOF\n", [5], 0),
        (f"{OPENED}\n# EOF", [5], 0),
        (f'{OPENED} # {{trace_id="a}}b 9"}} 0.3 1795400000.5\n# EOF\n', [5], 0),
        (f"{OPENED} 1795400000.25 # {{}} 0.3\n# EOF\n", [5], 0),
        (f"http_requests_created{CSAT} 1795400000.1\n{OPENED}\n# EOF\n", [5], 0),
        (f'{OPENED} # {{trace_id="a"}}\n{OPENED[:-1]}6\n# EOF\n', [6], 1),
        ("# TYPE http_requests counter\n# EOF\n", [], 0),
    ],
)
def test_open_metrics_line_by_line(text, values, unreadable):
    """Row 54: an exemplar's number is never taken for the sample's."""
    found = read(text, kind=f"{OPEN_METRICS}; version=1.0.0; charset=utf-8")
    assert ([value for _, value in found.values.values()], found.unreadable) == (values, unreadable)


@pytest.mark.parametrize("text", [f"{OPENED}\n", f"{OPENED}\n# EO", f"{OPENED}\n# EOF\nup 1\n", "# EOFs\n"])
def test_open_metrics_without_its_end_was_cut(text):
    """Row 44."""
    with pytest.raises(SourceError, match=r"^answer cut short$"):
        read(text, kind=OPEN_METRICS)


def test_times_count_milliseconds_in_one_and_seconds_in_the_other():
    """Row 51."""
    assert read(f"{OPENED} 1795400000250\n").stamped == pytest.approx(1795400000.25)
    assert read(f"{OPENED} 1795400000.25\n# EOF\n", kind=OPEN_METRICS).stamped == pytest.approx(1795400000.25)
    assert read(f"{OPENED} NaN\n# EOF\n{OPENED}\n").unreadable == 1


def test_a_label_may_hold_the_method_too_and_durations_may_be_milliseconds():
    found = read(
        'http_requests_total{route="POST /csat",status="5xx"} 5\n'
        'http_request_duration_seconds_bucket{route="POST /csat",le="500"} 4\n',
        names=Metrics(method="", endpoint="route", unit="ms"),
    )
    assert [(one.endpoint, one.bound, one.failed) for one, _ in found.values.values()] == [
        ("POST /csat", None, True),
        ("POST /csat", 0.5, False),
    ]


def test_what_was_there_is_told_whatever_is_planned():
    exposition = Exposition(PLAN.endpoints, Metrics())
    found = exposition.read('http_requests_total{method="GET",endpoint="/x",status="200"} 5\n')
    assert (found.names, list(exposition.strangers)) == ({"http_requests_total"}, ["GET /x"])
    exposition.read("".join(f'http_requests_total{{method="GET",endpoint="/{n}",status="200"}} 5\n' for n in range(99)))
    assert len(exposition.strangers) == STRANGERS_KEPT


def test_names_in_quotes_are_somebody_elses():
    found = read(f'{{"http.requests",method="GET"}} 5\n{OPENED}\n')
    assert (len(found.values), found.unreadable, found.lines) == (1, 0, 2)


@pytest.mark.parametrize(
    "line",
    [
        f"http_requests_total{CSAT} " + "1" * 18_000 + "x",
        f"http_requests_total{CSAT} 1e" + "1" * 18_000 + "e",
        'x{a="' + "\\" * 18_000,
        "x{" + '"' * 18_001,
        " " * 18_000 + "x",
        "x 1" + " " * 18_000 + "x",
        "x 1 # {" + "a" * 18_000,
        f"x {'9' * LINE_LIMIT}",
    ],
)
def test_no_line_takes_long(line):
    """Row 54: a pattern that tries every split of a number would take minutes."""
    begun = time.perf_counter()
    assert read(f"up 1\n{line}\n").unreadable == 1
    assert time.perf_counter() - begun < 2


def test_a_million_series_are_refused_without_holding_them():
    """Row 54."""
    text = "x 1\n" * 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="over 50,000 series"):
            read(text)
        assert tracemalloc.get_traced_memory()[1] < 8 * len(text)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        ([(0.25, 0.5, 1)], ""),
        ([(0.25, float("5e-1"), 1), (0.5,)], ""),
        ([], ""),
        ([(0.4, 0.75)], "500 ms lies inside a bucket (400–750 ms)"),
        ([(0.25, 0.5, 1), (0.4, 0.75)], "500 ms lies inside a bucket (400–750 ms)"),
        ([(1, 2)], "500 ms lies inside a bucket (0–1000 ms)"),
        ([(0.1, 0.4)], "500 ms lies over every bucket (highest 400 ms)"),
        ([(0.1, 0.4), (0.4, 0.75)], "500 ms lies over every bucket (highest 400 ms)"),
    ],
)
def test_a_bound_that_no_bucket_ends_at_is_told(edges, told):
    values = {
        f"{number} {bound}": (Series("POST /csat", str(number), bound), 1.0)
        for number, bounds in enumerate(edges)
        for bound in (*bounds, math.inf)
    }
    assert misfit(500, layouts(values)) == told
