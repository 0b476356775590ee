"""Prometheus' text format, read for the two metrics that matter: request counters and duration histograms.

The official parser costs some 20 µs a line, so it sees a line only when the series is new.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from cockpit.sources.base import SourceError

SERIES_LIMIT = 50_000
_NUMBER = r"[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|nan)"
_SAMPLE = re.compile(
    rf"[ \t]*([a-z_:][a-z0-9_:]*)[ \t]*(\{{.*\}})?[ \t]*(?<=[ \t}}])({_NUMBER})(?:[ \t]+(-?\d+))?[ \t\r]*",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the service calls its two metrics and their labels."""

    requests: str = "http_requests_total"
    durations: str = "http_request_duration_seconds_bucket"
    method: str = "method"
    endpoint: str = "endpoint"
    status: str = "status"


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a planned endpoint: a request counter, or a histogram's bucket up to `bound` seconds.

    Series of one `instrument` start from zero together. `failed`: it counts 5xx answers.
    """

    endpoint: str
    instrument: str
    bound: float | None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Scraped:
    """One answer: each wanted series with its running total, and how many of all `lines` could not be read.

    `stamped` is the newest time in epoch seconds that the lines themselves carry, None where they carry none.
    """

    values: Mapping[str, tuple[Series, float]]
    lines: int
    unreadable: int
    stamped: float | None = None


class Exposition:
    """Reads one instance's answers and remembers what each series' labels mean."""

    def __init__(self, endpoints: Collection[str], names: Names) -> None:
        self._endpoints = frozenset(endpoints)
        self._names = names
        self._known: dict[str, Series | None] = {}

    def read(self, text: str) -> Scraped:
        """Read one whole answer. Raises SourceError where it is none."""
        if not text.endswith("\n"):
            raise SourceError("answer cut short" if _SAMPLE.match(text) or text.startswith("#") else _foreign(text))
        values: dict[str, tuple[Series, float]] = {}
        lines = unreadable = 0
        stamped: float | None = None
        for line in text.split("\n"):
            if not line or line.isspace() or line.lstrip().startswith("#"):
                continue
            lines += 1
            if lines > SERIES_LIMIT:
                raise SourceError(f"over {SERIES_LIMIT:,} series")
            sample = _SAMPLE.fullmatch(line)
            if sample is None or not self._take(sample, values):
                unreadable += 1
            elif sample[4]:
                stamped = max(stamped or -math.inf, int(sample[4]) / 1000)
        if lines == unreadable and (lines or "# " not in text):
            raise SourceError(_foreign(text))
        return Scraped(values, lines, unreadable, stamped)

    def _take(self, sample: re.Match[str], values: dict[str, tuple[Series, float]]) -> bool:
        """Keep a sample that is wanted; False when it is wanted and makes no sense."""
        if sample[1] not in (self._names.requests, self._names.durations):
            return True
        head, value = sample[1] + (sample[2] or ""), float(sample[3])
        try:
            series = self._series(head)
        except (KeyError, ValueError):
            return False
        if not math.isfinite(value) or value < 0 or head in values:
            return False
        if series is not None:
            values[head] = (series, value)
        return True

    def _series(self, head: str) -> Series | None:
        """Return what the series is, None for an endpoint that is not planned. Raises KeyError or ValueError."""
        if head not in self._known:
            if len(self._known) >= SERIES_LIMIT:
                self._known.clear()
            self._known[head] = self._parsed(head)
        return self._known[head]

    def _parsed(self, head: str) -> Series | None:
        names = self._names
        sample = next(iter(text_string_to_metric_families(f"{head} 0\n"))).samples[0]
        labels = dict(sample.labels)
        endpoint = f"{labels[names.method]} {labels[names.endpoint]}"
        if endpoint not in self._endpoints:
            return None
        if sample.name == names.requests:
            return Series(endpoint, head, None, failed=labels[names.status].startswith("5"))
        bound = float(labels.pop("le"))
        if math.isnan(bound):
            raise ValueError(head)
        return Series(endpoint, str(sorted(labels.items())), bound)


def _foreign(text: str) -> str:
    return "not Prometheus text" if text.strip() else "empty answer"
