"""What a source is opened with in tests: the default plan, a name, secrets of an environment of the test's own."""

import tomllib

from msgspec.structs import replace

from cockpit.settings.models.settings import KINDS
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.source import Order
from sessions.plan.strict_table import Table
from tests.support.build import PLAN

QUICK = replace(PLAN, cadence=replace(PLAN.cadence, deadline=0.5))
SLOW = replace(PLAN, cadence=replace(PLAN.cadence, deadline=20))

TARGETS = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://localhost/admin",
    "http://127.0.0.1:1/",
    "http://127.1/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://10.0.0.1/",
    "http://192.168.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://127.0.0.1/",
    "dict://127.0.0.1:11211/stats",
    "data:application/json,{}",
    "//evil.example.org/q",
]
"""Where no redirect may ever lead: row 59."""


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
