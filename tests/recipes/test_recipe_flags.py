"""The recipes of flags: each opened from the page's snippet, read, moved and read back."""

import json
import sys

import pytest

from cockpit.flags.interface.writer import ConflictError, FlagError
from cockpit.flags.opening import open_writer
from cockpit.flags.wanted import wanted_by
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.flag import FlagReadBack
from sessions.state.pending import plan_switches
from sessions.state.reducer import State
from tests.support.build import PLAN, T0
from tests.support.peers import ld_peer, unleash_peer
from tests.support.peers.flag_peers import flag_peer
from tests.support.recipes.flag_apis import Flagsmith, GrowthBook, PostHog
from tests.support.recipes.page import recipe, said

ENVIRON = {
    name: f"{name.lower()}-canary"
    for name in ("GROWTHBOOK_KEY", "FLAGSMITH_KEY", "FLAGSMITH_ENVIRONMENT", "POSTHOG_KEY", "LAUNCHDARKLY_TOKEN")
} | {"UNLEASH_TOKEN": unleash_peer.ADMIN, "UNLEASH_CLIENT_TOKEN": unleash_peer.CLIENT}

TOOL = """
import json, pathlib, sys
held = pathlib.Path(sys.argv[1])
state = json.loads(held.read_text())
match sys.argv[2:]:
    case ["get", "concierge", "--json"]:
        print(json.dumps({"rollout": {"percent": state["percent"]}, "generation": state["generation"]}))
    case ["set", "concierge", "--percent", percent]:
        held.write_text(json.dumps({**state, "percent": int(percent), "generation": state["generation"] + 1}))
    case ["is-on", name]:
        print(json.dumps(state["on"].get(name, False)))
    case ["switch", name, on]:
        held.write_text(json.dumps({**state, "on": {**state["on"], name: on == "true"}}))
"""


def writer_of(title, **places):
    flag = recipe("flags.md", title).settings(**places).flag
    return open_writer(flag, wanted_by(lambda: State(PLAN)), Secrets(ENVIRON))


def unleash():
    """A feature and the plan's switches in production alone, as the snippet names it."""
    found = [unleash_peer.feature(name) for name in ("concierge", "sla-message")]
    for each in found:
        each["environments"] = [{**each["environments"][0], "name": "production"}]
    return unleash_peer.Unleash(*found)


async def doctored(title, writer):
    """The doctor says of a flag and of the plan's switches what the page says."""
    told = await FlagReadBack(writer, PLAN.cadence, plan_switches(PLAN)).examine(T0)
    assert set(recipe("flags.md", title).doctor) <= set(said(told)), said(told)


SERVED = {
    "Unleash": ("https://unleash.example.org", unleash),
    "GrowthBook": ("https://api.growthbook.io", GrowthBook),
    "Flagsmith": ("https://api.flagsmith.com", Flagsmith),
    "PostHog": ("https://eu.posthog.com", PostHog),
}
SWITCHED = {"GrowthBook", "Flagsmith", "PostHog"}


async def moved(title, writer, percents=(25, 100, 0)):
    """Move a flag that stands at 10 % and read it back each time, expecting the version that was read.

    Before that the doctor says what the page says.
    """
    await doctored(title, writer)
    value = await writer.read(T0)
    assert value.percent == 10
    for percent in percents:
        await writer.write(percent, expected=value.version, comment="phase 2")
        value = await writer.read(T0)
        assert value.percent == percent
    return value


@pytest.mark.parametrize("title", SERVED)
async def test_a_flag_over_http_is_moved_and_read_back(title):
    host, api = SERVED[title]
    async with flag_peer(api()) as peer:
        writer = writer_of(title, at={host: peer.url})
        assert "" not in await writer.rehearse(())
        await moved(title, writer)
        assert len(peer.changes) == 3
        await writer.aclose()


async def test_launchdarkly_is_moved_and_read_back():
    made = recipe("flags.md", "LaunchDarkly")
    async with flag_peer(ld_peer.LaunchDarkly()) as peer:
        block = made.one("toml") + f'url = "{peer.url}"\n'
        flag = made.settings(block).flag
        writer = open_writer(flag, wanted_by(lambda: State(PLAN)), Secrets(ENVIRON))
        await moved("LaunchDarkly", writer)
        await writer.aclose()


@pytest.mark.parametrize("title", sorted(SWITCHED))
async def test_a_switch_is_set_by_its_name(title):
    host, api = SERVED[title]
    async with flag_peer(api()) as peer:
        writer = writer_of(title, at={host: peer.url})
        assert "sla-message" not in await writer.rehearse(("sla-message",))
        for on in (True, False):
            await writer.switch("sla-message", on=on, comment="too many tickets")
            assert peer.handle.on("sla-message") is on
            assert "sla-message" not in await writer.rehearse(("sla-message",))
        await writer.aclose()


def another_rule(api):
    api.features["concierge"]["rules"].append({"id": "fr_staff", "type": "force", "value": "true"})


def another_environment_rule(api):
    api.features["concierge"]["rules"][0]["id"] = "fr_other"


def an_override(api):
    api.flag["segment_overrides"].append({"segment": {"id": 101}, "enabled": True, "priority": 1})


def another_variant(api):
    api.flag["environment_default"]["variants"].append({"id": 34, "weight": 20})


