"""A /metrics page as samples, by name and labels. Lines that cannot be read are skipped."""

import io
import math
from collections.abc import Iterator, Mapping

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from cockpit.sources.interface.source import SourceError
from cockpit.sources.scrape.exposition import FOREIGN, LINE_LIMIT, SAMPLE

MOST = 20_000
"""So many series of one page are looked at."""


class Sample(Struct, frozen=True):
    """One series: its name, its labels that are not empty, and what it says."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples(text: str, kind: str = "") -> tuple[Sample, ...]:
    """Return what a page of content type `kind` holds. Raises SourceError if it is no page of metrics."""
    if kind.partition(";")[0].strip().lower() in FOREIGN:
        raise SourceError("not Prometheus text")
    found = tuple(_read(text))
    if not found:
        raise SourceError("not Prometheus text")
    return found


def _read(text: str) -> Iterator[Sample]:
    left = MOST
    for line in io.StringIO(text):
        match = None if line.startswith("#") or len(line) > LINE_LIMIT else SAMPLE.fullmatch(line.rstrip("\n"))
        if match is None:
            continue
        if not left:
            return
        left -= 1
        try:
            yield _sample(f"{match[1]}{match[2] or ''}", float(match[3]))
        except (ValueError, LookupError):
            continue


def _sample(head: str, value: float) -> Sample:
    read = next(iter(text_string_to_metric_families(f"{head} 0\n"))).samples[0]
    return Sample(read.name, {name: said for name, said in read.labels.items() if said}, _finite(value))


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0
