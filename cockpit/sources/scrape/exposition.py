"""The pages that Prometheus reads, its own text and OpenMetrics, for two metrics: request counters and histograms.

The official parser costs some 20 µs a line, so it sees a line only when the series is new.
"""

import io
import math
import re
from collections.abc import Collection, Mapping

from msgspec import Struct, field

from cockpit.settings.models.traffic import Metrics
from cockpit.settings.models.variant import NEITHER, Variant
from cockpit.sources.interface.offers import Offers
from cockpit.sources.interface.source import SourceError
from cockpit.sources.scrape.series import PROCESS_START, Meaning, Names, Series, labels_of

SERIES_LIMIT = 50_000
LINE_LIMIT = 20_000
STRANGERS_KEPT = 20
OFFERS_KEPT = 2_000
OPEN_METRICS = "application/openmetrics-text"
ACCEPT = f"text/plain;version=0.0.4, {OPEN_METRICS};version=1.0.0;q=0.5"
"""The own text is preferred: its numbers are the same, and every service speaks it."""
ACCEPT_QUOTED = (
    "text/plain;version=1.0.0;escaping=allow-utf-8, text/plain;version=0.0.4;q=0.8, "
    f"{OPEN_METRICS};version=1.0.0;escaping=allow-utf-8;q=0.5"
)
"""The same where a name needs quotes: a service that was not asked so would write underscores instead."""

FOREIGN = {"text/html", "application/xhtml+xml", "application/json", "application/vnd.google.protobuf"}
# Runs are possessive and groups begin unlike what follows them: no line, however hostile, takes more than its length.
# No group is possessive: Python 3.11.2 loses its place in one that stands in another.
_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?(?:e[+-]?\d++)?|\.\d++(?:e[+-]?\d++)?|inf(?:inity)?|nan)"
_LABELS = r'\{[^"{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^"{}]*+)*\}'
_EXEMPLAR = rf"[ \t]++\#[ \t]++{_LABELS}[ \t]++{_NUMBER}(?:[ \t]++{_NUMBER})?"
SAMPLE = re.compile(
    rf"[ \t]*+([a-z_:][a-z0-9_:]*+|(?=\{{))[ \t]*+({_LABELS})?[ \t]*+(?<=[ \t}}])"
    rf"({_NUMBER})(?:[ \t]++({_NUMBER}))?(?:{_EXEMPLAR})?[ \t\r\n]*+",
    re.IGNORECASE | re.ASCII,
)


class Unmapped(Struct, frozen=True):
    """Lines of a metric without labels that the settings name: how many, which are `lacking`, which are there.

    `wholly` says that no line of the metric had them.
    """

    lines: int
    lacking: tuple[str, ...]
    labels: tuple[str, ...]
    wholly: bool


class Scraped(Struct, frozen=True):
    """One answer: each wanted series with its running total, and how many of all `lines` could not be read.

    `stamped` is the oldest time in epoch seconds that wanted lines themselves carry, None if they carry none.
    `names` are those of the two metrics that were there, for any endpoint. `starts` are moments in epoch seconds
    at which the process or a series of it says to have begun, `others` totals that are none of the plan's: both tell
    one process from another. `unmapped` is by metric.
    """

    values: Mapping[str, tuple[Series, float]]
    lines: int
    unreadable: int
    stamped: float | None = None
    names: frozenset[str] = frozenset()
    starts: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, float] = field(default_factory=dict)
    unmapped: Mapping[str, Unmapped] = field(default_factory=dict)