def a_condition(api):
    api.flag["filters"]["groups"][0]["properties"] = [{"key": "country", "value": "DE"}]


def another_group(api):
    api.flag["filters"]["groups"].append({"properties": [], "rollout_percentage": 50})


@pytest.mark.parametrize(
    ("title", "change"),
    [
        ("GrowthBook", another_rule),
        ("GrowthBook", another_environment_rule),
        ("Flagsmith", an_override),
        ("Flagsmith", another_variant),
        ("PostHog", a_condition),
        ("PostHog", another_group),
    ],
)
async def test_a_share_of_some_is_no_percentage(title, change):
    host, made = SERVED[title]
    api = made()
    change(api)
    async with flag_peer(api) as peer:
        writer = writer_of(title, at={host: peer.url})
        with pytest.raises(FlagError):
            await writer.read(T0)
        assert "" in await writer.rehearse(())
        await writer.aclose()


def off_in_growthbook(api):
    api.features["concierge"]["environments"]["production"]["enabled"] = False


def off_in_flagsmith(api):
    api.flag["environment_default"]["enabled"] = False


def off_in_posthog(api):
    api.flag["active"] = False


@pytest.mark.parametrize(
    ("title", "change"),
    [("GrowthBook", off_in_growthbook), ("Flagsmith", off_in_flagsmith), ("PostHog", off_in_posthog)],
)
async def test_a_flag_that_is_off_reads_as_nobody(title, change):
    host, made = SERVED[title]
    api = made()
    change(api)
    async with flag_peer(api) as peer:
        writer = writer_of(title, at={host: peer.url})
        assert (await writer.read(T0)).percent == 0
        await writer.aclose()


async def test_a_posthog_flag_without_a_percentage_is_for_everybody():
    api = PostHog()
    api.flag["filters"]["groups"][0]["rollout_percentage"] = None
    async with flag_peer(api) as peer:
        writer = writer_of("PostHog", at={"https://eu.posthog.com": peer.url})
        assert (await writer.read(T0)).percent == 100
        await writer.aclose()


@pytest.mark.parametrize("title", ["GrowthBook", "Flagsmith", "PostHog"])
async def test_an_advance_from_a_version_that_is_gone_is_refused(title):
    host, made = SERVED[title]
    async with flag_peer(made()) as peer:
        writer, other = (writer_of(title, at={host: peer.url}) for _ in range(2))
        seen = (await writer.read(T0)).version
        assert seen
        await other.write(50)
        with pytest.raises(ConflictError):
            await writer.write(25, expected=seen)
        assert (await writer.read(T0)).percent == 50
        await writer.aclose()
        await other.aclose()


FLAGD = {
    "flags": {
        "concierge": {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "targeting": {
                "fractional": [
                    {"cat": [{"var": "$flagd.flagKey"}, {"var": "targetingKey"}]},
                    *(["on", 10], ["off", 90]),
                ]
            },
        }
    }
}


@pytest.fixture
def flagd_file(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(json.dumps(FLAGD), "utf-8")
    return path


async def test_a_flagd_file_is_moved_and_read_back(flagd_file):
    writer = writer_of("flagd", at={"/etc/flagd/flags.json": str(flagd_file)})
    await moved("flagd", writer)
    await writer.aclose()


@pytest.fixture
def flagctl(tmp_path, monkeypatch):
    """The tool of the snippet, on PATH."""
    held, tool = tmp_path / "held.json", tmp_path / "tool.py"
    held.write_text(json.dumps({"percent": 10, "generation": 1, "on": {}}), "utf-8")
    tool.write_text(TOOL, "utf-8")
    runs = tmp_path / "bin" / "flagctl"
    runs.parent.mkdir()
    runs.write_text(f'#!/bin/sh\nexec {sys.executable} {tool} {held} "$@"\n', "utf-8")
    runs.chmod(0o755)
    monkeypatch.setenv("PATH", f"{runs.parent}:/usr/bin:/bin")
    return held


async def test_a_program_is_asked_and_told(flagctl):
    writer = writer_of("A program")
    await moved("A program", writer, (25, 0))
    await writer.switch("sla-message", on=True)
    assert json.loads(flagctl.read_text("utf-8"))["on"] == {"sla-message": True}
    await writer.aclose()


async def test_what_is_only_recorded_moves_nothing():
    writer = writer_of("Recorded only")
    assert (await writer.read(T0)).percent == 0
    assert writer.moves is False
    await doctored("Recorded only", writer)
    await writer.aclose()


async def test_several_are_moved_in_one_act(flagd_file, flagctl):
    api = GrowthBook()
    async with flag_peer(api) as peer:
        places = {"https://api.growthbook.io": peer.url, "/etc/flagd/flags.json": str(flagd_file)}
        writer = writer_of("Several", at=places)
        await moved("Several", writer, (25, 0))
        await writer.write(25)
        await writer.switch("sla-message", on=True)
        await writer.aclose()
    assert api.features["concierge"]["rules"][0]["coverage"] == 0.25
    shares = json.loads(flagd_file.read_text("utf-8"))["flags"]["concierge"]["targeting"]["fractional"][1:]
    assert shares == [["on", 25], ["off", 75]]
    assert json.loads(flagctl.read_text("utf-8")) == {"percent": 10, "generation": 1, "on": {"sla-message": True}}
