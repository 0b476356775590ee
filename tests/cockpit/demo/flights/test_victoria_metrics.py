"""VictoriaMetrics beside Prometheus, both scraping the same page: the same windows, as its package has it."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from cockpit.runtime.finding import Sight
from cockpit.sources.interface.source import SourceError
from cockpit.sources.prometheus.source import open_source
from sessions.criteria import errors, latency
from sessions.values.readings import Grain, Topic, Traffic
from tests.support.build import PLAN, pulse
from tests.support.peers.real_programs import Exporter, prometheus, victoria_metrics
from tests.support.sessions.flight import in_phase
from tests.support.sources.ordering import order, spec

SCRAPE = 0.5
WINDOWS = replace(PLAN.windows, length=4.0, settle=1.5, minute=2.0, count=2)
CADENCE = replace(PLAN.cadence, traffic=0.5, traffic_stale=30, deadline=20)
QUICK = replace(PLAN, endpoints=("GET /concierge", "POST /csat"), windows=WINDOWS, cadence=CADENCE)


class Shop:
    """Counts the time that has passed, 200 requests a second. Once it breaks one in five fails, and all are slow."""

    def __init__(self):
        self.begun, self.good = time.monotonic(), None

    @property
    def count(self):
        return int((time.monotonic() - self.begun) * 200)

    def breaks(self):
        self.good = self.count

    def page(self):
        count = self.count
        bad = 0 if self.good is None else max(0, count - self.good)
        failed = count // 500 + bad // 5
        lines = []
        for method, path in (("GET", "/concierge"), ("POST", "/csat")):
            labels = f'method="{method}",endpoint="{path}"'
            lines += [f'http_requests_total{{{labels},status="200"}} {count - failed}']
            lines += [f'http_requests_total{{{labels},status="503"}} {failed}']
            for bound, share in (("0.1", 0.0), ("0.25", 0.5), ("0.5", 1.0), ("1.0", 1.0), ("+Inf", 1.0)):
                slow = bad if bound in {"1.0", "+Inf"} else 0
                bucket = f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}}'
                lines += [f"{bucket} {(count - bad) * share + slow:.0f}"]
        return "\n".join([*lines, ""])


def _opened(url):
    model = spec("prometheus", f'url = "{url}"\nscrape_interval = "{SCRAPE * 1000:.0f}ms"')
    return open_source(replace(order(QUICK), since=datetime.now(UTC)), model)[0]


@pytest.mark.flight
@pytest.mark.timeout(240)
async def test_the_same_page_gives_the_same_windows_and_verdicts(tmp_path):
    shop = Shop()
    page = Exporter(shop.page)
    (tmp_path / "prometheus").mkdir()
    with (
        prometheus(tmp_path / "prometheus", [page.target], scrape=SCRAPE) as one,
        victoria_metrics(tmp_path, [page.target], scrape=SCRAPE) as other,
    ):
        sources = {"prometheus": _opened(one), "victoria": _opened(other)}
        seen = {name: {} for name in sources}
        told = {}
        try:
            await _until(sources, seen, 4)
            told["calm"] = _verdicts(seen)
            shop.breaks()
            await _until(sources, seen, 8)
            told["bad"] = _verdicts(seen)
            found = {name: await source.examine(datetime.now(UTC)) for name, source in sources.items()}
        finally:
            for source in sources.values():
                await source.aclose()
            page.end()
    assert told["calm"]["victoria"] == told["calm"]["prometheus"] == ("pass", "pass")
    assert told["bad"]["victoria"] == told["bad"]["prometheus"] == ("breach", "breach")
    _same_windows(seen)
    assert not [row for row in found["victoria"] if row.sight is Sight.PROBLEM]
    assert [row.text for row in found["victoria"] if row.what == "clock"] == ["agrees with ours"]


async def _until(sources, seen, count):
    """Read both until each has told that many whole windows more of each endpoint."""
    begun = {name: len(_closed(rows)) for name, rows in seen.items()}
    deadline = time.monotonic() + 90
    while any(len(_closed(seen[name])) < begun[name] + 2 * count for name in sources):
        assert time.monotonic() < deadline, seen
        for name, source in sources.items():
            with suppress(SourceError):  # nothing is scraped yet
                rows = [one for one in await source.read(datetime.now(UTC)) if isinstance(one, Traffic)]
                seen[name].update({(one.endpoint, one.start): one for one in rows if one.grain is Grain.WINDOW})
        await asyncio.sleep(SCRAPE / 2)


def _closed(rows):
    """The whole windows of some, by endpoint and start."""
    return {key: one for key, one in rows.items() if one.at >= one.end and one.covered >= 0.99}


def _verdicts(seen):
    """What is judged by each server's windows, as soon as they have settled."""
    told = {}
    for name, rows in seen.items():
        pen = in_phase(plan=QUICK)
        pen.see(*rows.values(), pulse(Topic.TRAFFIC, datetime.now(UTC)))
        told[name] = tuple(criterion.judge(pen.state, datetime.now(UTC)).mark.value for criterion in (latency, errors))
    return told


def _same_windows(seen):
    """Requests and errors to within one scrape at each edge, and a p95 that fell in the same bucket."""
    one, other = (_closed(seen[name]) for name in ("prometheus", "victoria"))
    both = sorted(one.keys() & other.keys(), key=str)
    assert len(both) >= 12
    for key in both:
        assert other[key].requests == pytest.approx(one[key].requests, abs=200 * SCRAPE + 1)
        assert other[key].errors == pytest.approx(one[key].errors, abs=40 * SCRAPE + 1)
        assert other[key].bucket_ms == one[key].bucket_ms
        assert other[key].p95_ms == pytest.approx(one[key].p95_ms, rel=0.05)
