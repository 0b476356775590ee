"""What one scrape of a wide service costs: its page read, and folded into windows; as processor time."""

import time
from datetime import UTC, datetime, timedelta
from statistics import median

from tools import wide
from tools.row import Row

from cockpit.settings.models.traffic import Metrics
from cockpit.sources.scrape.exposition import Exposition
from cockpit.sources.scrape.windows import Windows

SCRAPES = 6


def measure(rounds: int) -> list[Row]:
    """Read a page that is all new, then the same page with other numbers, several times a round."""
    first, later, folded = list[float](), list[float](), list[float]()
    now, plan = datetime.now(UTC), wide.WIDE
    pages = [wide.page(plan.endpoints, 100 * (number + 1)) for number in range(SCRAPES)]
    for _ in range(rounds):
        exposition = Exposition(plan.endpoints, Metrics())
        windows = Windows(plan.windows, plan.cadence.traffic, "scrape", plan.latency.p95_ms / 1000)
        for number, text in enumerate(pages):
            at = now + timedelta(seconds=number * plan.cadence.traffic)
            begun = time.process_time()
            scraped = exposition.read(text)
            read = time.process_time()
            windows.feed("instance", at, scraped.values)
            found = windows.readings(at)
            (later if number else first).append(read - begun)
            folded.append(time.process_time() - read)
        assert len(found) >= 2 * wide.ENDPOINTS
    size = f"{wide.ENDPOINTS} endpoints, {scraped.lines:,} series, {len(pages[0]) / 1000:.0f} kB"
    return [
        Row("Read a wide page, all new", 1000 * median(first), "ms CPU", "", size),
        Row("Read a wide page again", 1000 * median(later), "ms CPU", "", "the same series"),
        Row("Fold it into windows", 1000 * median(folded), "ms CPU", "", f"{2 * wide.ENDPOINTS} readings or more"),
    ]
