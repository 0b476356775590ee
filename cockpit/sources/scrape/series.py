"""What one series of a page means, by its name and its set of labels, in any order and with any quotes."""

import math
import re
from collections.abc import Collection, Mapping

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from cockpit.settings.models.traffic import Metrics
from cockpit.settings.models.variant import NEITHER, Variant

PROCESS_START = "process_start_time_seconds"
PROCESS_WORK = "process_cpu_seconds_total"

_PLAIN = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*+")
_NO_VARIANT = Variant()


class Series(Struct, frozen=True):
    """One series of a planned endpoint: a request counter, or a histogram's bucket up to `bound` seconds.

    Series of one `instrument` start from zero together. `failed`: it counts 5xx answers, `refused`: 4xx. `side` says
    who had the flag, as `Variant.side` does.
    """

    endpoint: str
    instrument: str
    bound: float | None
    failed: bool = False
    refused: bool = False
    side: str = ""


class Meaning(Struct, frozen=True):
    """What the head of a line says: `key` is the same however its labels are ordered and written.

    `series` is None if nothing of the plan is counted. `endpoint` is that of the labels, empty if they name none;
    `lacking` are labels that the settings name and that are not there, `labels` those that are. `odd` is what the label
    of the flag says where that is neither on nor off.
    """

    key: str
    series: Series | None = None
    endpoint: str = ""
    lacking: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    odd: str = ""


class Names:
    """The names that a page is read for: the two metrics, and what tells one process from another.

    `starts` say when a process, or a series of it, began; `buckets` is what the histogram's lines are called.
    """

    def __init__(self, metrics: Metrics, endpoints: Collection[str], variant: Variant = _NO_VARIANT) -> None:
        self._metrics, self._endpoints, self._variant = metrics, frozenset(endpoints), variant
        self._scale = 1000.0 if metrics.unit == "ms" else 1.0
        self.buckets = f"{metrics.durations}_bucket"
        created = (f"{name}_created" for name in (metrics.requests.removesuffix("_total"), metrics.durations))
        self.starts = frozenset({PROCESS_START, *created})
        self.counted = frozenset({metrics.requests, self.buckets})
        self.wanted = self.counted | self.starts | {PROCESS_WORK}
        self._quoted = {f'"{_escaped(name)}"': name for name in self.wanted}
        named = (metrics.requests, metrics.durations, *self._labels(metrics.requests), variant.label or "flag")
        self.plain = all(map(is_plain, named))
        """Whether no name needs quotes."""

    def of(self, bare: str, labels: str) -> str:
        """Return the name of a line that is wanted, empty for one of others; it may stand in quotes among the labels.

        A label's value may look like a name: the whole head decides then.
        """
        if bare:
            return bare if bare in self.wanted else ""
        return next((name for quoted, name in self._quoted.items() if quoted in labels), "")

    def meaning(self, head: str, name: str) -> Meaning | None:
        """Return what a head says, None if its name is another one after all. Raises ValueError for nonsense."""
        sample = next(iter(text_string_to_metric_families(f"{head} 0\n"))).samples[0]
        labels = {label: value for label, value in sample.labels.items() if value}
        if sample.name != name:
            return None
        bound = self._bound(labels) if name == self.buckets else None
        key = _key(name, labels if bound is None else {**labels, "le": repr(bound)})
        if name not in self.counted:
            return Meaning(key)
        names = self._labels(name)
        lacking = tuple(label for label in names if label not in labels)
        endpoint = " ".join(labels.get(label, "") for label in names[: 2 if self._metrics.method else 1])
        there = tuple(sorted(labels.keys() - {"le"}))
        if set(lacking) - {self._metrics.status}:
            return Meaning(key, None, "", lacking, there)
        if lacking or endpoint not in self._endpoints:
            return Meaning(key, None, endpoint, lacking if endpoint in self._endpoints else (), there)
        says = labels.get(self._variant.label)
        side = self._variant.side(says)
        odd = (says or "", there) if side == NEITHER else ("", ())
        if bound is not None:
            rest = {label: value for label, value in labels.items() if label != "le"}
            series = Series(endpoint, _key(name, rest), bound / self._scale, side=side)
        else:
            status = labels[self._metrics.status]
            failed, refused = status.startswith("5"), status.startswith("4")
            series = Series(endpoint, key, None, failed=failed, refused=refused, side=side)
        return Meaning(key, series, endpoint, labels=odd[1], odd=odd[0])

    def _labels(self, name: str) -> tuple[str, ...]:
        """The labels that a line of a metric needs: the endpoint's first."""
        known = self._metrics
        method = (known.method,) if known.method else ()
        return (*method, known.endpoint, known.status) if name == known.requests else (*method, known.endpoint)

    def _bound(self, labels: Mapping[str, str]) -> float:
        bound = float(labels.get("le", ""))
        if math.isnan(bound):
            raise ValueError("le")
        return bound


def labels_of(name: str, labels: str) -> tuple[str, ...]:
    """Return the names of the labels of a line, none if they cannot be read."""
    try:
        sample = next(iter(text_string_to_metric_families(f"{name}{labels} 0\n"))).samples[0]
    except (ValueError, StopIteration, IndexError, KeyError):
        return ()
    return tuple(sorted(label for label, value in sample.labels.items() if value))


def is_plain(name: str) -> bool:
    """Whether a metric or label name needs no quotes: letters, digits, underscores and colons."""
    return _PLAIN.fullmatch(name) is not None


def _key(name: str, labels: Mapping[str, str]) -> str:
    return f"{name}{sorted(labels.items())}"


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
