"""Which settings name what a service offers instead: the shapes of exporters that are common."""

import pytest

from cockpit.settings.models.traffic import Metrics
from cockpit.sources.interface.offers import instead, labels_seen, labels_wanted

OURS = Metrics()
ROUTE = ("method", "path", "status")
COUNTS = " (the histogram counts the requests)"


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        (  # prometheus-flask-exporter: its counter has no path
            {
                "flask_http_request_total": ("method", "status"),
                "flask_http_request_duration_seconds_bucket": ("le", *ROUTE),
                "flask_http_request_duration_seconds_count": ROUTE,
            },
            (
                'set metrics.requests = "flask_http_request_duration_seconds_count", '
                f'metrics.durations = "flask_http_request_duration_seconds", metrics.endpoint = "path"{COUNTS}'
            ),
        ),
        (  # express-prom-bundle: the histogram alone
            {
                "http_request_duration_seconds_bucket": ("le", "method", "path", "status_code"),
                "http_request_duration_seconds_count": ("method", "path", "status_code"),
            },
            (
                'set metrics.requests = "http_request_duration_seconds_count", metrics.endpoint = "path", '
                f'metrics.status = "status_code"{COUNTS}'
            ),
        ),
        (  # Micrometer: one timer, called otherwise
            {
                "http_server_requests_seconds_bucket": ("le", "method", "status", "uri"),
                "http_server_requests_seconds_count": ("method", "status", "uri"),
                "jvm_gc_pause_seconds_count": ("cause",),
            },
            (
                'set metrics.requests = "http_server_requests_seconds_count", '
                f'metrics.durations = "http_server_requests_seconds", metrics.endpoint = "uri"{COUNTS}'
            ),
        ),
        (  # a counter of another name goes before the histogram's own
            {
                "hits_total": ("code", "handler", "method"),
                "took_seconds_bucket": ("handler", "le", "method"),
                "took_seconds_count": ("handler", "method"),
            },
            (
                'set metrics.requests = "hits_total", metrics.durations = "took_seconds", '
                'metrics.endpoint = "handler", metrics.status = "code"'
            ),
        ),
        ({"took_seconds_bucket": ("le",), "took_seconds_count": ()}, ""),  # tells no endpoints apart
        ({"up": ()}, ""),
        ({}, ""),
    ],
)
def test_what_is_there_instead(offers, said):
    assert instead(OURS, offers) == said


def test_a_histogram_that_has_no_status_counts_no_requests():
    offers = {"http_request_duration_seconds_bucket": ("le", "method", "path")}
    offers["http_request_duration_seconds_count"] = ("method", "path")
    assert not instead(OURS, offers)


@pytest.mark.parametrize(
    ("lacking", "seen", "said"),
    [
        (("endpoint",), ROUTE, 'labels seen: method, path, status; set metrics.endpoint = "path"'),
        (
            ("endpoint",),
            (*ROUTE, "job", "instance", "le"),
            'labels seen: method, path, status; set metrics.endpoint = "path"',
        ),
        (
            ("endpoint", "status"),
            ("a", "b"),
            "labels seen: a, b; say with metrics.endpoint, metrics.status which it is",
        ),
        (("status",), (), "labels seen: none; say with metrics.status which it is"),
        (
            ("endpoint", "status"),
            ("route", "x"),
            'labels seen: route, x; set metrics.endpoint = "route", say with metrics.status which it is',
        ),
    ],
)
def test_the_labels_that_are_there_and_what_to_set(lacking, seen, said):
    assert labels_seen(OURS, lacking, seen) == said
    head, _, todo = said.partition("; ")
    assert labels_wanted(OURS, lacking, seen) == f"no label {', '.join(lacking)}: {todo} ({head})"
