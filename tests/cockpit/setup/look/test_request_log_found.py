"""A log of requests is found by its shape, whatever its fields are called and however deep they lie."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from cockpit.settings.models.mongo import why_no_name
from cockpit.setup.found import Doubt, Records
from cockpit.setup.look.records import parts_of
from cockpit.setup.look.request_log import request_log
from cockpit.setup.look.shelf import Shelf
from cockpit.setup.outcome import Database
from cockpit.setup.variant import with_variant

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
FLAT = {"method": "GET", "path": "/looks", "status": 200, "durationMs": 182, "ts": NOW}
CLAIM = {
    "req": {"verb": "GET", "route": "/claims", "by": "user-1"},
    "res": {"code": 200, "took_s": 0.18},
    "quick": True,
    "finished": NOW,
}


def look(*documents):
    return request_log(Shelf("log", documents))


def without(key, **more):
    return {name: value for name, value in FLAT.items() if name != key} | more


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        (FLAT, ("method", "path", "status", "durationMs", "ms", "ts")),
        (CLAIM, ("req.verb", "req.route", "res.code", "res.took_s", "s", "finished")),
        (
            {"a": {"b": {"m": "POST", "p": "/x", "n": 503}}, "w_ms": 12.5, "d": NOW},
            ("a.b.m", "a.b.p", "a.b.n", "w_ms", "ms", "d"),
        ),
        ({"what": "GET /x", "result": 404, "waited": 0.2, "day": NOW}, ("", "what", "result", "waited", "s", "day")),
        (without("durationMs", elapsed=0.25), ("method", "path", "status", "elapsed", "s", "ts")),
        (without("durationMs", elapsed=250), ("method", "path", "status", "elapsed", "ms", "ts")),
        (without("status", answer=201.0), ("method", "path", "answer", "durationMs", "ms", "ts")),
        (FLAT | {"a.b": 1, "$x": 2, "\x1b[2J": 3, "": 4}, ("method", "path", "status", "durationMs", "ms", "ts")),
    ],
)
def test_each_shape_gives_its_paths(document, keys):
    found = look(document, document).keys
    assert tuple(found[name] for name in ("method", "endpoint", "status", "duration", "unit", "at")) == keys


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (without("ts", ts=1_790_000_000), "ts holds seconds since 1970: only a date of the database can be asked"),
        (without("ts", ts=1_790_000_000_000), "ts holds milliseconds since 1970: only a date of the database"),
        (without("ts", ts="2026-11-02T09:00:00Z"), "ts holds a date as text: only a date of the database"),
        (without("durationMs", took_us=9), "took_us is in us, only s and ms can be taken"),
        (without("durationMs", took_ns=9), "took_ns is in ns, only s and ms can be taken"),
        (without("durationMs", one=9, two=8), "no duration (which of one, two?) is found"),
        (without("status", status="200"), "no status is found: name its fields by hand in cockpit.toml"),
        (without("ts"), "no date is found"),
        ({"a": {"b": {"c": {"method": "GET"}}}, **without("method")}, ""),
    ],
)
def test_what_cannot_be_taken_is_refused_in_a_line(document, why):
    log = look(document, document)
    assert log.why.startswith(why)
    assert bool(log.why) is bool(why)
    assert (log.keys is None) is bool(why)
    assert "\n" not in log.why


@pytest.mark.parametrize(
    ("document", "doubt"),
    [
        (
            FLAT | {"db_ms": 3},
            Doubt("duration: durationMs is taken, db_ms would fit too", (("duration", "db_ms"),)),
        ),
        (FLAT | {"url": "/looks?a"}, Doubt("endpoint: path is taken, url would fit too", (("endpoint", "url"),))),
        (FLAT | {"begun": NOW}, Doubt("at: ts is taken, begun would fit too", (("at", "begun"),))),
        (
            without("durationMs", took=12.5),
            Doubt("unit: took reaches 12.5, s is a guess: set unit if it is wrong", (("unit", "ms"),)),
        ),
        (
            without("durationMs", x=182),
            Doubt("duration: x is taken because no other number is there"),
        ),
        (FLAT, None),
        (CLAIM, None),
    ],
)
def test_what_is_guessed_or_chosen_is_told(document, doubt):
    assert look(document).remarks == ((doubt,) if doubt else ())


KEYS = (
    st.sampled_from(["a.b", "$set", "\x1b", "", "status", "path", "ms", "ts", "x" * 300, "a b", "\u202e"]) | st.text()
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["GET", "/x", NOW, 200, 0.3, ObjectId(), b"x"])
)
DEEP = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@given(st.lists(st.dictionaries(KEYS, DEEP, max_size=6), max_size=4), st.booleans())
def test_no_document_breaks_the_look_and_no_hostile_name_is_written(documents, good):
    shelf = Shelf("log", tuple(one | (FLAT | {"deep": CLAIM} if good else {}) for one in documents))
    parts, log = parts_of([shelf]), request_log(shelf)
    said = [str(name) for keys in parts.values() for name in keys.values()]
    assert not any(map(why_no_name, said))
    assert "\x1b" not in log.why + "".join(one.text for one in log.remarks)


@given(st.permutations(list(CLAIM)), st.sampled_from(["", "x.", "x.y."]))
def test_depth_and_order_change_nothing_but_the_path(names, before):
    document = {name: FLAT[name] for name in FLAT}
    for part in reversed([part for part in before.split(".") if part]):
        document = {part: document}
    found = look(document).keys
    assert found["endpoint"] == f"{before}path"
    assert look({name: CLAIM[name] for name in names}).keys == look(CLAIM).keys


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        ({"_id": 1, "what": "claim_handed_in", "when": NOW}, {"journey": "what", "at": "when"}),
        ({"_id": 1, "e": {"n": "claimHandedIn"}, "d": NOW}, {"journey": "e.n", "at": "d"}),
        ({"_id": 1, "status": "handed_in", "when": NOW}, None),
        ({"_id": 1, "by": "user-1", "when": NOW}, None),
        ({"_id": 1, "kind": "open", "when": NOW}, None),
        ({"_id": 1, "what": "claim_handed_in", "when": NOW, "then": NOW}, None),
        ({"_id": 1, "what": "claim_handed_in", "when": 1_790_000_000}, None),
    ],
)
def test_events_are_found_by_few_words_and_a_date(document, keys):
    found = parts_of([Shelf("happenings", (document,) * 8)]).get("events")
    assert found == (keys and {"collection": "happenings", **keys})


@pytest.mark.parametrize(
    ("flag", "variants", "taken"),
    [
        ("quick-claims", ("quick",), "quick"),
        ("quickClaims", ("flags.is_quick", "cached"), "flags.is_quick"),
        ("other", ("quick",), None),
        ("quick-claims", ("quick", "claims"), None),
        ("quick-claims", (), None),
    ],
)
def test_who_had_the_flag_is_taken_by_its_name_else_told(flag, variants, taken):
    base = Database("V", "desk", {"requests": {"collection": "access", "at": "finished"}})
    found, told = with_variant(base, Records("desk", variants=variants, user="req.by"), flag)
    variant = {"label": taken, "on": "true", "off": "false"} if taken else None
    assert found.parts["requests"].get("variant") == variant
    assert found.parts.get("exposures", {}).get("exposed") == taken
    offered = [said["label"] for doubt in found.doubts.get("requests", ()) for _, said in doubt.offers]
    assert offered == ([] if taken else list(variants))
    assert bool(told) is bool(variants)
