"""The recipes of frameworks, each put into a real service of that framework that is sent requests of known number."""

from datetime import UTC, datetime, timedelta

import pytest

from cockpit.demo.world.database import free_port
from tests.support.recipes.page import opened, recipe, said
from tests.support.recipes.services import DJANGO, EXPRESS, FASTAPI, FLASK, put_into
from tests.support.recipes.shop import FAST, SLOW, agree, minutes, running, sent

PYTHON, NODE = "services-python", "services-node"
SERVICES = {
    "FastAPI": (PYTHON, FASTAPI),
    "Flask": (PYTHON, FLASK),
    "Django": (PYTHON, DJANGO),
    "Express": (NODE, EXPRESS),
    "OpenTelemetry SDK": (PYTHON, FLASK),
}
WARMING = {"times": 1, "failed": 0}


@pytest.mark.parametrize("title", SERVICES)
async def test_a_service_with_the_pages_lines_is_read_with_the_pages_snippet(title, tmp_path):
    made, (runs, service) = recipe("frameworks.md", title), SERVICES[title]
    port, page = free_port(), free_port()
    lines = made.one("js" if runs == NODE else "python")
    program = tmp_path / ("service.cjs" if runs == NODE else "service.py")
    program.write_text(put_into(service, lines, port, page, fast=FAST, slow=SLOW), "utf-8")
    url = f"http://127.0.0.1:{port}"
    metrics = f"http://127.0.0.1:{page}/metrics" if title.startswith("OpenTelemetry") else f"{url}/metrics"
    address = "http://shop.example.org:9464/metrics" if title.startswith("OpenTelemetry") else METRICS
    settings = made.settings(at={address: metrics})
    with running(tmp_path, runs, ["-E", str(program)] if runs == PYTHON else [str(program)], metrics):
        await told(made, settings, url)


METRICS = "https://shop.example.org/metrics"


async def told(made, settings, url):
    """What the source counts is what was sent, and the doctor says what the page says."""
    source = await opened(settings)
    endpoints = settings.endpoints
    try:
        await sent(url, endpoints, **WARMING)
        now = datetime.now(UTC)
        await source.read(now)
        truth = await sent(url, endpoints)
        agree(minutes(await source.read(now + timedelta(seconds=15))), truth)
        assert set(made.doctor) <= set(said(await source.examine(datetime.now(UTC))))
    finally:
        await source.aclose()
