"""What a source is opened with in tests: the default plan, a name, secrets of an environment of the test's own."""

import tomllib
from dataclasses import replace

from cockpit.settings.kit import read
from cockpit.settings.secret import Secrets
from cockpit.settings.whole import KINDS
from cockpit.sources.order import Order
from sessions.tables import Table
from tests.build import PLAN

QUICK = replace(PLAN, cadence=replace(PLAN.cadence, deadline=0.5))
SLOW = replace(PLAN, cadence=replace(PLAN.cadence, deadline=20))


def order(plan=SLOW, environ=None, name="desk"):
    return Order(name, plan, Secrets(environ or {}), None, {})


def spec(kind, text):
    """Return the model of a source as `cockpit.toml` says it; a problem in it is the test's own."""
    table = Table(tomllib.loads(text))
    found = read(KINDS[kind], table)
    assert [str(problem) for problem in table.problems] == []
    return found


def problems(kind, text):
    """Return what is wrong with a source's text."""
    table = Table(tomllib.loads(text))
    read(KINDS[kind], table)
    return [str(problem) for problem in table.problems]