class Exposition:
    """Reads one instance's answers and remembers what each series' labels mean."""

    def __init__(self, endpoints: Collection[str], metrics: Metrics, variant: Variant | None = None) -> None:
        self.names = Names(metrics, endpoints, variant or Variant())
        self._known: dict[str, Meaning | None] = {}
        self.strangers: dict[str, None] = {}
        """Endpoints that were seen and are not planned, the first few."""
        self.odd: dict[tuple[str, tuple[str, ...]], None] = {}
        """What the label of the flag said where that was neither on nor off, and the labels there; the first few."""

    def read(self, text: str, kind: str = "") -> Scraped:
        """Read one whole answer of content type `kind`. Raises SourceError if it is no page of metrics."""
        sort = kind.partition(";")[0].strip().lower()
        if sort in FOREIGN:
            raise SourceError("not Prometheus text")
        self._check_end(text, sort)
        page = _Page(1.0 if sort == OPEN_METRICS else 0.001)
        for line in io.StringIO(text):
            if not line.isspace() and not line.lstrip().startswith("#"):
                self._take(line, page)
        if page.lines == page.unreadable and (page.lines or "# " not in text):
            raise SourceError(_foreign(text))
        return page.whole()

    def offers(self, text: str) -> Offers:
        """Return the labels of every metric of a page: what may be meant where the wanted ones are not there."""
        found: dict[str, tuple[str, ...]] = {}
        for line in io.StringIO(text):
            sample = SAMPLE.fullmatch(line) if len(line) <= LINE_LIMIT else None
            name = sample[1] if sample else ""
            if sample and name and name not in found and len(found) < OFFERS_KEPT:
                found[name] = labels_of(name, sample[2] or "")
        return found

    def _check_end(self, text: str, sort: str) -> None:
        if sort == OPEN_METRICS:
            if text.rstrip("\r\n").rpartition("\n")[2] != "# EOF":
                raise SourceError("answer cut short" if text.strip() else "empty answer")
        elif not text.endswith("\n"):
            raise SourceError("answer cut short" if SAMPLE.match(text) or text.startswith("#") else _foreign(text))

    def _take(self, line: str, page: "_Page") -> None:
        """Count a line, and keep a sample that is wanted."""
        page.lines += 1
        if page.lines > SERIES_LIMIT:
            raise SourceError(f"over {SERIES_LIMIT:,} series")
        sample = SAMPLE.fullmatch(line) if len(line) <= LINE_LIMIT else None
        if sample is None:
            page.unreadable += 1
        elif name := self.names.of(sample[1], sample[2] or ""):
            page.unreadable += not self._keep(name, sample, page)

    def _keep(self, name: str, sample: re.Match[str], page: "_Page") -> bool:
        """Keep a wanted sample; False when it makes no sense."""
        value = float(sample[3])
        stamp = float(sample[4]) * page.stamp_unit if sample[4] else None
        try:
            meaning = self._meaning(sample[1] + (sample[2] or ""), name)
        except (KeyError, ValueError):
            return False
        if meaning is None:
            return True
        if not math.isfinite(value) or not math.isfinite(stamp or 0):
            return name not in self.names.counted
        if name in self.names.starts:
            page.starts.setdefault(name, {})[meaning.key] = value
            return True
        return page.take(name, meaning, value, stamp, counted=name in self.names.counted)

    def _meaning(self, head: str, name: str) -> Meaning | None:
        """Return what a head says, None for a line of others. Raises KeyError or ValueError."""
        if head not in self._known:
            if len(self._known) >= 2 * SERIES_LIMIT:
                self._known.clear()
            found = self._known[head] = self.names.meaning(head, name)
            if found and found.endpoint and not found.series and not found.lacking:
                self.strangers |= {found.endpoint: None} if len(self.strangers) < STRANGERS_KEPT else {}
            if found and found.series and found.series.side == NEITHER and len(self.odd) < STRANGERS_KEPT:
                self.odd |= {(found.odd, found.labels): None}
        return self._known[head]


class _Page:
    """One answer while it is read; `stamp_unit` is what its timestamps count, in seconds."""

    def __init__(self, stamp_unit: float) -> None:
        self.stamp_unit = stamp_unit
        self.values: dict[str, tuple[Series, float]] = {}
        self.others: dict[str, float] = {}
        self.starts: dict[str, dict[str, float]] = {}
        self.mapped: set[str] = set()
        self.unmapped: dict[str, list[Meaning]] = {}
        self.names: set[str] = set()
        self.lines = self.unreadable = 0
        self.stamped: float | None = None

    def take(self, name: str, meaning: Meaning, value: float, stamp: float | None, *, counted: bool) -> bool:
        """Keep a total under what it means; False for one that is negative or there twice."""
        if counted:
            self.names.add(name)
        if meaning.lacking:
            self.unmapped.setdefault(name, []).append(meaning)
            return True
        if value < 0 or meaning.key in self.values or meaning.key in self.others:
            return not counted
        self.mapped.add(name)
        if meaning.series is None:
            self.others[meaning.key] = value
            return True
        self.values[meaning.key] = (meaning.series, value)
        if stamp is not None:
            self.stamped = stamp if self.stamped is None else min(self.stamped, stamp)
        return True

    def whole(self) -> Scraped:
        """Return what was read. A page that repeats several processes' starts tells nothing by them."""
        starts = {
            key: value
            for name, found in self.starts.items()
            if name != PROCESS_START or len(found) == 1
            for key, value in found.items()
        }
        unmapped = {
            name: Unmapped(len(found), found[0].lacking, found[0].labels, name not in self.mapped)
            for name, found in self.unmapped.items()
        }
        tally = (self.lines, self.unreadable, self.stamped, frozenset(self.names))
        return Scraped(self.values, *tally, starts, self.others, unmapped)


def _foreign(text: str) -> str:
    return "not Prometheus text" if text.strip() else "empty answer"
