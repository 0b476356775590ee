"""A journey run over HTTP: what is sent, what is captured, and the line that says what broke."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from cockpit.runtime.finding import Sight
from cockpit.settings.schema.placeholders import filled, filled_tree, places_in, why_no_value
from cockpit.sources.interface.run_progress import MOST_LINES, Told, run_id
from cockpit.sources.journey.source import JourneyRunner, open_source
from tests.support.build import T0, after
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.sources.walking import answer, order_of, ran, runner_of, settings_of, shape

ONE = """
[[sources.wf7.steps]]
name = "hold"
path = "/capsules"
"""


def journey(url, rest=ONE, **keys):
    head = "".join(f"{name} = {json.dumps(value)}\n" for name, value in keys.items())
    return f'[sources.wf7]\nkind = "journey"\nurl = "{url}"\n{head}{rest}'


async def test_a_journey_sends_its_steps_in_order_and_passes_values_on(httpserver):
    asked = []

    def handle(request):
        asked.append(
            (request.method, request.full_path.rstrip("?"), request.headers.get("X-Run-Id"), request.get_data(True))
        )
        return answer({"looks": [{"id": "li/nen ü"}], "number": 5}, **{"Set-Cookie": "seen=1"})

    for path in ("/base/start", "/base/capsules/li%2Fnen %C3%BC", "/base/capsules/li/nen ü"):
        httpserver.expect_request(path).respond_with_handler(handle)
    run, told = await ran(
        runner_of(
            journey(
                httpserver.url_for("/base"),
                """
                [[sources.wf7.steps]]
                name = "open the shop"
                path = "/start?day=1"
                headers = { X-Run-Id = "{run}" }
                expect = { "looks[0].id" = "li/nen ü", number = "5", "length(looks)" = "1" }
                capture = { look = "looks[0].id", number = "number" }
                [[sources.wf7.steps]]
                name = "hold a capsule"
                method = "POST"
                path = "/capsules/{look}"
                body = { shopperId = "{run}", nested = { list = ["{number}", "n{number}", 7] } }
                contains = '"number": {number}'
                """,
                journey="capsule_created",
            )
        )
    )
    assert (run.ok, run.done, run.journey, run.source, run.name) == (True, True, "capsule_created", "wf7", "p1.wf7")
    assert [shape(line) for line in run.lines] == [
        "open the shop: 200 in #",
        "hold a capsule: 200 in #",
        "2 steps in #",
    ]
    assert asked[0][:3] == ("GET", "/base/start?day=1", run.id)
    assert asked[1][0] == "POST"
    assert json.loads(asked[1][3]) == {"shopperId": run.id, "nested": {"list": [5, "n5", 7]}}
    assert [len(each.lines) for each in told] == [0, 1, 2, 3]
    assert [each.done for each in told] == [False, False, False, True]
    assert run.begun <= run.sent <= run.at


async def test_cookies_live_within_a_run_and_not_longer(httpserver):
    seen = []

    def handle(request):
        seen.append(request.cookies.get("who"))
        return answer({}, **{"Set-Cookie": "who=me"})

    httpserver.expect_request("/capsules").respond_with_handler(handle)
    runner = runner_of(journey(httpserver.url_for(""), ONE + ONE))
    first = await runner.run("a", datetime.now(UTC), lambda _run: None)
    second, _ = await ran(runner)
    assert seen == [None, "me", None, "me"]
    assert (first.ok, second.ok) == (True, True)
    assert first.id != second.id


@pytest.mark.parametrize(
    ("reply", "keys", "why"),
    [
        (answer({}, 503), "", "503, wanted 200"),
        (answer({}, 404), "status = [200, 201]", "404, wanted 200 or 201"),
        (answer("", 302, Location="http://elsewhere.test/x"), "", "302 to elsewhere.test, wanted 200"),
        (answer({"a": 1}), 'contains = "{run}!"', 'lacks "RUN!"'),
        (answer({"created": False}), 'expect = { created = "true" }', "created is false, wanted true"),
        (answer({}), 'expect = { created = "true" }', "created is null, wanted true"),
        (answer({"a": [1]}), 'expect = { a = "1" }', "a is [1], wanted 1"),
        (answer("<html>"), 'expect = { a = "1" }', "answer is no JSON"),
        (answer('{"a": NaN}'), 'expect = { a = "nan" }', "answer is no JSON"),
        (answer("[" * 200_000), 'expect = { a = "1" }', "answer is no JSON"),
        (answer({"a": 1}), 'expect = { "length(a)" = "1" }', "length(a) cannot be looked up"),
        (answer({"a": {"$ne": 1}}), 'capture = { a = "a" }', "a is no plain value"),
        (answer({"a": ["x"]}), 'capture = { a = "a" }', "a is no plain value"),
        (answer({"a": "$where"}), 'capture = { a = "a" }', "a begins with $"),
        (answer({"a": None}), 'capture = { a = "a" }', "a is not there"),
        (answer({"a": "x\r\nHost: evil"}), 'capture = { a = "a" }', "a is no short plain text"),
        (answer({"a": "x" * 501}), 'capture = { a = "a" }', "a is no short plain text"),
        (answer({"a": ""}), 'capture = { a = "a" }', "a is empty"),
        (answer("\x1b[2J" * 300_000), 'contains = "x"', "answer over 1 MB"),
    ],
)
async def test_what_breaks_is_the_last_line(httpserver, reply, keys, why):
    """Rows 43, 44, 45, 47 and 48 for a step; row 67 for captured values: a table or what begins with $ goes nowhere."""
    httpserver.expect_request("/start").respond_with_json({})
    httpserver.expect_request("/capsules").respond_with_response(reply)
    steps = '[[sources.wf7.steps]]\nname = "start"\npath = "/start"\n' + ONE + keys + ONE.replace("hold", "never")
    run, _ = await ran(runner_of(journey(httpserver.url_for(""), steps)))
    assert (run.ok, run.done, run.sent) == (False, True, None)
    assert run.lines[-1] == f"step 2 hold: {why.replace('RUN', run.id)}"
    assert len(run.lines) == 2
    assert len(httpserver.log) == 2


async def test_rows_41_and_42_a_service_that_is_gone_mute_or_slow_is_told_in_time(httpserver):
    gone, _ = await ran(runner_of(journey("http://127.0.0.1:9")))
    assert gone.lines == ("step 1 hold: refused",)

    httpserver.expect_request("/capsules").respond_with_json({})
    for fault in (Fault(stall=True), Fault(trickle=0.05)):
        async with FaultProxy(httpserver.port) as proxy:
            await proxy.spoil(fault)
            run, _ = await ran(runner_of(journey(f"http://127.0.0.1:{proxy.port}", timeout="200ms")))
        assert run.lines == ("step 1 hold: no answer in 0.2 s",)
        assert run.at - run.begun < timedelta(seconds=3)


@pytest.mark.parametrize("fault", [Fault(cut=40), Fault(garbage=b"\x00\xff\r\n\r\n"), Fault(reset=True)])
async def test_row_44_an_answer_that_is_cut_or_garbage_breaks_its_step(httpserver, fault):
    httpserver.expect_request("/capsules").respond_with_json({})
    async with FaultProxy(httpserver.port) as proxy:
        await proxy.spoil(fault)
        run, _ = await ran(runner_of(journey(f"http://127.0.0.1:{proxy.port}")))
    assert (run.ok, run.done, run.sent) == (False, True, None)
    assert run.lines == ("step 1 hold: connection lost",)


async def test_secrets_reach_the_service_and_no_line(httpserver):
    httpserver.expect_request(
        "/capsules", headers={"X-Key": "key-canary", "Authorization": "Bearer token-canary"}
    ).respond_with_json({"said": "key-canary"})
    rest = ONE + 'headers = { X-Key = "${KEY}" }\nexpect = { said = "x" }\n'
    environ = {"KEY": "key-canary", "TOKEN": "token-canary"}
    run, told = await ran(runner_of(journey(httpserver.url_for(""), rest, token="${TOKEN}"), environ))
    assert run.lines == ("step 1 hold: said is ***, wanted x",)
    assert "canary" not in repr(told)


async def test_a_secret_that_is_not_set_is_a_run_that_failed():
    run, _ = await ran(runner_of(journey("http://127.0.0.1:9", token="${TOKEN}")))
    assert run.lines == ("$TOKEN is not set",)


async def test_what_is_captured_stays_one_part_of_a_path(httpserver):
    httpserver.expect_request("/a").respond_with_json({"up": "..", "odd": "x/../../y?z#"})
    httpserver.expect_request(re.compile("/b.*")).respond_with_json({})
    rest = """
    [[sources.wf7.steps]]
    name = "a"
    path = "/a"
    capture = { up = "up", odd = "odd" }
    [[sources.wf7.steps]]
    name = "b"
    path = "/b/{up}/{odd}/c?q={odd}"
    """
    run, _ = await ran(runner_of(journey(httpserver.url_for(""), rest)))
    assert run.ok, run.lines
    asked = httpserver.log[-1][0]
    assert asked.environ["REQUEST_URI"].startswith("/b/%2E%2E/x%2F..%2F..%2Fy%3Fz%23/c?q=x")


async def test_a_source_runs_on_its_interval_or_never(httpserver):
    httpserver.expect_request("/capsules").respond_with_json({})
    for every, runs in (("30s", 1), ("0s", 0)):
        settings, _ = settings_of(journey(httpserver.url_for(""), every=every))
        (source,) = open_source(order_of(settings), settings.sources["wf7"])
        readings = await source.read(datetime.now(UTC))
        await source.aclose()
        assert [(run.name, run.source, run.ok) for run in readings] == [("wf7", "wf7", True)] * runs
        assert source.topics == ()
        assert source.interval > 0
        assert source.deadline > 5
    assert len(httpserver.log) == 1


async def test_an_examination_writes_nothing(httpserver):
    httpserver.expect_request("/", method="HEAD").respond_with_data("", 404)
    settings, _ = settings_of(journey(httpserver.url_for(""), ONE + 'method = "POST"\n'))
    (source,) = open_source(order_of(settings), settings.sources["wf7"])
    found = await source.examine(datetime.now(UTC))
    await source.aclose()
    assert [request.method for request, _ in httpserver.log] == ["HEAD"]
    assert [(one.sight, shape(one.text)) for one in found] == [
        (Sight.GOOD, "answers 404 in #"),
        (Sight.GOOD, "1 step, 0 looks, runs on demand; nothing was run"),
    ]


async def test_an_examination_says_what_is_missing(httpserver):
    looks = '[[sources.wf7.looks]]\ncollection = "ev"\nwhere = { runId = "{run}" }\n'
    settings, _ = settings_of(journey("http://127.0.0.1:9", ONE + looks, database="nowhere", journey="gone"))
    runner = JourneyRunner(order_of(settings), settings.sources["wf7"])
    found = await runner.examine()
    await runner.aclose()
    assert [(one.sight, one.text) for one in found[:3]] == [
        (Sight.PROBLEM, "refused"),
        (Sight.PROBLEM, "database nowhere is no mongo source"),
        (Sight.WARNING, "gone is no journey of the plan: a run proves no traffic"),
    ]
    assert all(one.fix for one in found[:3])


LOOK = '[[sources.wf7.looks]]\ncollection = "ev"\n'


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ('[[sources.wf7.steps]]\nname = "a"\npath = "x"', "sources.wf7.steps[0].path: does not begin with /"),
        (ONE + 'capture = { run = "a" }', 'steps[0].capture: "run" cannot name a value'),
        (ONE + 'capture = { a = "b[" }', 'steps[0].capture: "b[" is no JMESPath'),
        (ONE + 'expect = { "a b" = "1" }', 'steps[0].expect: "a b" is no JMESPath'),
        (ONE + 'body = { x = ["{look}"] }', "steps[0]: {look} is filled by nothing, known here: run"),
        (ONE + 'headers = { X = "${A}{look}" }', "steps[0]: {look} is filled by nothing"),
        (ONE + 'capture = { look = "a" }\ncontains = "{look}"', "steps[0]: {look} is filled by nothing"),
        (ONE + LOOK, "looks[0].where: names nothing of this run"),
        (ONE + LOOK + 'where = { a = "b" }', "looks[0].where: names nothing of this run"),
        (ONE + LOOK + 'where = { "$where" = "{run}" }', 'looks[0].where: "$where" holds an operator'),
        (ONE + LOOK + 'where = { "a.$b" = "{run}" }', 'looks[0].where: "a.$b" holds an operator'),
        (ONE + LOOK + 'where = { a = "{run}", b = "$gt" }', 'looks[0].where: "$gt" holds an operator'),
        (ONE + LOOK + 'where = { a = { "$ne" = "{run}" } }', "looks[0].where: is no table of texts"),
        (ONE + LOOK.replace("ev", "$cmd") + 'where = { a = "{run}" }', 'collection: "$cmd" holds an operator'),
        (ONE + LOOK + 'where = { a = "{look}" }', "looks[0]: {look} is filled by nothing"),
        (ONE + LOOK + 'where = { a = "{run}" }', "database: is missing"),
    ],
)
def test_row_67_and_other_mistakes_are_told_at_load(rest, problem):
    _, problems = settings_of(journey("http://a.test", rest))
    assert any(problem in line for line in problems), problems


def test_places_are_filled_once_and_secrets_are_none():
    assert filled("{a}-{b}-{c}", {"a": "{b}", "b": True}) == "{b}-true-{c}"
    assert filled_tree({"x": ["{a}", "{a}."], "y": 1}, {"a": 1.5}) == {"x": [1.5, "1.5."], "y": 1}
    assert list(places_in({"x": ["{a}", "${B}"], "{c}": "{d}{a}"})) == ["a", "d", "a"]
    assert why_no_value(float("nan")) == "is no number"
    assert why_no_value(False) == why_no_value(0) == ""


def test_the_ids_of_runs_sort_by_time_and_differ():
    ids = [run_id(after(second)) for second in range(0, 120, 2)]
    assert ids == sorted(ids)
    assert len({run_id(T0) for _ in range(50)}) == 50
    assert re.fullmatch(r"20261123T100000-[0-9a-f]{6}", run_id(T0))


def test_a_run_that_talks_a_lot_keeps_its_newest_lines_cleaned():
    told = []
    run = Told("s", "n", T0, told.append)
    for number in range(MOST_LINES + 5):
        run.keep(f"\x1b{number}")
    assert told == []
    end = run.ended("end")
    assert len(end.lines) == MOST_LINES
    assert end.lines[-2:] == (f"^[{MOST_LINES + 4}", "end")
