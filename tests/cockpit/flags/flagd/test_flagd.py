"""The flagd file: two weights change, nothing else does, and no reader ever sees half a file."""

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.flags.flagd.json_edit import exchanged, items, members, whole
from cockpit.flags.flagd.writer import FlagdFile
from cockpit.flags.interface.writer import FlagError
from tests.support.build import T0

FILE = """{
   "$schema": "https://flagd.dev/schema/v0/flags.json",
   "flags": {
      "banner": {"state":"ENABLED", "variants":{"on":true,"off":false},"defaultVariant":"on" },
      "concierge": {
         "state": "ENABLED", "owner": "\\u00e9 { [ \\" ] }",
         "variants": { "on": true, "off": false }, "defaultVariant": "off",
         "targeting": {"if": [ {"ends_with": [{"var": "email"}, "@staff"]}, "on",
            {"fractional": [ {"cat": [{"var": "$flagd.flagKey"}, {"var": "targetingKey"}]},
               ["on",   %s], ["off", %s] ]} ] }
      },
      "capsules-flow": {"state": "ENABLED", "variants": {"go": false, "frozen": true}, "defaultVariant": "go"},
      "price": {"state": "ENABLED", "variants": {"low": 1e2, "high": 2.50}, "defaultVariant": "low"}
   },
   "tail": [1.0, 1e400]
}

"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "flags.json"
    file.write_text(FILE % (10, 90), "utf-8")
    file.chmod(0o640)
    return file


@pytest.fixture
def flag(path):
    return FlagdFile(path, "concierge")


@pytest.mark.parametrize("percent", [0, 1, 25, 50, 99, 100])
async def test_only_the_two_weights_change(flag, path, percent):
    """Row 78."""
    await flag.write(percent)
    assert path.read_text("utf-8") == FILE % (percent, 100 - percent)
    value = await flag.read(T0)
    assert (value.source, value.at, value.percent, value.switches) == ("flagd", T0, percent, ("banner",))
    assert list(path.parent.iterdir()) == [path]


async def test_rules_around_the_share_are_told_and_moved(flag, path):
    told = "flag concierge has other rules around its share: they serve whom they match"
    assert await flag.rehearse(()) == {"share": told}
    document = json.loads((FILE % (10, 90)).replace("1e400", "1"))
    document["flags"]["concierge"]["targeting"] = {"fractional": [["on", 10], ["off", 90]]}
    path.write_text(json.dumps(document), "utf-8")
    assert await flag.rehearse(()) == {}


async def test_a_share_by_the_time_is_never_raised_and_always_lowered(flag, path):
    """Each look throws anew who gets the feature."""
    why = "flag concierge is narrowed by chance: its fractional rule shares out by the time"
    path.write_text((FILE % (10, 90)).replace("$flagd.flagKey", "$flagd.timestamp"), "utf-8")
    value = await flag.read(T0)
    assert (value.percent, value.narrowed) == (10, why)
    assert (await flag.rehearse(()))[""] == why
    with pytest.raises(FlagError, match="by the time"):
        await flag.write(25)
    for percent in (10, 5, 0):
        await flag.write(percent)
        assert (await flag.read(T0)).percent == percent


async def test_mode_stays_and_time_grows(flag, path):
    future = path.stat().st_mtime_ns + 3_600_000_000_000
    os.utime(path, ns=(future, future))
    await flag.write(25)
    assert path.stat().st_mtime_ns > future
    assert path.stat().st_mode & 0o777 == 0o640


async def test_a_switch_changes_its_default_variant_only(flag, path):
    before = path.read_text("utf-8")
    await flag.switch("capsules-flow", on=True)
    assert path.read_text("utf-8") == before.replace('"defaultVariant": "go"', '"defaultVariant": "frozen"')
    assert (await flag.read(T0)).switches == ("banner", "capsules-flow")
    await flag.switch("capsules-flow", on=False)
    assert path.read_text("utf-8") == before


def without(text: str) -> str:
    return text.replace(', ["off", 90]', "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON"),
        ("<html>", "no JSON"),
        (FILE % (10, 90) + "x", "no JSON"),
        ((FILE % (10, 90))[:-40], "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"flags": NaN}', "no JSON"),
        ("[]", "holds no flags"),
        ('{"flags": []}', "holds no flags"),
        ('{"flags": {}}', "has no flag concierge"),
        (FILE.replace("ENABLED", "DISABLED") % (10, 90), "is not ENABLED"),
        (FILE % (10, 90.5), "exactly two variants"),
        (FILE % (-10, 110), "exactly two variants"),
        (FILE % ("true", 90), "exactly two variants"),
        (FILE % (10, '90], ["maybe", 5'), "exactly two variants"),
        (without(FILE % (10, 90)), "exactly two variants"),
        (FILE.replace('{ "on": true, "off": false }', '{ "on": true }') % (10, 90), "exactly two variants"),
        (FILE.replace('"fractional"', '"sem_ver"') % (10, 90), "has 0 fractional rules"),
        (FILE.replace('"tail"', '"flags": {}, "tail"') % (10, 90), "has no flag concierge"),
    ],
)
async def test_what_it_does_not_understand_it_refuses(flag, path, text, reason):
    """Row 78."""
    path.write_text(text, "utf-8")
    for act in (flag.read(T0), flag.write(25)):
        with pytest.raises(FlagError, match=reason) as caught:
            await act
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith("flags.json: ")
    assert path.read_text("utf-8") == text
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("on", "off", "percent"), [(1, 3, 25), (0, 1, 0), (5, 0, 100), (250, 750, 25)])
async def test_weights_are_relative(flag, path, on, off, percent):
    path.write_text(FILE % (on, off), "utf-8")
    assert (await flag.read(T0)).percent == percent


@pytest.mark.parametrize(("on", "off"), [(1, 2), (0, 0), (25401, 74599)])
async def test_a_share_that_is_no_percentage_is_not_rounded(flag, path, on, off):
    path.write_text(FILE % (on, off), "utf-8")
    with pytest.raises(FlagError, match="no percentage with two decimals"):
        await flag.read(T0)


@pytest.mark.parametrize("percent", [-1, 101, True, 12.345, None])
async def test_a_percentage_out_of_range_is_refused(flag, path, percent):
    with pytest.raises(FlagError, match="is no percentage from 0 to 100"):
        await flag.write(percent)
    assert path.read_text("utf-8") == FILE % (10, 90)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nowhere", "has no flag nowhere"), ("price", "two variants, true and false"), ("concierge", "targeting rules")],
)
async def test_a_switch_that_is_none_is_refused(flag, path, name, reason):
    with pytest.raises(FlagError, match=reason):
        await flag.switch(name, on=True)
    assert path.read_text("utf-8") == FILE % (10, 90)


async def test_symlinks_pipes_and_folders_are_refused(tmp_path, path):
    """Rows 20, 22 and 78."""
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("link", "is a symlink"), ("pipe", "no regular file"), (".", "."), ("gone", "No such file")):
        with pytest.raises(FlagError, match=reason):
            await FlagdFile(tmp_path / name, "concierge").write(25)
    assert path.read_text("utf-8") == FILE % (10, 90)


async def test_an_edit_by_somebody_else_is_not_overwritten(flag, path, monkeypatch):
    """Row 73."""
    theirs = FILE % (50, 50)
    monkeypatch.setattr(
        "cockpit.flags.flagd.atomic_file._liken", lambda fd, old: path.write_text(theirs + " ", "utf-8")
    )
    with pytest.raises(FlagError, match="changed by somebody else"):
        await flag.write(25)
    assert path.read_text("utf-8") == theirs + " "
    assert list(path.parent.iterdir()) == [path]


async def test_a_full_disk_leaves_the_old_file(flag, path, monkeypatch):
    """Row 24."""

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FlagError, match="No space left"):
        await flag.write(25)
    assert path.read_text("utf-8") == FILE % (10, 90)
    assert list(path.parent.iterdir()) == [path]


async def test_a_failure_after_the_exchange_is_unknown_not_refused(flag, path, monkeypatch):
    """Row 70."""

    def broken(folder: Path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("cockpit.flags.flagd.writer.settle", broken)
    with pytest.raises(OSError, match="Input/output"):
        await flag.write(25)
    assert (await flag.read(T0)).percent == 25


async def test_a_reader_never_sees_half_a_file(flag, path):
    """Row 78."""
    stop, seen, torn = threading.Event(), set(), []

    def watch():
        while not stop.is_set():
            text = path.read_text("utf-8")
            seen.add(text)
            if text not in whole_ones:
                torn.append(text)

    whole_ones = {FILE % (percent, 100 - percent) for percent in range(101)}
    reader = threading.Thread(target=watch)
    reader.start()
    for turn in range(200):
        await flag.write(turn % 101)
    stop.set()
    reader.join()
    assert not torn
    assert len(seen) > 1


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), NESTED, min_size=1, max_size=5), st.sampled_from([None, 1, 4, "\t"]), st.booleans())
def test_every_value_is_found_where_it_stands(document, indent, plain):
    text = " " + json.dumps(document, indent=indent, ensure_ascii=plain) + "\n"
    parts = members(text, whole(text))
    assert {key: spot.value for key, spot in parts.items()} == document
    for key, spot in parts.items():
        assert json.loads(text[spot.start : spot.end]) == document[key]
        assert json.loads(exchanged(text, [(spot, 7)])) == {**document, key: 7}
        assert [item.value for item in items(text, spot)] == (document[key] if isinstance(document[key], list) else [])
