"""Pages of programs that are not at hand, written in the shape that they have.

Spring: Boot 3 with micrometer-registry-prometheus 1.13 (docs.micrometer.io, "Prometheus"; docs.spring.io, "Metrics",
2026-10): a histogram by error, exception, method, outcome, status and uri, buckets of percentiles-histogram with the
slo's among them, and a gauge of the maximum. Collector: the prometheus exporter of opentelemetry-collector-contrib
(its README, 2026-10), whose job and instance come from the resource, fed with http.server.request.duration of the
stable semantic conventions.
"""

from collections import defaultdict

SPRING_EDGES = (
    *("0.001", "0.002446676", "0.005592405", "0.011184811", "0.022369621", "0.044739243", "0.089478485"),
    *("0.178956969", "0.268435456", "0.357913941", "0.447392426", "0.5", "0.536870911", "0.626349396", "0.984263336"),
    *("2.147483647", "8.589934591", "30.0"),
)
OTEL_EDGES = ("0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1", "2.5", "5", "7.5", "10")
OUTCOMES = {"2": "SUCCESS", "4": "CLIENT_ERROR", "5": "SERVER_ERROR"}


def spring(requests):
    """Return the page after some requests: (endpoint, status, s) each."""
    return "\n".join(
        [
            "# HELP application_ready_time_seconds Time taken for the application to be ready to service requests",
            "# TYPE application_ready_time_seconds gauge",
            'application_ready_time_seconds{main_application_class="com.example.Shop"} 2.431',
            "# HELP http_server_requests_seconds  ",
            "# TYPE http_server_requests_seconds histogram",
            *_histogram("http_server_requests_seconds", requests, SPRING_EDGES, _spring_labels),
            "# HELP http_server_requests_seconds_max  ",
            "# TYPE http_server_requests_seconds_max gauge",
            *(
                f"http_server_requests_seconds_max{{{_spring_labels(endpoint, status)}}} {max(took)}"
                for (endpoint, status), took in _grouped(requests).items()
            ),
            "",
        ]
    )


def collector(requests, instances=("pod-a", "pod-b")):
    """Return the page after some requests that were shared out between instances."""
    lines = ["# HELP http_server_request_duration_seconds Duration of HTTP server requests."]
    lines += ["# TYPE http_server_request_duration_seconds histogram"]
    for place, instance in enumerate(instances):
        own = requests[place :: len(instances)]
        labels = _otel_labels(instance)
        lines += _histogram("http_server_request_duration_seconds", own, OTEL_EDGES, labels)
    targets = (f'target_info{{instance="{name}",job="shop/concierge",service_version="1.7"}} 1' for name in instances)
    return "\n".join([*lines, "# HELP target_info Target metadata", "# TYPE target_info gauge", *targets, ""])


def _spring_labels(endpoint, status):
    method, uri = endpoint.split()
    outcome = OUTCOMES[str(status)[0]]
    exception = "none" if outcome == "SUCCESS" else "StatusException"
    return (
        f'error="{exception}",exception="{exception}",method="{method}",'
        f'outcome="{outcome}",status="{status}",uri="{uri}"'
    )


def _otel_labels(instance):
    def labels(endpoint, status):
        method, route = endpoint.split()
        return (
            f'http_request_method="{method}",http_response_status_code="{status}",http_route="{route}",'
            f'instance="{instance}",job="shop/concierge",otel_scope_name="http",url_scheme="http"'
        )

    return labels


def _grouped(requests):
    found = defaultdict(list)
    for endpoint, status, took in requests:
        found[endpoint, status].append(took)
    return found


def _histogram(name, requests, edges, labels):
    for (endpoint, status), took in _grouped(requests).items():
        told = labels(endpoint, status)
        for edge in edges:
            yield f'{name}_bucket{{{told},le="{edge}"}} {sum(one <= float(edge) for one in took)}'
        yield f'{name}_bucket{{{told},le="+Inf"}} {len(took)}'
        yield f"{name}_count{{{told}}} {len(took)}"
        yield f"{name}_sum{{{told}}} {sum(took):.9f}"
