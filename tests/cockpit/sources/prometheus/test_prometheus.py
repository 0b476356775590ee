"""The prometheus source against a server that says what the test wants: doubts, partial answers, ages, clocks."""

import json
from datetime import timedelta

import pytest

from cockpit.sources.interface.source import SourceError
from cockpit.sources.prometheus.source import open_source
from sessions.values.readings import Grain, Traffic
from tests.support.build import PLAN, T0, after
from tests.support.sources.ordering import order, spec
from tests.support.sources.prometheus_kit import BRIEF, GOOD, NOW, PATHS, grains, read


async def test_the_running_window_and_the_last_minute(server, opened):
    traffic, pulse = await read(opened(), server)
    assert (pulse.ok, pulse.note, pulse.newest) == (True, "", NOW - timedelta(seconds=5))
    assert len(traffic) == 4
    running = traffic["POST /csat", Grain.WINDOW, T0]
    assert running == Traffic("desk", NOW, "POST /csat", Grain.WINDOW, T0, after(300), 120, 0, 240, 1, over=0.01)
    minute = traffic["POST /csat", Grain.MINUTE, after(40)]
    assert (minute.end, minute.requests, minute.covered) == (NOW, 120, 1)
    assert all("start" not in form for form in server.forms)


async def test_a_closed_window_is_asked_for_until_it_settled(server, opened):
    source = opened()
    for at, ranges in [(290, 0), (305, 1), (320, 2), (335, 3), (350, 3), (500, 3)]:
        await read(source, server, after(at))
        assert sum("start" in form for form in server.forms) == ranges
    (form,) = {tuple(form.items())[1:] for form in server.forms if "start" in form}
    assert dict(form) == {
        "start": f"{after(300).timestamp():.3f}",
        "end": f"{after(300).timestamp() + 0.001:.3f}",
        "step": "300.000",
        "nocache": "1",
    }


async def test_windows_missed_while_nobody_watched_come_in_one_question_and_are_marked(server, opened):
    traffic, _ = await read(opened(since=after(-1000)), server)
    windows = sorted({(one.start, one.backfilled) for one in traffic.values() if one.grain is Grain.WINDOW})
    assert windows == [(after(-1200), True), (after(-900), True), (after(-600), True), (after(-300), True), (T0, False)]
    assert sum("start" in form for form in server.forms) == 1
    assert all(one.covered == 1 and one.at == NOW for one in traffic.values())


async def test_backfill_can_be_left_out(server, opened):
    traffic, _ = await read(opened("backfill = false", since=after(-1000)), server)
    assert {one.start for one in traffic.values() if one.grain is Grain.WINDOW} == {T0}


@pytest.mark.parametrize(
    ("parts", "values", "note"),
    [
        ({"requests": "NaN"}, None, "requests nan for POST /csat"),
        ({"requests": "+Inf"}, None, "requests inf for POST /csat"),
        ({"requests": "-1"}, None, "requests -1 for POST /csat"),
        ({"errors": "NaN"}, None, "errors nan for POST /csat"),
        ({"errors": "-Inf"}, None, "errors -inf for POST /csat"),
        ({"p95": "NaN"}, (120, None), "p95 nan for POST /csat"),
        ({"p95": "+Inf"}, (120, None), "p95 inf for POST /csat"),
        ({"p95": "-2"}, (120, None), "p95 -2 for POST /csat"),
        ({"requests": "0", "p95": "NaN"}, (0, None), ""),
        ({"errors": None}, (120, 240), ""),
        ({"p95": None}, (120, None), ""),
        ({"requests": None}, None, ""),
        ({"within": "NaN"}, (120, 240), ""),
        ({"within": "7"}, (120, 240), ""),
    ],
)
async def test_what_is_no_number_is_told_and_proves_nothing(server, opened, parts, values, note):
    """Row 45."""
    server.parts["POST /csat"] = parts
    traffic, pulse = await read(opened(), server)
    found = grains(traffic, "POST /csat")
    assert [(one.requests, one.p95_ms) for one in found] == ([] if values is None else [values] * 2)
    assert (pulse.ok, pulse.note) == (True, note)
    assert [one.p95_ms for one in grains(traffic, "POST /capsules")] == [240, 240]
    assert all(one.over is None for one in found if "within" in parts)


