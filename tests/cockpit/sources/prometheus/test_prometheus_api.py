"""What the HTTP API may answer: wrong bodies are no answers, refusals say why, what is no number stays so."""

import math

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Response

from cockpit.sources.interface.source import SourceError
from cockpit.sources.prometheus.api import Api, read

FOREIGN = "not a Prometheus answer"
ROW = '{"metric": {"a": "b"}, "value": [1, "2"]}'


def vector(*rows, more=""):
    return f'{{"status": "success", "data": {{"resultType": "vector", "result": [{", ".join(rows)}]}}{more}}}'.encode()


WRONG = [
    (b"", "empty answer"),
    (b" \n", "empty answer"),
    (b"<!doctype html><p>Sign in</p>", FOREIGN),
    (b"up 1\n", FOREIGN),
    (b"\xff\xfe\x00x", FOREIGN),
    (b"\x1f\x8b\x08\x00", FOREIGN),
    (vector(ROW)[:-4], FOREIGN),
    (b"null", FOREIGN),
    (b"[]", FOREIGN),
    (b"42", FOREIGN),
    (b'"success"', FOREIGN),
    (b"{}", FOREIGN),
    (b'{"status": "success"}', FOREIGN),
    (b'{"status": "success", "data": null}', FOREIGN),
    (b'{"status": "success", "data": []}', FOREIGN),
    (b'{"status": "success", "data": {"resultType": "vector"}}', FOREIGN),
    (b'{"status": "success", "data": {"resultType": "vector", "result": {}}}', FOREIGN),
    (b'{"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}}', FOREIGN),
    (b'{"status": "success", "data": {"resultType": "streams", "result": []}}', FOREIGN),
    (b'{"status": "pending", "data": {"resultType": "vector", "result": []}}', FOREIGN),
    (b'{"status": "error", "errorType": "execution", "error": "query timed out"}', "query timed out"),
    (b'{"status": "error", "error": "bad\\u001b[2J \\u202ethings"}', "bad^[[2J <U+202E>things"),
    (b'{"status": "error"}', "the server says error, and not which"),
    (b'{"status": "error", "error": {"a": 1}}', "the server says error, and not which"),
    (vector('"row"'), FOREIGN),
    (vector('{"value": [1, "2"]}'), FOREIGN),
    (vector('{"metric": [], "value": [1, "2"]}'), FOREIGN),
    (vector('{"metric": {"a": 1}, "value": [1, "2"]}'), FOREIGN),
    (vector('{"metric": {}}'), FOREIGN),
    (vector('{"metric": {}, "value": []}'), FOREIGN),
    (vector('{"metric": {}, "value": [1]}'), FOREIGN),
    (vector('{"metric": {}, "value": [1, 2]}'), FOREIGN),
    (vector('{"metric": {}, "value": [1, "2", 3]}'), FOREIGN),
    (vector('{"metric": {}, "value": ["1", "2"]}'), FOREIGN),
    (vector('{"metric": {}, "value": [true, "2"]}'), FOREIGN),
    (vector('{"metric": {}, "value": [1e999, "2"]}'), FOREIGN),
    (vector('{"metric": {}, "value": [NaN, "2"]}'), FOREIGN),
    (vector('{"metric": {}, "value": [1, "1_0"]}'), FOREIGN),
    (vector('{"metric": {}, "value": [1, "many"]}'), FOREIGN),
    (vector('{"metric": {}, "value": [1, ""]}'), FOREIGN),
    (vector('{"metric": {}, "histogram": [1, {}]}'), FOREIGN),
    (vector('{"metric": {}, "values": [[1, "2"]]}'), FOREIGN),
    (b"[" * 200_000, FOREIGN),
    (vector('{"metric": {}, "value": [' + "9" * 5000 + ', "2"]}'), FOREIGN),
]


@pytest.mark.parametrize(("body", "told"), WRONG)
def test_what_is_no_prometheus_answer(body, told):
    """Row 44."""
    with pytest.raises(SourceError) as caught:
        read(body)
    assert str(caught.value) == told


def test_there_are_thirty_wrong_bodies():
    """Row 44."""
    assert len(WRONG) >= 30


def test_a_good_answer_with_values_that_are_no_numbers():
    """Row 45: they arrive as what they are, and it is for the reader to refuse them."""
    values = [f'{{"metric": {{"n": "{n}"}}, "value": [1.5, "{n}"]}}' for n in ("NaN", "+Inf", "-Inf", "1.5e3", "-0.25")]
    rows = read(vector(*values)).rows
    (_, nan), *others = [row.points[0] for row in rows]
    assert math.isnan(nan)
    assert others == [(1.5, math.inf), (1.5, -math.inf), (1.5, 1500.0), (1.5, -0.25)]


def test_warnings_in_any_shape_are_warnings():
    """Row 46."""
    told = read(vector(more=', "warnings": ["store 10.0.0.7\\u0007 is away"], "infos": ["no counter"]'))
    assert (told.warnings, told.infos) == (("store 10.0.0.7^G is away",), ("no counter",))
    assert read(vector(more=', "warnings": {"a": 1}')).warnings == ("{'a': 1}",)
    assert read(vector(more=', "warnings": null')).warnings == ()


@given(st.binary())
def test_any_bytes_are_read_or_refused(body):
    """Row 44."""
    with pytest.raises(SourceError):
        read(body)


async def asked(httpserver, answer):
    httpserver.expect_request("/prom/api/v1/query", method="POST").respond_with_response(answer)
    async with httpx.AsyncClient() as client:
        return await Api(client, httpserver.url_for("/prom/")).now("up")


async def test_a_query_is_sent_as_a_form(httpserver):
    assert (await asked(httpserver, Response(vector(ROW)))).rows[0].labels == {"a": "b"}
    assert httpserver.log[0][0].form.to_dict() == {"query": "up", "nocache": "1"}


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, '{"status": "error", "errorType": "bad_data", "error": "parse error"}', "400: parse error"),
        (422, '{"status": "error", "error": "too many samples"}', "422: too many samples"),
        (503, '{"status": "error", "error": "query timed out"}', "503: query timed out"),
        (503, "<p>busy</p>", "503"),
        (503, "[]", "503"),
        (500, '{"status": "error", "error": "x"}', "500"),
        (429, "slow down", "429"),
        (401, "who?", "401, credentials?"),
        (404, "no", "404"),
    ],
)
async def test_refusals_say_why(httpserver, status, body, told):
    """Row 43."""
    with pytest.raises(SourceError) as caught:
        await asked(httpserver, Response(body, status=status))
    assert str(caught.value) == told


async def test_redirects_are_named_and_not_followed(httpserver):
    """Row 48."""
    with pytest.raises(SourceError, match=r"redirected to elsewhere\.example"):
        await asked(httpserver, Response(status=302, headers={"Location": "https://a:b@elsewhere.example/?token=s"}))
    assert len(httpserver.log) == 1
