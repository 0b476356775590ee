"""/metrics pages in the shapes that exporters give them, each with the same three endpoints and their traffic."""

SEEN = {"GET /looks": 900, "POST /capsules": 120, "POST /returns": 30}
NOISE = [("GET", "/metrics", 4000), ("GET", "/healthz", 5000)]


def rows(noise=True):
    own = [(*name.split(" "), count) for name, count in SEEN.items()]
    return [*own, *(NOISE if noise else [])]


def histogram(name, labels, count, edges=("0.1", "0.5", "1.0")):
    lines = [f'{name}_bucket{{{labels},le="{edge}"}} {count}' for edge in (*edges, "+Inf")]
    return [*lines, f"{name}_count{{{labels}}} {count}", f"{name}_sum{{{labels}}} {count / 10}"]


def fastapi():
    """prometheus-fastapi-instrumentator: statuses are grouped, and there is a second histogram without labels."""
    lines = ["# TYPE http_requests_total counter"]
    for method, path, count in rows():
        own = f'handler="{path}",method="{method}"'
        lines += [
            f'http_requests_total{{{own},status="2xx"}} {count - 1}',
            f'http_requests_total{{{own},status="5xx"}} 1',
        ]
        lines += histogram("http_request_duration_seconds", own, count)
        lines.append(f"http_request_size_bytes_count{{{own}}} {count}")
    return [
        *lines,
        'http_request_duration_highr_seconds_bucket{le="0.5"} 9',
        'http_request_duration_highr_seconds_bucket{le="+Inf"} 9',
    ]


def flask():
    """prometheus-flask-exporter: its counter knows no path, so the histogram's count is the counter."""
    lines = ['flask_http_request_total{method="GET",status="200"} 900', "flask_exporter_info 1"]
    for method, path, count in rows():
        for status, share in (("200", count - 1), ("500", 1)):
            own = f'method="{method}",path="{path}",status="{status}"'
            lines += histogram("flask_http_request_duration_seconds", own, share)
    return lines


def express():
    """express-prom-bundle: one histogram with all labels, and no counter at all."""
    lines = [
        "up 1",
        'nodejs_gc_duration_seconds_bucket{le="0.1",kind="major"} 3',
        'nodejs_gc_duration_seconds_bucket{le="+Inf",kind="major"} 3',
    ]
    for method, path, count in rows():
        own = f'status_code="200",method="{method}",path="{path}"'
        lines += histogram("http_request_duration_seconds", own, count, ("0.003", "0.03", "0.1", "0.3", "1.5", "10"))
    return lines


def demo():
    """What the demo's own service says."""
    lines = []
    for method, path, count in rows(noise=False):
        own = f'method="{method}",endpoint="{path}"'
        lines += [
            f'http_requests_total{{{own},status="200"}} {count}',
            *histogram("http_request_duration_seconds", own, count),
        ]
    return lines


def spring():
    """Micrometer: many labels, a count of its own for everything."""
    lines = ['http_client_requests_seconds_bucket{method="GET",uri="/pay",status="200",le="+Inf"} 99999']
    for method, path, count in rows():
        own = f'exception="None",method="{method}",outcome="SUCCESS",status="200",uri="{path}"'
        lines += histogram("http_server_requests_seconds", own, count)
    return lines


def opentelemetry():
    """The collector's Prometheus exporter."""
    lines = []
    for method, path, count in rows():
        own = f'http_request_method="{method}",http_response_status_code="200",http_route="{path}"'
        lines += histogram("http_server_request_duration_seconds", own, count)
    return lines


def milliseconds():
    """An older OpenTelemetry: milliseconds, with the method in its own label."""
    lines = []
    for method, path, count in rows():
        own = f'http_method="{method}",http_status_code="200",http_route="{path}"'
        lines += histogram("http_server_duration_milliseconds", own, count, ("100", "500", "1000"))
    return lines


SHAPES = {
    "fastapi": (fastapi, ("http_requests_total", "http_request_duration_seconds", "method", "handler", "status", "s")),
    "flask": (
        flask,
        (
            "flask_http_request_duration_seconds_count",
            "flask_http_request_duration_seconds",
            "method",
            "path",
            "status",
            "s",
        ),
    ),
    "express": (
        express,
        ("http_request_duration_seconds_count", "http_request_duration_seconds", "method", "path", "status_code", "s"),
    ),
    "demo": (demo, ("http_requests_total", "http_request_duration_seconds", "method", "endpoint", "status", "s")),
    "spring": (
        spring,
        ("http_server_requests_seconds_count", "http_server_requests_seconds", "method", "uri", "status", "s"),
    ),
    "opentelemetry": (
        opentelemetry,
        (
            *("http_server_request_duration_seconds_count", "http_server_request_duration_seconds"),
            *("http_request_method", "http_route", "http_response_status_code", "s"),
        ),
    ),
    "milliseconds": (
        milliseconds,
        (
            *("http_server_duration_milliseconds_count", "http_server_duration_milliseconds"),
            *("http_method", "http_route", "http_status_code", "ms"),
        ),
    ),
}
"""Each shape with what is to be found in it: counter, histogram, method, endpoint, status, unit."""


def page(shape):
    return "\n".join(SHAPES[shape][0]()) + "\n"
