"""What the page says of Prometheus: the same `[sources.shop.metrics]` under kind prometheus, asked of a real one."""

import asyncio
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from cockpit.demo.world.database import free_port
from cockpit.sources.interface.source import SourceError
from sessions.values.readings import Grain
from tests.support.peers.real_programs import prometheus
from tests.support.recipes.page import FOLDER, PATIENT, opened, recipe
from tests.support.recipes.services import EXPRESS, FASTAPI, FLASK, put_into
from tests.support.recipes.shop import FAST, SLOW, agree, running, sent

pytestmark = pytest.mark.xdist_group("prometheus")

SERVICES = {
    "FastAPI": ("services-python", FASTAPI, "python"),
    "Flask": ("services-python", FLASK, "python"),
    "Express": ("services-node", EXPRESS, "js"),
}
SCRAPE = 0.25
PLAN = replace(
    PATIENT,
    cadence=replace(PATIENT.cadence, traffic_stale=60),
    windows=replace(PATIENT.windows, minute=900, length=900),
)
"""A minute in which a slow machine is done too."""
EDGES = (50, 100, 250, 500, 1000, 2500)
"""The buckets that the pages name, in ms."""
METRICS = "https://shop.example.org/metrics"


def asked(made, url, target):
    """The snippet of a recipe with the page's own head for Prometheus in place of that for scrape."""
    head = (FOLDER / made.page).read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    scraped = f'[sources.shop]\nkind = "scrape"\nurls = ["{METRICS}"]\n'
    assert scraped in made.one("toml")
    assert 'kind = "prometheus"' in head
    text = made.one("toml").replace(scraped, f'{head}scrape_interval = "250ms"\n')
    text = text.replace("https://prometheus.example.org", url)
    return made.settings(text.replace("selector = 'job=\"shop\"'", f"selector = 'instance=\"{target}\"'"))


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Each service with the page's lines, and the Prometheus that scrapes them all."""
    folder = tmp_path_factory.mktemp("services")
    ports = {title: free_port() for title in SERVICES}
    with ExitStack() as stack:
        for title, (runs, service, language) in SERVICES.items():
            lines = recipe("frameworks.md", title).one(language)
            path = folder / f"{title}.{'cjs' if language == 'js' else 'py'}"
            path.write_text(put_into(service, lines, ports[title], 0, fast=FAST, slow=SLOW), "utf-8")
            words = ["-E", str(path)] if language == "python" else [str(path)]
            (folder / title).mkdir()
            stack.enter_context(running(folder / title, runs, words, f"http://127.0.0.1:{ports[title]}/metrics"))
        targets = [f"127.0.0.1:{port}" for port in ports.values()]
        yield stack.enter_context(prometheus(folder, targets, scrape=SCRAPE)), ports


@pytest.mark.parametrize("title", SERVICES)
async def test_a_snippet_is_the_same_behind_prometheus(title, services):
    url, ports = services
    target = f"127.0.0.1:{ports[title]}"
    settings = asked(recipe("frameworks.md", title), url, target)
    source = await opened(settings, plan=PLAN)
    try:
        await until(source, lambda _: True)  # it is scraped: what is born from now on counts from zero
        truth = await sent(f"http://{target}", settings.endpoints)
        agree(await until(source, lambda told: counts(told) == counts(truth)), truth, edges=EDGES)
    finally:
        await source.aclose()


async def until(source, so):
    """Ask until the last minute is so, and return it."""
    deadline, told = time.monotonic() + 60, None
    while time.monotonic() < deadline:
        with suppress(SourceError):
            told = {one.endpoint: one for one in await source.read(datetime.now(UTC)) if is_minute(one)}
            if so(told):
                return told
        await asyncio.sleep(0.1)
    raise AssertionError(told)


def counts(told):
    return {endpoint: (round(one.requests, 3), round(one.errors, 3)) for endpoint, one in told.items()}


def is_minute(reading):
    return getattr(reading, "grain", None) is Grain.MINUTE