async def test_an_answer_without_series(server, opened):
    """Row 45: an empty vector is no zero."""
    server.parts = dict.fromkeys(PATHS, dict.fromkeys(GOOD))
    traffic, pulse = await read(opened(), server)
    assert traffic == {}
    assert (pulse.ok, pulse.note) == (
        True,
        "no series of http_requests_total for the plan's endpoints, by method, endpoint, status",
    )


@pytest.mark.parametrize(("part", "readings"), [("requests", 0), ("errors", 0), ("p95", 2)])
async def test_two_series_where_one_is_expected(server, opened, part, readings):
    """Row 45."""
    server.extra = [({"part": part, "method": "POST", "endpoint": "/csat", "pod": "b"}, "1")]
    traffic, pulse = await read(opened(), server)
    found = grains(traffic, "POST /csat")
    assert len(found) == readings
    assert all(one.p95_ms is None for one in found)
    assert pulse.note == f"{part} twice for POST /csat"


async def test_own_errors_that_are_missing_are_no_zero(server, opened):
    """Row 45."""
    server.parts["POST /csat"] = {"errors": None}
    text = '[queries]\nerrors = "sum by (method, endpoint) (increase(failed[$window]))"'
    traffic, pulse = await read(opened(text), server)
    assert grains(traffic, "POST /csat") == []
    assert pulse.note == "errors missing for POST /csat"
    assert "(increase(failed[60000ms]))" in server.forms[0]["query"]


async def test_a_partial_answer_is_shown_and_proves_nothing(server, opened):
    """Row 46."""
    source = opened(since=after(-600))
    server.more = {"warnings": ["store\u001b[2J east is away"], "infos": ["odd"]}
    traffic, pulse = await read(source, server)
    assert (pulse.ok, pulse.reason, pulse.note) == (False, "partial: store^[[2J east is away", "odd")
    assert {one.covered for one in traffic.values()} == {0}
    assert len(traffic) == 8
    server.more = {}
    traffic, pulse = await read(source, server, after(115))
    assert pulse.ok
    assert {one.covered for one in traffic.values()} == {1}
    assert len(traffic) == 8


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([("several", "10.0.0.3:80")], "two processes answer at this address; 10.0.0.3:80"),
        (
            [("several", "b"), ("several", "a"), ("restarting", "c")],
            "two processes answer at this address; a and 1 more",
        ),
        ([("restarting", "c")], "restarts again and again; c"),
    ],
)
async def test_several_processes_behind_one_target_are_no_measurement(server, opened, others, told):
    """Also the closed windows, which are asked for apart: none of them is vouched for."""
    source = opened(since=after(-600))
    server.others = others
    traffic, pulse = await read(source, server)
    assert (pulse.ok, pulse.reason) == (False, told)
    assert {one.covered for one in traffic.values()} == {0}
    assert len(traffic) == 8
    server.others = []
    _, pulse = await read(source, server, after(115))
    assert (pulse.ok, pulse.reason) == (True, "")


async def test_a_p95_of_buckets_that_cannot_be_is_none(server, opened):
    server.parts["POST /csat"] = {"torn": "130"}
    traffic, pulse = await read(opened(), server)
    told = {(one.requests, one.p95_ms, one.over, one.no_p95) for one in grains(traffic, "POST /csat")}
    assert told == {(120, None, None, "a bucket that grew more than +Inf")}
    assert pulse.note == "p95: a bucket that grew more than +Inf, for POST /csat"


@pytest.mark.parametrize(
    ("age", "told"), [(61, "no scrape for 1m01s"), (250, "no scrape for 4m10s"), (None, "no scrape in the last 10m00s")]
)
async def test_old_samples_are_stale_though_the_query_succeeds(server, opened, age, told):
    """Row 51."""
    server.age = age
    with pytest.raises(SourceError) as caught:
        await read(opened(), server)
    assert str(caught.value) == told


