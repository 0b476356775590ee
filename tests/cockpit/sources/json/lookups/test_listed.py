"""Changes and failing requests out of whatever a program prints or an address answers."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.settings.models.sheets import Changes, Failures
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.json.lookups import changes, failures
from cockpit.sources.json.lookups.listing import listed
from sessions.plan.loader import scaled
from sessions.plan.strict_table import Table
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after

HOUR = 3600


def iso(age):
    return after(-age).isoformat().replace("+00:00", "Z")


@pytest.fixture
def printing(tmp_path):
    """Makes a program that prints a text."""

    def made(text):
        (tmp_path / "text").write_text(text, "utf-8")
        return [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())", str(tmp_path / "text")]

    return made


def spec(model, **values):
    table = Table(values)
    found = read(model, table)
    assert [str(problem) for problem in table.problems] == []
    return found


async def looked(module, model, plan=PLAN, environ=None, **values):
    order = Order("[list]", plan, Secrets(environ or {}), None, {})
    shows = module.open_shows(order, spec(model, **values), ("x",))
    try:
        return await shows.show(module.NAME, T0)
    finally:
        await shows.aclose()


@pytest.fixture
def changed(printing):
    """Looks up the changes that a text says."""

    async def look(text, **values):
        (found,) = await looked(changes, Changes, command=printing(text), **values)
        return found

    return look


PLAIN = f"""
{iso(30)} deploy capsules 4.17
2026-11-23 09:00:00 +0000 Ada: mend the scarf
2026-11-23T10:59:00+01:00: flag concierge 10 % -> 25 %
"""
OBJECTS = [
    {"at": iso(30), "text": "deploy capsules 4.17", "who": "ada", "kind": "deploy"},
    {"at": iso(90), "text": "x"},
]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (PLAIN, [("change", "deploy capsules 4.17", ""), ("change", "flag concierge 10 % -> 25 %", ""),
                 ("change", "Ada: mend the scarf", "")]),
        (json.dumps(OBJECTS), [("deploy", "deploy capsules 4.17", "by ada"), ("change", "x", "")]),
        ("\n".join(map(json.dumps, reversed(OBJECTS))),
         [("deploy", "deploy capsules 4.17", "by ada"), ("change", "x", "")]),
        (json.dumps(OBJECTS[0]), [("deploy", "deploy capsules 4.17", "by ada")]),
        ("\ufeff" + json.dumps(OBJECTS[:1]), [("deploy", "deploy capsules 4.17", "by ada")]),
        ("", [("changes", "none in the last 24 h", "")]),
        ("[]", [("changes", "none in the last 24 h", "")]),
        (f"{iso(25 * HOUR)} old", [("changes", "none in the last 24 h", "the newest is 1d01h old")]),
    ],
    ids=["plain", "list", "lines", "one", "mark", "nothing", "empty", "old"],
)  # fmt: skip
async def test_every_form_is_read_newest_first(changed, text, rows):
    found = await changed(text)
    assert [(one.what, one.value, one.bound) for one in found.rows] == rows
    assert (found.trouble, found.source, found.at) == ("", "[list]", T0)


async def test_fields_may_have_other_names_and_lie_deeper(changed):
    document = {"data": {"items": [{"done": {"at": iso(5)}, "title": "v2", "user": {"login": "ada"}}]}}
    fields = {"at": "done.at", "text": "title", "who": "user.login"}
    found = await changed(json.dumps(document), rows="data.items", fields=fields)
    assert [(one.value, one.bound, one.at) for one in found.rows] == [("v2", "by ada", after(-5))]


async def test_what_cannot_be_read_is_counted_and_told_and_hides_nothing(changed):
    rows = [*OBJECTS, {"text": "no date"}, {"at": iso(-HOUR), "text": "tomorrow"}, {"at": "noon", "text": "x"}, 7, None]
    found = await changed(json.dumps(rows))
    assert len(found.rows) == 2
    assert found.trouble == "5 of 7 could not be read: at is missing"
    mixed = await changed(f"{iso(9)} good\nwithout a time\n")
    assert [one.value for one in mixed.rows] == ["good"]
    assert mixed.trouble.startswith("1 of 2 could not be read")


async def test_words_of_others_are_no_markup_and_end(changed):
    hostile = {"at": iso(1), "text": "[@click=app.quit]\x1b[2J\u202e" + "x" * 900, "who": "[/]", "kind": "\x07"}
    (row,) = (await changed(json.dumps([hostile]))).rows
    assert row.value.startswith("[@click=app.quit]^[[2J<U+202E>")
    assert len(row.value) <= 120
    assert (row.what, row.bound) == ("^G", "by [/]")


async def test_a_day_is_the_plans_and_of_many_the_newest_are_told(printing):
    rows = [{"at": iso(10 * n), "text": f"c{n}"} for n in range(300)]
    (found,) = await looked(changes, Changes, scaled(PLAN, 60), command=printing(json.dumps(rows)))
    assert [one.value for one in found.rows[:2]] == ["c0", "c1"]
    assert len(found.rows) == 20
    assert (found.rows[-1].what, found.rows[-1].value) == ("and", f"{1440 // 10 + 1 - 19} more")


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["/no/such/program"], "No such file"),
        ([sys.executable, "-c", "import sys; sys.exit('out of order')"], "exit 1: out of order"),
        ([sys.executable, "-c", "print('[1,')"], "not JSON"),
        ([sys.executable, "-c", "print('[' * 100_000)"], "nested too deeply|not JSON"),
        ([sys.executable, "-c", "print('x' * 2_000_000)"], "printed over 1,000,000 bytes"),
        ([sys.executable, "-c", "print('{\"a\": NaN}')"], "NaN"),
    ],
)
async def test_a_program_that_fails_says_why(argv, why):
    with pytest.raises(SourceError, match=why):
        await looked(changes, Changes, command=argv)


async def test_a_program_that_hangs_is_ended_in_time():
    with pytest.raises(SourceError, match=r"no end in 0\.255 s"):
        await looked(changes, Changes, command=[sys.executable, "-c", "import time; time.sleep(60)"],
                     timeout="300ms")  # fmt: skip


async def test_an_address_is_asked_with_its_token_and_a_redirect_leads_nowhere(httpserver):
    httpserver.expect_request("/c", headers={"authorization": "Bearer hunter2"}).respond_with_json(OBJECTS)
    url, environ = httpserver.url_for("/c"), {"T": "hunter2"}
    (found,) = await looked(changes, Changes, environ=environ, url=url, token="${T}")
    assert len(found.rows) == 2
    httpserver.expect_request("/r").respond_with_data(status=302, headers={"location": "http://169.254.169.254/"})
    with pytest.raises(SourceError, match=r"redirected to 169\.254\.169\.254"):
        await looked(changes, Changes, url=httpserver.url_for("/r"))
    httpserver.expect_request("/gone").respond_with_data(status=404)
    with pytest.raises(SourceError, match="404"):
        await looked(changes, Changes, url=httpserver.url_for("/gone"))


async def test_failing_requests_are_grouped_and_told_with_their_ids(printing):
    rows = [
        {
            "id": f"r{n}",
            "at": iso(n),
            "endpoint": "POST /capsules",
            "status": "422",
            "field": "size",
            "error": "no size",
        }
        for n in (5, 6, 7)
    ]
    rows += [{"id": 17, "at": iso(1), "endpoint": "POST /returns", "status": 503}, {"at": iso(1)}]
    rows += [{"id": "bare", "at": iso(9)}]
    together, newest = await looked(failures, Failures, command=printing(json.dumps(rows)))
    assert [(one.what, one.value, one.bound, one.mark) for one in together.rows] == [
        ("POST /capsules · 422", "3 requests", "field size: no size", Mark.WARMING),
        ("POST /returns · 503", "1 request", "", Mark.BREACH),
        ("? · ?", "1 request", "", Mark.BREACH),
    ]
    assert [one.at for one in together.rows] == [after(-5), after(-1), after(-9)]
    assert [one.what for one in newest.rows] == ["17", "r5", "r6", "r7", "bare"]
    assert newest.trouble.startswith("1 of 6 could not be read: id is missing")


@given(st.binary(max_size=300))
def test_no_text_makes_it_raise_anything_else(text):
    try:
        rows = listed(text)
    except SourceError:
        return
    assert isinstance(rows, (list, tuple))
