"""The pages that Prometheus reads, line by line: what is wanted, what is wrong, what is no page at all."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.settings.traffic import Metrics
from cockpit.sources.base import SourceError
from cockpit.sources.exposition import LINE_LIMIT, OPEN_METRICS, SERIES_LIMIT, Exposition
from tests.build import PLAN


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
        ('http_requests_total{method="POST",endpoint="/csat"} 5', False),
        ("http_requests_total 5", False),
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
