"""What the tests of journeys share: settings from a few lines, a service that answers, a run and its lines."""

import json
import re
import tomllib
from datetime import UTC, datetime

from werkzeug import Response

from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.source import Order
from cockpit.sources.journey.source import JourneyRunner
from sessions.plan.strict_table import Table
from tests.support.build import PLAN

LINE = re.compile(r"\d+(\.\d+)? (ms|s)$")


def settings_of(text):
    """Return the settings and what is wrong with them, a text each."""
    table = Table(tomllib.loads(text))
    return read(Settings, table), [str(problem) for problem in table.problems]


def order_of(settings, name="wf7", environ=None, plan=PLAN):
    return Order(name, plan, Secrets(environ or {}), None, settings.sources)


def runner_of(text, environ=None):
    settings, problems = settings_of(text)
    assert problems == []
    return JourneyRunner(order_of(settings, environ=environ), settings.sources["wf7"])


async def ran(runner, now=None):
    """Return how a run ended and every reading that it told; its connections are closed."""
    told = []
    try:
        return await runner.run("p1.wf7", now or datetime.now(UTC), told.append), told
    finally:
        await runner.aclose()


def shape(line):
    """Return a line without its figure."""
    return LINE.sub("#", line)


def answer(document, status=200, **headers):
    body = document if isinstance(document, str | bytes) else json.dumps(document)
    return Response(body, status, headers, content_type="application/json")
