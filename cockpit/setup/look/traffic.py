"""Which of many metrics count and time requests, and by which labels: chosen by shape and name, never by product."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from cockpit.settings.models.traffic import Metrics
from cockpit.setup.found import Counter, Endpoint, Traffic
from cockpit.setup.look.samples import Sample
from sessions.text.clean import clean, shows

ENDPOINTS = ("http_route", "route", "handler", "endpoint", "path", "uri", "url_rule", "view", "url", "http_target")
METHODS = ("method", "http_request_method", "http_method", "request_method", "verb")
STATUSES = (
    "status",
    "status_code",
    "code",
    "http_response_status_code",
    "http_status_code",
    "http_status",
    "response_code",
)
"""What exporters call the labels, the plainest last where a page may have two."""
EVENTS = ("event", "journey", "event_name", "event_type", "name", "type", "action")
_LONGEST = 200
_MOST_VALUES = 50
_BETTER = {"http": 3, "request": 3, "server": 1, "duration": 1, "latency": 1, "response": 1}
_WORSE = re.compile(r"client|upstream|outgoing|size|bytes|exception|progress|created|queue|gc_|sql|cache|db_")
_NOISE = re.compile(
    r"(^|/)(metrics|health|healthz|livez|readyz|ready|live|ping|status|favicon\.ico|robots\.txt|docs|redoc|"
    r"openapi\.json|static|assets)(/|$)|^(none|unknown|unmatched|not_found|null|\*|/\*\*)$",
    re.IGNORECASE,
)
"""What no shopper asks for."""


class Labels(Struct, frozen=True):
    """The names of a metric's labels; empty if it has none of that kind."""

    method: str
    endpoint: str
    status: str


def traffic(samples: Sequence[Sample]) -> Traffic | None:
    """Return the traffic that samples count and time; None if no histogram says whose requests it times."""
    families = defaultdict[str, list[Sample]](list)
    for sample in samples:
        families[sample.name].append(sample)
    for durations in sorted(_histograms(families), key=lambda name: -_worth(name, families[f"{name}_bucket"])):
        buckets = families[f"{durations}_bucket"]
        timed = labels_of(buckets)
        requests = _counter(families, durations, timed)
        if timed.endpoint and requests:
            counted = families[requests]
            return _found(requests, durations, counted, buckets)
    return None


def lacking(samples: Sequence[Sample]) -> str:
    """Say why no traffic was found among these samples."""
    families = defaultdict[str, list[Sample]](list)
    for sample in samples:
        families[sample.name].append(sample)
    named = sorted(_histograms(families), key=lambda name: -_worth(name, families[f"{name}_bucket"]))
    if not named:
        return "no histogram of durations (name_bucket with the label le): give the service one"
    best = named[0]
    known = sorted({label for sample in families[f"{best}_bucket"] for label in sample.labels} - {"le"})
    what = f"{best} has the labels {', '.join(known) or 'none'}"
    lacks = labels_of(families[f"{best}_bucket"])
    want = "one for the endpoint" if not lacks.endpoint else "one for the status, or a counter of requests with both"
    return clean(f"{what}: let it have {want}, and ask the service once", 300)


def counters(samples: Sequence[Sample]) -> tuple[Counter, ...]:
    """Return the counters of events: their name says so, and a label says of which journey."""
    families = defaultdict[tuple[str, str], dict[str, None]](dict)
    for sample in samples:
        if sample.name.endswith("_total") and ("event" in sample.name or "journey" in sample.name):
            label = next((label for label in EVENTS if label in sample.labels), "")
            if label and _plain(sample.labels[label]):
                families[sample.name, label][sample.labels[label]] = None
    return tuple(Counter(name, label, tuple(values)[:_MOST_VALUES]) for (name, label), values in families.items())


def labels_of(samples: Iterable[Sample]) -> Labels:
    """Return which labels say the method, the endpoint and the status."""
    known = {label for sample in samples for label in sample.labels}
    return Labels(*(next((name for name in names if name in known), "") for names in (METHODS, ENDPOINTS, STATUSES)))


def endpoint_of(labels: Mapping[str, str], metrics: Metrics) -> str:
    """Return the endpoint that labels name, as the settings call it; empty if it cannot be called that."""
    words = [labels.get(name, "") for name in (metrics.method, metrics.endpoint) if name]
    name = " ".join(words)
    return name if all(map(_plain, words)) and len(name) <= _LONGEST else ""


def is_noise(endpoint: str) -> bool:
    """Whether only machines request an endpoint."""
    method, _, path = endpoint.rpartition(" ")
    return method in ("OPTIONS", "HEAD", "TRACE") or _NOISE.search(path) is not None


def _plain(name: str) -> bool:
    return clean(name, _LONGEST) == name and shows(name) and name.strip() == name


def _histograms(families: Mapping[str, Sequence[Sample]]) -> Iterator[str]:
    for name, rows in families.items():
        if name.endswith("_bucket") and any("le" in row.labels for row in rows):
            yield name.removesuffix("_bucket")


def _worth(name: str, rows: Sequence[Sample]) -> float:
    """How likely it is that a metric counts users' requests."""
    labels = labels_of(rows)
    words = sum(value for word, value in _BETTER.items() if word in name)
    worse = 6 * len(_WORSE.findall(name))
    shape = 4 * bool(labels.endpoint) + 2 * bool(labels.method) + bool(labels.status)
    return words - worse + shape + (1 if any(row.value for row in rows) else 0)


def _counter(families: Mapping[str, Sequence[Sample]], durations: str, timed: Labels) -> str:
    """Return what counts requests with a status, by the labels that the histogram has too; else its own count."""

    def fits(name: str) -> bool:
        labels = labels_of(families[name])
        same = (labels.method, labels.endpoint) == (timed.method, timed.endpoint)
        return same and bool(labels.status) and not _WORSE.search(name)

    own = f"{durations}_count"
    plain = [name for name in families if name.endswith("_total") and "request" in name and fits(name)]
    plain += [name for name in families if name.endswith("_total") and name not in plain and fits(name)]
    return next(iter(plain), own if own in families and fits(own) else "")


def _found(requests: str, durations: str, counted: Sequence[Sample], buckets: Sequence[Sample]) -> Traffic:
    labels = labels_of(counted)
    edges = sorted({edge for edge in (_edge(row.labels.get("le", "")) for row in buckets) if edge < math.inf})
    milli = "milli" in durations or durations.endswith("_ms") or (bool(edges) and edges[-1] > 120)
    metrics = Metrics(
        requests=requests,
        durations=durations,
        method=labels.method,
        endpoint=labels.endpoint,
        status=labels.status,
        unit="ms" if milli else "s",
    )
    sums = defaultdict[str, float](float)
    for row in counted:
        name = endpoint_of(row.labels, metrics)
        if name and not is_noise(name) and labels.status in row.labels and not _unmatched(row.labels[labels.status]):
            sums[name] += row.value
    busiest = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple(Endpoint(name, count) for name, count in busiest if count > 0)
    return Traffic(metrics, rows, tuple(edge * (1 if milli else 1000) for edge in edges))


def _unmatched(status: str) -> bool:
    """What is only ever answered by 404 is no endpoint of the service."""
    return status in ("404", "405")


def _edge(text: str) -> float:
    try:
        edge = float(text)
    except ValueError:
        return math.inf
    return math.inf if math.isnan(edge) else edge
