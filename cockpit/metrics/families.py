"""Metric families that stay small: few series, cleaned labels, no duplicates, for any session."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from sessions.text.clean import clean

MOST = 200
"""The most series of one family; a usual plan has a tenth of that."""
LONGEST = 80
"""Characters of a label's value."""
UNKNOWN = "unknown"
"""The state of what is not judged at all."""

Row = tuple[tuple[str, ...], float]


def gauge(name: str, text: str, rows: Iterable[Row], labels: Sequence[str] = ()) -> Metric:
    """Return a gauge with a series for each row."""
    family = GaugeMetricFamily(f"cockpit_{name}", text, labels=labels)
    for values, value in _few(rows):
        family.add_metric(values, value)
    return family


def counter(name: str, text: str, rows: Iterable[Row], labels: Sequence[str] = ()) -> Metric:
    """Return a counter with a series for each row; `_total` is added to its name."""
    family = CounterMetricFamily(f"cockpit_{name}", text, labels=labels)
    for values, value in _few(rows):
        family.add_metric(values, value)
    return family


def alone(name: str, text: str, value: float | datetime | None) -> Metric:
    """Return a gauge with one series; without a value, with none."""
    number = value.timestamp() if isinstance(value, datetime) else value
    return gauge(name, text, [] if number is None else [((), number)])


def states(
    name: str, text: str, rows: Iterable[tuple[str, StrEnum | None]], words: type[StrEnum], label: str
) -> Metric:
    """Return a series for each thing in each state: 1 in the one that it is in, 0 in all others.

    What is in none of the known states is in the state `unknown`: it is never left out, and never called well.
    """
    known = [*(word.value for word in words), UNKNOWN]

    def each() -> Iterator[Row]:
        for thing, state in rows:
            now = UNKNOWN if state is None else state.value
            yield from (((thing, word), float(word == now)) for word in known)

    return gauge(name, text, each(), (label, "state"))


def _few(rows: Iterable[Row]) -> Iterator[Row]:
    """Clean the labels; keep the first of equal ones, and the first ones of too many."""
    told = set[tuple[str, ...]]()
    for values, value in islice(rows, 4 * MOST):
        cleaned = tuple(clean(each, LONGEST) for each in values)
        if cleaned not in told and len(told) < MOST:
            told.add(cleaned)
            yield cleaned, value
