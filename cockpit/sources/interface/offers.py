"""What a service offers instead of the metrics and labels that the settings name, and which settings would name it."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from cockpit.settings.models.traffic import Metrics
from sessions.text.clean import clean

METHOD = ("method", "http_method", "http_request_method", "http.request.method", "verb", "request_method")
ENDPOINT = (
    "endpoint",
    "path",
    "route",
    "handler",
    "http_route",
    "http.route",
    "uri",
    "url",
    "url_path",
    "url_rule",
    "view",
    "path_template",
    "controller",
)
STATUS = (
    "status",
    "status_code",
    "code",
    "http_status",
    "http_status_code",
    "http_response_status_code",
    "http.response.status_code",
    "response_code",
    "statuscode",
)
_SHARED = {"job", "instance", "le", "__name__", "quantile"}
"""Labels that tell nothing of an endpoint."""
_LIKELY = ("http", "request", "duration", "latency", "seconds", "server")

Offers = Mapping[str, tuple[str, ...]]
"""The labels of each metric, by its name on the page."""


def guesses(metrics: Metrics, lacking: Collection[str], seen: Collection[str]) -> dict[str, str]:
    """Return by the key of the settings which label is likely meant by one that is lacking, where one is."""
    places = (
        ("method", metrics.method, METHOD),
        ("endpoint", metrics.endpoint, ENDPOINT),
        ("status", metrics.status, STATUS),
    )
    found = ((key, _first(names, seen)) for key, label, names in places if label in lacking)
    return {key: label for key, label in found if label}


def labels_seen(metrics: Metrics, lacking: Collection[str], seen: Collection[str]) -> str:
    """Say which labels are there, and which settings name those that are meant."""
    return f"labels seen: {_listed(seen)}; {_todo(metrics, lacking, seen)}"


def labels_wanted(metrics: Metrics, lacking: Collection[str], seen: Collection[str]) -> str:
    """Say the same with what to do first: where room is short the end is lost."""
    lacks = clean(", ".join(lacking), 40)
    return f"no label {lacks}: {_todo(metrics, lacking, seen)} (labels seen: {_listed(seen)})"


def _listed(seen: Collection[str]) -> str:
    return clean(", ".join(sorted(set(seen) - _SHARED)), 90) or "none"


def _todo(metrics: Metrics, lacking: Collection[str], seen: Collection[str]) -> str:
    places = (("method", metrics.method), ("endpoint", metrics.endpoint), ("status", metrics.status))
    known = guesses(metrics, lacking, set(seen) - _SHARED)
    named = [f'metrics.{key} = "{known[key]}"' for key, label in places if label in lacking and key in known]
    unknown = [f"metrics.{key}" for key, label in places if label in lacking and key not in known]
    todo = [f"set {', '.join(named)}"] if named else []
    todo += [f"say with {', '.join(unknown)} which it is"] if unknown else []
    return ", ".join(todo)


def instead(metrics: Metrics, offers: Offers) -> str:
    """Say which settings name what is there instead of two metrics that are not both; empty if nothing fits.

    A service without a counter of its own counts its requests in the `_count` of the histogram.
    """
    durations = _durations(metrics, offers)
    requests = _requests(metrics, offers, durations)
    said = list(_named(metrics, requests, durations))
    if not said or (not requests and not durations):
        return ""
    labels = offers.get(requests) or offers.get(f"{durations}_bucket", ())
    wanted = [label for label in (metrics.method, metrics.endpoint, metrics.status) if label and label not in labels]
    said += [f'metrics.{key} = "{label}"' for key, label in guesses(metrics, wanted, labels).items()]
    counts = " (the histogram counts the requests)" if requests.endswith("_count") else ""
    return f"set {', '.join(said)}{counts}"


def _named(metrics: Metrics, requests: str, durations: str) -> Iterator[str]:
    if requests and requests != metrics.requests:
        yield f'metrics.requests = "{requests}"'
    if durations and durations != metrics.durations:
        yield f'metrics.durations = "{durations}"'


def _durations(metrics: Metrics, offers: Offers) -> str:
    if f"{metrics.durations}_bucket" in offers:
        return metrics.durations
    known = [name for name, labels in offers.items() if name.endswith("_bucket") and _first(ENDPOINT, labels)]
    return max(known, key=_likely, default="").removesuffix("_bucket")


def _requests(metrics: Metrics, offers: Offers, durations: str) -> str:
    """The counter of the settings, else one with every label, else the histogram's own."""
    if metrics.requests in offers:
        return metrics.requests
    known = [name for name, labels in offers.items() if name.endswith("_total") and _whole(metrics, labels)]
    if known:
        return max(known, key=_likely)
    own = f"{durations}_count"
    return own if durations and _whole(metrics, offers.get(own, ())) else ""


def _whole(metrics: Metrics, labels: Collection[str]) -> bool:
    """Whether a counter tells endpoints and statuses apart, and methods where the settings want them."""
    wanted: Sequence[tuple[str, Sequence[str]]] = (
        (metrics.method, METHOD),
        (metrics.endpoint, ENDPOINT),
        (metrics.status, STATUS),
    )
    return all(not own or own in labels or _first(names, labels) for own, names in wanted)


def _likely(name: str) -> tuple[int, int]:
    return sum(word in name.lower() for word in _LIKELY), -len(name)


def _first(names: Sequence[str], seen: Collection[str]) -> str:
    return next((name for name in names if name in seen), "")
