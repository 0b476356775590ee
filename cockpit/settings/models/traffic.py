"""The sources of traffic: requests, errors and p95 per endpoint."""

from collections.abc import Iterable, Mapping

from cockpit.runtime.record import dataclass
from cockpit.settings.models.variant import Variant
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.http_access import Access
from cockpit.settings.schema.secrets import Secret


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the service calls its two metrics and their labels."""

    requests: str = kit.text("Counter of requests", "http_requests_total")
    durations: str = kit.text("Histogram of durations, without `_bucket`", "http_request_duration_seconds")
    method: str = kit.text("Label of the method; empty if the endpoint's label holds it", "method")
    endpoint: str = kit.text("Label of the endpoint", "endpoint")
    status: str = kit.text("Label of the status; one that begins with 5 is an error", "status")
    unit: str = kit.choice("Unit of the durations", ("s", "ms"), "s")


@dataclass(frozen=True, slots=True)
class Scrape(Access):
    """`scrape`: the service's own /metrics pages, one for each instance."""

    urls: tuple[str, ...] = kit.urls("The /metrics pages", '["https://shop.example.org/metrics"]')
    metrics: Metrics = kit.one(Metrics, "Names of the metrics and their labels")
    variant: Variant = kit.one(Variant, "Who had the flag, by a label of both metrics")


@dataclass(frozen=True, slots=True)
class Queries:
    """Own PromQL; `$window` stands for the span asked about, as in `rate(x[$window])`.

    `$variant` stands for a matcher of those with the flag, or without it; for nothing if all are asked about. Every
    result needs the endpoint label, and the method label where there is one.
    """

    requests: str = kit.text("Requests per endpoint in the window", "")
    errors: str = kit.text("Failed requests per endpoint in the window; a missing series is not a zero", "")
    p95: str = kit.text("p95 per endpoint in the window, in the unit of the durations", "")
    up: str = kit.text("One series per instance, 1 while it is scraped; says how much of a window was covered", "")


@dataclass(frozen=True, slots=True)
class ExposureQueries:
    """Own PromQL of the exposure check, each for one number; `$window` stands for the span asked about."""

    users: str = kit.text("All users who came in the window; without it there is no exposure check", "")
    exposed: str = kit.text("Those of them who have the flag; a missing series is not a zero", "")
    span: float = kit.span("How far back users are counted; 0 means twelve windows of the plan", 0.0, "0s")

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield half of a pair, and a question that is the same for every span."""
        for name, query, other in (("users", self.users, self.exposed), ("exposed", self.exposed, self.users)):
            if other and not query:
                yield name, "is missing", "write both or none"
            elif query and "$window" not in query:
                yield name, "names no $window", "write sum(increase(x[$window]))"


@dataclass(frozen=True, slots=True)
class Prometheus(Access):
    """`prometheus`: the HTTP API of Prometheus, Mimir, Thanos or VictoriaMetrics."""

    url: str = kit.url("Address of the API, without /api/v1", example='"https://prometheus.example.org"')
    selector: str = kit.text("Label matchers for every query", "", "'job=\"shop\"'")
    scrape_interval: float = kit.span("How often Prometheus scrapes the service", 15.0, "15s", low=0.1)
    native: bool = kit.flag("Whether the durations are a native histogram", default=False)
    backfill: bool = kit.flag("Whether to ask for the windows that passed while nobody watched", default=True)
    metrics: Metrics = kit.one(Metrics, "Names of the metrics and their labels")
    variant: Variant = kit.one(Variant, "Who had the flag, by a label of both metrics")
    queries: Queries = kit.one(Queries, "Your own PromQL instead of the queries made from `metrics`")
    exposure: ExposureQueries = kit.one(ExposureQueries, "Your own PromQL for the exposure check")

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself, and what would let unrelated targets count."""
        yield from Access.problems(self)
        if self.queries.requests and not (self.selector or self.queries.up):
            yield "queries", "ask for requests and name no instances", "write selector, or queries.up"


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """One synthetic request, for one endpoint of the plan."""

    endpoint: str = kit.text("The endpoint of the plan that it stands for", example='"GET /concierge"')
    path: str = kit.text("Path; without it, the endpoint's", "", '"/concierge?synthetic=1"')
    headers: Mapping[str, Secret] = kit.headers("Further request headers", '{ X-Synthetic = "1" }')
    body: Mapping[str, object] = kit.body("JSON to send", '{ shopperId = "synthetic" }')
    status: tuple[int, ...] = kit.wholes("Statuses that are right", (200,), low=100, high=599)
    contains: str = kit.text("A text that the answer must contain", "", '"looks"')

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what no request can be made of: a path that could name another host, an endpoint without a method."""
        method, _, path = self.endpoint.partition(" ")
        if self.endpoint and not (method.isascii() and method.isalpha() and method.isupper()):
            yield "endpoint", f'"{self.endpoint}" names no method', 'write "GET /concierge"'
        if (self.path or path) and not (self.path or path).startswith("/"):
            yield "path", "does not begin with /", "write the path only, the host is the url's"


@dataclass(frozen=True, slots=True)
class Probe(Access):
    """`probe`: synthetic requests at a limited rate, for a service without metrics."""

    url: str = kit.url("Where the service is", example='"https://shop.example.org"')
    requests: tuple[ProbeRequest, ...] = kit.many(ProbeRequest, "The requests to send", least=1)
    rate: float = kit.number("Maximum requests per second, all endpoints together", 2.0, low=0.01, high=1000)
    abreast: int = kit.whole("Maximum concurrent requests to one endpoint", 1, low=1, high=16)
    control: str = kit.url("An address elsewhere that answers while our own network works", "")
    tls_days: int = kit.whole("Warn this many days before the certificate ends", 14)

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield what contradicts itself."""
        yield from Access.problems(self)
        names = [request.endpoint for request in self.requests]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield "requests", f'ask twice for "{name}"', "keep one of them"
