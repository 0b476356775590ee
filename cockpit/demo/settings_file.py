"""The demo's `cockpit.toml`: what an owner of this concierge would write, for each way to see its traffic."""

import json
import math
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.demo.launch import Address, DemoError
from cockpit.demo.world.changes_file import NAME
from cockpit.demo.world.traffic.headers import SYNTHETIC
from cockpit.sources.interface.sliding_span import PARTS
from sessions.plan.model import Plan

_TEXT = Path(__file__).with_name("journeys.toml")


def journeys(service: str, database: str) -> str:
    """Return the settings of both checks and of the activities that run them.

    `service` is the service's address, `database` the name of the mongo source. Every business key is the run's id: a
    rerun makes no duplicate.
    """
    return _TEXT.read_text("utf-8").replace("@service@", service).replace("@database@", database)


RECORDS = "records"
_HEAD = """\
# What an owner of this concierge would write; the demo wrote it.
service = "concierge"

[flag]
kind = "flagd"
file = {flag_file}

[sources.{records}]
kind = "mongo"
uri = "${{{variable}}}"
database = {database}

[sources.{records}.exposures]
collection = "exposures"
span = "{span}ms"

"""
_SCRAPE = """\
[sources.traffic]
kind = "scrape"
urls = [{metrics}]
variant = {{ label = "flag", on = "on", off = "off" }}    # the service labels both metrics with it

"""
_PROMETHEUS = """\
[sources.traffic]
kind = "prometheus"
url = {url}
scrape_interval = "{milliseconds}ms"
variant = {{ label = "flag", on = "on", off = "off" }}    # the service labels both metrics with it

"""
_PROBE = """\
[sources.traffic]
kind = "probe"
url = {url}
rate = {rate}
abreast = {abreast}
"""
_REQUEST = """
[[sources.traffic.requests]]
endpoint = {endpoint}
headers = {{ {header} = "1" }}
"""


_SHEETS = """
# What a sheet looks up when it is opened.
[sources.{records}.requests]
collection = "request_log"
traffic = false    # it is counted elsewhere
id = "requestId"
instance = "instance"
error = "error.code"
field = "error.field"

[sources.{records}.tickets]
closed = "closedAt"

[sources.{records}.capsules]
made = "createdAt"

[sources.{records}.csat]
words = "comment"
about = "flow"

[sources.{records}.duplicates]
at = "createdAt"
who = ["requestId", "instance"]

[changes]
command = ["cat", {changes}]

[[dashboards]]
title = "Metrics of the service"
url = {metrics}

[[dashboards]]
title = "Health of the service"
url = {health}
"""


class Traffic(Struct, frozen=True):
    """One way to see traffic: the speed that is used without --speed, and the highest at which windows hold enough."""

    kind: str
    speed: float
    most: float
    why: str = ""


MET = 5.0
"""Seconds in which enough visitors come at any speed; an hour of the plan may be shorter."""

SCRAPE_INTERVAL = 0.5
"""Seconds between two scrapes of the demo's Prometheus."""

MARGIN = 1.5
"""How many times the requests that a window needs a probe sends: some fall across its edges."""

SLOWEST = 1.0
"""Seconds that the slowest request of the demo takes: its endpoint is asked on meanwhile, else its windows ran thin."""

KINDS = {
    "scrape": Traffic("scrape", 72.0, 5000.0),
    "prometheus": Traffic("prometheus", 30.0, 60.0, "a minute holds fewer than two scrapes of Prometheus"),
    "probe": Traffic("probe", 30.0, 120.0, "a window holds fewer probes than the plan wants"),
}


def speed_for(kind: str, wanted: float | None) -> float:
    """Return the speed to fly at. Raises DemoError if numbers seen that way could prove nothing."""
    traffic = KINDS[kind]
    if wanted is not None and wanted > traffic.most:
        raise DemoError(f"--speed {wanted:g}: {traffic.why} above {traffic.most:g}: choose at most that")
    return traffic.speed if wanted is None else wanted


def target(address: Address) -> str:
    """Return the service's host:port."""
    return urlsplit(address.metrics_url).netloc


def settings_text(kind: str, plan: Plan, address: Address, variable: str, prometheus: str = "") -> str:
    """Return the settings; `variable` names the environment variable of the database's address.

    `prometheus` is the address of a Prometheus that scrapes the service and nothing else.
    """
    span = round(1000 * max(MET, PARTS * plan.windows.length))
    head = _HEAD.format(
        flag_file=_text(address.flag_file),
        records=RECORDS,
        variable=variable,
        database=_text(address.database),
        span=span,
    )
    service = f"http://{target(address)}"
    match kind:
        case "prometheus":
            milliseconds = round(1000 * SCRAPE_INTERVAL)
            traffic = _PROMETHEUS.format(url=_text(prometheus), milliseconds=milliseconds)
        case "probe":
            traffic = _probe(plan, service)
        case _:
            traffic = _SCRAPE.format(metrics=_text(address.metrics_url))
    sheets = _SHEETS.format(
        records=RECORDS,
        changes=_text(address.flag_file.with_name(NAME)),
        metrics=_text(address.metrics_url),
        health=_text(f"{service}/healthz"),
    )
    return head + traffic + journeys(service, RECORDS) + sheets


def _probe(plan: Plan, service: str) -> str:
    windows, count = plan.windows, len(plan.endpoints)
    rate = min(1000.0, math.ceil(10 * MARGIN * windows.min_requests * count / windows.length) / 10)
    abreast = math.ceil(rate / count * SLOWEST)
    requests = [_REQUEST.format(endpoint=_text(endpoint), header=SYNTHETIC) for endpoint in plan.endpoints]
    return _PROBE.format(url=_text(service), rate=rate, abreast=abreast) + "".join(requests) + "\n"


def _text(value: object) -> str:
    """Write a text as TOML has it; JSON's way of quoting is TOML's."""
    return json.dumps(str(value), ensure_ascii=False)
