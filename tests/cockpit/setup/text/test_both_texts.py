"""Whatever was found, both files load as everybody loads them, and say letter for letter what was found."""

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.settings.file.load import settings_from
from cockpit.settings.file.plan_overrides import promised
from cockpit.settings.file.schema_beside import PLAN, SETTINGS, kept
from cockpit.settings.models.mongo import why_no_name
from cockpit.settings.models.traffic import Metrics
from cockpit.settings.promises.plan_file import plan_of_text
from cockpit.setup.found import Doubt, Endpoint, Growing
from cockpit.setup.outcome import Database, FlagPlace, Journey, Outcome, Place
from cockpit.setup.text.plan import plan_text
from cockpit.setup.text.settings import settings_text
from sessions.plan.loader import plan_from
from sessions.text.clean import clean, shows

HOSTILE = [
    '"',
    "\\",
    "'''",
    '"""',
    "#",
    "]",
    "[x]",
    "{$window}",
    "\x7f",
    "${HOME}",
    "é",
    "日本",
    "a\u202eb",
    "\n[flag]\n",
]


VARIANT = {"label": "quick", "on": "true", "off": "false"}
PLAN_SCHEMA, SETTINGS_SCHEMA = (jsonschema.Draft7Validator(json.loads(kept(name))) for name in (PLAN, SETTINGS))


def plain(text):
    return clean(text, 120) == text and shows(text) and text.strip() == text


words = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=20)).filter(plain)
paths = words.map(lambda word: f"/{word}")
names = st.tuples(st.sampled_from(["GET", "POST"]), paths).map(" ".join)
fields_of = st.text("abcXYZ_19", min_size=1, max_size=9).filter(lambda word: not why_no_name(word))


@st.composite
def outcomes(draw):
    endpoints = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    rows = tuple(Endpoint(name, draw(st.floats(0, 1e12)), draw(st.none() | st.floats(0, 1e9))) for name in endpoints)
    metrics = Metrics(
        requests=draw(fields_of), durations=draw(fields_of), endpoint=draw(fields_of), status=draw(fields_of)
    )
    by_prometheus = draw(st.booleans())
    place = Place(
        metrics, () if by_prometheus else ("http://127.0.0.1:1/metrics",), token=draw(st.sampled_from(["", "TOKEN"]))
    )
    if by_prometheus:
        place = Place(
            metrics,
            prometheus="http://127.0.0.1:9090",
            job=draw(words),
            interval=draw(st.sampled_from([0.0, 0.3, 15.0])),
        )
    parts = (
        {"events": {"collection": draw(fields_of), "journey": draw(fields_of), "at": "ts"}}
        if draw(st.booleans())
        else {}
    )
    parts |= (
        {"tickets": {"collection": "t", "status": "s", "open": ("open",), "at": "ts"}} if draw(st.booleans()) else {}
    )
    doubts = {part: (Doubt(draw(words), (("at", draw(fields_of)), ("variant", VARIANT))),) for part in parts}
    made = draw(st.sampled_from(["", "createdAt"]))
    base = Database("SHOP_MONGO", "shop", parts, made, doubts) if parts else None
    journeys = tuple(Journey(name, (endpoints[0],)) for name in draw(st.lists(words, max_size=3, unique=True)))
    growing = tuple(
        Growing(name, draw(st.floats(0.1, 1e6))) for name in draw(st.lists(fields_of, max_size=3, unique=True))
    )
    flag = draw(st.sampled_from([FlagPlace(), FlagPlace("flagd", {"file": "/a/f.json"}, percent=0)]))
    flag = FlagPlace(flag.kind, flag.keys, draw(words), flag.percent)
    return Outcome(
        service=draw(words),
        place=place,
        endpoints=rows,
        others=tuple(Endpoint(name, 1) for name in draw(st.lists(names, max_size=3))),
        p95_ms=draw(st.integers(1, 9_999)),
        edges=(100.0, 500.0) if draw(st.booleans()) else (),
        database=base,
        journeys=journeys,
        unmatched=tuple(draw(st.lists(words, max_size=3))),
        growing=growing,
        grows_anyway=(Growing("other", 3),) if draw(st.booleans()) else (),
        flag=flag,
        alertmanager=draw(st.sampled_from(["", "http://127.0.0.1:9093"])),
        heartbeat=draw(st.sampled_from(["", "Watchdog"])),
        counter=("shop_events_total", "event") if by_prometheus and journeys and "events" not in parts else ("", ""),
    )


