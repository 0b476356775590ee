"""The pages that Prometheus reads, its own text and OpenMetrics, for two metrics: request counters and histograms.

The official parser costs some 20 µs a line, so it sees a line only when the series is new.
"""

import io
import math
import re
from collections.abc import Collection, Mapping

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from cockpit.settings.models.traffic import Metrics
from cockpit.sources.interface.source import SourceError

SERIES_LIMIT = 50_000
LINE_LIMIT = 20_000
STRANGERS_KEPT = 20
OPEN_METRICS = "application/openmetrics-text"
ACCEPT = f"text/plain;version=0.0.4, {OPEN_METRICS};version=1.0.0;q=0.5"
"""The own text is preferred: its numbers are the same, and every service speaks it."""

_FOREIGN = {"text/html", "application/xhtml+xml", "application/json", "application/vnd.google.protobuf"}
# Runs are possessive and groups begin unlike what follows them: no line, however hostile, takes more than its length.
# No group is possessive: Python 3.11.2 loses its place in one that stands in another.
_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?(?:e[+-]?\d++)?|\.\d++(?:e[+-]?\d++)?|inf(?:inity)?|nan)"
_LABELS = r'\{[^"{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^"{}]*+)*\}'
_EXEMPLAR = rf"[ \t]++\#[ \t]++{_LABELS}[ \t]++{_NUMBER}(?:[ \t]++{_NUMBER})?"
_SAMPLE = re.compile(
    rf'[ \t]*+([a-z_:][a-z0-9_:]*+|(?=\{{[ \t]*+"))[ \t]*+({_LABELS})?[ \t]*+(?<=[ \t}}])'
    rf"({_NUMBER})(?:[ \t]++({_NUMBER}))?(?:{_EXEMPLAR})?[ \t\r\n]*+",
    re.IGNORECASE | re.ASCII,
)


class Series(Struct, frozen=True):
    """One series of a planned endpoint: a request counter, or a histogram's bucket up to `bound` seconds.

    Series of one `instrument` start from zero together. `failed`: it counts 5xx answers.
    """

    endpoint: str
    instrument: str
    bound: float | None
    failed: bool = False


class Scraped(Struct, frozen=True):
    """One answer: each wanted series with its running total, and how many of all `lines` could not be read.

    `stamped` is the oldest time in epoch seconds that wanted lines themselves carry, None where they carry none.
    `names` are those of the two metrics that were there, for whatever endpoint.
    """

    values: Mapping[str, tuple[Series, float]]
    lines: int
    unreadable: int
    stamped: float | None = None
    names: frozenset[str] = frozenset()


class Exposition:
    """Reads one instance's answers and remembers what each series' labels mean."""

    def __init__(self, endpoints: Collection[str], metrics: Metrics) -> None:
        self._endpoints = frozenset(endpoints)
        self._metrics = metrics
        self._buckets = f"{metrics.durations}_bucket"
        self._scale = 1000.0 if metrics.unit == "ms" else 1.0
        self._known: dict[str, Series | None] = {}
        self.strangers: dict[str, None] = {}
        """Endpoints that were seen and are not planned, the first few."""

    def read(self, text: str, kind: str = "") -> Scraped:
        """Read one whole answer of content type `kind`. Raises SourceError where it is none."""
        sort = kind.partition(";")[0].strip().lower()
        if sort in _FOREIGN:
            raise SourceError("not Prometheus text")
        self._check_end(text, sort)
        page = _Page(self._metrics.requests, self._buckets, 1.0 if sort == OPEN_METRICS else 0.001)
        for line in io.StringIO(text):
            if not line.isspace() and not line.lstrip().startswith("#"):
                self._take(line, page)
        if page.lines == page.unreadable and (page.lines or "# " not in text):
            raise SourceError(_foreign(text))
        return Scraped(page.values, page.lines, page.unreadable, page.stamped, frozenset(page.names))

    def _check_end(self, text: str, sort: str) -> None:
        if sort == OPEN_METRICS:
            if text.rstrip("\r\n").rpartition("\n")[2] != "# EOF":
                raise SourceError("answer cut short" if text.strip() else "empty answer")
        elif not text.endswith("\n"):
            raise SourceError("answer cut short" if _SAMPLE.match(text) or text.startswith("#") else _foreign(text))

    def _take(self, line: str, page: "_Page") -> None:
        """Count a line, and keep a sample that is wanted."""
        page.lines += 1
        if page.lines > SERIES_LIMIT:
            raise SourceError(f"over {SERIES_LIMIT:,} series")
        sample = _SAMPLE.fullmatch(line) if len(line) <= LINE_LIMIT else None
        if sample is None:
            page.unreadable += 1
        elif sample[1] in page.wanted:
            page.names.add(sample[1])
            page.unreadable += not self._keep(sample, page)

    def _keep(self, sample: re.Match[str], page: "_Page") -> bool:
        """Keep a wanted sample; False when it makes no sense."""
        head, value = sample[1] + (sample[2] or ""), float(sample[3])
        stamp = float(sample[4]) * page.stamp_unit if sample[4] else None
        try:
            series = self._series(head)
        except (KeyError, ValueError):
            return False
        if not math.isfinite(value) or value < 0 or head in page.values or not math.isfinite(stamp or 0):
            return False
        if series is not None:
            page.values[head] = (series, value)
            if stamp is not None:
                page.stamped = stamp if page.stamped is None else min(page.stamped, stamp)
        return True

    def _series(self, head: str) -> Series | None:
        """Return what the series is, None for an endpoint that is not planned. Raises KeyError or ValueError."""
        if head not in self._known:
            if len(self._known) >= SERIES_LIMIT:
                self._known.clear()
            self._known[head] = self._parsed(head)
        return self._known[head]

    def _parsed(self, head: str) -> Series | None:
        names = self._metrics
        sample = next(iter(text_string_to_metric_families(f"{head} 0\n"))).samples[0]
        labels = dict(sample.labels)
        endpoint = f"{labels[names.method]} {labels[names.endpoint]}" if names.method else labels[names.endpoint]
        if endpoint not in self._endpoints:
            if len(self.strangers) < STRANGERS_KEPT:
                self.strangers[endpoint] = None
            return None
        if sample.name == names.requests:
            return Series(endpoint, head, None, failed=labels[names.status].startswith("5"))
        bound = float(labels.pop("le")) / self._scale
        if math.isnan(bound):
            raise ValueError(head)
        return Series(endpoint, str(sorted(labels.items())), bound)


class _Page:
    """One answer while it is read; `stamp_unit` is what its timestamps count, in seconds."""

    def __init__(self, requests: str, buckets: str, stamp_unit: float) -> None:
        self.wanted = (requests, buckets)
        self.stamp_unit = stamp_unit
        self.values: dict[str, tuple[Series, float]] = {}
        self.names: set[str] = set()
        self.lines = self.unreadable = 0
        self.stamped: float | None = None


def _foreign(text: str) -> str:
    return "not Prometheus text" if text.strip() else "empty answer"