async def test_samples_at_the_edge_are_not_stale(server, opened):
    """Row 51."""
    server.age = PLAN.cadence.traffic_stale
    _, pulse = await read(opened(), server)
    assert (pulse.ok, pulse.newest) == (True, NOW - timedelta(seconds=60))


@pytest.mark.parametrize(("skew", "note"), [(180, "server clock +3m"), (-200, "server clock -3m"), (0.5, ""), (-1, "")])
async def test_another_clock_is_told_and_ages_are_corrected_by_it(server, opened, skew, note):
    """Row 52."""
    server.skew = skew
    _, pulse = await read(opened(since=after(-300)), server)
    assert pulse.ok
    assert pulse.note.startswith(note) if note else pulse.note == ""
    assert pulse.newest == NOW - timedelta(seconds=5)
    asked = [float(form["start"]) for form in server.forms if "start" in form]
    assert asked == [pytest.approx(T0.timestamp() + (skew if note else 0), abs=0.5)]


async def test_instances_that_are_down_lower_what_is_covered(server, opened):
    server.up = "0.75"
    traffic, _ = await read(opened(), server)
    assert {one.covered for one in traffic.values()} == {0.75}


async def test_a_window_without_any_word_of_its_instances_is_not_covered(server, opened):
    """OK is proved: what `up` does not vouch for is nothing."""
    server.up = "NaN"
    traffic, _ = await read(opened(), server)
    assert {one.covered for one in traffic.values()} <= {0}


async def test_a_p95_in_the_last_bucket_is_capped(server, opened):
    server.parts["POST /csat"] = {"p95": "5", "top": "5"}
    traffic, _ = await read(opened(), server)
    assert [(one.p95_ms, one.p95_capped) for one in grains(traffic, "POST /csat")] == [(5000, True)] * 2
    assert not any(one.p95_capped for one in grains(traffic, "POST /capsules"))


async def test_milliseconds_stay_what_they_are(server, opened):
    server.parts["POST /csat"] = {"p95": "310"}
    traffic, _ = await read(opened('metrics = { unit = "ms" }'), server)
    assert [one.p95_ms for one in grains(traffic, "POST /csat")] == [310, 310]


async def test_an_endpoint_that_vanished_has_no_running_window(server, opened):
    """Row 50: the pulse is good, and there is no reading: the judge says silent."""
    server.parts["POST /csat"] = {"alive": None}
    traffic, pulse = await read(opened(), server)
    assert (grains(traffic, "POST /csat"), pulse.ok) == ([], True)


async def test_refused(server, opened, httpserver):
    """Row 41."""
    source = opened()
    httpserver.stop()
    with pytest.raises(SourceError, match=r"^refused$"):
        await source.read(NOW)
    httpserver.start()


async def test_no_secret_in_any_word(httpserver):
    """What the server throws back is scrubbed."""
    said = json.dumps({"status": "error", "error": "bad header Bearer hunter2-token"})
    httpserver.expect_request("/api/v1/query").respond_with_data(said, status=400)
    made = order(BRIEF, {"TOKEN": "hunter2-token"})
    text = f'url = "{httpserver.url_for("/")}"\ntoken = "${{TOKEN}}"'
    (source,) = open_source(made, spec("prometheus", text))
    with pytest.raises(SourceError) as caught:
        await source.read(NOW)
    await source.aclose()
    assert str(caught.value) == "400: bad header Bearer ***"
    assert httpserver.log[0][0].headers["Authorization"] == "Bearer hunter2-token"


async def test_the_parts_of_a_question_are_about_one_moment(server, opened):
    server.skew = -7.0
    source = opened(plan=PLAN)
    await source.read(server.now)
    first, *others = [form for form in server.forms if "start" not in form]
    assert others
    assert "time" not in first
    assert {form["time"] for form in others} == {f"{server.clock:.3f}"}