@settings(max_examples=150)
@given(outcomes())
def test_both_files_load_and_say_what_was_found(found):
    plan, text = plan_text(found), settings_text(found)
    loaded = settings_from(Path("cockpit.toml"), text)
    judged = plan_from(promised(plan_of_text(Path("plan.toml"), plan).table, loaded))
    assert judged.endpoints == tuple(row.name for row in found.endpoints)
    assert judged.flag == found.flag.name
    assert [(one.id, one.endpoints) for one in judged.journeys] == [(one.id, one.endpoints) for one in found.journeys]
    assert [one.name for one in judged.collections] == [one.name for one in found.growing]
    assert judged.latency.p95_ms == found.p95_ms
    metrics = loaded.sources["traffic"].metrics
    assert all(getattr(metrics, item.name) == getattr(found.place.metrics, item.name) for item in fields(Metrics))
    assert bool(loaded.sources.get("alerts")) == bool(found.alertmanager)
    assert not list(SETTINGS_SCHEMA.iter_errors(tomllib.loads(text)))
    assert not list(PLAN_SCHEMA.iter_errors(tomllib.loads(plan)))
    assert all(clean(line, 9_999) == line for line in (plan + text).split("\n"))


def test_what_is_in_doubt_is_a_comment_that_can_be_taken():
    log = {
        "collection": "access",
        "method": "",
        "endpoint": "p",
        "status": "s",
        "duration": "d",
        "unit": "s",
        "at": "t",
    }
    doubts = {"requests": (Doubt("who had the flag: quick may say it", (("variant", VARIANT),)),)}
    base = Database("V", "desk", {"requests": log}, doubts=doubts)
    text = settings_text(Outcome("shop", Place(), (Endpoint("GET /a", 1),), database=base))
    assert "# In doubt: who had the flag: quick may say it.\n" in text
    plain, taken = (settings_from(Path("cockpit.toml"), each) for each in (text, text.replace("# variant", "variant")))
    assert not plain.sources["records"].requests.variant.label
    assert taken.sources["records"].requests.variant.label == "quick"


def test_a_line_that_is_uncommented_is_toml():
    found = Outcome(
        "shop",
        Place(Metrics(), ("http://127.0.0.1:1/metrics",)),
        (Endpoint("GET /a", 1),),
        others=(Endpoint("GET /b", 2),),
    )
    text = plan_text(found)
    assert re.search(r"^#   \"GET /b\",  # 2 requests seen$", text, re.MULTILINE)
    assert tomllib.loads(
        text.replace('#   "GET /b"', '  "GET /b"')
        .replace("]\n# Seen too, and not judged:\n", "")
        .replace("requests seen\n\n#", "requests seen\n]\n\n#", 1)
    )


@pytest.mark.parametrize("kind", ["unleash", "launchdarkly", "command", "flagd", "session"])
def test_a_flag_of_each_kind_is_written_as_it_is_read(kind):
    keys = {
        "unleash": {"url": "http://127.0.0.1:1", "token": "${UNLEASH_TOKEN}", "project": "default", "environment": "p"},
        "launchdarkly": {"url": "http://127.0.0.1:1", "token": "${LD}", "project": "default", "environment": "p"},
        "command": {"read": ("a", "b"), "write": ("a", "{percent}")},
        "flagd": {"file": "/a/b"},
        "session": {},
    }[kind]
    found = Outcome(
        "shop",
        Place(Metrics(), ("http://127.0.0.1:1/metrics",)),
        (Endpoint("GET /a", 1),),
        flag=FlagPlace(kind, keys, "x"),
    )
    read = settings_from(Path("cockpit.toml"), settings_text(found)).flag
    assert type(read).__name__.lower() == kind
