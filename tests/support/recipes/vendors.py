"""Platforms that answer questions about traffic, as their documentation describes the parts that the recipes use.

Datadog: "Query scalar data across multiple products", POST /api/v2/query/scalar (docs.datadoghq.com, 2026-10; the
columns' types from datadog-api-client 0.33). CloudWatch: GetMetricData of the API reference 2010-08-01, in the JSON
protocol that aws-cli 1.46 speaks. Sentry: "Query Discover Events in Table Format" and "List a Project's Issues"
(docs.sentry.io, 2026-10). PostHog: "Query" of the API reference (posthog.com, 2026-10).

All of them count the same requests: each is (endpoint, status, ms) in the window from START to END.
"""

import math

from tests.support.build import T0, after

START, END = after(-300), T0
ENDPOINTS = ("GET /concierge", "POST /capsules")
STRANGER = "GET /health"
REQUESTS = [
    *(("GET /concierge", 503 if number < 2 else 200, 100.0 + number) for number in range(120)),
    *(("POST /capsules", 201, 200.0 + 2 * number) for number in range(60)),
    *((STRANGER, 200, 1.0) for _ in range(30)),
]
"""The second endpoint has no error, which is where platforms leave a hole."""


class Counted:
    """The truth about one endpoint."""

    def __init__(self, endpoint):
        rows = [(status, took) for name, status, took in REQUESTS if name == endpoint]
        self.requests = len(rows)
        self.errors = sum(status >= 500 for status, _ in rows)
        self.p95_ms = sorted(took for _, took in rows)[math.ceil(0.95 * len(rows)) - 1]


TRUTH = {endpoint: Counted(endpoint) for endpoint in (*ENDPOINTS, STRANGER)}


def datadog(body):
    """Answer a scalar request: groups first, then a column of numbers for each formula; where nothing was, null."""
    data = body["data"]
    asked = data["attributes"]
    assert data["type"] == "scalar_request"
    assert (asked["from"], asked["to"]) == (1000 * int(START.timestamp()), 1000 * int(END.timestamp()))
    queries = {query["name"]: query for query in asked["queries"]}
    for query in queries.values():
        assert query["data_source"] == "metrics"
        assert query["aggregator"] in {"avg", "min", "max", "sum", "last", "percentile", "mean", "l2norm", "area"}
        assert " by {resource_name}" in query["query"]
    figures = {
        "sum:trace.http.request.hits": lambda one: float(one.requests),
        "sum:trace.http.request.errors": lambda one: float(one.errors) or None,
        "p95:trace.http.request": lambda one: one.p95_ms / 1000,
    }
    columns = [{"name": "resource_name", "type": "group", "values": [[_tag(name)] for name in TRUTH]}]
    for entry in asked["formulas"]:
        formula = entry["formula"]
        name = formula.removeprefix("default_zero(").removesuffix(")")
        figure = figures[queries[name]["query"].partition("{")[0]]
        values = [figure(one) for one in TRUTH.values()]
        values = [0.0 if value is None and formula != name else value for value in values]
        columns.append({"name": formula, "type": "number", "values": values, "meta": {"unit": None}})
    return {"data": {"id": "0", "type": "scalar_response", "attributes": {"columns": columns}}}


def _tag(endpoint):
    """Tags are lower case and have no blanks."""
    return endpoint.lower().replace(" ", "_")


def cloudwatch(body):
    """Answer GetMetricData: one result for each query, with one value for the one period in the window."""
    assert (body["StartTime"], body["EndTime"]) == (START.timestamp(), END.timestamp())
    results = []
    for query in body["MetricDataQueries"]:
        stat = query["MetricStat"]
        labels = {one["Name"]: one["Value"] for one in stat["Metric"]["Dimensions"]}
        assert (stat["Period"], stat["Metric"]["Namespace"]) == (300, "AWS/ApiGateway")
        assert (labels["ApiName"], labels["Stage"]) == ("shop", "production")
        truth = TRUTH[f"{labels['Method']} {labels['Resource']}"]
        figures = {"Count": truth.requests, "5XXError": truth.errors, "Latency": truth.p95_ms}
        assert stat["Stat"] == ("p95" if stat["Metric"]["MetricName"] == "Latency" else "Sum")
        value = float(figures[stat["Metric"]["MetricName"]])
        told = {"Timestamps": [START.timestamp()], "Values": [value], "StatusCode": "Complete"}
        results.append({"Id": query["Id"], "Label": stat["Metric"]["MetricName"], **told})
    return {"MetricDataResults": results, "Messages": []}


def sentry_events(query):
    """Answer a table of transactions: a row for each, its aggregates under the names that were asked for."""
    assert query["start"] == [START.strftime("%Y-%m-%dT%H:%M:%SZ")]
    assert query["end"] == [END.strftime("%Y-%m-%dT%H:%M:%SZ")]
    figures = {
        "transaction": lambda name, _: name,
        "count()": lambda _, one: one.requests,
        "failure_count()": lambda _, one: one.errors,
        "p95(transaction.duration)": lambda _, one: one.p95_ms,
    }
    assert set(query["field"]) == set(figures)
    rows = [{field: figures[field](name, one) for field in query["field"]} for name, one in TRUTH.items()]
    return {"data": rows, "meta": {"fields": {}, "units": {"p95(transaction.duration)": "millisecond"}}}


def sentry_pages(url):
    """Say that this page is the last one, as every list of Sentry does."""
    link = '<{url}?cursor={cursor}>; rel="{rel}"; results="false"; cursor="{cursor}"'
    return ", ".join(
        link.format(url=url, cursor=cursor, rel=rel) for cursor, rel in (("0:0:1", "previous"), ("0:100:0", "next"))
    )


def posthog(body, journey):
    """Answer a HogQL query: rows as lists, for journeys or for the exposure."""
    assert body["query"]["kind"] == "HogQLQuery"
    assert body["refresh"] == "force_blocking"
    asked = " ".join(body["query"]["query"].split())
    newest = int(after(-60).timestamp())
    if "$feature_flag_called" in asked:
        since, until = int(after(-3600).timestamp()), int(END.timestamp())
        assert f"toUnixTimestamp(timestamp) >= {since} and toUnixTimestamp(timestamp) < {until}" in asked
        rows, columns = [[812, 203, newest]], ["uniq(person_id)", "uniqIf(...)", "toUnixTimestamp(max(timestamp))"]
    else:
        rows = [[journey, newest, 12], ["$pageview", newest, 900]]
        columns = ["event", "toUnixTimestamp(max(timestamp))", "count()"]
    return {"results": rows, "columns": columns, "types": [], "hasMore": False, "is_cached": False, "timezone": "UTC"}
