"""The prometheus source against a server that says what the test wants."""

import pytest
from msgspec.structs import replace

from cockpit.sources.prometheus.source import open_source
from tests.support.sources.ordering import order, spec
from tests.support.sources.prometheus_kit import BRIEF, Server


@pytest.fixture
def server(httpserver):
    return Server(httpserver)


@pytest.fixture
async def opened(server):
    sources = []

    def give(text="", since=None, plan=BRIEF):
        made = replace(order(plan), since=since)
        (source,) = open_source(made, spec("prometheus", f'url = "{server.url}"\n{text}'))
        sources.append(source)
        return source

    yield give
    for source in sources:
        await source.aclose()
