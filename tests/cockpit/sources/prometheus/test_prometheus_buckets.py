"""In which bucket a p95 lies: the edges that the server was asked for, kept, doubted and asked for again."""

import pytest

from sessions.values.readings import Grain
from tests.support.build import after
from tests.support.sources.prometheus_kit import grains, read

FINE, COARSE = ("0.1", "0.25", "0.5", "1.0", "+Inf"), ("0.1", "0.25", "1.0", "+Inf")


def edges(*ends):
    """Each end as two series have it."""
    return dict.fromkeys(ends, "2")


def buckets(traffic, endpoint="POST /csat"):
    return {one.grain: (one.bucket_ms, one.over) for one in grains(traffic, endpoint)}


@pytest.mark.parametrize(
    ("known", "parts", "told"),
    [
        (edges(*FINE), {}, ((100, 250), 0.01)),
        (edges(*FINE), {"p95": "0.25"}, ((100, 250), 0.01)),
        (edges(*FINE), {"p95": "0.05"}, ((0, 100), 0.01)),
        (edges(*FINE), {"p95": "1.0", "top": "1.0"}, (None, 0.01)),
        (edges(*FINE), {"p95": None}, (None, 0.01)),
        (edges(*COARSE), {"p95": "0.375", "within": None}, ((250, 1000), None)),
        (edges(*COARSE), {"p95": "0.375"}, ((250, 1000), None)),
        (edges(*FINE), {"p95": "0.375", "within": None}, ((250, 1000), None)),
        ({**edges(*FINE), "0.5": "1"}, {"p95": "0.375"}, ((250, 1000), None)),
        ({"0.5": "1", "0.50": "1", **edges("1", "+Inf")}, {}, ((0, 500), 0.01)),
        (edges("0.1", "0.25"), {}, (None, 0.01)),
        ({"x": "2", "NaN": "2", **edges("-1", *FINE)}, {}, ((100, 250), 0.01)),
        ({}, {}, (None, 0.01)),
    ],
)
async def test_a_p95_comes_with_its_bucket(server, opened, known, parts, told):
    """Only an edge that all series have is one, and only where the bound is one the share over it counts."""
    server.edges, server.parts["POST /csat"] = {"/csat": known}, parts
    traffic, _ = await read(opened(), server)
    assert buckets(traffic)[Grain.WINDOW] == told
    assert buckets(traffic, "POST /capsules")[Grain.WINDOW] == (None, 0.01)


async def test_a_minute_is_not_asked_for_its_share_and_doubts_no_edge(server, opened):
    server.edges, server.parts["POST /csat"] = {"/csat": edges(*FINE)}, {"p95": "0.375", "within": None}
    traffic, _ = await read(opened(), server)
    assert buckets(traffic)[Grain.MINUTE] == ((250, 500), None)


def asked_for_edges(server):
    return sum("whole.edges" in form["query"] for form in server.forms)


async def test_the_edges_are_asked_for_now_and_then_and_kept(server, opened):
    source, server.edges = opened(), {"/csat": edges(*FINE)}
    for at, times in [(100, 1), (115, 1), (699, 1), (700, 2), (715, 2), (40, 3)]:
        traffic, _ = await read(source, server, after(at))
        assert asked_for_edges(server) == times
    server.edges = {}
    traffic, _ = await read(source, server, after(700))
    assert (asked_for_edges(server), buckets(traffic)[Grain.MINUTE]) == (4, ((100, 250), None))


@pytest.mark.parametrize(("first", "then"), [(FINE, {"within": None}), (COARSE, {})])
async def test_edges_that_an_answer_does_not_agree_with_are_asked_for_after_a_minute(server, opened, first, then):
    source, server.edges = opened(), {"/csat": edges(*first)}
    server.parts["POST /csat"] = {} if first is FINE else {"within": None}
    await read(source, server, after(100))
    server.parts["POST /csat"], server.edges = then, {"/csat": edges(*(COARSE if first is FINE else FINE))}
    for at, times in [(115, 1), (130, 1), (159, 1), (160, 2), (175, 2), (230, 2)]:
        await read(source, server, after(at))
        assert asked_for_edges(server) == times


async def test_edges_of_a_partial_answer_are_not_learnt(server, opened):
    source, server.edges, server.more = opened(), {"/csat": edges(*COARSE)}, {"warnings": ["east is away"]}
    traffic, _ = await read(source, server)
    assert buckets(traffic)[Grain.WINDOW] == (None, 0.01)
    server.more = {}
    traffic, _ = await read(source, server, after(115))
    assert buckets(traffic)[Grain.WINDOW] == ((100, 250), None)


@pytest.mark.parametrize("text", ["native = true", '[queries]\np95 = "histogram_quantile(0.95, own[$window])"'])
async def test_where_there_are_no_buckets_of_ours_none_are_asked_for(server, opened, text):
    await read(opened(text), server)
    assert asked_for_edges(server) == 0
