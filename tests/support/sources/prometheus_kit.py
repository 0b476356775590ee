"""A Prometheus that says what the test wants, and what a source reads of it."""

import json
import re

from msgspec.structs import replace

from sessions.values.readings import Pulse
from tests.support.build import PLAN, after

PATHS = ("POST /capsules", "POST /csat")
BRIEF = replace(PLAN, endpoints=PATHS)
NOW = after(100)
GOOD = {"requests": "120", "errors": "0", "p95": "0.24", "top": "0.9", "within": "0.99", "alive": "99"}


class Server:
    """Answers each part for each endpoint with GOOD, or with what the test set; its clock is ours plus `skew` s."""

    def __init__(self, httpserver):
        self.now, self.skew, self.age = NOW, 0.0, 5.0
        self.parts, self.more, self.extra, self.up, self.others = {}, {}, [], "1", []
        self.edges = {}
        self.forms = []
        httpserver.expect_request(re.compile(r"/api/v1/query(_range)?")).respond_with_handler(self.answer)
        self.url = httpserver.url_for("/")

    def answer(self, request):
        form = request.form.to_dict()
        self.forms.append(form)
        ends = [float(form["start"])] if "start" in form else [self.clock]
        while "start" in form and ends[-1] + float(form["step"]) <= float(form["end"]):
            ends.append(ends[-1] + float(form["step"]))
        spans = ["closed"] if "start" in form else ["minute", "running"]
        rows = [row for span in spans for row in self.rows(span)]
        if "start" not in form:
            rows += [({"cockpit_part": "whole.clock"}, str(self.clock))]
            rows += [] if self.age is None else [({"cockpit_part": "whole.newest"}, str(self.clock - self.age))]
        if "whole.edges" in form["query"]:
            rows += [
                ({"cockpit_part": "whole.edges", "method": "POST", "endpoint": path, "le": le}, count)
                for path, edges in self.edges.items()
                for le, count in edges.items()
            ]
        kind = ("matrix", "values") if "start" in form else ("vector", "value")
        rows = [(labels, value) for labels, value in rows if f'"{labels["cockpit_part"]}"' in form["query"]]
        told = [
            {"metric": labels, kind[1]: [[end, value] for end in ends] if "start" in form else [ends[0], value]}
            for labels, value in rows
        ]
        return json.dumps({"status": "success", "data": {"resultType": kind[0], "result": told}, **self.more})

    @property
    def clock(self):
        return self.now.timestamp() + self.skew

    def rows(self, span):
        for endpoint in PATHS:
            method, path = endpoint.split()
            for part, value in {**GOOD, **self.parts.get(endpoint, {})}.items():
                if value is not None:
                    yield {"cockpit_part": f"{span}.{part}", "method": method, "endpoint": path}, value
        yield {"cockpit_part": f"{span}.up"}, self.up
        if span != "minute":
            yield from (({"cockpit_part": f"whole.{part}", "instance": name}, "1") for part, name in self.others)
        yield from (({**labels, "cockpit_part": f"{span}.{labels['part']}"}, value) for labels, value in self.extra)


async def read(source, server, at=NOW):
    server.now = at
    readings = await source.read(at)
    assert isinstance(readings[-1], Pulse)
    return {(one.endpoint, one.grain, one.start): one for one in readings[:-1]}, readings[-1]


def grains(traffic, endpoint):
    return [one for (name, _, _), one in traffic.items() if name == endpoint]
